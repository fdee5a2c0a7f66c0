"""Allocates capacity at the provider to batches; runs in the leading tab only.

A round reads all batches, has ``core.batches.capacity`` decide, and stores the verdicts. What is stored is the reservation, so the next
round, in whichever tab, counts it. Rounds do not overlap, so no two batches take the same room.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.core.batches import capacity, pipeline
from app.core.model.batches import Batch
from app.core.model.providers import Limits
from app.ports import Clock, Conflict
from app.services.provider.limits import LimitBook
from app.services.runtime.isolation import Isolation
from app.services.runtime.log import Log
from app.services.runtime.records import Records, Stored, put
from app.services.runtime.tasks import Tasks


class Allocator:
    """Raises the store's errors."""

    def __init__(self, records: Records, clock: Clock, log: Log, tasks: Tasks) -> None:
        self._records, self._limits, self._clock, self._log = records, LimitBook(records), clock, log
        self._isolation = Isolation(tasks, "room")

    async def allocate(self) -> tuple[list[Batch], float]:
        """One round: the batches that were changed by it, and when the next one is due at the latest (unix seconds; inf: when something
        changes)."""
        stored = await self._records.all(Batch)
        wanting = [one for one in stored if one.value.state in capacity.WANTS]
        if not wanting:
            return [], math.inf
        now = self._clock.now()
        verdicts = self._verdicts([one.value for one in stored], await self._limits.all(), now)
        changed: list[Batch] = []
        for one in wanting:
            verdict = verdicts.get(one.value.id)
            if verdict is not None:
                batch = await self._isolation.run(one.value.name or one.value.id, self._given(one, verdict, now))
                changed += [batch] if batch is not None else []
        return changed, min((one.value.retry_at for one in wanting if one.value.retry_at > now), default=math.inf)

    def _verdicts(self, batches: Sequence[Batch], limits: dict[str, Limits], now: float) -> dict[str, capacity.CapacityVerdict]:
        """What becomes of each batch. One that cannot be judged waits and is not counted: if that is wrong, the provider says so."""
        try:
            return capacity.decide(batches, limits, now)
        except Exception:  # one of them: the others are judged without it
            return capacity.decide([one for one in batches if self._can_be_judged(one, limits, now)], limits, now)

    def _can_be_judged(self, one: Batch, limits: dict[str, Limits], now: float) -> bool:
        try:
            capacity.decide([one], limits, now)
        except Exception as error:  # the boundary of one batch
            self._isolation.put(one.name or one.id, error)
            return False
        return True

    async def _given(self, one: Stored[Batch], verdict: capacity.CapacityVerdict, now: float) -> Batch | None:
        """The batch after its verdict; None where nothing changes, or someone else changed it meanwhile, who rings then."""
        if verdict.why == "goes":
            event: pipeline.Event = pipeline.CapacityReserved()
        elif one.value.state == "uploaded":
            event = pipeline.CapacityUnavailable()
        else:
            return None
        batch = pipeline.advance(one.value, event, now)
        logged = await self._log.step(one.value, batch, event)
        try:
            await self._records.commit([put(batch, one.rev), *logged.changes])
        except Conflict:
            return None
        self._log.kept(logged)
        return batch
