"""A batch that was created elsewhere: first its requests are read back, then it continues as any other does."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.batches.events import Rebuilt
from app.core.batches.pipeline.changes import fresh, note
from app.core.batches.pipeline.follow import follow
from app.core.model.batches import Batch, Moment


def adopt(batch: Batch, now: float) -> Batch:
    """The batch as it is first stored. ``uniqueness_verified`` is set because other batches with the same id are not ours to cancel."""
    return replace(
        batch, state="adopting", uniqueness_verified=True, adopted=now, updated=now, timeline=(Moment(at=now, state="adopting"),)
    )


def rebuilt(batch: Batch, event: Rebuilt, now: float, jitter: float) -> Batch:
    batch = fresh(batch, empty_lookups=0, input_missing=event.input_missing)
    if not event.input_missing:
        lane = replace(batch.lane, model=event.model or batch.lane.model, endpoint=event.endpoint or batch.lane.endpoint)
        batch = replace(batch, lane=lane, requests=event.requests, size=event.size, tokens=event.tokens)
    for words in event.notes:
        batch = note(batch, now, words)
    return follow(batch, event.remote, now, jitter)
