"""Rows of Parquet files as they come from the port."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(st.lists(st.binary(max_size=40) | st.text('[]{},:"\\\\ 1.9enul', max_size=20).map(str.encode), max_size=8))
def test_any_lines_are_rows_and_faults(lines: list[bytes]) -> None:
    """Whatever the port gives: each line is a row or at fault, under its own number."""
    lines = [line.replace(b"\n", b"") for line in lines]
    table = ParquetTable(["a"], len(lines), 100)
    group = table.take(b"".join(line + b"\n" for line in lines))
    assert sorted([*group.numbers, *(one.row for one in table.faults.kept)]) == list(range(1, len(lines) + 1))
    assert all(one.sentence.endswith(".") for one in table.faults.kept)
