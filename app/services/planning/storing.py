"""Requests on their way into the queue: stored as they are made, and all of them the queue's in one commit at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.core.bodies import tokens
from app.core.bodies.requests import LineRun
from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.segments import Segment
from app.core.model.sendings import QueuedRows, QueueingRows, segment_id
from app.ports import Change, Conflict
from app.services.runtime.byteruns import ByteRunWriter
from app.services.runtime.records import Records, put, remove

SPACE: Final = 1e-3
"""What is between the ``seq`` of two segments (services.queue.queue)."""


class QueueStoring:
    """What was stored is said in the very commit that stores it: that the addition is under way (QueueingRows) was stored before."""

    def __init__(self, records: Records, record: QueuedRows, now: float) -> None:
        self._records, self._record, self._now = records, record, now
        self.runs = ByteRunWriter(records, self._intent)
        """Within ``async with`` of it runs are stored."""
        self.segments: list[Segment] = []
        self.lanes: dict[str, int] = {}
        """Requests by the keys of their lanes."""

    async def run(self, lane: Lane, run: LineRun) -> None:
        """A run of requests: its bytes; its segment waits for the end."""
        n = len(self.segments)
        id = segment_id(self._record.id, n)
        segment = Segment(
            id=id,
            owner=keys.queue_owner(lane),
            seq=self._now + n * SPACE,
            bytes_id=keys.lines_id(id),
            created=self._now,
            addition=self._record.id,
            **tokens.index(run),
        )
        await self.runs.add(segment.bytes_id, run.data)
        self.segments.append(segment)
        self.lanes[lane.key] = self.lanes.get(lane.key, 0) + len(run.ids)

    def _intent(self, runs: int) -> Change:
        return put(QueueingRows(id=self._record.id, runs=runs, at=self._record.at), -1, quiet=True)

    async def end(self, record: QueuedRows, beside: Sequence[Change] = ()) -> None:
        """All segments, what is kept about them, and the end of the intent, in one commit. Raises Conflict where another tab took this
        page for dead and cleared what it had stored."""
        await self.runs.end()
        stored = await self._records.get(QueueingRows, record.id)
        if stored is None:
            raise Conflict(QueueingRows.stored.table, record.id, 1, 0)
        changes: list[Change] = [put(one, 0) for one in self.segments]
        await self._records.commit([*changes, *beside, put(record, 0), remove(QueueingRows, record.id, stored.rev)])
