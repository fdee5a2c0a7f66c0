"""Many queued requests looked at, changed and put back, as jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from app.core.queue.changing import ChangeReport
from app.ports import Change
from app.ports.compute import Job, JobKind
from app.services.queue.bulk_edit import BulkEditor, EditOrder
from app.services.queue.queue import Queue
from app.services.runtime.records import Records


class UndoOrder(msgspec.Struct, frozen=True):
    """Which edit is undone."""

    id: str


class Undone(msgspec.Struct, frozen=True):
    """How many requests are as they were, and how many stay as they are."""

    back: int
    stay: int


LOOK: Final = JobKind("queue.look", EditOrder, ChangeReport)
CHANGE: Final = JobKind("queue.change", EditOrder, ChangeReport)
UNDO: Final = JobKind("queue.undo", UndoOrder, Undone)


async def _editor(job: Job) -> BulkEditor:
    records = Records(await job.store())
    return BulkEditor(Queue(records, job.clock, job.random, _nobody), records, job)


async def _nobody(_ids: Sequence[str]) -> list[Change]:
    """Nothing is removed here for good, so no program is to be told."""
    return []


async def look(job: Job, order: EditOrder) -> ChangeReport:
    """Raises what the store raises."""
    return await (await _editor(job)).look(order)


async def change(job: Job, order: EditOrder) -> ChangeReport:
    """Raises what the store raises. Then, and when it is stopped, what was changed so far can be undone."""
    return await (await _editor(job)).change(order)


async def undo(job: Job, order: UndoOrder) -> Undone:
    """Raises what the store raises. Then it can be begun again."""
    return Undone(*await (await _editor(job)).undo(order.id))
