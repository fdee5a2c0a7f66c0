"""Removing old batches from this browser, where the person chose so. What was removed is kept as a note until it was read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from app.core.batches import retention
from app.core.model.batches import Batch
from app.core.model.settings import Preferences, RetentionNotice
from app.ports import Change, Clock, Conflict
from app.services.batches.delete_batch import StillOpen, Tidy
from app.services.runtime.isolation import Isolation
from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.records import Records, put
from app.services.runtime.tasks import Tasks

EVERY = 3_600.0
"""Seconds between two looks."""
FIRST = 30.0
"""Seconds after the start of the page."""
NOTE = "last"
_NAMED = 20


async def mark_exported(records: Records, batch_id: str, now: float) -> Batch | None:
    """Note that a batch's answers were handed to the person; the batch as it is now."""
    return await records.amend(Batch, batch_id, lambda one: replace(one, exported=now))


class Retention:
    """``may`` says whether this tab leads; ``awaits`` whether programs still wait for results of a batch, which stays then; ``removed`` is
    awaited when something left. ``log_changes`` writes into the log that a batch goes."""

    def __init__(
        self,
        records: Records,
        clock: Clock,
        tasks: Tasks,
        may: Callable[[], bool],
        awaits: Callable[[Batch], Awaitable[bool]],
        removed: Callable[[], Awaitable[None]],
        log_changes: Callable[[str], Sequence[Change]] = lambda _id: (),
    ) -> None:
        self._records, self._clock, self._tasks, self._may = records, clock, tasks, may
        self._awaits, self._removed, self._log_changes = awaits, removed, log_changes
        self._isolation = Isolation(tasks, "retention")

    async def run(self) -> None:
        """Look now and then, as long as the page lives."""

        async def look() -> None:
            if self._may():
                await self.turn()

        await PeriodicWorker(self._clock, self._tasks, "retention", look, EVERY, first=FIRST).run()

    async def turn(self) -> list[str]:
        """Remove what may go by now; the names of what left."""
        chosen = await self._records.get(Preferences, "preferences")
        days = chosen.value.keep_days if chosen else 0
        gone: list[str] = []
        for batch in retention.removable([one.value for one in await self._records.all(Batch)], days, self._clock.now()):
            name = batch.name or batch.id
            if await self._isolation.run(name, self._left(batch, days)):
                gone.append(name)
        if gone:
            await self._removed()
        return gone

    async def _left(self, batch: Batch, days: int) -> bool:
        """Remove one batch, if it may still go; whether it did."""
        if not retention.removable([await self._now(batch)], days, self._clock.now()):
            return False  # another tab changed it meanwhile
        if await self._awaits(batch):
            return False
        await self._note(batch)
        try:
            return await Tidy(self._records).forget(batch.id, self._log_changes(batch.id))
        except (Conflict, StillOpen):
            return False

    async def _now(self, batch: Batch) -> Batch:
        stored = await self._records.get(Batch, batch.id)
        return stored.value if stored else replace(batch, state="planned")

    async def _note(self, batch: Batch) -> None:
        """Say so before it is done: a crash in between leaves a note too many rather than none."""
        stored = await self._records.get(RetentionNotice, NOTE)
        before = stored.value if stored else RetentionNotice(id=NOTE)
        if batch.id in before.ids:
            return
        names = (*before.names, batch.name or batch.id)[-_NAMED:]
        after = replace(before, at=self._clock.now(), count=before.count + 1, names=names, ids=(*before.ids, batch.id)[-_NAMED:])
        await self._records.save(after)

    async def last(self) -> RetentionNotice | None:
        """What left and was not read yet."""
        stored = await self._records.get(RetentionNotice, NOTE)
        return stored.value if stored and stored.value.count else None

    async def read(self) -> None:
        """The note was read."""
        await self._records.commit([put(RetentionNotice(id=NOTE), -1)])
