"""Lanes and the cutting of a lane into batches.

One batch holds one endpoint and one model (OpenAI batch guide), so requests are kept by lane. Cutting looks at the indexes of segments
only: no line is read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.core import text
from app.core.records import Endpoint, Lane, Segment

MAX_EMBEDDING_INPUTS = 50_000
"""Inputs over all requests of one embeddings batch (OpenAI batch guide)."""


def lane_of(profile_id: str, endpoint: Endpoint, body: Mapping[str, Any]) -> Lane:
    """The lane of a request: the model is the body's, empty where it names none."""
    model = body.get("model")
    return Lane(profile=profile_id, endpoint=endpoint, model=model if isinstance(model, str) else "")


class Piece(msgspec.Struct, frozen=True):
    """What one batch takes of one segment: ``runs`` are its stretches of live lines as (start, stop), stop exclusive.

    ``requests`` and ``size`` (bytes) count the lines that go. ``whole``: every line of the segment goes, so the segment can change its
    owner as it is; otherwise its bytes are rewritten (``requests.slices``).
    """

    segment: str
    runs: tuple[tuple[int, int], ...]
    requests: int
    size: int
    whole: bool


class Load(msgspec.Struct, frozen=True):
    """What one batch will hold, in order."""

    pieces: tuple[Piece, ...]
    requests: int
    size: int


class Refusal(msgspec.Struct, frozen=True):
    """A line that no batch of this provider can hold."""

    segment: str
    position: int
    custom_id: str
    size: int
    sentence: str


class Plan(msgspec.Struct, frozen=True):
    """The batches in order. Every live line stands in exactly one of them, or is refused."""

    batches: tuple[Load, ...]
    refused: tuple[Refusal, ...] = ()


class _Cutter:
    """Fills one batch after the other to its limits."""

    def __init__(self, max_requests: int, max_bytes: int) -> None:
        self.max_requests, self.max_bytes = max_requests, max_bytes
        self.batches: list[Load] = []
        self.refused: list[Refusal] = []
        self._pieces: list[Piece] = []
        self._requests = self._size = 0
        self._runs: list[tuple[int, int]] = []  # of the piece that is being gathered

    def close(self) -> None:
        """End the batch."""
        if self._pieces:
            self.batches.append(Load(tuple(self._pieces), self._requests, self._size))
        self._pieces, self._requests, self._size = [], 0, 0

    def gather(self, segment: Segment) -> None:
        """End the piece."""
        if self._runs:
            ends = segment.ends
            requests = sum(stop - start for start, stop in self._runs)
            size = sum(ends[stop - 1] - (ends[start - 1] if start else 0) for start, stop in self._runs)
            self._pieces.append(Piece(segment.id, tuple(self._runs), requests, size, requests == len(ends)))
        self._runs = []

    def runs(self, segment: Segment) -> list[tuple[int, int]]:
        """The stretches of live lines that may go."""
        stops = {i for i in segment.gone if 0 <= i < len(segment.ends)}
        if segment.size > self.max_bytes:
            begin = 0
            for position, end in enumerate(segment.ends):
                if end - begin > self.max_bytes and position not in stops:
                    stops.add(position)
                    self.refused.append(_refusal(segment, position, end - begin, self.max_bytes))
                begin = end
        found, start = [], 0
        for stop in [*sorted(stops), len(segment.ends)]:
            if stop > start:
                found.append((start, stop))
            start = max(start, stop + 1)
        return found

    def take(self, segment: Segment) -> None:
        for start, stop in self.runs(segment):
            while start < stop:
                begin = segment.ends[start - 1] if start else 0
                room = min(stop - start, self.max_requests - self._requests)
                reach = bisect_right(segment.ends, begin + self.max_bytes - self._size, start, start + room)
                if reach == start:
                    self.gather(segment)
                    self.close()
                    continue
                self._runs.append((start, reach))
                self._requests += reach - start
                self._size += segment.ends[reach - 1] - begin
                start = reach
        self.gather(segment)


def _refusal(segment: Segment, position: int, size: int, limit: int) -> Refusal:
    id = segment.ids[position]
    sentence = f"The request “{id}” has {text.size(size)}; a batch file of this provider takes {text.size(limit)}."
    return Refusal(segment.id, position, id, size, sentence)


def cut(segments: Sequence[Segment], max_requests: int, max_bytes: int) -> Plan:
    """Pack the live lines of a lane's segments (each id once) into batches: in order, each filled to its limits, segments split only at a
    batch's edge.

    A line longer than ``max_bytes`` is refused by name; the rest is planned. ValueError when a limit is below 1.
    """
    if max_requests < 1 or max_bytes < 1:
        raise ValueError("a batch's limits start at 1")
    cutter = _Cutter(max_requests, max_bytes)
    for segment in segments:
        cutter.take(segment)
    cutter.close()
    return Plan(tuple(cutter.batches), tuple(cutter.refused))
