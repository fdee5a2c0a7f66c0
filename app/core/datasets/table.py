"""What every reader of tables has in common: cells, groups of rows, rows at fault, and the interface itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec

from app.core.base.text import count, number, shorten, size
from app.core.datasets import limits

Cell = str | int | float | bool | msgspec.Raw | None
"""A text as the file has it, or what JSON and sheets know besides. ``Raw``: JSON that is kept as it was written, a list, an object, or a
number that Python would write otherwise (1.10, 1e400, more than 64 bits). None: null, or the row has no such cell."""


class UnreadableTable(Exception):
    """The file, or the rest of it, cannot be read as a table. The text is a sentence for people, with what to do."""


class RowFault(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row that was not taken."""

    row: int
    """Number in the file, from 1, the header and empty rows counted: as a spreadsheet shows it."""
    line: int
    """Line of the file that it begins in, from 1; 0: the file has no lines."""
    sentence: str
    """Why, for people."""
    text: str = ""
    """Its beginning, as far as it can be shown."""


class FaultList:
    """Rows that were not taken: the first ``limits.KEPT_FAULTS`` in full, all of them counted."""

    def __init__(self) -> None:
        self.kept: list[RowFault] = []
        self.count = 0

    def add(self, row: int, line: int, sentence: str, text: str = "") -> None:
        self.count += 1
        if len(self.kept) < limits.KEPT_FAULTS:
            self.kept.append(RowFault(row, line, sentence, shorten(text, limits.EXCERPT)))


class RowGroup(NamedTuple):
    """Rows in their order: ``cells[i]`` is what is in the row ``numbers[i]`` of the file. A row may have fewer cells than there are
    columns: the others are missing (None)."""

    numbers: Sequence[int]
    cells: Sequence[Sequence[Cell]]


class Table(Protocol):
    """How far a reader is, whatever it reads."""

    @property
    def columns(self) -> Sequence[str]:
        """Names of the columns, each once. Known with the first row; rows of JSON may add more at the end."""
        ...

    @property
    def faults(self) -> FaultList:
        """Rows that were not taken so far."""
        ...

    @property
    def remarks(self) -> Sequence[str]:
        """What a person should know of how the file was read: sentences."""
        ...

    @property
    def blank(self) -> int:
        """Empty rows that were skipped."""
        ...

    @property
    def done(self) -> int:
        """Bytes of the file that were read."""
        ...

    @property
    def size(self) -> int:
        """Bytes of the file."""
        ...


class TableReader(Table, Protocol):
    """A reader that is given the file piece by piece: no more than the piece and one row is held in memory."""

    def feed(self, piece: bytes, *, last: bool = False) -> Iterator[RowGroup]:
        """The rows that this piece ends, some at a time. ``last``: the file ends with it. All of them are taken before the next piece is
        given. Raises UnreadableTable."""
        ...


class WholeReader(Table, Protocol):
    """A reader that has all of its file, or reads it from several places."""

    def groups(self) -> Iterator[RowGroup]:
        """All rows, some hundred at a time: between two groups the caller may do something else. Raises UnreadableTable."""
        ...


def read_all(reader: TableReader, pieces: Iterable[bytes]) -> Iterator[RowGroup]:
    """What a reader makes of a file that comes in pieces. Raises UnreadableTable, and what the pieces raise."""
    for piece in pieces:
        yield from (group for group in reader.feed(piece) if group.numbers)
    yield from (group for group in reader.feed(b"", last=True) if group.numbers)


def cell_text(cell: Cell) -> str:
    """A cell as it is in a text: nothing for null, numbers and JSON as they were written."""
    match cell:
        case str():
            return cell
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case msgspec.Raw():
            return bytes(cell).decode()
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case _:
            return str(cell)


class ColumnNames:
    """Names for columns, each once and none empty, whatever the file says; ``remarks`` are sentences on what was changed."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._used: dict[str, int] = {}
        self._unnamed = self._twice = self._cut = 0

    def add(self, header: Sequence[str]) -> None:
        """Columns to the right of those that there are. Raises UnreadableTable: there would be too many; then none is added."""
        if len(self.names) + len(header) > limits.MAX_COLUMNS:
            raise too_many_columns(len(self.names) + len(header))
        for one in header:
            name = one[: 2 * limits.MAX_NAME].strip()
            if len(name) > limits.MAX_NAME:
                self._cut += 1
                name = shorten(name, limits.MAX_NAME)
            if not name:
                self._unnamed += 1
                name = f"column {len(self.names) + 1}"
            base, nth = name, self._used.get(name, 0) + 1
            if nth > 1:
                self._twice += 1
                while name in self._used:
                    name, nth = f"{base} ({nth})", nth + 1
                self._used[base] = nth - 1
            self._used.setdefault(name, 1)
            self.names.append(name)

    @property
    def remarks(self) -> list[str]:
        """What was changed, for people."""
        found = []
        if self._unnamed:
            found.append(f"{count(self._unnamed, 'column')} had no name and got one by position.")
        if self._twice:
            found.append(f"{count(self._twice, 'column')} had the same name as another and got a number.")
        if self._cut:
            found.append(f"{count(self._cut, 'column')} had a name of more than {limits.MAX_NAME} characters, which was cut.")
        return found


class TableSoFar:
    """What a reader keeps of the table that it reads (:class:`Table`)."""

    def __init__(self, size: int) -> None:
        self._names = ColumnNames()
        self.faults = FaultList()
        self.blank = self.done = 0
        self.size = size

    @property
    def columns(self) -> list[str]:
        """Those that were met so far."""
        return self._names.names

    @property
    def remarks(self) -> list[str]:
        """On the names of the columns."""
        return self._names.remarks


def too_many_columns(found: int) -> UnreadableTable:
    return UnreadableTable(
        f"This table has {number(found)} columns; the maximum is {number(limits.MAX_COLUMNS)}. "
        "If it should have fewer, choose another delimiter."
    )


def too_long(most: int) -> UnreadableTable:
    return UnreadableTable(f"A line of this file is longer than {size(most)}. Is it a text with a table?")
