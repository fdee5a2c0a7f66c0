"""Sending again what was not answered, by hand: the requests go back to the queue under their own ids. Once for each batch."""

from __future__ import annotations

from msgspec.structs import replace

from app.core import pipeline, requests
from app.core.ledger import Ledger, LedgerUnreadable
from app.core.outcomes import Outcome
from app.core.records import Batch, Segment
from app.ports import Change, Clock
from app.services.queue import Queue, owner_of
from app.services.records import Records, Stored, put
from app.services.submit import batch_owner
from app.services.worker import ledger_id


def can_requeue(batch: Batch) -> int:
    """How many requests of a batch can go back to the queue: it has ended, they were not answered and did not go back before."""
    ended = batch.state in pipeline.FINAL and batch.state != "withdrawn"
    return batch.requests - batch.tally.answered if ended and not batch.requeued else 0


class Again:
    """Copies unanswered requests back to the queue."""

    def __init__(self, records: Records, queue: Queue, clock: Clock) -> None:
        self._records, self._queue, self._clock = records, queue, clock

    async def requeue(self, id: str) -> int:
        """Put every request of an ended batch that has no answer into its lane's queue; returns how many.

        One commit with the mark on the batch, so a second click finds nothing to do. Raises Conflict when another tab was faster, and
        LedgerUnreadable rather than send again what may be answered.
        """
        stored = await self._records.get(Batch, id)
        if stored is None or not can_requeue(stored.value):
            return 0
        answered = await self._answered(stored.value)
        changes: list[Change] = []
        count = 0
        for one in await self._segments(stored.value):
            run = await self._queue.run(one.value)
            wanted = [i for i, name in enumerate(run.ids) if name not in answered]
            if wanted:
                chosen = requests.slices(run, [(i, i + 1) for i in wanted])
                changes += self._queue.fresh(owner_of(stored.value.lane), self._clock.now() + count * 1e-6, chosen)
                count += len(wanted)
        await self._records.commit([*changes, put(replace(stored.value, requeued=self._clock.now()), stored.rev)])
        return count

    async def _segments(self, batch: Batch) -> list[Stored[Segment]]:
        return await self._records.all(Segment, batch_owner(batch.id))

    async def _answered(self, batch: Batch) -> set[str]:
        (data,) = await self._records.store.load([ledger_id(batch.id)])
        if data is None:
            if batch.state != "failed" or batch.fetched:
                raise LedgerUnreadable("The ledger is not here any more.")
            return set()  # it failed before anything ran
        ledger = Ledger.from_bytes(data)
        return {ledger.ids[row] for row in ledger.rows(Outcome.ANSWERED)}
