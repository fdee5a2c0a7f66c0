"""The whole program on ports in memory, without a browser: two tabs, a reload, the practice provider."""

from __future__ import annotations

import asyncio

import pytest

from app.core.model.batches import Batch
from app.program import build
from app.services.runtime.moves import STORED_MOVES
from app.services.runtime.records import Records
from app.ui.shell.loop import App
from app.wiring.ports import Ports
from tests.fakes.broker import MemoryBroker
from tests.fakes.folder import MemoryFolder
from tests.fakes.memory_store import MemoryStore
from tests.fakes.mortal import Life, MortalClock, MortalHttp, MortalLocks, MortalStore
from tests.fakes.platform import FakePage, MemoryKeys
from tests.kit.world import PRACTICE_LANE, World, pairs


class Program:
    """The program in one tab of a world."""

    app: App

    def __init__(self, world: World) -> None:
        self.world, self.life, self.page = world, Life(), FakePage()

    async def open(self) -> Program:
        world, life = self.world, self.life
        store = MortalStore(MemoryStore(STORED_MOVES, world.disk), life)
        http, clock, locks = MortalHttp(world.http, life), MortalClock(world.clock, life), MortalLocks(world.locks, life)
        ports = Ports(
            store=store,
            http=http,
            keys=MemoryKeys(world.sealed),
            screen=self.page,
            clock=clock,
            random=world.random,
            locks=locks,
            broker=MemoryBroker,
            folder=MemoryFolder,
        )
        self.app = await build(ports)
        self.page.listen(self.app.receive, lambda error: self.app.failed("event", error))
        store.watch(self.app.told_by_other_tab)
        return self

    async def close(self) -> None:
        self.life.die()
        await self.app.tasks.stop()

    async def batches(self) -> list[Batch]:
        return [one.value for one in await Records(self.app.services.store).all(Batch)]


async def test_the_program_carries_a_batch_and_shows_it_in_every_tab(world: World) -> None:
    """Two tabs are open; what one submits is answered, and both show it."""
    first, second = await Program(world).open(), await Program(world).open()
    await world.rest()
    assert (first.app.state.engine.leads, second.app.state.engine.leads) == (True, False)
    services = second.app.services
    await services.queue.add(PRACTICE_LANE, pairs(["a", "b"], PRACTICE_LANE))
    await world.rest()
    assert [one.requests for one in first.app.state.queue.lanes] == [2]
    await services.submitter.submit(PRACTICE_LANE, services.profiles.known["practice"])
    await world.until(lambda: world.batch().state == "done")
    await world.rest()
    for tab in (first, second):
        assert [one.tally.answered for one in tab.app.state.batches.all] == [2]
        assert tab.app.state.problems == {}
        await tab.close()


async def test_the_second_tab_takes_over_with_what_the_first_had_taught(world: World) -> None:
    """The first tab is closed in the middle of a practice batch: the second knows the batch and finishes it."""
    first, second = await Program(world).open(), await Program(world).open()
    await first.app.services.queue.add(PRACTICE_LANE, pairs(["a", "b"], PRACTICE_LANE))
    await first.app.services.submitter.submit(PRACTICE_LANE, first.app.services.profiles.known["practice"])
    first.app.services.engine.nudge()
    await world.until(lambda: world.batch().state == "in_progress")
    await first.close()
    await world.until(lambda: world.batch().state == "done")
    assert second.app.state.engine.leads
    assert world.batch().tally.answered == 2
    assert second.app.state.problems == {}
    await second.close()


async def test_practice_behaves_as_the_settings_show_after_a_reload(world: World) -> None:
    """A trap that was chosen before the page was closed is set when it opens."""
    world.prefer(practice_traps=("unauthorized_401",), practice_speed=0.0)
    program = await Program(world).open()
    assert program.app.state.preferences.practice_traps == ("unauthorized_401",)
    await program.app.services.queue.add(PRACTICE_LANE, pairs(["a"], PRACTICE_LANE))
    await program.app.services.submitter.submit(PRACTICE_LANE, program.app.services.profiles.known["practice"])
    program.app.services.engine.nudge()
    await world.until(lambda: world.batch().state == "withdrawn")
    assert world.batch().problem is not None
    assert world.batch().problem.code == "wrong_key"  # type: ignore[union-attr]
    await program.close()


@pytest.mark.parametrize("turns", [0, 1, 3, 10, 40])
async def test_a_reload_at_any_time_opens_the_program_again(world: World, turns: int) -> None:
    """A tab that is closed while it opens, or soon after, leaves nothing that hinders the next."""
    first = Program(world)
    opening = asyncio.ensure_future(first.open())
    for _ in range(turns):
        await asyncio.sleep(0)
    first.life.die()
    await asyncio.gather(opening, return_exceptions=True)
    if hasattr(first, "app"):
        await first.app.tasks.stop()
    second = await Program(world).open()
    await world.rest()
    assert second.app.state.engine.leads
    assert second.page.html
    await second.close()
