"""Rows of Parquet files as they come from the port."""

from __future__ import annotations

import pytest

from app.core.datasets.parquet import ParquetTable
from app.core.datasets.table import UnreadableTable, cell_text


def test_rows_are_exact_and_numbered_from_one() -> None:
    """Whatever they hold; what is no row is at fault, and its number is not given to another."""
    table = ParquetTable(["id", "n", "id"], 4, 1_000)
    first = table.take(b'[9007199254740993,12345678901234567890.10,"a\\nb"]\n[null,18446744073709551615,{"x":[1]}]\n')
    assert [[cell_text(cell) for cell in row] for row in first.cells] == [
        ["9007199254740993", "12345678901234567890.10", "a\nb"],
        ["", "18446744073709551615", '{"x":[1]}'],
    ]
    assert (list(first.numbers), table.done) == ([1, 2], 500)
    second = table.take(b"[" + b"[" * 300 + b"]" * 300 + b"]\n[1]\n")
    assert (list(second.numbers), table.done) == ([4], 1_000)
    assert [one.row for one in table.faults.kept] == [3]
    assert table.columns == ["id", "n", "id (2)"]
    assert len(table.remarks) == 1


def test_an_empty_file_is_an_empty_table() -> None:
    """And too many columns are told before a row is read."""
    table = ParquetTable(["id"], 0, 100)
    assert (table.take(b"").numbers, table.done) == ([], 100)
    with pytest.raises(UnreadableTable, match="16,385 columns"):
        ParquetTable(["x"] * 16_385, 1, 1)
