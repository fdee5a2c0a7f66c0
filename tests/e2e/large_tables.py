"""``make tables``: public tables as large as people have them, from a file to the plan. Not part of ``make test``, since they take minutes;
the seconds of each step are printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.test_public_tables import NPM, PublicTable, walked
from tests.e2e.test_real_mail import CORPUS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.kit.journey import Journey


def mails(folder: Path) -> PublicTable:
    """The corpus as lines of JSON: 34 MB."""
    names: list[str] = json.loads((CORPUS / "file_list.json").read_text())
    path = folder / "mails.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for name in names:
            text = (CORPUS / name).read_bytes().decode("utf-8", "replace")
            file.write(json.dumps({"file": name, "group": name.partition("/")[0], "text": text}, ensure_ascii=False) + "\n")
    return PublicTable(path, len(names), 3, ("easy-ham-1",), "Is this spam? {{text | truncate(2000)}}")


def flights(_folder: Path) -> PublicTable:
    """Three million rows."""
    return PublicTable(NPM / "vega-datasets/data/flights-3m.parquet", 3_000_000, 5, (), "How late is a flight of {{distance}} miles?")


@pytest.mark.parametrize("made", [mails, flights])
def test_a_large_table_is_planned(desk: Journey, tmp_path: Path, made: Callable[[Path], PublicTable]) -> None:
    """Every row is there, and makes a request."""
    one = made(tmp_path)
    took = walked(desk, one)
    print(one.path.name, {step: round(seconds, 1) for step, seconds in took.items()})
