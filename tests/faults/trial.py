"""Journeys in CPython, on fakes: made once without a fault, to learn their steps; or with the page killed at a step, to try the checks."""

from __future__ import annotations

import asyncio
import itertools
import json
from concurrent.futures import ThreadPoolExecutor

import msgspec

from app.core.openai.wire import Response
from app.practice.ask import Ask
from app.practice.brain import Brain
from app.practice.inproc import PracticeHttp
from app.services.batches.engine import Engine
from app.services.runtime.moves import STORED_MOVES
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.platform import FakeClock, FakePage, MemoryKeys, MemoryLocks, SeededRandom
from tests.fakes.practice_disk import MemoryDisk as FarDisk
from tests.faults.check import Made, check
from tests.faults.journeys import Journey
from tests.faults.visit import Point, Ports, Visit, held
from tests.kit.world import KEY, LANE, numbered

FAR = "https://api.openai.com/v1"
T0 = 1_700_000_000.0


class Step(msgspec.Struct, frozen=True):
    """The ``nth`` step of a name."""

    name: str
    nth: int


class Trial(msgspec.Struct, frozen=True):
    """What a journey without a fault came by. ``wrong`` is what the checks say of its end."""

    steps: tuple[Step, ...]
    states: frozenset[str]
    effects: frozenset[str]
    moves: frozenset[tuple[str, str]]
    wrong: tuple[str, ...]


class Ticking:
    """The provider's clock: one second goes by with each call."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> float:
        self.calls += 1
        return T0 + self.calls


class Bench:
    """A disk, a provider and tabs on fakes."""

    def __init__(self, journey: Journey, engine: type[Engine] = Engine) -> None:
        self.journey, self._engine = journey, engine
        self.disk, self.clock, self.locks = MemoryDisk(), FakeClock(T0, auto=True), MemoryLocks()
        self.brain = Brain(FarDisk(), lambda: asyncio.sleep(0), scenario=journey.scenario)
        self.http = PracticeHttp(self.brain, Ticking())
        self._tabs = itertools.count()

    def visit(self, **given: object) -> Visit:
        """A new tab."""
        random = SeededRandom(next(self._tabs))
        keys = MemoryKeys({LANE.profile: KEY})
        ports = Ports(MemoryStore(STORED_MOVES, self.disk), self.http, keys, FakePage(), self.clock, random, self.locks)
        return Visit(self.journey, ports, engine=self._engine, **given)  # type: ignore[arg-type]  # handed through

    async def wrong(self) -> list[str]:
        """What the checks say at the end."""
        store = MemoryStore(STORED_MOVES, self.disk)
        made = await made_by(self.brain, T0 + 1_000)
        return check(numbered(self.journey.asks), await held(store, self.clock), made, ended=True)


async def made_by(brain: Brain, now: float) -> list[Made]:
    """Every batch that the provider ever made, and what it answered, asked of the provider itself."""
    found = []
    for record in list(brain.state.batches.values()):
        batch = await _told(brain, f"/v1/batches/{record.id}", now)
        remote = json.loads(batch.body)
        ids = _ids((await _told(brain, f"/v1/files/{record.input_file_id}/content", now)).body)
        output = remote.get("output_file_id")
        billed = _ids((await _told(brain, f"/v1/files/{output}/content", now)).body) if output else []
        found.append(Made(record.id, (record.metadata or {}).get("nightshift", ""), remote["status"], ids, billed))
    return found


async def _told(brain: Brain, path: str, now: float) -> Response:
    reply = await brain.handle(Ask("GET", path, "practice"), now)
    return Response(reply.status, {}, await reply.whole())


def _ids(data: bytes) -> list[str]:
    return [json.loads(line)["custom_id"] for line in data.splitlines()]


def trial(journey: Journey) -> Trial:
    """Make a journey once. In a thread of its own: where Playwright runs, its loop is this thread's only one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _trial(journey)).result()


async def _trial(journey: Journey) -> Trial:
    bench = Bench(journey)
    steps: dict[Step, None] = {}
    effects: set[str] = set()

    class Noting(Engine):
        """Notes what is carried out."""

        async def _intend(self, stored, effect):
            effects.add(type(effect).__name__)
            return await super()._intend(stored, effect)

        async def _give_room(self):
            effects.add("ReserveCapacity")
            await super()._give_room()

    bench._engine = Noting

    def stepped(point: Point) -> None:
        if point[2] == "after":  # a write that another one came before is none
            steps.setdefault(Step(point[0], point[1]))

    visit = bench.visit(acts=True, stepped=stepped)
    await visit.queue(FAR)
    steps.clear()
    await asyncio.wait_for(visit.live(), 60)
    await visit.close()
    wrong = await bench.wrong() + [f"{name}: {error!r}" for name, error in visit.desk.failures]
    moves = {tuple(step.name.removeprefix("write ").split(">")) for step in steps if ">" in step.name}
    states = {state for move in moves for state in move} - {"nothing"}
    return Trial(tuple(steps), frozenset(states), frozenset(effects), frozenset(moves), tuple(wrong))  # type: ignore[arg-type]  # pairs


async def killed(journey: Journey, at: Point, engine: type[Engine] = Engine) -> tuple[bool, list[str]]:
    """Kill the page at a step, open it again, and see everything to its end: whether the step was reached, and what is wrong then."""
    bench = Bench(journey, engine)
    there = asyncio.Event()

    async def reached() -> None:
        there.set()
        await asyncio.Event().wait()  # for ever: nothing after this moment happens

    first = bench.visit(acts=True, stop=at, reached=reached)
    await first.queue(FAR)
    life, end = asyncio.ensure_future(first.live()), asyncio.ensure_future(there.wait())
    await asyncio.wait({life, end}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
    if life.done():
        life.result()
    life.cancel()
    end.cancel()
    await first.close()
    await asyncio.gather(life, return_exceptions=True)
    if there.is_set():
        second = bench.visit()
        await asyncio.wait_for(second.live(), 60)
        await second.close()
    return there.is_set(), await bench.wrong()
