"""A small world for the services: one disk, one clock, a provider far away, and tabs that come and go.

A tab is everything but the views. Tabs of one world share the disk, the locks and the sealed keys; a tab that crashes leaves everything as
it was after its last step, and a reload is a new tab.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from app.core.batches import pipeline
from app.core.batches.rows import from_bytes
from app.core.bodies import requests, tokens
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.providers import Limits, Profile
from app.core.model.records import Record
from app.core.model.segments import Segment
from app.core.model.settings import Preferences
from app.core.queue.auto_submit import Why
from app.core.queue.lanes import Sums, live_sums
from app.ports import Clock, Http, Keys, Locks, Page, Random, Store, Table
from app.practice.brain import Brain
from app.practice.inproc import PracticeHttp
from app.practice.records import BatchRecord
from app.practice.traps import Rule, Scenario, Trap
from app.services.batches.engine import Engine
from app.services.batches.resend import Resender
from app.services.batches.worker import EffectWorker
from app.services.programs.waiting import WaitingMessages
from app.services.provider.profiles import Profiles
from app.services.queue.auto_submit import AutoSubmitRules, AutoSubmitted, AutoSubmitter
from app.services.queue.queue import Queue
from app.services.queue.submit import Submitted, Submitter
from app.services.results.review import Review
from app.services.runtime.moves import STORED_MOVES
from app.services.runtime.runtime import Runtime
from app.services.runtime.tasks import Tasks
from app.services.threads.drafts import Drafts, Saving
from app.wiring.practice import Practice, RoutedHttp
from tests.fakes.http import FaultyHttp
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.mortal import Life, MortalClock, MortalHttp, MortalLocks, MortalStore
from tests.fakes.platform import FakeClock, FakePage, MemoryKeys, MemoryLocks, SeededRandom, settle
from tests.fakes.practice_disk import MemoryDisk as FarDisk

_LONG_WORK = 5_000
"""Turns of the loop that work gets to go on by itself, when nobody waits for the clock."""
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
KEY = "sk-practice-0123456789abcdef"
LANE = Lane("openai", CHAT, "gpt-4o-mini")
PRACTICE_LANE = Lane("practice", CHAT, "gpt-4o-mini")


def body(text: str, lane: Lane = LANE) -> dict[str, Any]:
    """What asks a lane's model ``text``."""
    if lane.endpoint == RESPONSES:
        return {"model": lane.model, "input": text}
    return {"model": lane.model, "messages": [{"role": "user", "content": text}]}


def pair(id: str, text: str = "", lane: Lane = LANE) -> tuple[str, bytes]:
    """A request as the queue takes it."""
    return id, requests.line(id, lane.endpoint, body(text or f"Say {id}", lane))


def pairs(ids: Iterable[str], lane: Lane = LANE) -> list[tuple[str, bytes]]:
    return [pair(id, lane=lane) for id in ids]


def numbered(count: int, prefix: str = "r") -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


class Desk:
    """Everything but the views, over one tab's ports. ``failures`` holds what met the error boundary; a test that expects some clears it.

    ``through`` stands between the services and every provider.
    """

    def __init__(
        self,
        store: Store,
        http: Http,
        keys: Keys,
        page: Page,
        clock: Clock,
        random: Random,
        locks: Locks,
        through: Callable[[Http], Http] = lambda http: http,
        engine: type[Engine] = Engine,
    ) -> None:
        self.failures: list[tuple[str, BaseException]] = []
        self.savings: list[tuple[str, Saving]] = []
        self.told: list[Batch] = []
        self.moves: list[tuple[str, str, int, int]] = []
        self.leads = False
        self.tasks, self.writing = Tasks(self._failed), Tasks(self._failed)
        self.runtime = Runtime.over(store, clock, random, self.tasks)
        self.records = self.runtime.records
        self.practice = Practice(self.records, clock, lambda: self.engine.ready)
        self.profiles = Profiles(self.runtime, through(RoutedHttp(http, self.practice.http)), keys, page)
        self.drafts = Drafts(self.records, clock, random, self.writing, lambda id, saving: self.savings.append((id, saving)))
        self.queue = Queue(self.records, clock, random, WaitingMessages(self.records, clock).given_up)
        self.submitter = Submitter(self.runtime, self.queue)
        self.again = Resender(self.records, self.queue, clock, self.tasks)
        self.review = Review(self.records, page, self.again)
        self.worker = EffectWorker(self.records, self.profiles, self.again, clock, lambda *far: self.moves.append(far), self.tasks)
        self.engine = engine(self.runtime, self.worker, locks, self.told.append, self._leading, self.prepare)
        self.rules = AutoSubmitRules(self.records, clock)
        self.hindered: Why | None = None
        self.closed: list[AutoSubmitted] = []
        self.auto_submitter = AutoSubmitter(
            self.runtime,
            self.queue,
            self.submitter,
            self.profiles,
            self.rules,
            lambda _lane: self.hindered,
            self._closed,
        )
        self.engine.companions["closing"] = self.auto_submitter.run
        store.watch(self._elsewhere)

    def _failed(self, name: str, error: BaseException) -> None:
        self.failures.append((name, error))

    def _leading(self, leads: bool) -> None:
        self.leads = leads

    def _closed(self, closed: AutoSubmitted) -> None:
        self.closed.append(closed)
        self.engine.nudge()

    def _elsewhere(self, tables: frozenset[str]) -> None:
        if Table.BATCHES in tables:
            self.engine.nudge()
        if tables & {Table.SEGMENTS, Table.SETTINGS}:
            self.auto_submitter.nudge()

    async def prepare(self) -> None:
        await self.practice.lead(await self.profiles.preferences())

    async def start(self, *, engine: bool = True) -> None:
        """What the program does when the page opens. Without the engine batches stay as they are planned."""
        await self.profiles.load()
        await self.practice.recall(await self.profiles.preferences())
        if engine:
            self.tasks.start("engine", self.engine.run())

    async def submit(self, lane: Lane = LANE, chosen: set[str] | None = None) -> Submitted:
        """What the button does."""
        made = await self.submitter.submit(lane, self.profiles.known[lane.profile], chosen)
        self.engine.nudge()
        return made

    async def add(self, count: int, lane: Lane = LANE, prefix: str = "r") -> list[str]:
        """Queue so many requests; returns their ids."""
        ids = numbered(count, prefix)
        await self.queue.add(lane, pairs(ids, lane))
        self.auto_submitter.nudge()
        return ids


class Skewed:
    """The clock of a machine: that of the world, set wrongly by ``World.skew`` seconds. Waits are as long as they are."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> float:
        return self._world.clock.now() + self._world.skew

    async def sleep(self, seconds: float) -> None:
        await self._world.clock.sleep(seconds)


class Tab(Desk):
    """A tab of a world, which can die."""

    def __init__(self, world: World, stepped: Callable[[str], bool]) -> None:
        self.world = world
        self.life = Life(stepped)
        self.inner = MemoryStore(STORED_MOVES, world.disk, quota=world.quota)
        self.store = MortalStore(self.inner, self.life)
        self.clock = MortalClock(Skewed(world), self.life)
        self.keys = MemoryKeys(world.sealed)
        self.page = FakePage()
        locks = MortalLocks(world.locks, self.life)
        super().__init__(
            self.store, world.http, self.keys, self.page, self.clock, world.random, locks, lambda http: MortalHttp(http, self.life)
        )

    async def close(self) -> None:
        """The tab is closed, or crashes: nothing that it was about to do happens."""
        self.life.die()
        await settle()
        await self.tasks.stop()
        await self.writing.stop()
        if self.inner in self.world.disk.stores:
            self.world.disk.stores.remove(self.inner)


class World:
    """``crash_at``: the number of the step (counted in all tabs, from 0) after which the tab that makes it dies; None: never."""

    def __init__(self, *traps: Trap | Rule, speed: float = 1.0, share: float = 0.2, quota: int = 0, enqueued: int = 1_000) -> None:
        self.disk, self.locks, self.sealed = MemoryDisk(), MemoryLocks(), {"openai": KEY}
        self.clock, self.random = FakeClock(), SeededRandom(1)
        self.skew = 0.0
        self.quota = quota
        scenario = Scenario(speed=speed, traps=traps, share=share, enqueued=enqueued)
        self.brain = Brain(FarDisk(), lambda: self.clock.sleep(0), scenario=scenario)
        self.http = FaultyHttp(PracticeHttp(self.brain, self.clock.now))
        self.tabs: list[Tab] = []
        self.steps: list[str] = []
        self.crash_at: int | None = None
        self.on_step: Callable[[int], None] = lambda _number: None

    # --- tabs

    async def tab(self, *, engine: bool = True) -> Tab:
        """A new tab, at work."""
        tab = Tab(self, self._stepped)
        self.tabs.append(tab)
        await tab.start(engine=engine)
        return tab

    async def reload(self, tab: Tab) -> Tab:
        """Throw a tab away as it stands, and open it anew."""
        await tab.close()
        return await self.tab()

    def _stepped(self, label: str) -> bool:
        self.steps.append(label)
        self.on_step(len(self.steps) - 1)
        return len(self.steps) - 1 == self.crash_at

    async def close(self) -> None:
        for tab in self.tabs:
            await tab.close()

    # --- settings, written as another tab would

    def _put(self, value: Record) -> None:
        from app.services.runtime.records import put

        self._setter = MemoryStore(STORED_MOVES, self.disk)
        self.disk.stores.remove(self._setter)
        change = put(value, -1)
        self._setter._apply(change, self.disk.records, self.disk.bytes)

    def provider(self, **changes: Any) -> None:
        """Change what the provider «openai» takes; tabs opened later know it."""
        self._put(Profile(id="openai", name="OpenAI", **changes))

    def room(self, tokens: int, model: str = "gpt-4o-mini", profile: str = "openai") -> None:
        """Let so many tokens of the model be enqueued."""
        self._put(Limits(id=profile, own={model: tokens}))

    def limits(self, profile: str = "openai") -> Limits:
        """What is known of a provider's limits."""
        row = self.disk.records[Table.SETTINGS].get(f"limits:{profile}")
        return msgspec.json.decode(row.doc, type=Limits) if row else Limits(id=profile)

    def prefer(self, **changes: Any) -> None:
        self._put(Preferences(id="preferences", **changes))

    # --- time

    async def rest(self) -> None:
        """Let everything go on that does not wait for the clock."""
        while True:
            before = sum(tab.life.actions for tab in self.tabs), self.brain.state.counter
            if await settle(20) or before == (sum(tab.life.actions for tab in self.tabs), self.brain.state.counter):
                return

    async def until(self, met: Callable[[], bool], within: float = 7_200.0) -> None:
        """Let time pass, in the world's seconds, until this is so."""
        end = self.clock.now() + within
        while True:
            await self.rest()
            if met():
                return
            due = self.clock.next_due
            if due is None:  # long work may neither store nor call anything for a while
                await settle(_LONG_WORK)
                if met():
                    return
            assert due is not None, f"everybody waits for ever: {self.describe()}"
            assert due <= end, f"not within {within} s: {self.describe()}"
            await self.clock.advance(max(0.0, due - self.clock.now()))

    async def result(self, work: Awaitable[Any], within: float = 60.0) -> Any:
        """What comes of ``work``, while time passes."""
        task = asyncio.ensure_future(work)
        await self.until(task.done, within)
        return task.result()

    async def ended(self, within: float = 90_000.0) -> list[Batch]:
        """Run until every batch has ended."""
        await self.until(lambda: all(one.state in pipeline.FINAL for one in self.batches()), within)
        return self.batches()

    # --- what is stored, read beside the services

    def batches(self) -> list[Batch]:
        rows = self.disk.records[Table.BATCHES].items()
        return [msgspec.json.decode(row.doc, type=Batch) for _id, row in sorted(rows, key=lambda item: (item[1].order, item[0]))]

    def batch(self) -> Batch:
        """The only one."""
        (found,) = self.batches()
        return found

    def segments(self, owner: str = "") -> list[Segment]:
        rows = sorted(self.disk.records[Table.SEGMENTS].items(), key=lambda item: (item[1].order, item[0]))
        return [msgspec.json.decode(row.doc, type=Segment) for _id, row in rows if row.owner.startswith(owner)]

    def queued(self) -> list[str]:
        """The ids of all requests that wait, in order."""
        return [id for one in self.segments("queue:") for i, id in enumerate(one.ids) if i not in one.gone]

    def queue_lines(self) -> list[bytes]:
        """The lines of all requests that wait, in order."""
        found = []
        for one in self.segments("queue:"):
            run = requests.LineRun(one.ids, one.ends, self.disk.bytes[one.bytes_id])
            found += [line for _id, line in requests.lines_of(run, one.gone)]
        return found

    def describe(self) -> str:
        return json.dumps([[one.id, one.state, one.problem.code if one.problem else "", one.retry_at] for one in self.batches()])

    # --- what the provider has

    def remote(self) -> list[BatchRecord]:
        """Every batch that was ever made at the provider far away."""
        return list(self.brain.state.batches.values())

    async def paid(self, brain: Brain | None = None) -> list[str]:
        """The ids of all requests in all batches at the provider that were taken: what is billed."""
        brain = brain or self.brain
        found: list[str] = []
        for record in (one for one in brain.state.batches.values() if not one.problems):
            data = b"".join([chunk async for chunk in brain.disk.read(record.input_file_id)])
            found += [requests.decode(line).custom_id for line in data.splitlines()]
        return found

    # --- what must always be so

    def check_places(self) -> None:
        """At every moment: a request waits or is under way in one place, and knows in which batches it was; its bytes are there."""
        segments = self.segments()
        ended = {f"batch:{one.id}" for one in self.batches() if one.state in pipeline.FETCHED or one.resending}
        ids = [id for one in segments for id in one.ids if one.owner not in ended]
        assert len(ids) == len(set(ids)), "a request stands in two places"
        stood: dict[str, set[str]] = {}
        for one in segments:
            if one.owner in ended:
                for id in one.ids:
                    stood.setdefault(id, set()).add(one.owner.removeprefix("batch:"))
        for one in segments:
            if one.owner not in ended:
                assert all(stood.get(id, set()) <= set(one.previous_batches) for id in one.ids), (
                    "a request does not know where it was before"
                )
        assert all(len(self.disk.bytes[one.bytes_id]) == one.size for one in segments)

    def check_stored(self, *others: str) -> None:
        """At rest: every request stands in one place, and every byte run is there and belongs to somebody, or begins with one of
        ``others``."""
        self.check_places()
        segments = self.segments()
        wanted = {one.bytes_id for one in segments}
        assert len(wanted) == len(segments), "two segments share their bytes"
        known = {batch.id: batch for batch in self.batches()}
        for one in segments:
            data = self.disk.bytes[one.bytes_id]
            assert tuple(requests.decode(line).custom_id for line in data.splitlines()) == one.ids
            assert tokens.index(requests.LineRun(one.ids, one.ends, data)) == {
                "ids": one.ids,
                "ends": one.ends,
                "tokens": one.tokens,
                "inputs": one.inputs,
                "asks": one.asks,
            }, "a segment counts other lines than it has"
            if one.owner.startswith("batch:"):
                batch = known[one.owner.removeprefix("batch:")]
                assert batch.state != "withdrawn", "a withdrawn batch kept requests"
        for batch in known.values():
            held = [one for one in segments if one.owner == f"batch:{batch.id}"]
            sums = sum(map(live_sums, held), Sums())
            assert sums.requests == (0 if batch.state == "withdrawn" else batch.requests)
            assert batch.input_missing or sums.size in (0, batch.size)
            assert batch.input_missing or not held or abs(sums.tokens - batch.tokens) <= batch.requests, (
                "an estimate is off by more than its roundings"
            )
            wanted |= {keys.answer_id(batch.id, file.which, n) for file in batch.fetched for n in range(file.segments)}
            for file in batch.fetched:
                if file.gone:  # what came of it before it was gone is kept: it may be there again when it is asked for once more
                    wanted |= {id for id in self.disk.bytes if id.startswith(f"answer:{batch.id}:{file.which}:")}
            if batch.state == "downloading":
                wanted |= {id for id in self.disk.bytes if id.startswith(f"answer:{batch.id}:")}
            if batch.state in ("done", "expired", "cancelled") or (batch.state == "failed" and not pipeline.has_no_ledger(batch)):
                wanted.add(keys.ledger_id(batch.id))
            if batch.state not in ("adopting", "withdrawn") and not (batch.input_missing and not held):
                wanted.add(keys.rows_id(batch.id))
                ids = from_bytes(self.disk.bytes.get(keys.rows_id(batch.id)))
                assert ids == tuple(id for one in held for id in one.ids), "a batch does not know its requests"
            if batch.resent:
                wanted.add(keys.again_id(batch.id))
            if batch.hidden:
                wanted.add(keys.hidden_id(batch.id))
            if keys.names_id(batch.id) in self.disk.bytes:
                wanted.add(keys.names_id(batch.id))
        shelved = {id for id in self.disk.records[Table.PRACTICE] if id != "brain"}
        wanted |= {id for id in self.disk.bytes if id.startswith("practice:") and id.split(":")[1] in shelved}
        here = {id for id in self.disk.bytes if not others or not id.startswith(others)}
        assert here == wanted, f"left over: {here - wanted}; missing: {wanted - here}"

    def check_failures(self) -> None:
        assert [one for tab in self.tabs for one in tab.failures] == []
