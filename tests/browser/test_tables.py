"""Tables and tokens in the page."""

from pathlib import Path

import pytest

from tests.contract import parquet_cases, table_cases, token_cases
from tests.kit.cases import cases_of
from tests.kit.room import Room


@pytest.mark.parametrize("name", cases_of(table_cases))
def test_tables(room: Room, name: str) -> None:
    """The page's Python reads them as CPython does."""
    room.run("tests.contract.table_cases", "tests.browser.table_supplies", name)


@pytest.mark.parametrize("name", cases_of(parquet_cases))
def test_parquet(room: Room, name: str) -> None:
    """A worker reads them beside the page."""
    data = (Path(__file__).parents[1] / "data" / "parquet" / "zstd.parquet").read_bytes()
    room.page.evaluate("(bytes) => { globalThis.parquetFile = new Blob([new Uint8Array(bytes)]); }", list(data))
    room.run("tests.contract.parquet_cases", "tests.browser.table_supplies", name)


@pytest.mark.parametrize("name", cases_of(token_cases))
def test_tokens(room: Room, name: str) -> None:
    """A worker for each encoding counts them beside the page."""
    room.run("tests.contract.token_cases", "tests.browser.token_supplies", name)
