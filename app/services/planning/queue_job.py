"""Adding the rows of a table to the queue as a job: requests are stored as they are made, and are the queue's in one commit at the end."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.sendings import QueuedRows
from app.core.model.templates import TemplateVersion
from app.core.planning.answered import AnsweredBodies
from app.core.planning.report import FoundKind, RunGatherer, found_kinds
from app.core.planning.rowrequests import PlanOrder, Unplannable
from app.ports import Change, PutBytes
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.planning.answered import answered_bodies
from app.services.planning.row_source import each_request, index_of, row_requests
from app.services.planning.storing import QueueStoring
from app.services.runtime.records import Records, put


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
    storing = QueueStoring(Records(store), order.record, job.clock.now())
    gatherers: dict[str, RunGatherer] = {}
    named: list[tuple[int, str]] = []
    answered = await answered_bodies(job, store, plan) if plan.reuse else AnsweredBodies()
    async with storing.runs:
        async for one in each_request(job, store, plan, index, made, answered):
            for run in gatherers.setdefault(one.model, RunGatherer()).extend(one.lines.run()):
                await storing.run(_lane(plan, one.model), run)
            if order.record.named:
                named += zip(one.row_ids, one.lines.ids, strict=True)
        for model, gatherer in gatherers.items():
            if (last := gatherer.last()) is not None:
                await storing.run(_lane(plan, model), last)
    if not storing.segments:
        why = "Every request of this table was answered already." if answered.taken else "No row of this table can be sent as it is."
        raise Unplannable(f"{why} Nothing was added to the queue.")
    await job.rest()  # the last moment at which it can be called off
    record = replace(order.record, requests=sum(storing.lanes.values()), left_out=made.left_out, reused=answered.taken)
    beside: list[Change] = [put(order.version, -1)] if order.version is not None else []
    if record.named:
        beside.append(PutBytes(keys.sent_rows_id(record.id), msgspec.json.encode(named)))
    await storing.end(record, beside)
    blocked = tuple(one for one in found_kinds(made) if one.severity == "error")
    return AddedRows(record, storing.lanes, blocked)


def _lane(plan: PlanOrder, model: str) -> Lane:
    return Lane(plan.profile.id, plan.endpoint, model)
