"""One opening of the page for one case, over any ports: the services, and a person who queues, submits, acts once, and submits again what
came back. Runs in the page and in CPython."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from app.core.batches import pipeline
from app.core.batches.ledger import LedgerUnreadable
from app.core.batches.resend import ResentRows
from app.core.bodies import requests
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.providers import Profile
from app.core.model.segments import Segment
from app.core.openai.outcomes import ANSWERS, Outcome
from app.ports import Clock, DropBytes, Http, Keys, Locks, Page, Random, Store, Table
from app.services.batches.engine import Engine
from app.services.batches.ledgers import Ledgers
from app.services.runtime.records import Records
from tests.faults.check import Held, HeldBatch
from tests.faults.journeys import Act, Journey
from tests.faults.points import WatchedHttp, WatchedStore
from tests.kit.world import LANE, Desk, body, numbered

LONG = "This request is long, so that its upload has a middle. " * 2_500
LOOK = 10.0
ROUNDS = 8
"""How often a person submits again what came back."""

Reached = Callable[[], Awaitable[None]]
Point = tuple[str, int, str]
"""A step by its name, its number and ``before`` or ``after``."""


class Ports(NamedTuple):
    """What a tab stands on."""

    store: Store
    http: Http
    keys: Keys
    page: Page
    clock: Clock
    random: Random
    locks: Locks


class Visit:
    """``stop`` is the step at which ``reached`` is awaited: what it does is the fault. ``stepped`` hears of every step. ``timeout``
    in seconds of the machine, if not 0, is the longest that a call may take from ``stop`` on, or from the ``slow`` call (name and number)
    on, until one was given up."""

    def __init__(
        self,
        journey: Journey,
        ports: Ports,
        *,
        acts: bool = False,
        stop: Point | None = None,
        reached: Reached | None = None,
        timeout: float = 0.0,
        slow: tuple[str, int] | None = None,
        stepped: Callable[[Point], None] = lambda _point: None,
        engine: type[Engine] = Engine,
    ) -> None:
        self.journey, self._ports = journey, ports
        self._to_do = list(journey.acts) if acts else []
        self._acting = False
        self._stop, self._reached, self._stepped = stop, reached, stepped
        self._slow, self._in_hurry = slow, False
        store = WatchedStore(ports.store, self._step)
        http = WatchedHttp(ports.http, self._step, timeout, self._hurried)
        self.desk = Desk(store, http, ports.keys, ports.page, ports.clock, ports.random, ports.locks, engine=engine)
        self._bell = asyncio.Event()

    async def queue(self, base_url: str) -> None:
        """What a newcomer does: enter the provider, and queue the requests."""
        profile = Profile(id=LANE.profile, name="OpenAI", base_url=base_url, max_requests=self.journey.per_batch)
        records = Records(self._ports.store)
        await records.save(profile)
        await self.desk.profiles.load()
        ids = numbered(self.journey.asks)
        lines = [requests.line(id, LANE.endpoint, body(LONG if id == "r0" else f"Say {id}")) for id in ids]
        await self.desk.queue.add(LANE, list(zip(ids, lines, strict=True)))

    async def live(self) -> None:
        """Open the page and see everything to its end."""
        await self.desk.start()
        rounds = 0
        while True:
            self._bell.clear()
            to_do = bool(self._to_do)  # as it was before the batches were read
            batches = [one.value for one in await self.desk.records.all(Batch)]
            if all(one.state in pipeline.FINAL for one in batches):
                if await self._waiting():
                    rounds += 1
                    if rounds > ROUNDS:
                        raise AssertionError(f"what is submitted comes back again and again: {batches}")
                    await self.desk.submit(LANE)
                elif not to_do and not await self._fetch_again(batches):
                    return
            await self._pause()

    async def meddle(self) -> None:
        """What a second tab does: submit what is in the queue once more, and be in a hurry about every batch."""
        await self.desk.submit(LANE)
        for one in await self.desk.records.all(Batch):
            if one.value.state not in pipeline.FINAL:
                try:
                    await self.desk.engine.command(one.value.id, pipeline.TryNow())
                except pipeline.NoSuchMove:
                    continue  # it has ended meanwhile

    async def close(self) -> None:
        """The tab is closed."""
        await self.desk.tasks.stop()
        await self.desk.writing.stop()

    async def _fetch_again(self, batches: list[Batch]) -> bool:
        """Have fetched again what is not here of any batch; whether there was any."""
        ledgers = Ledgers(self.desk.records, self._ports.clock)
        lacking = [(one.id, event) for one in batches if (event := await ledgers.lacking(one))]
        for id, event in lacking:
            await self.desk.engine.command(id, event)
        return bool(lacking)

    async def _waiting(self) -> bool:
        owners = await self.desk.records.store.owners(Table.SEGMENTS)
        return any(one.startswith("queue:") for one in owners)

    async def _pause(self) -> None:
        ring, nap = asyncio.ensure_future(self._bell.wait()), asyncio.ensure_future(self._ports.clock.sleep(LOOK))
        await asyncio.wait({ring, nap}, return_when=asyncio.FIRST_COMPLETED)
        ring.cancel()
        nap.cancel()

    # --- steps

    async def _step(self, name: str, nth: int, when: str) -> None:
        self._stepped((name, nth, when))
        if (name, nth, when) == self._stop and self._reached is not None:
            self._in_hurry = True
            await self._reached()
        if when == "after" and name.startswith("write"):
            self._bell.set()
            if self._to_do and not self._acting and _is_move(name, self._to_do[0][1]):
                self._acting = True
                await self._act(*self._to_do[0])
                self._acting = False
                self._to_do.pop(0)

    def _hurried(self, name: str, nth: int) -> bool:
        """Whether this call is the one that gets the fault, or a later one."""
        self._in_hurry = self._in_hurry or (name, nth) == self._slow
        return self._in_hurry

    async def _act(self, act: Act, state: str) -> None:
        """What the journey's person does, at that very moment."""
        for batch in [one.value for one in await self.desk.records.all(Batch)]:
            if batch.state != state.rpartition(">")[2]:
                continue
            match act:
                case "cancel":
                    await self.desk.engine.command(batch.id, pipeline.CancelRequested())
                case "lose output":
                    await self._ports.store.commit([DropBytes(keys.answer_id(batch.id, "output", 0))])
                    await self.desk.engine.command(batch.id, pipeline.FetchAgain(("output",)))
                case "lose ledger":
                    await self._ports.store.commit([DropBytes(keys.ledger_id(batch.id))])
                    await self.desk.engine.command(batch.id, pipeline.FetchAgain(ledger=True))


def _is_move(step: str, wanted: str) -> bool:
    """Whether a step writes the wanted move (``a>b``), or any into the wanted state."""
    return step == f"write {wanted}" if ">" in wanted else step.endswith(f">{wanted}")


async def held(store: Store, clock: Clock) -> Held:
    """What a store has, read beside everything that works on it."""
    records = Records(store)
    ledgers = Ledgers(records, clock)
    segments = [one.value for one in await records.all(Segment)]
    found = []
    for stored in await records.all(Batch):
        batch = stored.value
        answered: list[str] | None = None
        unfound: tuple[str, ...] = ()
        if batch.state in pipeline.FETCHED and batch.fetched:
            try:
                ledger = await ledgers.read(batch)
                answered = [ledger.ids[row] for outcome in ANSWERS for row in ledger.rows(outcome)]
                unfound = tuple(ledger.ids[row] for row in ledger.rows(Outcome.UNFOUND))
            except LedgerUnreadable:
                answered = None
        ids = [id for one in segments if one.owner == keys.batch_owner(batch.id) for id in one.ids]
        went: tuple[str, ...] = ()
        if batch.resent:
            (data,) = await store.load([keys.again_id(batch.id)])
            went = tuple(ids[row] for row in ResentRows(len(ids), data).rows())
        found.append(HeldBatch(batch.id, batch.state, ids, answered, batch.problem.code if batch.problem else "", went, unfound))
    queued = [id for one in segments if one.owner.startswith("queue:") for n, id in enumerate(one.ids) if n not in one.gone]
    return Held(queued, found)
