"""Files of rows as they are written: CSV and lines of JSON. Workbooks: core.results.workbook.

Writers are given rows some at a time, column by column, since what is done to all cells of a column costs half of what it costs row by row.
They give the bytes that these rows are; none holds more than that. What they had to change is counted and said (``remarks``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, TypeVar

import msgspec

from app.core.base.patterns import pattern
from app.core.base.text import count
from app.core.datasets.table import Cell, cell_text

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that spreadsheets take for a formula (OWASP, CSV injection)."""
_FORMULAS: Final = frozenset(_FORMULA)
_NUMBER: Final = pattern(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_SHORT: Final = 100
_encode: Final = msgspec.json.Encoder().encode
Made = TypeVar("Made")


class RowWriter(Protocol):
    """Makes a file of rows."""

    def begin(self, columns: Sequence[str]) -> bytes:
        """The file's beginning. Raises Unwritable where it cannot have these columns."""
        ...

    def put(self, columns: Sequence[Sequence[Cell]]) -> bytes:
        """Some rows: of each column their cells."""
        ...

    def end(self) -> bytes:
        """The file's end."""
        ...

    @property
    def remarks(self) -> list[str]:
        """What a person should know of how the rows were written: sentences."""
        ...


class Unwritable(Exception):
    """The file cannot be written in this format. The text is sentences for people."""


def alike(cells: Sequence[Cell]) -> bool:
    """Whether all cells are the same short text, or all are nothing, as outcomes and errors mostly are: then one need be looked at."""
    if len(cells) < 2:
        return False
    first = cells[0]
    return (first is None or (type(first) is str and len(first) <= _SHORT)) and cells.count(first) == len(cells)


def each(cells: Sequence[Cell], made: Callable[[Cell], Made]) -> list[Made]:
    """What is made of each cell, by the cell alone."""
    return [made(cells[0])] * len(cells) if alike(cells) else list(map(made, cells))


class CsvWriter:
    """CSV as RFC 4180 has it, UTF-8. Numbers are written as they are; a text that a spreadsheet would take for a formula gets an apostrophe
    before it where ``neutral`` says so, unless it is a number."""

    def __init__(self, *, bom: bool, neutral: bool) -> None:
        self._bom, self._neutral = bom, neutral
        self._changed = 0

    def begin(self, columns: Sequence[str]) -> bytes:
        return (b"\xef\xbb\xbf" if self._bom else b"") + self.put([[one] for one in columns])

    def put(self, columns: Sequence[Sequence[Cell]]) -> bytes:
        fields = list(map(self._fields, columns))
        if len(columns) > 1 and len(fields[0]) > 1 and len(differ := [n for n, cells in enumerate(columns) if not alike(cells)]) == 1:
            at = differ[0]  # what stands around it is the same in all rows
            before = b"".join([one[0] + b"," for one in fields[:at]])
            after = b"".join([b"," + one[0] for one in fields[at + 1 :]]) + b"\r\n"
            return before + (after + before).join(fields[at]) + after
        # Of one empty field alone the line would be empty, and no row.
        lines = [one or b'""' for one in fields[0]] if len(fields) == 1 else map(b",".join, zip(*fields, strict=True))
        return b"\r\n".join([*lines, b""])

    def _fields(self, cells: Sequence[Cell]) -> list[bytes]:
        if set(map(type, cells)) == {str} and not alike(cells):
            return self._texts(cells)  # type: ignore[arg-type]  # all of them are
        if not self._neutral:
            return each(cells, _field)
        before = self._changed
        found = each(cells, self._safe)
        if alike(cells):
            self._changed = before + (self._changed - before) * len(cells)
        return found

    def _texts(self, texts: Sequence[str]) -> list[bytes]:
        if self._neutral and not _FORMULAS.isdisjoint([one[:1] for one in texts]):
            return list(map(self._safe, texts))
        return [
            one if b'"' not in one and b"," not in one and b"\n" not in one and b"\r" not in one else b'"' + one.replace(b'"', b'""') + b'"'
            for one in [text.encode("utf-8", "replace") for text in texts]
        ]

    def _safe(self, cell: Cell) -> bytes:
        text = cell_text(cell)
        if text.startswith(_FORMULA) and isinstance(cell, str) and _NUMBER.fullmatch(text) is None:
            self._changed += 1
            return _quoted(f"'{text}")
        return _quoted(text)

    def end(self) -> bytes:
        return b""

    @property
    def remarks(self) -> list[str]:
        if not self._changed:
            return []
        return [f"{count(self._changed, 'cell')} began like a formula (= + - @, tab) and got an apostrophe before it."]


def _field(cell: Cell) -> bytes:
    return _quoted(cell_text(cell))


def _quoted(text: str) -> bytes:
    """A field. Python's writer looks at each character by itself, which takes four times as long for an answer of 1 kB; as bytes at once,
    since a text with one emoji has four bytes a character, which all would be copied with each step."""
    data = text.encode("utf-8", "replace")
    if b'"' in data:
        return b'"' + data.replace(b'"', b'""') + b'"'
    return b'"' + data + b'"' if b"," in data or b"\n" in data or b"\r" in data else data


class JsonLinesWriter:
    """A JSON object a line, with the columns' names. Structured cells are JSON."""

    def begin(self, columns: Sequence[str]) -> bytes:
        self._names = [_encode(name) + b":" for name in columns]
        return b""

    def put(self, columns: Sequence[Sequence[Cell]]) -> bytes:
        members = [[name + one for one in each(cells, _json)] for name, cells in zip(self._names, columns, strict=True)]
        return b"".join([b"{" + b",".join(one) + b"}\n" for one in zip(*members, strict=True)])

    def end(self) -> bytes:
        return b""

    @property
    def remarks(self) -> list[str]:
        return []


def _json(cell: Cell) -> bytes:
    try:
        return _encode(cell)
    except (UnicodeEncodeError, OverflowError):  # half a character; a number beyond 64 bits
        return _encode(cell.encode("utf-8", "replace").decode()) if isinstance(cell, str) else str(cell).encode()


def tuning_line(messages: Sequence[Any], answer: str) -> bytes:
    """A conversation with its answer, in the chat format of fine-tuning (OpenAI fine-tuning guide)."""
    return _encode({"messages": [*messages, {"role": "assistant", "content": answer}]}) + b"\n"
