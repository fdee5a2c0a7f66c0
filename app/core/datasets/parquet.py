"""Parquet files as tables. Their bytes are read by JavaScript (static/js/parquet-rows.mjs, behind the port ``app.ports.Parquet``). It gives
rows as lines of JSON arrays: integers of 64 bits and decimals with all their digits, times as texts, bytes in base64, nested values as
JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.core.datasets import storage
from app.core.datasets.table import Cell, RowGroup, TableSoFar
from app.core.json.jsonread import Unreadable

STEP: Final = 1_000
"""Rows that are best asked for at a time."""


class ParquetTable(TableSoFar):
    """What was read of a file so far (core.datasets.table.Table). Rows are numbered from 1: such a file has no header. ``columns``: their
    names as the file has them; ``rows``: how many rows there are; ``size``: bytes of the file. Raises UnreadableTable: too many columns."""

    def __init__(self, columns: Sequence[str], rows: int, size: int) -> None:
        super().__init__(size)
        self._names.add(columns)
        self._rows, self._at = rows, 0

    def take(self, lines: bytes) -> RowGroup:
        """The next rows, as the port gives them."""
        numbers: list[int] = []
        cells: list[Sequence[Cell]] = []
        for line in lines.split(b"\n")[:-1]:
            self._at += 1
            try:
                row = storage.decode_cells(line)
            except Unreadable as error:
                self.faults.add(self._at, 0, error.sentence, line[:1_000].decode("utf-8", "replace"))
                continue
            numbers.append(self._at)
            cells.append(row)
        self.done = self.size if self._at >= self._rows else self.size * self._at // self._rows
        return RowGroup(numbers, cells)
