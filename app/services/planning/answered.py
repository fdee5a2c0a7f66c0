"""The answers that there are to requests like those of a plan, found in the stored requests of batches that have ended."""

from __future__ import annotations

from typing import Final

from app.core.batches import pipeline
from app.core.batches.ledger import Ledger, LedgerUnreadable
from app.core.batches.rows import Rows
from app.core.bodies import requests
from app.core.bodies.requests import LineFault
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.segments import Segment
from app.core.openai.outcomes import Outcome
from app.core.planning.answered import AnsweredBodies
from app.core.planning.rowrequests import PlanOrder, fixed_models
from app.ports import Store
from app.ports.compute import Job
from app.services.runtime import passed_over
from app.services.runtime.records import Records

MOST_BYTES: Final = 500_000_000
"""Bytes of requests that are looked through, the newest batches first: reading them takes a worker some seconds."""
_ANSWERED: Final = int(Outcome.ANSWERED)


async def answered_bodies(job: Job, store: Store, order: PlanOrder) -> AnsweredBodies:
    """Of batches of the same provider, endpoint and models. What cannot be read any more was not answered, as far as this can tell."""
    records, found = Records(store), AnsweredBodies()
    models = fixed_models(order)
    batches = [one.value for one in await records.all(Batch)]
    left = MOST_BYTES
    for batch in sorted(batches, key=lambda one: (one.created, one.id), reverse=True):
        lane = batch.lane
        if (lane.profile, lane.endpoint) != (order.profile.id, order.endpoint) or not (models is None or lane.model in models):
            continue
        if batch.state not in pipeline.FETCHED or not batch.tally.answered or batch.practice != order.profile.practice:
            continue
        if batch.size > left:
            found.unlooked += 1
            continue
        left -= batch.size
        await _look_into(job, records, batch, found)
    return found


async def _look_into(job: Job, records: Records, batch: Batch, found: AnsweredBodies) -> None:
    ledger = await _ledger(records, batch)
    if ledger is None:
        return
    found.batch(batch.id, batch.name)
    segments = [one.value for one in await records.all(Segment, keys.batch_owner(batch.id))]
    for start, segment in Rows(ledger.ids, segments, certain=len(ledger) == batch.requests).each():
        wanted = [i for i in range(len(segment.ids)) if ledger.outcome[start + i] == _ANSWERED]
        (data,) = await records.store.load([segment.bytes_id]) if wanted else (None,)
        if data is None:
            continue
        for i in wanted:
            try:
                found.add(bytes(requests.decode(requests.pick(data, segment.ends, i)).body))
            except LineFault:
                continue  # it is kept as it is, and asked again
            if job.over():
                await job.rest()


async def _ledger(records: Records, batch: Batch) -> Ledger | None:
    (data,) = await records.store.load([keys.ledger_id(batch.id)])
    try:
        return None if data is None else passed_over.ledger(keys.ledger_id(batch.id), data)
    except LedgerUnreadable:
        return None
