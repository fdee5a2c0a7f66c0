"""Files of rows as they are written: CSV and lines of JSON. Workbooks: core.results.workbook.

Writers are given rows some at a time and give the bytes that these are; none holds more than that. What they had to change is counted and
said (``remarks``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec

from app.core.base.patterns import pattern
from app.core.base.text import count
from app.core.datasets.table import Cell, cell_text

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that spreadsheets take for a formula (OWASP, CSV injection)."""
_NUMBER: Final = pattern(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_encode: Final = msgspec.json.Encoder().encode


class RowWriter(Protocol):
    """Makes a file of rows."""

    def begin(self, columns: Sequence[str]) -> bytes:
        """The file's beginning. Raises Unwritable where it cannot have these columns."""
        ...

    def rows(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """These rows. They have a cell for each column."""
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


class CsvWriter:
    """CSV as RFC 4180 has it, UTF-8. Numbers are written as they are; a text that a spreadsheet would take for a formula gets an apostrophe
    before it where ``neutral`` says so, unless it is a number."""

    def __init__(self, *, bom: bool, neutral: bool) -> None:
        self._bom, self._neutral = bom, neutral
        self._changed = 0

    def begin(self, columns: Sequence[str]) -> bytes:
        return (b"\xef\xbb\xbf" if self._bom else b"") + self.rows([columns])

    def rows(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        text = self._safe if self._neutral else cell_text
        lines = [",".join([_quoted(text(cell)) for cell in row]) or '""' for row in rows]  # an empty line would be no row
        return "".join([f"{line}\r\n" for line in lines]).encode("utf-8", "replace")

    def _safe(self, cell: Cell) -> str:
        text = cell_text(cell)
        if text.startswith(_FORMULA) and isinstance(cell, str) and _NUMBER.fullmatch(text) is None:
            self._changed += 1
            return f"'{text}"
        return text

    def end(self) -> bytes:
        return b""

    @property
    def remarks(self) -> list[str]:
        if not self._changed:
            return []
        return [f"{count(self._changed, 'cell')} began like a formula (= + - @, tab) and got an apostrophe before it."]


def _quoted(text: str) -> str:
    """A field. Python's writer looks at each character by itself, which takes four times as long for an answer of 1 kB."""
    if '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return f'"{text}"' if "," in text or "\n" in text or "\r" in text else text


class JsonLinesWriter:
    """A JSON object a line, with the columns' names. Structured cells are JSON."""

    def begin(self, columns: Sequence[str]) -> bytes:
        self._names = [_encode(name) + b":" for name in columns]
        return b""

    def rows(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        names = self._names
        return b"".join(b"{" + b",".join([name + _json(cell) for name, cell in zip(names, row, strict=True)]) + b"}\n" for row in rows)

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
