"""Random lives of batches: events in any order, calls that fail in every way, tabs that die, two tabs at once. Ten thousand of them in
``make deep``, a sample in ``make test``.

The table, the engine's way of storing (intent, event, compare-and-set), the submission and the memory store are the real ones; the
provider is a model (tests/kit/model_provider.py). Coroutines are stepped by hand, so that two tabs interleave at every access to the store.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Coroutine
from copy import deepcopy
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.batches import capacity, pipeline
from app.core.batches.pipeline import Effect, Event
from app.core.bodies import requests
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.providers import Profile
from app.core.model.segments import Segment
from app.ports import Change, Conflict, Table
from app.services.batches.engine import Engine
from app.services.batches.worker import EffectWorker
from app.services.programs.waiting import WaitingMessages
from app.services.queue.queue import Queue
from app.services.queue.submit import Submitter
from app.services.runtime.moves import STORED_MOVES
from app.services.runtime.records import Records, Stored
from app.services.runtime.runtime import Runtime
from app.services.runtime.tasks import Tasks
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.platform import FakeClock, SeededRandom
from tests.kit.depth import examples
from tests.kit.model_provider import Dice, Died, Far
from tests.kit.world import LANE, pairs

EXAMPLES = examples(1_200, 10_000)
IDS = ("r0", "r1", "r2", "r3")
TAKES = Profile(id="openai", name="OpenAI", max_requests=3)
"""Two batches, so that a segment is cut."""
STEPS = 6_000
REST = object()


class _Rest:
    """Awaited when there is nothing to do now."""

    def __await__(self) -> Any:
        yield REST


class _Worker:
    """Effects go to the model; what ends a batch is the real worker's."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab
        self._real = EffectWorker(tab.records, None, None, tab.lives.clock, lambda *_far: None)  # type: ignore[arg-type]  # no call is made by it

    async def carry_out(self, effect: Effect, batch: Batch) -> tuple[Event, list[Change]]:
        await asyncio.sleep(0)
        ids = [id for one in await self._tab.records.all(Segment, keys.batch_owner(batch.id)) for id in one.value.ids]
        return self._tab.lives.far.answer(effect, batch, ids), []

    async def bound(self, effect: Effect, batch: Batch, begins: Event) -> Event:
        return replace(begins, account="a")

    async def ending(self, before: Batch, after: Batch) -> list[Change]:
        return await self._real.ending(before, after)


class Tab:
    """One tab over the disk: the engine without its tasks, and a person."""

    def __init__(self, lives: Lives, engine: type[Engine]) -> None:
        self.lives = lives
        clock, random = lives.clock, SeededRandom(lives.tabs)
        runtime = Runtime.over(MemoryStore(STORED_MOVES, lives.disk), clock, random, Tasks(self._failed))
        self.records = runtime.records
        lives.tabs += 1
        self.queue = Queue(self.records, clock, random, WaitingMessages(self.records, clock).given_up)
        self.submitter = Submitter(runtime, self.queue)
        self.engine = engine(runtime, _Worker(self), None, lambda _batch: None, lambda _leads: None)  # type: ignore[arg-type]  # neither lock nor tasks: the test steps it

    def _failed(self, name: str, error: BaseException) -> None:
        raise AssertionError(name) from error

    async def carry(self) -> None:
        """Carry the batches until the tab dies."""
        while True:
            busy = False
            for stored in await self.records.all(Batch):
                effect = pipeline.due(stored.value, self.lives.clock.now())
                if isinstance(effect, pipeline.ReserveCapacity):
                    changed, _due = await self.engine._room.allocate()
                    busy = busy or bool(changed)
                elif effect is not None:
                    busy = True
                    await self._one(stored, effect)
            if not busy:
                await _Rest()

    async def _one(self, stored: Stored[Batch], effect: Effect) -> None:
        batch = await self.engine._intend(stored, effect)
        if batch is not None:
            event, changes = await self.engine._worker.carry_out(effect, batch)
            await self.engine._hear(batch, event, changes, effect)

    async def person(self) -> None:
        """One thing that a person does, in any tab."""
        dice = self.lives.dice
        try:
            command: tuple[Event, ...] = (
                *(pipeline.TryNow(), pipeline.CancelRequested(), pipeline.FetchAgain(), pipeline.FetchAgain(("output",), ledger=True)),
            )
            choice = dice.pick(len(command) + 2)
            if choice < 2:
                await self.submitter.submit(LANE, TAKES)
            elif batches := await self.records.all(Batch):
                await self.engine.command(batches[dice.pick(len(batches))].value.id, command[choice - 2])
        except (Conflict, pipeline.NoSuchMove):
            return  # the page says so


class Lives:
    """A disk with queued requests, the model provider, the tab that leads, and at times a person in another."""

    def __init__(self, data: bytes, engine: type[Engine] = Engine) -> None:
        self.dice, self.clock, self.disk, self.tabs = Dice(data[2:]), FakeClock(), MemoryDisk(), 0
        self._turns = Random(int.from_bytes(data[:2], "big"))
        self.disk.records = deepcopy(_queued().records)
        self.disk.bytes = dict(_queued().bytes)
        self.far = Far(self.dice, lambda seconds: self.clock.set(self.clock.now() + seconds), self.clock.now)
        self._engine = engine
        self.leader = Tab(self, engine)
        self.work: Coroutine[Any, Any, None] = self.leader.carry()
        self.acting: Coroutine[Any, Any, None] | None = Tab(self, engine).person()

    def live(self) -> None:
        """All of it: with faults as long as the dice lasts, then to the end without."""
        try:
            for _ in range(STEPS):
                if self.acting is not None and self._by_chance(0.5):
                    self._act()
                elif self._lead() and self.acting is None and self._rested():
                    return
            raise AssertionError(f"it does not come to an end: {self.batches()}")
        finally:
            self.work.close()
            if self.acting is not None:
                self.acting.close()

    def _by_chance(self, share: float) -> bool:
        """Whose turn it is: not from the dice, which is for what the outside world does."""
        return self._turns.random() < share

    def _act(self) -> None:
        assert self.acting is not None
        try:
            self.acting.send(None)
        except StopIteration:
            self.acting = None
        self.check_places()

    def _lead(self) -> bool:
        """One step of the leading tab; whether it rests. A tab that dies is followed by another."""
        try:
            said = self.work.send(None)
        except Died:
            said = None
        self.check_places()
        if said is None and (getattr(self.work, "cr_frame", None) is None or (not self.dice.over and self._by_chance(0.01))):
            self.work.close()
            self.leader = Tab(self, self._engine)
            self.work = self.leader.carry()
        if self.acting is None and not self.dice.over and self._by_chance(0.02):
            self.acting = Tab(self, self._engine).person()
        return said is REST

    def _rested(self) -> bool:
        """The leading tab has nothing to do: time passes. True when all is over and nothing waits."""
        due = [one.retry_at for one in self.batches() if one.state not in pipeline.FINAL]
        asking = [one.id for one in self.batches() if capacity.asks(one)]
        if asking:
            self.acting = self._try(asking[0])
        elif due:
            self.clock.set(max(self.clock.now() + 1.0, min(due)))
        elif self.queued():
            self.acting = Tab(self, self._engine).person() if not self.dice.over else self._submit()
        else:
            return self.dice.over
        return False

    async def _submit(self) -> None:
        await self.leader.submitter.submit(LANE, TAKES)

    async def _try(self, id: str) -> None:
        await self.leader.engine.command(id, pipeline.TryNow())

    # --- what is there

    def batches(self) -> list[Batch]:
        return [msgspec.json.decode(row.doc, type=Batch) for row in self.disk.records[Table.BATCHES].values()]

    def segments(self) -> list[Segment]:
        return [msgspec.json.decode(row.doc, type=Segment) for row in self.disk.records[Table.SEGMENTS].values()]

    def queued(self) -> list[str]:
        return [id for one in self.segments() if one.owner.startswith("queue:") for id in one.ids]

    def check_places(self) -> None:
        """At every moment every request stands in exactly one place."""
        rows = self.disk.records[Table.SEGMENTS]
        if rows is not self._seen:
            self._seen = rows
            assert sorted(id for one in self.segments() for id in one.ids) == sorted(IDS)

    _seen: object = None

    def check(self) -> None:
        """At the end: every request in exactly one batch of ours that ended; at the provider at most one batch for each of ours, none for
        one that was withdrawn, and no request answered twice."""
        self.far.arrive(everything=True)
        held: defaultdict[str, list[str]] = defaultdict(list)
        for one in self.segments():
            held[one.owner] += one.ids
        for batch in self.batches():
            there = self.far.of(batch.id)
            alive = [one for one in there if not one.full and (one.status != "cancelled" or one.billed)]
            if batch.state == "withdrawn":
                assert alive == [], "a batch was made whose requests went back to the queue"
                assert held[keys.batch_owner(batch.id)] == []
                continue
            assert len(alive) <= 1, f"two batches at the provider for the same requests: {there}"
            assert there, "a batch that ended was never made"
            assert len(held[keys.batch_owner(batch.id)]) == batch.requests
            tally = batch.tally
            assert tally.answered + tally.failed + tally.expired + tally.cancelled == batch.requests
            mine = next(one for one in there if batch.remote and one.id == batch.remote.id)
            assert sorted(mine.ids) == sorted(held[keys.batch_owner(batch.id)])
            assert tally.answered == mine.answered
        assert all(count == 1 for count in Counter(self.far.billed()).values()), "a request was answered and paid twice"


_DISK: list[MemoryDisk] = []


def _queued() -> MemoryDisk:
    """A disk whose queue holds the requests, made once."""
    if not _DISK:
        disk = MemoryDisk()

        async def fill() -> None:
            records = Records(MemoryStore(STORED_MOVES, disk))
            (run,) = requests.make_segments(pairs(IDS))
            queue = Queue(records, FakeClock(), SeededRandom(7), WaitingMessages(records, FakeClock()).given_up)
            await records.commit(queue.fresh(keys.queue_owner(LANE), 1.0, run))

        asyncio.run(fill())
        disk.stores.clear()
        _DISK.append(disk)
    return _DISK[0]


@pytest.mark.slow
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.binary(max_size=90))
def test_random_lives_lose_no_request_and_pay_none_twice(data: bytes) -> None:
    """Whatever happens, in whatever order, in two tabs that die at any step: every move is one of the table's, every request stands in
    exactly one place at every moment, and the provider has at most one batch for the same requests."""
    lives = Lives(data)
    lives.live()
    lives.check()


class _Hasty(Engine):
    """An engine that stores what it is about to do only when it is done."""

    _begun: Event | None = None

    async def _intend(self, stored: Stored[Batch], effect: Effect) -> Batch | None:
        self._begun = pipeline.intent(effect)
        return pipeline.advance(stored.value, self._begun, self._clock.now()) if self._begun else stored.value

    async def _hear(self, batch: Batch, event: Event, changes: list[Change], effect: Effect, took: float = 0.0) -> None:
        try:
            if self._begun:
                await self._apply(batch.id, self._begun)
            await super()._hear(batch, event, changes, effect, took)
        except pipeline.NoSuchMove:
            return  # somebody else changed it meanwhile: not what this is about


@pytest.mark.slow
def test_the_property_finds_an_engine_that_stores_its_intent_too_late() -> None:
    """A check that cannot fail proves nothing: such an engine makes a second batch within a few thousand lives."""

    @settings(max_examples=5_000, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=90))
    def lives(data: bytes) -> None:
        one = Lives(data, _Hasty)
        one.live()
        one.check()

    with pytest.raises(AssertionError, match=r"two batches at the provider|a batch was made whose requests went back"):
        lives()
