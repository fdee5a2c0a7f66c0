"""Gives batches their room at the provider: the one place where it is given, run by the tab that leads.

A round reads all batches, has ``core.capacity`` decide, and stores the verdicts. What is stored is the reservation, so the next round, in
whichever tab, counts it. Rounds do not overlap, so no two batches take the same room.
"""

from __future__ import annotations

import math

from app.core import capacity, pipeline
from app.core.records import Batch
from app.ports import Clock, Conflict
from app.services.limits import LimitBook
from app.services.log import Log
from app.services.records import Records, put


class Room:
    """Raises what the store raises."""

    def __init__(self, records: Records, clock: Clock, log: Log) -> None:
        self._records, self._limits, self._clock, self._log = records, LimitBook(records), clock, log

    async def give(self) -> tuple[list[Batch], float]:
        """One round: the batches that were changed by it, and when the next one is due at the latest (unix seconds; inf: when something
        changes)."""
        stored = await self._records.all(Batch)
        wanting = [one for one in stored if one.value.state in capacity.WANTS]
        if not wanting:
            return [], math.inf
        now = self._clock.now()
        verdicts = capacity.decide([one.value for one in stored], await self._limits.all(), now)
        changed: list[Batch] = []
        for one in wanting:
            if verdicts[one.value.id].why == "goes":
                event: pipeline.Event = pipeline.RoomTaken()
            elif one.value.state == "uploaded":
                event = pipeline.NoRoom()
            else:
                continue
            batch = pipeline.advance(one.value, event, now)
            told = await self._log.step(one.value, batch, event)
            try:
                await self._records.commit([put(batch, one.rev), *told.changes])
            except Conflict:  # changed meanwhile, and whoever did that rings
                continue
            self._log.kept(told)
            changed.append(batch)
        return changed, min((one.value.retry_at for one in wanting if one.value.retry_at > now), default=math.inf)
