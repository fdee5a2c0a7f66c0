"""The engine: carries every batch from its plan to its last outcome, in one tab of all.

It asks ``core.batches.pipeline`` what is due, stores the intent, does it, and stores what came of it. Any tab may store a command (cancel,
try now); the tab that holds the lock is notified and acts. Notifications are hints: the engine also polls.

While the machine is offline no call is made that would leave it, and a hidden tab asks less often (``core.batches.polling``).
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from app.core.base import retry
from app.core.batches import capacity, durations, pipeline, polling
from app.core.batches.pipeline import Effect, Event
from app.core.model import trail
from app.core.model.batches import Batch
from app.core.openai import problems
from app.core.workspace.imports import Hold
from app.ports import Change, Conflict, Locks, StorageFull, StorageLost
from app.services.batches.allocator import Allocator
from app.services.provider.owning import bound
from app.services.runtime import wakeups
from app.services.runtime.isolation import Isolation, growing, kept_up
from app.services.runtime.log import Step
from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.records import Stored, put
from app.services.runtime.runtime import Runtime

LOCK = "nightshift:engine"
HELD = "engine"
"""The id of the ``Hold`` that keeps every tab's engine from working."""
HOLD_MOST = 600.0
"""Seconds that a hold lasts at most. One that lasts longer is of a time that has not come: the clock was set back, and nobody holds."""
HOLD_LOOK = 1.0
"""Seconds between two looks at whether a hold has ended."""
LOOK_AGAIN = 20.0
"""Seconds after which the engine reads the batches even if nobody told it to."""
_LONGEST = 300.0
"""Seconds until a batch whose work failed is taken up again, at most."""
_EARLY = 1.0  # seconds: whoever looks each so many seconds comes a moment early
_UNREADABLE = "The engine cannot read or write the batches in this browser's storage."


class Worker(Protocol):
    """Carries out effects. ``ending`` adds what must be committed together with the batch that follows from the event."""

    async def carry_out(self, effect: Effect, batch: Batch) -> tuple[Event, list[Change]]: ...

    async def bound(self, effect: Effect, batch: Batch, begins: Event) -> Event:
        """The intent of an effect, bound to the account that it goes to; CallFailed where it must not be begun."""
        ...

    async def ending(self, before: Batch, after: Batch) -> list[Change]: ...

    def waits(self, batch: Batch, *, online: bool) -> bool:
        """Whether no call about a batch can be made: its key is locked, or they leave this machine and it is not ``online``."""
        ...


class Engine:
    """``notify(batch)`` is called with every stored change, ``leading(bool)`` when the lead is taken or lost and when ``fault`` changes;
    ``prepare`` is awaited before practice batches are worked on. Nothing that fails here ends the engine: it is reported and retried."""

    def __init__(
        self,
        runtime: Runtime,
        worker: Worker,
        locks: Locks,
        notify: Callable[[Batch], None],
        leading: Callable[[bool], None],
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._records, self._clock, self._random, self._log = runtime.records, runtime.clock, runtime.random, runtime.log
        self._tasks, self._worker, self._locks = runtime.tasks, worker, locks
        self._notify, self._leading, self._prepare = notify, leading, prepare
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._room = Allocator(runtime.records, runtime.clock, runtime.log, runtime.tasks)
        self._rooms = PeriodicWorker(
            runtime.clock,
            runtime.tasks,
            "room",
            self._give_room,
            LOOK_AGAIN,
            first=0.0,
            retry=LOOK_AGAIN,
            longest=LOOK_AGAIN,
            failed=lambda error: self._stands(_UNREADABLE, error),
        )
        self._resting: dict[str, tuple[int, float]] = {}  # whose work failed: how often in a row, and until when they are left alone
        self._aside = Isolation(runtime.tasks, "batches")
        self._bells: set[asyncio.Event] = set()
        self.watched: Callable[[str, float], None] | None = None  # hears of each effect that ended: its name, and its seconds
        self.leads = False
        """Whether this tab is the one that carries the batches."""
        self._online = self._visible = True
        self.fault = ""
        """Why the engine stands still at the moment, as a sentence; empty while it works. It tries again by itself."""
        self.companions: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
        """What else is to be done in the tab that leads, as long as it leads."""
        self._prepared = prepare is None

    @property
    def ready(self) -> bool:
        """Whether this tab leads and what had to be prepared for that is done."""
        return self.leads and self._prepared

    # --- wishes: any tab

    def nudge(self) -> None:
        """Something changed: look now."""
        self._rooms.nudge()
        for bell in self._bells:
            bell.set()

    async def command(self, id: str, event: Event) -> Batch | None:
        """Store a wish about a batch. Raises pipeline.NoSuchMove when it comes too late, OwnedByOther where another one was faster."""
        batch = await self._apply(id, event)
        self._resting.pop(id, None)
        self.nudge()
        return batch

    async def look_now(self, older: float = retry.POLL_FIRST) -> None:
        """Someone is there, or the network is back: have every batch looked at that nobody asked about for ``older`` seconds, and what
        found no way to the provider tried again. The tab that leads does it."""
        now = self._clock.now()
        for stored in await self._records.all(Batch):
            if polling.is_stale(stored.value, now, older):
                await self._aside.run(stored.value.name or stored.value.id, self._look_at(stored.value.id))

    async def _look_at(self, id: str) -> None:
        with contextlib.suppress(pipeline.NoSuchMove):  # it has ended meanwhile
            await self.command(id, pipeline.TryNow())

    # --- what the browser says about this tab

    def network(self, online: bool) -> None:
        """Whether the machine has a network. Without one batches wait as they are, and no call leaves the machine."""
        self._online = online
        self.nudge()

    def seen(self, visible: bool) -> None:
        """Whether the person can see this tab."""
        self._visible = visible
        self.nudge()

    # --- the lead: one tab

    async def run(self) -> None:
        """Wait for the lead, then work until cancelled. Without the lock (a browser that has none, a fault) it is asked for again."""

        async def take() -> float:
            await self._locks.hold(LOCK, self._lead)
            # it was held, or cannot read: whoever holds it, or can, has asked for the lock meanwhile
            return self._clock.now() + (LOOK_AGAIN if self.fault else HOLD_LOOK)

        def failed(error: Exception) -> None:
            self._stands("The engine cannot take the lead among this site's tabs (Web Locks).", error)

        worker = PeriodicWorker(
            self._clock, self._tasks, "lead", take, LOOK_AGAIN, first=0.0, retry=LOOK_AGAIN, longest=LOOK_AGAIN, failed=failed
        )
        await worker.run()

    async def _held(self) -> bool:
        """Whether a whole workspace is being put in place of another: then no tab may work on batches."""
        try:
            hold = await self._records.get(Hold, HELD)
        except Exception as error:
            self._stands(_UNREADABLE, error)
            return False
        now = self._clock.now()
        return hold is not None and now < hold.value.until <= now + HOLD_MOST

    async def _lead(self) -> None:
        """Carry the batches until cancelled, or until the engine is held."""
        if await self._held():
            return
        self._prepared = self._prepare is None
        await self._make_ready()
        self._lead_is(True)
        await self._log.note("lead", "taken")
        companions = [
            self._tasks.start(name, kept_up(self._clock, self._tasks, name, run))
            for name, run in {"room": self._rooms.run, **self.companions}.items()
        ]
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            while True:
                bell.clear()
                if await self._held():
                    await self._log.note("lead", "let_go")
                    return
                try:
                    await self._look()
                except StorageLost as error:  # a newer version of the program in another tab, for one: that tab continues
                    self._stands(_UNREADABLE, error)
                    return
                except Exception as error:
                    self._stands(_UNREADABLE, error)
                if not self._prepared:
                    await self._make_ready()
                await wakeups.until(self._clock, LOOK_AGAIN, bell)  # also what is waited before a batch whose work failed is taken up again
        finally:
            self._bells.discard(bell)
            work = [*self._workers.values(), *companions]
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            self._lead_is(False)

    async def _make_ready(self) -> None:
        """Prepare once in a lead. While that fails, practice batches wait; real ones do not."""
        if self._prepared or self._prepare is None:
            return
        try:
            await self._prepare()
        except Exception as error:
            self._tasks.report("practice", error)
        else:
            self._prepared = True
            self._tasks.well("practice")

    async def _look(self) -> None:
        """Take up every open batch that nobody works on."""
        stored_batches = await self._records.all(Batch)
        self._goes_on()
        for stored in stored_batches:
            id = stored.value.id
            now, until = self._clock.now(), self._resting.get(id, (0, 0.0))[1]
            rests = now < until <= now + _LONGEST  # longer than that: the clock was set back
            ready = (self._prepared or not stored.value.practice) and not rests
            if ready and stored.value.state not in pipeline.FINAL and id not in self._workers:
                self._take_up(id)

    def _take_up(self, id: str) -> None:
        """Work on a batch, unless that stopped Python before: then it rests until the person has it read again (ReadAgain)."""
        if trail.suspected(f"task:batch {id}"):
            return
        task = self._tasks.start(f"batch {id}", self._carry(id))
        self._workers[id] = task
        task.add_done_callback(lambda _done: self._workers.pop(id, None))

    async def _carry(self, id: str) -> None:
        """One batch, to its end. What fails is reported once, and taken up again after growing waits, or when a person wants it."""
        try:
            await self._work(id)
        except Exception as error:
            self._tasks.report(f"batch {id}", error)
            failures = self._resting.get(id, (0, 0.0))[0] + 1
            wait = min(_LONGEST, growing(LOOK_AGAIN, failures - 1))
            self._resting[id] = failures, self._clock.now() + wait - _EARLY
        else:
            self._tasks.well(f"batch {id}")
            self._resting.pop(id, None)

    def _stands(self, fault: str, error: Exception) -> None:
        self.fault = f"{fault} It tries again every {LOOK_AGAIN:.0f} seconds."
        self._tasks.report("engine", error)
        self._leading(self.leads)

    def _goes_on(self) -> None:
        self._tasks.well("engine")
        if self.fault:
            self.fault = ""
            self._leading(self.leads)

    def _lead_is(self, leads: bool) -> None:
        self.leads = leads
        self._leading(leads)

    async def _give_room(self) -> float:
        """Give batches their room at the provider, whenever one may have become free or is wanted."""
        changed, due = await self._room.allocate()
        for batch in changed:
            self._notify(batch)
        if changed:
            self.nudge()
        return due

    async def _work(self, id: str) -> None:
        """One batch, to its end."""
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            while True:
                bell.clear()
                stored = await self._records.get(Batch, id)
                if stored is None or stored.value.state in pipeline.FINAL:
                    return
                now = self._clock.now()
                effect = pipeline.due(stored.value, now)
                if isinstance(effect, pipeline.ReserveCapacity):
                    if stored.value.state == "uploaded":
                        self._rooms.nudge()
                    effect = None  # that is decided among all batches
                wait = self._wait(effect, stored.value, now)
                if effect is None or wait > 0:
                    await wakeups.until(self._clock, min(LOOK_AGAIN, wait), bell)
                    continue
                batch = await self._intend(stored, effect)
                if batch is not None:
                    await self._do(effect, batch, bell)
        finally:
            self._bells.discard(bell)

    def _wait(self, effect: Effect | None, batch: Batch, now: float) -> float:
        """Seconds until a batch's next step."""
        if effect is None:
            return batch.retry_at - now if batch.retry_at > now else LOOK_AGAIN
        if not isinstance(effect, pipeline.Reconcile | pipeline.Resend) and self._worker.waits(batch, online=self._online):
            return LOOK_AGAIN
        if not self._visible and isinstance(effect, pipeline.Poll) and now >= batch.updated:  # else the clock was set back
            return polling.hidden_until(batch) - now
        return 0.0

    async def _intend(self, stored: Stored[Batch], effect: Effect) -> Batch | None:
        """Store the intent; None when someone else changed the batch first."""
        event = pipeline.intent(effect)
        if event is None:
            return stored.value
        event = await self._worker.bound(effect, stored.value, event)
        if isinstance(event, pipeline.CallFailed):
            await self._hear(stored.value, event, [], effect)
            return None
        batch = pipeline.advance(stored.value, event, self._clock.now(), self._random.unit())
        logged = await self._log.step(stored.value, batch, event)
        try:
            await self._records.commit([put(batch, stored.rev), *logged.changes])
        except Conflict:
            return None
        self._notify(batch)
        return batch

    async def _do(self, effect: Effect, batch: Batch, bell: asyncio.Event) -> None:
        """Carry out one effect and store its event. A batch that ends meanwhile (withdrawn by the person) stops it."""
        begun = self._clock.now()
        task = asyncio.ensure_future(self._worker.carry_out(effect, batch))
        try:
            while not task.done():
                ring = asyncio.ensure_future(bell.wait())
                await asyncio.wait({task, ring}, return_when=asyncio.FIRST_COMPLETED)
                ring.cancel()
                bell.clear()  # before reading: a ring that comes meanwhile makes us read again
                if not task.done():
                    stored = await self._records.get(Batch, batch.id)
                    if stored is None or stored.value.state in pipeline.FINAL:
                        return
            event, changes = task.result()
            took = self._clock.now() - begun
            if self.watched is not None:
                self.watched(type(effect).__name__, took)
            await self._hear(batch, event, changes, effect, took)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def _hear(self, batch: Batch, event: Event, changes: list[Change], effect: Effect, took: float = 0.0) -> None:
        """Store what came of an effect that was begun with ``batch`` and took so many seconds."""
        try:
            await self._apply(batch.id, event, changes, effect, took)
        except StorageFull as error:
            await self._apply(batch.id, pipeline.CallFailed("store", problems.from_storage("full", str(error))))
        except pipeline.NoSuchMove:
            stored = await self._records.get(Batch, batch.id)
            if stored is not None and stored.value == batch:
                raise  # nobody else changed it, so the next round would be the same: a fault of ours
            # it went another way while this was done, and its state says what is next

    async def _apply(
        self, id: str, event: Event, changes: list[Change] | None = None, effect: Effect | None = None, took: float = 0.0
    ) -> Batch | None:
        """Advance the stored batch by an event; again if someone else changed it in between. ``effect`` is what the event answers, for the
        log, which is written in the same commit."""

        async def decide() -> tuple[list[Change], tuple[Batch, Batch, Step] | None]:
            stored = await self._records.get(Batch, id)
            if stored is None:
                return [], None
            batch = pipeline.advance(stored.value, event, self._clock.now(), self._random.unit())
            batch = durations.sampled(batch, self._clock.now())
            more = [*await self._worker.ending(stored.value, batch), *await bound(self._records, batch, event)]
            logged = await self._log.step(stored.value, batch, event, effect, took)
            return [*(changes or []), *more, put(batch, stored.rev), *logged.changes], (stored.value, batch, logged)

        moved = await self._records.transact(decide, most=math.inf)  # what the provider answered is kept, however long that takes
        if moved is None:
            return None
        before, batch, logged = moved
        self._log.kept(logged)
        self._notify(batch)
        if capacity.holds(before) and not capacity.holds(batch):
            self._rooms.nudge()
        return batch
