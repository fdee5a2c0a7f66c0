"""Adding the rows of a table to the queue as a job: requests are stored as they are made, and are the queue's in one commit at the end."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.bodies import tokens
from app.core.bodies.requests import LineRun
from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.segments import Segment
from app.core.model.sendings import QueuedRows, QueueingRows, segment_id
from app.core.model.templates import TemplateVersion
from app.core.planning.report import FoundKind, RunGatherer, found_kinds
from app.core.planning.rowrequests import PlanOrder, RequestRun, Unplannable
from app.ports import Change, Conflict, PutBytes
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.planning.row_source import each_request, index_of, row_requests
from app.services.runtime.records import Records, put, remove

SPACE: Final = 1e-3
"""What is between the ``seq`` of two segments (services.queue.queue)."""


class QueueOrder(msgspec.Struct, frozen=True):
    """What is queued, and what is kept about it. ``version``: the template as it is sent, where it is not stored yet. That it is under way
    (QueueingRows) was stored before."""

    plan: PlanOrder
    record: QueuedRows
    version: TemplateVersion | None = None


class AddedRows(msgspec.Struct, frozen=True):
    """What was queued, by the keys of the lanes, and the rows that were left out, by kind."""

    record: QueuedRows
    lanes: dict[str, int]
    found: tuple[FoundKind, ...] = ()


QUEUE: Final = JobKind("planning.queue", QueueOrder, AddedRows, (Unplannable, RowsMissing))


async def queue(job: Job, order: QueueOrder) -> AddedRows:
    """Raises Unplannable, RowsMissing, and what the store raises. Then nothing is in the queue, and what was stored is to be cleared."""
    store = await job.store()
    plan = order.plan
    index = await index_of(store, plan)
    made = await row_requests(job, store, plan)
    storing = _Storing(Records(store), order, job.clock.now())
    gatherers: dict[str, RunGatherer] = {}
    async for one in each_request(job, store, plan, index, made):
        for run in gatherers.setdefault(one.model, RunGatherer()).extend(one.lines.run()):
            await storing.run(one.model, run)
        storing.know(one)
    for model, gatherer in gatherers.items():
        if (last := gatherer.last()) is not None:
            await storing.run(model, last)
    if not storing.segments:
        raise Unplannable("No row of this table can be sent as it is. Nothing was added to the queue.")
    await job.rest()  # the last moment at which it can be called off
    record = await storing.end(made.left_out)
    blocked = tuple(one for one in found_kinds(made.findings, ()) if one.severity == "error")
    return AddedRows(record, storing.lanes, blocked)


class _Storing:
    """What was stored is said in the very commit that stores it."""

    def __init__(self, records: Records, order: QueueOrder, now: float) -> None:
        self._records, self._order, self._now = records, order, now
        self._named: list[tuple[int, str]] = []
        self.segments: list[Segment] = []
        self.lanes: dict[str, int] = {}

    def know(self, one: RequestRun) -> None:
        """Which rows requests are of, where their ids do not say so."""
        if self._order.record.named:
            self._named += zip(one.row_ids, one.lines.ids, strict=True)

    async def run(self, model: str, run: LineRun) -> None:
        """A run of requests: its bytes; its segment waits for the end."""
        lane = Lane(self._order.plan.profile.id, self._order.plan.endpoint, model)
        n = len(self.segments)
        id = segment_id(self._order.record.id, n)
        segment = Segment(
            id=id,
            owner=keys.queue_owner(lane),
            seq=self._now + n * SPACE,
            bytes_id=keys.lines_id(id),
            created=self._now,
            **tokens.index(run),
        )
        intent = QueueingRows(id=self._order.record.id, runs=n + 1, at=self._order.record.at)
        await self._records.commit([PutBytes(segment.bytes_id, run.data), put(intent, -1)])
        self.segments.append(segment)
        self.lanes[lane.key] = self.lanes.get(lane.key, 0) + len(run.ids)

    async def end(self, left_out: int) -> QueuedRows:
        """All segments, what is kept about them, and the end of the intent, in one commit."""
        order = self._order
        record = replace(order.record, requests=sum(self.lanes.values()), left_out=left_out)
        stored = await self._records.get(QueueingRows, record.id)
        if stored is None:  # another tab took this page for dead and cleared what it had stored
            raise Conflict(QueueingRows.stored.table, record.id, 1, 0)
        changes: list[Change] = [put(one, 0) for one in self.segments]
        if order.version is not None:
            changes.append(put(order.version, -1))
        if record.named:
            changes.append(PutBytes(keys.sent_rows_id(record.id), msgspec.json.encode(self._named)))
        await self._records.commit([*changes, put(record, 0), remove(QueueingRows, record.id, stored.rev)])
        return record
