"""Cutting a file of JSON into its values where they are not one a line: one array, or objects that stand over several lines.

Brackets outside of texts are counted as they arrive, so a file of any size is read in pieces. What stands between two values and is neither
white space nor a comma is a value as well, for whoever reads it to refuse in words.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from app.core.json import jsonread
from app.core.json.jsonlines import LineSplitter

Shape = Literal["lines", "array", "values"]
"""``lines``: one value a line; ``array``: the elements of one list; ``values``: one after another, over several lines."""
_MARKS: Final = re.compile(rb'["{}\[\]\\]')
_BLANK: Final = b" \t\r\n"
_BETWEEN: Final = _BLANK + b","
_BOM: Final = b"\xef\xbb\xbf"


def shape_of(start: bytes) -> Shape:
    """How a file is written, as its beginning (some KB, or all of it) tells. A damaged first line does not make it another shape."""
    text = start.removeprefix(_BOM).lstrip(_BLANK)
    first, _, rest = text.partition(b"\n")
    first = first.rstrip(_BLANK)
    if first[:1] == b"[":
        if _is_whole(first):
            return "array" if first[1:].lstrip(_BLANK)[:1] == b"{" else "lines"
        return "array" if first == b"[" or first[1:].lstrip(_BLANK)[:1] == b"{" else "lines"
    if first[:1] == b"{" and first[-1:] in (b"{", b"[", b",") and rest.lstrip(_BLANK)[:1] not in (b"{", b"") and not _is_whole(first[:-1]):
        return "values"
    return "lines"


def _is_whole(text: bytes) -> bool:
    try:
        jsonread.value(text)
    except jsonread.Unreadable:
        return False
    return True


class Values:
    """As ``core.json.jsonlines.LineSplitter``: ``read`` (bytes) and ``lines`` are where it goes on; each value comes with the line that it
    begins in. None stands for a value longer than ``most`` bytes."""

    def __init__(self, shape: Shape, most: int, read: int = 0, lines: int = 0) -> None:
        self.read, self.lines, self._most = read, lines, most
        self._base = 1 if shape == "array" else 0
        self._opened = self._base == 0 or read > 0
        self._depth = self._base if read else 0
        self._rest = b""
        self._from = 0  # what of the rest was given out: it is cut off once for each piece
        self._at = 0  # what of the rest was looked at
        self._start = -1
        self._text = self._skipping = False

    def feed(self, piece: bytes, *, last: bool = False) -> list[tuple[int, bytes | None]]:
        """The values that this piece ends, with their lines. ``last``: the file ends here."""
        self._rest = self._rest[self._from :] + piece
        self._at, self._from = self._at - self._from, 0
        found: list[tuple[int, bytes | None]] = []
        while (mark := _MARKS.search(self._rest, self._at)) is not None:
            sign, at = mark[0], mark.start()
            if sign == b"\\":
                if at + 1 >= len(self._rest) and not last:
                    self._at = at
                    break
                self._at = at + 2 if self._text else at + 1
                continue
            self._at = at + 1
            if sign == b'"':
                self._text = not self._text
            elif not self._text:
                self._bracket(sign, at, found)
        else:
            self._at = len(self._rest)
        if len(self._rest) - self._from > self._most:
            if self._start < 0:
                found.append((self.lines + 1, None))
            self._skipping = self._start >= 0
            self._forget(len(self._rest))
        if last:
            self._between(len(self._rest), found)
        return found

    def _bracket(self, sign: bytes, at: int, found: list[tuple[int, bytes | None]]) -> None:
        if sign in b"{[":
            if not self._opened:
                self._opened, self._depth = True, 1  # the list itself
                self._forget(at + 1)
                return
            if self._depth == self._base and self._start < 0:
                self._between(at, found)
                self._start = 0
            self._depth += 1
            return
        self._depth -= 1
        if self._start >= 0 and self._depth <= self._base:
            value = self._rest[self._from : self._at]
            found.append((self.lines + 1, None if self._skipping or len(value) > self._most else value))
            self._depth, self._start, self._skipping = self._base, -1, False
            self._forget(self._at)
        elif self._depth < self._base:
            ends = sign == b"]" and self._base > 0
            self._between(at if ends else at + 1, found)  # what closes nothing is no part of a value either
            self._forget(self._at)
            self._depth = self._base = 0  # the list has ended; whatever follows is complete by itself

    def _between(self, end: int, found: list[tuple[int, bytes | None]]) -> None:
        """What comes before ``end`` and is part of no value."""
        said = self._rest[self._from : end].removeprefix(_BOM)
        if stray := said.strip(_BETWEEN):
            before = len(said) - len(said.lstrip(_BETWEEN))
            found.append((self.lines + said.count(b"\n", 0, before) + 1, stray[: self._most]))
        self._forget(end)

    def _forget(self, end: int) -> None:
        self.read += end - self._from
        self.lines += self._rest.count(b"\n", self._from, end)
        self._from, self._at = end, max(self._at, end)


def cutter(shape: Shape, most: int, read: int = 0, lines: int = 0) -> LineSplitter | Values:
    """What cuts a file of this shape from byte ``read`` on, before which it has ``lines`` lines. ``most``: bytes of a value at most."""
    return LineSplitter(most, read, lines) if shape == "lines" else Values(shape, most, read, lines)
