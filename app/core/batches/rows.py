"""The requests of a batch by row: where each is in the segments that can be read.

Rows are numbered over all requests that the batch has, never over those whose segments happen to be readable: a record that is damaged or
set aside moves no other. What the batch has is known from the segments while all are here, else from the ids that were kept when it was
planned, else from its ledger.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from app.core.json import jsonread
from app.core.model.segments import Segment

_CHECKSUM: Final = 8


class Rows:
    """One row a request. ``ids`` are of all of them, "" where an id is not known. ``certain``: they are all that the batch has, in the
    order of its input, so that a row's number means the same request whatever is readable at the moment."""

    def __init__(self, ids: Sequence[str], segments: Sequence[Segment], *, certain: bool) -> None:
        """A segment stands where its first id stands. One that holds other ids than the batch has there stands nowhere."""
        self.ids, self.certain = tuple(ids), certain
        placed = sorted(_placed(self.ids, segments), key=lambda pair: pair[0])
        self._starts: list[int] = []
        self._segments: list[Segment] = []
        end = 0
        for start, segment in placed:
            if start >= end:  # else another record holds the same requests
                self._starts.append(start)
                self._segments.append(segment)
                end = start + len(segment.ids)
        self.lost = len(self.ids) - sum(len(one.ids) for one in self._segments)
        """How many requests are in no segment that can be read."""

    def __len__(self) -> int:
        return len(self.ids)

    def each(self) -> Iterator[tuple[int, Segment]]:
        """Every segment that can be read, in order, with the row of its first request."""
        return zip(self._starts, self._segments, strict=True)

    def at(self, row: int) -> tuple[Segment, int] | None:
        """The segment that holds a row, and the position in it; None where it cannot be read."""
        n = bisect_right(self._starts, row) - 1
        if n < 0 or row - self._starts[n] >= len(self._segments[n].ids):
            return None
        return self._segments[n], row - self._starts[n]


def _placed(ids: tuple[str, ...], segments: Sequence[Segment]) -> Iterator[tuple[int, Segment]]:
    known: dict[str, int] | None = None
    at = 0
    for segment in segments:
        stop = at + len(segment.ids)
        if not segment.ids:
            continue
        if ids[at:stop] != segment.ids:
            if known is None:
                known = {id: row for row, id in enumerate(ids)}
            found = known.get(segment.ids[0])
            if found is None or ids[found : found + len(segment.ids)] != segment.ids:
                continue
            at, stop = found, found + len(segment.ids)
        yield at, segment
        at = stop


def to_bytes(ids: Sequence[str]) -> bytes:
    """The ids as they are kept: a checksum in hexadecimal digits, then a JSON array."""
    body = msgspec.json.encode(ids)
    return b"%08x" % zlib.crc32(body) + body


def from_bytes(data: bytes | None) -> tuple[str, ...] | None:
    """The opposite of :func:`to_bytes`; None where it is damaged or not here."""
    if data is None or data[:_CHECKSUM] != b"%08x" % zlib.crc32(data[_CHECKSUM:]):
        return None
    try:
        return jsonread.typed(data[_CHECKSUM:], tuple[str, ...])
    except jsonread.Unreadable:
        return None
