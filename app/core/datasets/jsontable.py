"""Tables as JSON: objects (or lists) one a line, one array of them, or one after another. Nested values stay the JSON that they are.

Names of members become columns in the order in which they are first met, so a row may bring new ones. Values are kept exactly: a number
that Python would write otherwise than the file (1.10, 1e400, more than 64 bits) stays as it is written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast

import msgspec

from app.core.base.text import size
from app.core.datasets import limits
from app.core.datasets.encodings import BOM, UTF8, Decode, TextDecoding
from app.core.datasets.table import Cell, RowGroup, TableSoFar, UnreadableTable
from app.core.json import jsonread
from app.core.json.jsonlines import LineSplitter
from app.core.json.jsonread import Unreadable
from app.core.json.jsonvalues import Values
from app.core.model.datasets import Dialect

_VALUE: Final = "value"
"""Name of the column where a line is a single text or number."""
_objects: Final = jsonread.Decoder[dict[str, msgspec.Raw]](dict[str, msgspec.Raw])
_lists: Final = jsonread.Decoder[list[msgspec.Raw]](list[msgspec.Raw])
_PAIR: Final = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_PLAIN: Final = frozenset({str, int, bool, type(None)})


class JsonTable(TableSoFar):
    """A reader of JSONL and JSON (core.datasets.table.TableReader)."""

    def __init__(self, dialect: Dialect, size: int, decode: Decode | None = None) -> None:
        super().__init__(size)
        self._dialect = dialect
        self._transcoded = None if dialect.encoding == UTF8 else TextDecoding(dialect.encoding, decode, strict=False)
        self._cutter: LineSplitter | Values | None = None
        self._begun = b""
        self._at: dict[str, int] = {}  # columns by the names that the file has for them
        self._record = 0

    def feed(self, piece: bytes, *, last: bool = False) -> Iterator[RowGroup]:
        """The rows that this piece ends. Raises UnreadableTable."""
        self.done += len(piece)
        if self._transcoded is not None:
            piece = self._transcoded.feed(piece, last=last).encode("utf-8", "surrogatepass")
        if self._cutter is None:
            self._begun += piece
            if len(self._begun) < limits.HEAD and not last:
                return
            piece, self._begun = self._begun, b""
            self._cutter = self._cut_by(piece)
        numbers: list[int] = []
        rows: list[list[Cell]] = []
        for line, value in self._cutter.feed(piece, last=last):
            self._record += 1
            number = line if self._dialect.format == "jsonl" else self._record
            try:
                row = self._row(value)
            except (Unreadable, UnreadableTable) as error:
                sentence = _told(error, value or b"") if isinstance(error, Unreadable) else str(error)
                self.faults.add(number, line, sentence, (value or b"")[:1_000].decode("utf-8", "replace"))
                continue
            if row:
                numbers.append(number)
                rows.append(row)
            else:
                self.blank += 1
        yield RowGroup(numbers, rows)

    def _cut_by(self, start: bytes) -> LineSplitter | Values:
        if self._dialect.format == "jsonl":
            return LineSplitter(limits.MAX_RECORD)
        first = start.removeprefix(BOM).lstrip()[:1]
        return Values("array" if first == b"[" else "values", limits.MAX_RECORD)

    def _row(self, line: bytes | None) -> list[Cell]:
        """The cells of one value. Raises Unreadable, and UnreadableTable where it alone is at fault."""
        if line is None:
            raise UnreadableTable(f"It is longer than {size(limits.MAX_RECORD)}.")
        value = jsonread.value(line)  # all of it is looked at: what is only kept would not be
        if isinstance(value, dict):
            return self._object(value, line)
        if isinstance(value, list):
            kept = None if _PLAIN.issuperset(map(type, value)) else _lists.decode(line)
            self._fit([f"column {n}" for n in range(1, len(value) + 1)])
            return _cells(value, kept)
        return self._object({_VALUE: value}, b'{"value":' + line + b"}")

    def _object(self, value: dict[str, Any], line: bytes) -> list[Cell]:
        if not self._at.keys() >= value.keys():
            self._fit(list(value))
        members = list(value.values())
        if not _PLAIN.issuperset(map(type, members)):
            kept = _objects.decode(line)
            members = _cells(members, [kept[name] for name in value])
        if len(members) == len(self._at) and list(value) == list(self._at):  # the usual row
            return members
        row: list[Cell] = [None] * (max((self._at[name] for name in value), default=-1) + 1)
        for name, cell in zip(value, members, strict=True):
            row[self._at[name]] = cell
        return row

    def _fit(self, names: list[str]) -> None:
        """Have a column for each of these names. Raises UnreadableTable: there would be too many."""
        fresh = [name for name in names if name not in self._at]
        self._names.add(fresh)
        for name in fresh:
            self._at[name] = len(self._at)


def _told(error: Unreadable, line: bytes) -> str:
    """Why a line is none. JavaScript writes texts that it cut within a character as JSON that no other reader takes; a decoder's own words
    for that name a place, and not the reason."""
    if error.kind == "not_json" and _HALF.search(_PAIR.sub(b"", line.replace(b"\\\\", b""))):
        return "It holds half a character (a lone surrogate), which no text may hold."
    return error.sentence


def _cells(values: list[Any], kept: list[msgspec.Raw] | None) -> list[Cell]:
    if kept is None:
        return cast("list[Cell]", values)
    return [value if type(value) in _PLAIN else _raw(one) for value, one in zip(values, kept, strict=True)]


def _raw(value: msgspec.Raw) -> msgspec.Raw:
    """The same on one line, with memory of its own: else the whole line would stay for the sake of one of its cells."""
    data = bytes(value)
    return msgspec.Raw(jsonread.one_line(data) if b"\n" in data or b"\r" in data else data)
