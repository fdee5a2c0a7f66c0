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
    """What lines have behind them: how often they were sent again, and in which batches they were, oldest first; whether programs handed
    them in, and whether a person had submitted them (``Segment.asked``), or a program had created a batch of them (``Segment.at_once``),
    with which metadata."""

    resent: int = 0
    former: tuple[str, ...] = ()
    handed: bool = False
    asked: bool = False
    at_once: bool = False
    metadata: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, segment: Segment) -> Provenance:
        metadata = tuple(segment.metadata.items())
        return cls(segment.resent, segment.former, segment.handed, segment.asked, segment.at_once, metadata)

    def after(self, batch_id: str, *, asked: bool) -> Provenance:
        """The past of lines that go back to the queue from this batch. ``asked``: by rule, so that they go on as their person wanted; not
        because a person put them there, who looks at them again."""
        return Provenance(self.resent + 1, (*self.former, batch_id), self.handed, asked and not self.handed, metadata=self.metadata)


NEW = Provenance()


class QueueRow(msgspec.Struct, frozen=True):
    """One request as a list shows it."""

    id: str
    preview: Preview
