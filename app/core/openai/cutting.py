"""Cutting the files that providers answer with: a stream into segments of about 1 MB, a segment into the JSON values that stand in it.

A batch's file is JSONL. Some servers write one JSON array, or objects that are indented over many lines (public reports, docs/again.md):
there a line is no value, so segments are cut and values are found by counting braces outside of strings. Nothing is decoded here, so depth
does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.core.base.patterns import pattern
from app.core.openai.wrapped import NAMES, each_wrapped, wraps

SEGMENT: Final = 1_000_000  # bytes of an answer segment, about
_BOM: Final = b"\xef\xbb\xbf"
_BLANK: Final = b" \t\r\n"
_BETWEEN: Final = b" \t\r\n,[]\x1e\xef\xbb\xbf"  # what may stand between two values and says nothing (0x1e: RFC 7464)
_LOOK: Final = 4_096  # bytes that are looked at to tell a line from a part of a value
_LIST_BEGINS: Final = pattern(rb'\{[^{}\[\]]*"(?:' + b"|".join(sorted(NAMES)) + rb')"[ \t]*:[ \t]*\[[ \t\r]*')
_OUTSIDE: Final = pattern(rb'["{}]')
_INSIDE: Final = pattern(rb'["\\]')


def spans_lines(head: bytes | bytearray, *, whole: bool) -> bool | None:
    """Whether the values of a text that begins so are not its lines. None: more must be seen, unless this is the ``whole``.

    Of these signs one is enough: an array's bracket, a first line that ends where a list begins in an object (core.openai.wrapped), or
    a first line that is no object while the second does not begin one.
    """
    start = len(_BOM) if head.startswith(_BOM) else 0
    while start < len(head) and head[start] in _BLANK:
        start += 1
    if start == len(head):
        return False if whole else None
    if head[start] in b"[,]":
        return True
    if head[start] != 0x7B:  # {
        return False
    stop = head.find(b"\n", start)
    if stop < 0:
        return bytes(head[-_LOOK:]).rstrip(_BLANK)[-1:] != b"}" if whole else None
    if bytes(head[max(start, stop - _LOOK) : stop]).rstrip(_BLANK)[-1:] == b"}":
        return False
    if stop - start < _LOOK and _LIST_BEGINS.fullmatch(bytes(head[start:stop])):
        return True
    rest = bytes(head[stop : stop + _LOOK]).lstrip(_BLANK)
    if not rest:
        return False if whole or len(head) - stop >= _LOOK else None
    return rest[:1] != b"{"


class _Scan:
    """Finds objects in a growing text, at no depth but the outermost. ``at`` is where it goes on."""

    def __init__(self) -> None:
        self.at = self._depth = self._start = 0
        self._string = False

    def ends(self, data: bytes | bytearray) -> Iterator[tuple[int, int]]:
        """Begin and end of every object that is complete by now and was not named before."""
        while self.at < len(data):
            found = (_INSIDE if self._string else _OUTSIDE).search(data, self.at)
            if found is None:
                self.at = len(data)
                return
            at = found.start()
            char = data[at]
            self.at = at + 1
            if char == 0x22:  # "
                self._string = not self._string
            elif char == 0x5C:  # a backslash: what follows is no end, and may come with the next piece
                self.at = at + 2
            elif char == 0x7B:
                if not self._depth:
                    self._start = at
                self._depth += 1
            elif self._depth:
                self._depth -= 1
                if not self._depth:
                    yield self._start, at + 1

    def moved(self, by: int) -> None:
        """So many bytes were removed before it."""
        self.at -= by
        self._start -= by


def each_line(data: bytes) -> Iterator[tuple[int, int]]:
    """Offset and length of every line that is not blank, without its line end (``\\n`` or ``\\r\\n``; the last may have none).
    What is only a bracket or a comma of an array is none."""
    start, end = 0, len(data)
    while start < end:
        stop = data.find(b"\n", start)
        after = stop = end if stop < 0 else stop
        while stop > start and data[stop - 1] in b" \t\r":
            stop -= 1
        if stop - start > 2 or data[start:stop].strip(b"[],"):  # else nothing, or what is left of an array
            yield start, stop - start
        start = after + 1


def each_object(data: bytes) -> Iterator[tuple[int, int]]:
    """Offset and length of every object at the outermost level, whatever lines it takes, and of what stands between two of them and is
    more than white space, commas and an array's brackets."""
    last = 0
    for start, stop in _Scan().ends(data):
        yield from _between(data, last, start)
        yield start, stop - start
        last = stop
    yield from _between(data, last, len(data))


def _between(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    text = data[start:stop]
    if kept := text.strip(_BETWEEN):
        yield start + text.index(kept), len(kept)


def each_value(data: bytes) -> Iterator[tuple[int, int]]:
    """Offset and length of every value of an answer segment: its lines, or its objects where it is no JSONL. An object around a list of
    lines, at its beginning or behind another, is the elements of its list."""
    start = 0
    while wraps(data, start):
        start = yield from each_wrapped(data, start)
    rest = data[start:] if start else data
    for at, length in each_object(rest) if spans_lines(rest, whole=True) else each_line(rest):
        yield start + at, length


class LineCutter:
    """Cuts a stream into segments of about 1 MB at line ends; where it is no JSONL, between two objects. One after another, the segments
    are the stream, byte for byte.

    What is longer than a segment gets one of its own; the last line may end without a newline.
    """

    def __init__(self, size: int = SEGMENT) -> None:
        self._size = size
        self._held = bytearray()
        self._searched = 0  # bytes of a long first line that are known to hold no newline
        self._objects: bool | None = None
        self._scan = _Scan()

    def feed(self, chunk: bytes) -> list[bytes]:
        """The segments that are complete now."""
        self._held += chunk
        if self._objects is None:
            self._objects = spans_lines(self._held, whole=False)
        if self._objects is None:
            return []
        return self._cut_objects() if self._objects else self._cut_lines()

    def _cut_lines(self) -> list[bytes]:
        done: list[bytes] = []
        start = 0
        while len(self._held) - start >= self._size:
            stop = 0
            if not self._searched:
                stop = self._held.rfind(b"\n", start, start + self._size) + 1
            if not stop:
                stop = self._held.find(b"\n", max(start + self._searched, start)) + 1
            if not stop:
                self._searched = len(self._held) - start
                break
            done.append(bytes(memoryview(self._held)[start:stop]))
            start, self._searched = stop, 0
        if start:
            del self._held[:start]
        return done

    def _cut_objects(self) -> list[bytes]:
        done: list[bytes] = []
        start = 0
        for _start, stop in self._scan.ends(self._held):
            if stop - start >= self._size:
                done.append(bytes(memoryview(self._held)[start:stop]))
                start = stop
        if start:
            del self._held[:start]
            self._scan.moved(start)
        return done

    @property
    def pending(self) -> int:
        """How many bytes came and are in no segment yet."""
        return len(self._held)

    def tail(self, size: int) -> bytes:
        """The last ``size`` of the pending bytes, or all where there are fewer."""
        return bytes(self._held[max(0, len(self._held) - size) :])

    def finish(self) -> bytes:
        """What is left at the end of the stream; may be empty."""
        rest = bytes(self._held)
        self._held.clear()
        self._searched = 0
        self._objects, self._scan = None, _Scan()
        return rest
