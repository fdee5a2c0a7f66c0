"""Files with tables, read as the program reads them: examined, in pieces, with what came of it side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from msgspec.structs import replace

from app.core.datasets import examine, limits
from app.core.datasets.statistics import ColumnStatistics
from app.core.datasets.table import Cell, RowFault, TableReader, UnreadableTable, cell_text, read_all
from app.core.model.datasets import Column, Dialect


class ReadTable(NamedTuple):
    """All that is known of a file when it was read."""

    dialect: Dialect
    columns: tuple[Column, ...]
    numbers: list[int]
    rows: list[list[Cell]]
    faults: list[RowFault]
    blank: int
    remarks: list[str]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def texts(self) -> list[list[str]]:
        """The rows as texts."""
        return [[cell_text(cell) for cell in row] for row in self.rows]


def decode(data: bytes, name: str) -> str:
    """As the browser's TextDecoder with ``fatal``."""
    return data.decode(name)


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """A file in pieces of this many bytes."""
    return (data[at : at + size] for at in range(0, len(data), size))


def read(data: bytes, name: str = "table.csv", *, piece: int = limits.PIECE, **chosen: Any) -> ReadTable:
    """Read a file as it was examined, but for what was ``chosen``. Raises UnreadableTable."""
    found = examine.examine(data[: limits.HEAD], name, whole=len(data) <= limits.HEAD, decode=decode)
    return read_as(replace(found.dialect, **chosen), data, piece=piece)


def read_as(dialect: Dialect, data: bytes, *, piece: int = limits.PIECE) -> ReadTable:
    """Read a file by a dialect. Raises UnreadableTable."""
    return collect(dialect, examine.reader(dialect, len(data), decode), data, piece)


def refusal(attempt: Callable[[], object]) -> str:
    """The sentence with which a file is refused; nothing where it is read."""
    try:
        attempt()
    except UnreadableTable as error:
        return str(error)
    return ""


def collect(dialect: Dialect, reader: TableReader, data: bytes, piece: int) -> ReadTable:
    """What a reader makes of a file."""
    statistics = ColumnStatistics()
    numbers: list[int] = []
    rows: list[list[Cell]] = []
    for group in read_all(reader, pieces(data, piece)):
        statistics.add(group)
        numbers += group.numbers
        rows += [list(row) for row in group.cells]
    assert len(numbers) == len(rows)
    assert reader.done == reader.size == len(data)
    return ReadTable(dialect, statistics.columns(reader.columns), numbers, rows, reader.faults.kept, reader.blank, list(reader.remarks))
