"""Carries out rescues (core.batches.rescue) in the tab that leads: cancel, wait for the end, put what is left into the queue, and from
there into batches of its own.

Each step is found from what is stored and stored before the next one, so a page that dies anywhere continues where it was: what went from
the batch is marked in the commit that puts it into the queue (services.batches.resend), and leaves the queue in the commit that makes its
batch.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from app.core.base import text
from app.core.batches import pipeline
from app.core.batches import rescue as rules
from app.core.batches.ledger import LedgerUnreadable
from app.core.model.batches import Batch
from app.core.model.problem import Problem
from app.core.model.rescues import Rescue, RescueWay
from app.services.batches.engine import Engine
from app.services.batches.ledgers import Ledgers
from app.services.batches.resend import Resender
from app.services.batches.resubmitting import LIVE, scope_of
from app.services.provider.profiles import Profiles
from app.services.queue.queue import Queue
from app.services.queue.submit import Submitted, Submitter
from app.services.runtime.isolation import Isolation
from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.records import remove
from app.services.runtime.runtime import Runtime

LOOK: Final = 30.0
"""Seconds after which rescues are looked at although nobody told of one: another tab may have set it."""
SOON: Final = 5.0
"""The same while a batch is being cancelled."""
BLOCKED: Final = 300.0
"""Seconds after which a budget that keeps the rest back is asked again; one that is raised is heard of at once where it is raised."""


class Rescuer:
    """All rescues of this browser."""

    def __init__(
        self,
        runtime: Runtime,
        engine: Engine,
        again: Resender,
        queue: Queue,
        submitter: Submitter,
        profiles: Profiles,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """``changed`` is called when one continued."""
        self._records, self._clock = runtime.records, runtime.clock
        self._engine, self._again, self._queue, self._submitter, self._profiles = engine, again, queue, submitter, profiles
        self._changed = changed
        self._rests: dict[str, float] = {}  # until when those are left alone that a budget keeps back
        self._ledgers = Ledgers(runtime.records, runtime.clock, runtime.tasks)
        self._aside = Isolation(runtime.tasks, "rescues")
        self._worker = PeriodicWorker(runtime.clock, runtime.tasks, "rescue", self._look, LOOK, first=0.0)

    async def run(self) -> None:
        """Until cancelled; in the tab that leads."""
        await self._worker.run()

    def nudge(self) -> None:
        """One was set, a batch ended, or a budget was raised: look now."""
        self._rests.clear()
        self._worker.nudge()

    # --- what the person wants: any tab

    async def all(self) -> dict[str, Rescue]:
        """By the batch's id."""
        return {one.value.id: one.value for one in await self._records.all(Rescue)}

    async def set(self, batch: str, way: RescueWay, at: float) -> None:
        """Have a batch rescued at this time (unix seconds; one that is past: now). One that has begun stays as it is. Raises the store's
        errors."""

        wanted = Rescue(id=batch, way=way, at=at)
        await self._records.change(Rescue(id=batch, stage="ended"), lambda one: one if one.stage == "begun" else wanted)
        self.nudge()

    async def drop(self, batch: str) -> None:
        """Take a rescue off that has not begun, or the note of one that has ended."""
        stored = await self._records.get(Rescue, batch)
        if stored is not None and stored.value.stage != "begun":
            await self._records.commit([remove(Rescue, batch)])

    # --- the work: the tab that leads

    async def _look(self) -> float:
        now = self._clock.now()
        due = now + LOOK
        for stored in await self._records.all(Rescue):
            id = stored.value.id
            if stored.value.stage != "ended" and not now < self._rests.get(id, 0.0) <= now + BLOCKED:
                at = await self._aside.run(id, self._one(stored.value))
                due = min(due, at or due)
        return due

    async def _one(self, one: Rescue) -> float:
        """One step of one rescue; when to look at it again."""
        now = self._clock.now()
        found = await self._records.get(Batch, one.id)
        if found is None:
            await self._records.commit([remove(Rescue, one.id)])
            return now + LOOK
        match rules.step(one, found.value, now):
            case "too_late":
                await self._keep(one, replace(one, stage="ended"))
            case "returned":
                await self._keep(one, replace(one, stage="ended", sent=found.value.requests))
            case "cancel":
                if one.stage == "set" and not await self._keep(one, replace(one, stage="begun")):
                    return now
                with contextlib.suppress(pipeline.NoSuchMove):  # it has ended meanwhile
                    await self._engine.command(one.id, pipeline.CancelRequested())
                return now + SOON
            case "send":
                return await self._send(one, found.value)
            case "follow":
                return now + SOON
            case _:
                return one.at if one.at > now else now + LOOK
        return now + LOOK

    async def _keep(self, before: Rescue, value: Rescue) -> bool:
        """Store it, unless the person changed it or took it off since it was read; whether it is stored."""
        stored = await self._records.change(Rescue(id=before.id, stage="ended"), lambda one: value if one == before else one)
        self._changed()
        return stored.value == value

    async def _send(self, one: Rescue, batch: Batch) -> float:
        """What is left of an ended batch goes on; when to look again."""
        now = self._clock.now()
        why = rules.hindrance(batch)
        rows: list[int] = []
        ids = frozenset[str]()
        if why is None:
            try:
                ledger = await self._ledgers.read(batch)
                rows = list(rules.rest(ledger))
                ids = frozenset(ledger.ids[row] for row in rows)
                resent = await self._again.resent_rows(batch)
                await self._again.send(batch.id, [row for row in rows if row not in resent])
            except LedgerUnreadable as error:
                why = rules.unreadable(str(error))
        if why is not None:
            await self._keep(one, replace(one, stage="ended", problem=why))
            return now + LOOK
        if one.way == "queue" or not rows:
            await self._keep(one, replace(one, stage="ended", sent=len(rows), problem=None))
            return now + LOOK
        made, why, blocked = await self._submit(one, batch, ids)
        ids_made = tuple(dict.fromkeys((*one.batches, *made)))
        stage = one.stage if blocked else "ended"
        await self._keep(one, replace(one, stage=stage, sent=len(rows), batches=ids_made, problem=why))
        if made:
            self._engine.nudge()
        if blocked:
            self._rests[one.id] = now + BLOCKED
        return now + LOOK

    async def _submit(self, one: Rescue, batch: Batch, ids: frozenset[str]) -> tuple[tuple[str, ...], Problem | None, bool]:
        """Make batches of those of these requests that wait in the queue since they left this batch: the batches' ids, why some stay, and
        whether that may pass."""
        profile = self._profiles.known.get(batch.lane.profile)
        if profile is None:
            return (), rules.gone(), False
        scope = await scope_of(self._queue, batch.lane, batch.id, ids)
        if not scope:
            return (), None, False
        note = f"the rest of “{text.shorten(batch.name or batch.id, 60)}”, which was cancelled because it took too long"
        done: Submitted = await self._submitter.submit(batch.lane, profile, scope, note=note, live=LIVE[one.way])
        made = tuple(each.id for each in done.batches)
        if done.stopped is not None:
            return made, done.stopped.problem, True
        return made, rules.too_large(len(done.refused)) if done.refused else None, False
