"""The requests of a lane that hold some words, as a list of its own. A segment is searched once: what changes is searched again."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

import msgspec

from app.core.queue.scope import Pick
from app.core.queue.search import TextSearch
from app.core.queue.summaries import SegmentSummary
from app.ports import Clock
from app.services.queue.lane import LaneQueue, QueueRow
from app.services.queue.queue import Queue
from app.services.runtime.slices import Slicer

_TOLD_EVERY = 16
Hits = dict[str, bytes]
"""The positions of the lines with the words, as an array of 32 bits, by the byte run that they are in."""


class Matches(msgspec.Struct, frozen=True):
    """The requests of a lane that hold the words: in which segments, and at which positions of each."""

    words: str
    hits: Hits
    segments: tuple[SegmentSummary, ...]
    lines: tuple[bytes, ...]
    stops: tuple[int, ...]

    @property
    def requests(self) -> int:
        """How many there are."""
        return self.stops[-1] if self.stops else 0


def matches(queue: LaneQueue, words: str, hits: Hits) -> Matches:
    """What was found, without what was deleted since."""
    segments: list[SegmentSummary] = []
    lines: list[bytes] = []
    for one in queue.segments:
        found = hits.get(one.bytes_id, b"")
        if found and one.gone:
            gone = frozenset(one.gone_positions())
            found = array("I", [i for i in array("I", found) if i not in gone]).tobytes()
        if found:
            segments.append(one)
            lines.append(found)
    width = array("I").itemsize
    return Matches(words, hits, tuple(segments), tuple(lines), tuple(accumulate(len(found) // width for found in lines)))


async def search(
    queue: Queue, clock: Clock, lane: LaneQueue, words: str, known: Hits, told: Callable[[int, int], bool] = lambda _done, _of: True
) -> Matches | None:
    """Find the words in a lane, reading the byte runs that are not ``known``, in slices. ``told`` hears how many segments are searched, and
    of how many, and says whether to go on; None where it does not. Raises what the store raises; what cannot be read holds nothing."""
    sought, hits = TextSearch(words), Hits()
    slicer = Slicer(clock)
    for n, one in enumerate(lane.segments):
        found = known.get(one.bytes_id)
        if found is None:
            segment = await queue.segment(one)
            try:
                data = await queue.read(one.bytes_id)
            except KeyError:
                data = b""  # its list says so
            found = array("I", sought.lines(data, segment.ends)).tobytes() if segment is not None and data else b""
            if slicer.over() or not n % _TOLD_EVERY:
                await slicer.rest()
                if not told(n, len(lane.segments)):
                    return None
        hits[one.bytes_id] = found
    return matches(lane, words, hits)


async def rows(queue: Queue, found: Matches, first: int, last: int) -> list[QueueRow]:
    """The requests ``first`` to ``last`` (exclusive) of those that were found, in order."""
    shown: list[QueueRow] = []
    at = bisect_right(found.stops, first)
    for one, lines, stop in zip(found.segments[at:], found.lines[at:], found.stops[at:], strict=True):
        positions = array("I", lines)
        start = stop - len(positions)
        if start >= last:
            break
        segment = await queue.segment(one)
        if segment is not None:
            shown += await queue.rows_at(segment, positions[max(0, first - start) : last - start].tolist())
    return shown


def chosen(found: Matches, without: frozenset[str]) -> dict[str, Pick]:
    """All that was found, but not these ids, to be acted upon later: lines that are written meanwhile are not meant."""
    return {one.id: Pick(at=(one.bytes_id, lines), without=without) for one, lines in zip(found.segments, found.lines, strict=True)}
