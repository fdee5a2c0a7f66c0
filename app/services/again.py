"""Sending again what was not answered, by hand: the requests go back to the queue under their own ids. Once for each batch."""

from __future__ import annotations

from msgspec.structs import replace

from app.core import pipeline, requests
from app.core.ledger import Ledger, LedgerUnreadable
from app.core.outcomes import Outcome
from app.core.records import Batch, Segment
from app.ports import Change, Clock
from app.services.ledgers import Ledgers
from app.services.queue import Queue, owner_of
from app.services.records import Records, Stored, put
from app.services.submit import batch_owner


def can_requeue(batch: Batch) -> int:
    """How many requests of a batch go back to the queue: it has ended, they were not answered and did not go back before. Those whose
    answer is a damaged line were answered and billed: they stay."""
    ended = batch.state in pipeline.FETCHED
    return batch.requests - batch.tally.answered - batch.tally.unreadable if ended and not batch.requeued else 0


class Again:
    """Copies unanswered requests back to the queue."""

    def __init__(self, records: Records, queue: Queue, clock: Clock) -> None:
        self._records, self._queue, self._clock = records, queue, clock
        self._ledgers = Ledgers(records, clock)

    async def lacking(self, batch: Batch) -> pipeline.FetchAgain | None:
        """What of an ended batch's answers is not here, as the wish for ``Engine.wish``; None if all is here. Fetching is free."""
        return await self._ledgers.lacking(batch)

    async def requeue(self, id: str) -> int:
        """Put every request of an ended batch that has no answer into its lane's queue; returns how many.

        One commit with the mark on the batch, so a second click finds nothing to do. A ledger that can't be read is made again from the
        answer files. Raises Conflict when another tab was faster, and LedgerUnreadable when parts of those are not here either, rather
        than send again what may be answered.
        """
        stored = await self._records.get(Batch, id)
        if stored is None or not can_requeue(stored.value):
            return 0
        batch, changes, answered = await self._answered(stored.value)
        count = 0
        for one in await self._segments(batch):
            run = await self._queue.run(one.value)
            wanted = [i for i, name in enumerate(run.ids) if name not in answered]
            if wanted:
                chosen = requests.slices(run, [(i, i + 1) for i in wanted])
                changes += self._queue.fresh(owner_of(batch.lane), self._clock.now() + count * 1e-6, chosen)
                count += len(wanted)
        await self._records.commit([*changes, put(replace(batch, requeued=self._clock.now()), stored.rev)])
        return count

    async def _segments(self, batch: Batch) -> list[Stored[Segment]]:
        return await self._records.all(Segment, batch_owner(batch.id))

    async def _answered(self, batch: Batch) -> tuple[Batch, list[Change], set[str]]:
        """The ids that were answered; and where the ledger had to be made again, the batch with its tally and what stores it."""
        if batch.state == "failed" and not batch.fetched:
            return batch, [], set()  # it failed before anything ran
        try:
            return batch, [], _known(await self._ledgers.read(batch))
        except LedgerUnreadable:
            made = await self._ledgers.make(batch)
        if made.lost:
            raise LedgerUnreadable("Parts of the answer files are not here any more. Fetch the answers again first.")
        return replace(batch, tally=made.ledger.tally()), made.changes, _known(made.ledger)


def _known(ledger: Ledger) -> set[str]:
    return {ledger.ids[row] for row in (*ledger.rows(Outcome.ANSWERED), *ledger.unreadable())}
