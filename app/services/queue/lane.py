"""A lane's queue as it was read: its segments in summary and what they sum up to, where requests came from, and a row of the list."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

import msgspec

from app.core.bodies.requests import Preview
from app.core.model.lanes import Lane
from app.core.model.segments import Segment
from app.core.queue.auto_submit import ORIGINS, Origin
from app.core.queue.lanes import Sums
from app.core.queue.summaries import SegmentSummary


class LaneQueue(msgspec.Struct, frozen=True):
    """One lane's queue: its segments in order, and what they sum up to. ``oldest`` is when the first of the requests came (0: there is
    none), ``newest`` when the last of their segments did; ``deleted`` requests can still be restored. ``stops``: how many requests there
    are up to the end of each segment."""

    lane: Lane
    segments: tuple[SegmentSummary, ...]
    sums: Sums
    oldest: float
    deleted: int
    newest: float = 0.0
    stops: tuple[int, ...] = ()

    @classmethod
    def of(cls, lane: Lane, segments: tuple[SegmentSummary, ...]) -> LaneQueue:
        live = [one for one in segments if one.live]
        sums = [one.sums for one in live]
        return cls(
            lane,
            segments,
            Sums(
                sum(one.requests for one in sums),
                sum(one.size for one in sums),
                sum(one.tokens for one in sums),
                sum(one.inputs for one in sums),
            ),
            min((one.created for one in live), default=0.0),
            sum(one.gone for one in segments),
            max((one.created for one in live), default=0.0),
            tuple(accumulate(one.live for one in segments)),
        )

    def parts(self) -> dict[Origin, LaneQueue]:
        """The lane's requests by their origin, as queues of their own; an origin without requests is not among them."""
        by: dict[Origin, list[SegmentSummary]] = {}
        for one in self.segments:
            if one.live:
                by.setdefault(one.origin, []).append(one)
        if len(by) == 1:
            return dict.fromkeys(by, self)
        return {kind: LaneQueue.of(self.lane, tuple(by[kind])) for kind in ORIGINS if kind in by}

    def window(self, first: int, last: int) -> Iterator[tuple[SegmentSummary, int, int]]:
        """The segments that hold the requests ``first`` to ``last`` (exclusive), each with which of its live lines these are."""
        at = bisect_right(self.stops, first)
        for one, stop in zip(self.segments[at:], self.stops[at:], strict=True):
            start = stop - one.live
            if start >= last:
                break
            if one.live:
                yield one, max(0, first - start), min(one.live, last - start)

    @property
    def requests(self) -> int:
        return self.sums.requests

    @property
    def size(self) -> int:
        """Bytes of the requests, without the deleted ones."""
        return self.sums.size


class Provenance(NamedTuple):
    """Where lines come from: the fields of their segment that say so, by the same names. Lines of another provenance are never put into
    the same segment."""

    resent: int = 0
    previous_batches: tuple[str, ...] = ()
    from_program: bool = False
    submitted_by_person: bool = False
    submit_immediately: bool = False
    metadata: tuple[tuple[str, str], ...] = ()
    addition: str = ""

    @classmethod
    def of(cls, segment: Segment) -> Provenance:
        metadata = tuple(segment.metadata.items())
        return cls(
            segment.resent,
            segment.previous_batches,
            segment.from_program,
            segment.submitted_by_person,
            segment.submit_immediately,
            metadata,
            segment.addition,
        )

    def after(self, batch_id: str, *, submitted_by_person: bool) -> Provenance:
        """The provenance of lines that go back to the queue from this batch. ``submitted_by_person``: they go back by rule, so they are
        submitted again as their person wanted; False where a person put them back, who looks at them again."""
        return Provenance(
            self.resent + 1,
            (*self.previous_batches, batch_id),
            self.from_program,
            submitted_by_person and not self.from_program,
            metadata=self.metadata,
            addition=self.addition,
        )


NEW = Provenance()


class QueueRow(msgspec.Struct, frozen=True):
    """One request as a list shows it."""

    id: str
    preview: Preview
