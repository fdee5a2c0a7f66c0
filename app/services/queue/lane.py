"""A lane's queue as it was read: its segments and what they sum up to, where requests came from, and a row of the list."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from app.core.bodies.requests import Preview
from app.core.model.lanes import Lane
from app.core.model.segments import Segment
from app.core.queue.auto_submit import ORIGINS, Origin, origin
from app.core.queue.lanes import Sums, live_sums
from app.services.runtime.records import Stored


class LaneQueue(msgspec.Struct, frozen=True):
    """One lane's queue: its segments in order, and what they sum up to. ``oldest`` is when the first of the requests came (0: there is
    none), ``newest`` when the last of their segments did; ``deleted`` requests can still be restored."""

    lane: Lane
    segments: tuple[Stored[Segment], ...]
    sums: Sums
    oldest: float
    deleted: int
    newest: float = 0.0

    @classmethod
    def of(cls, lane: Lane, segments: tuple[Stored[Segment], ...]) -> LaneQueue:
        live = [one.value for one in segments if one.value.live]
        return cls(
            lane,
            segments,
            sum(map(live_sums, live), Sums()),
            min((one.created for one in live), default=0.0),
            sum(len(one.value.gone) for one in segments),
            max((one.created for one in live), default=0.0),
        )

    def parts(self) -> dict[Origin, LaneQueue]:
        """The lane's requests by their origin, as queues of their own; an origin without requests is not among them."""
        by: dict[Origin, list[Stored[Segment]]] = {}
        for one in self.segments:
            if one.value.live:
                by.setdefault(origin(one.value), []).append(one)
        if len(by) == 1:
            return dict.fromkeys(by, self)
        return {kind: LaneQueue.of(self.lane, tuple(by[kind])) for kind in ORIGINS if kind in by}

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
        )


NEW = Provenance()


class QueueRow(msgspec.Struct, frozen=True):
    """One request as a list shows it."""

    id: str
    preview: Preview
