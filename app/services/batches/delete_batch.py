"""Deleting an ended batch from this browser. What the provider has is not touched, and what was billed stays billed."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from app.core.batches import pipeline
from app.core.batches.ledger import FILES
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.providers import OPENAI, Limits, Profile, Spent
from app.core.model.rescues import Rescue
from app.core.model.segments import Segment
from app.core.model.stored_names import ANNOTATIONS, row_id
from app.ports import Change, DropBytes, Remove, Table
from app.services.batches.ledgers import parts_of
from app.services.batches.rebuild import left_over
from app.services.runtime.isolation import Isolation
from app.services.runtime.records import Records, Stored, put, remove

KEPT_DAYS = 400
"""Days of which it is kept what deleted batches cost."""


class StillOpen(Exception):
    """The batch has not ended: it cannot be deleted. The text is a sentence for people."""


def can_forget(batch: Batch) -> bool:
    """Whether a batch can be deleted from this browser: it has ended, or is only about to be imported from elsewhere."""
    return batch.state in pipeline.FINAL or batch.state == "adopting"


class Tidy:
    """Raises the store's errors."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def forget(self, batch_id: str, log_changes: Sequence[Change] = ()) -> bool:
        """Delete a batch with its requests, answers, ledger and deliveries, in one commit together with ``log_changes``; False if it is
        not here. Raises StillOpen, and Conflict when another tab changed it meanwhile (then nothing was deleted)."""
        stored = await self._records.get(Batch, batch_id)
        if stored is None:
            return False
        if not can_forget(stored.value):
            raise StillOpen("This batch has not ended: cancel it first. Only ended batches can be deleted.")
        beside = (keys.ledger_id, keys.again_id, keys.names_id, keys.rows_id, keys.hidden_id)
        changes: list[Change] = [DropBytes(id_of(batch_id)) for id_of in beside]
        for one in await self._records.all(Segment, keys.batch_owner(batch_id)):
            changes += [remove(Segment, one.value.id, one.rev), DropBytes(one.value.bytes_id)]
        if stored.value.adopted:
            changes += await left_over(self._records.store, batch_id, 0)
        known = {file.which: file.segments for file in stored.value.fetched}
        for which in FILES:
            changes.append(DropBytes(keys.mark_id(batch_id, which)))
            for n in range(await parts_of(self._records.store, batch_id, which, known.get(which, 0))):
                changes.append(DropBytes(keys.answer_id(batch_id, which, n)))
        changes += await self._billed(stored.value)
        changes += await self._annotations(batch_id)
        if stored.value.live:  # what was asked one by one, and was not put together since nobody followed it to its end
            rows = range(stored.value.requests)
            changes += [DropBytes(id_of(batch_id, row)) for row in rows for id_of in (keys.live_asked_id, keys.live_answer_id)]
        if (rescue := await self._records.get(Rescue, batch_id)) is not None:
            changes.append(remove(Rescue, batch_id, rescue.rev))
        from app.core.programs.message import ProgramMessage  # most pages have none

        changes += [remove(ProgramMessage, one.value.id, one.rev) for one in await self._records.all(ProgramMessage, batch_id)]
        await self._records.commit([*changes, remove(Batch, batch_id, stored.rev), *log_changes])
        return True

    async def _annotations(self, batch_id: str) -> list[Change]:
        """What was said of its answers."""
        found = await self._records.store.revisions(Table.SETTINGS, ANNOTATIONS.name)
        return [Remove(Table.SETTINGS, id, rev) for id, rev in found if id.startswith(row_id(ANNOTATIONS, f"{batch_id}:"))]

    async def _billed(self, batch: Batch) -> list[Change]:
        """What it cost is still counted by budgets."""
        profile = await self._records.get(Profile, batch.lane.profile)
        if batch.practice or (profile is None and batch.lane.profile != OPENAI.id):
            return []
        from app.core.batches.spending import billed, day_of  # with the table of prices, which most pages never need

        limits = await self._records.get(Limits, batch.lane.profile)
        own = limits.value.prices if limits is not None else ()
        cost, day = billed(batch, profile.value if profile is not None else OPENAI, own), day_of(batch.created)
        if not cost:
            return []
        spent = await self._records.get(Spent, batch.lane.profile) or Stored(Spent(id=batch.lane.profile), 0)
        days = {**spent.value.days, day: spent.value.days.get(day, 0) + cost}
        return [put(replace(spent.value, days=dict(sorted(days.items())[-KEPT_DAYS:])), spent.rev)]

    async def stranded(self) -> int:
        """Give requests of withdrawn batches back to the queue, where they wait for their person: those whose record could not be read when
        the batch was withdrawn, and can be now. Returns how many."""
        count = 0
        owners = [one for one in await self._records.store.owners(Table.SEGMENTS) if keys.in_batch(one)]
        left = Isolation(None, "batches")  # what cannot be returned stays in its batch, where it is seen, and is tried again
        for owner in owners:
            with left.item(owner):
                count += await self._unstrand(owner)
        return count

    async def _unstrand(self, owner: str) -> int:
        batch = await self._records.get(Batch, keys.batch_of(owner))
        if batch is None or batch.value.state != "withdrawn":
            return 0
        stands = await self._records.all(Segment, owner)
        changes = [
            put(replace(one.value, owner=keys.queue_owner(batch.value.lane), submitted_by_person=False, submit_immediately=False), one.rev)
            for one in stands
        ]
        await self._records.commit(changes)
        return sum(one.value.live for one in stands)
