"""Tables in the page."""

import pytest

from tests.contract import table_cases
from tests.kit.cases import cases_of
from tests.kit.room import Room


@pytest.mark.parametrize("name", cases_of(table_cases))
def test_tables(room: Room, name: str) -> None:
    """The page's Python reads them as CPython does."""
    room.run("tests.contract.table_cases", "tests.browser.table_supplies", name)
