"""Rescues: a batch that crawls is cancelled, what came is kept, the rest goes on once, whatever breaks off in between."""

from __future__ import annotations

import asyncio
import math
from collections import Counter

import pytest
from msgspec.structs import replace

from app.core.model.batches import Batch
from app.core.model.providers import Budget, Limits
from app.core.model.rescues import Rescue, RescueWay
from app.ports import Table
from app.practice.traps import Trap
from app.services.batches.rescuer import Rescuer
from tests.fakes.http import Answered, Dropped
from tests.kit.depth import DEEP
from tests.kit.world import Tab, World, numbered

COUNT = 12


def rescuer(tab: Tab) -> Rescuer:
    """At work in this tab, as in the one that leads."""
    made = Rescuer(tab.runtime, tab.engine, tab.again, tab.queue, tab.submitter, tab.profiles)
    tab.tasks.start("rescue", made.run())
    return made


async def crawling(world: World, count: int = COUNT) -> tuple[Tab, Rescuer]:
    """A batch that stays half done."""
    tab = await world.tab()
    await tab.add(count)
    await tab.submit()
    await world.until(lambda: (remote := world.batch().remote) is not None and remote.completed > 0)
    world.brain.state.scenario = replace(world.brain.state.scenario, traps=())  # what is made from now on does not crawl
    return tab, rescuer(tab)


async def answered(tab: Tab, batch: Batch) -> list[str]:
    return [row.id for row in (await tab.review.rows(batch, "answered", 0, 1_000))[1]]


def stored(world: World, batch: Batch) -> str:
    """Its rescue as it lies in the store; "" where there is none."""
    row = world.disk.records[Table.SETTINGS].get(f"rescue:{batch.id}")
    return row.doc if row is not None else ""


def over(world: World, batch: Batch) -> bool:
    return '"ended"' in stored(world, batch)


async def rescue_of(tab: Tab, batch: Batch) -> Rescue | None:
    return (await Rescuer(tab.runtime, tab.engine, tab.again, tab.queue, tab.submitter, tab.profiles).all()).get(batch.id)


async def check(world: World, tab: Tab, ids: list[str]) -> None:
    """Every request is answered once, over all batches, and waits nowhere."""
    found = Counter([id for batch in world.batches() for id in await answered(tab, batch)])
    assert found == Counter(ids)
    assert world.queued() == []
    world.check_stored()


async def test_what_came_is_kept_and_the_rest_is_answered_by_a_new_batch() -> None:
    """By hand, now: cancelled at the provider, the answers of the first half kept, the other half in a batch that says where it is from."""
    world = World(Trap.HANG_IN_PROGRESS)
    tab, rescues = await crawling(world)
    first = world.batch()
    await rescues.set(first.id, "batch", 0.0)
    await world.until(lambda: len(world.batches()) == 2)
    before, after = await world.ended()
    assert (before.state, before.cancel_requested, before.resent) == ("cancelled", True, after.requests)
    assert 0 < before.tally.answered == COUNT - after.requests
    assert after.previous_batches == (first.id,)
    assert "took too long" in after.timeline[0].note
    found = await rescue_of(tab, first)
    assert found is not None
    assert (found.stage, found.sent, found.batches, found.problem) == ("ended", after.requests, (after.id,), None)
    await check(world, tab, numbered(COUNT))
    await world.close()
    world.check_failures()


async def test_at_its_time_and_not_before() -> None:
    """The batch runs on until then; the rest waits in the queue, where only the person submits it."""
    world = World(Trap.HANG_IN_PROGRESS)
    tab, rescues = await crawling(world)
    at = world.clock.now() + 3_600
    await rescues.set(world.batch().id, "queue", at)
    await world.until(lambda: world.clock.now() > at - 60, within=4_000)
    assert not world.batch().cancel_requested
    (batch,) = await world.ended()
    await world.until(lambda: batch.requests - world.batch().tally.answered == len(world.queued()) > 0)
    assert batch.state == "cancelled"
    assert batch.timeline[-1].at >= at
    assert not set(world.queued()) & set(await answered(tab, batch))
    await world.close()
    world.check_failures()


async def test_a_batch_that_is_done_in_time_is_left_alone() -> None:
    """Nothing is cancelled, and nothing is sent."""
    world = World()
    tab = await world.tab()
    await tab.add(COUNT)
    await tab.submit()
    rescues = rescuer(tab)
    await rescues.set(world.batch().id, "batch", world.clock.now() + 200_000)
    await world.ended()
    await world.until(lambda: over(world, world.batch()))
    assert (world.batch().cancel_requested, world.batch().tally.answered, len(world.batches())) == (False, COUNT, 1)
    await world.close()
    world.check_failures()


async def test_what_the_provider_finishes_first_is_kept_and_never_sent_again() -> None:
    """The cancel comes too late for all of them."""
    world = World(Trap.HANG_FINALIZING)
    tab, rescues = await crawling(world)
    await world.until(lambda: world.batch().state == "finalizing")
    await rescues.set(world.batch().id, "batch", 0.0)
    await world.ended()
    await world.until(lambda: over(world, world.batch()))
    assert len(world.batches()) == 1
    await check(world, tab, numbered(COUNT))
    await world.close()


async def test_nothing_is_sent_while_an_answer_file_is_not_here() -> None:
    """What is in it may be answered and paid for: it is said, and left to the person."""
    world = World(Trap.HANG_IN_PROGRESS)
    _tab, rescues = await crawling(world)
    world.http.fail("download", Answered(404), math.inf)
    await rescues.set(world.batch().id, "batch", 0.0)
    (batch,) = await world.ended()
    await world.until(lambda: "rescue_stopped" in stored(world, batch))
    assert (world.queued(), len(world.batches())) == ([], 1)
    await world.close()


async def test_a_budget_keeps_the_rest_back_until_it_is_raised() -> None:
    """It waits in the queue with the reason, and goes when it may."""
    world = World(Trap.HANG_IN_PROGRESS)
    tab, rescues = await crawling(world)
    first = world.batch()
    world._put(Limits(id="openai", budget=Budget(day=1)))
    await rescues.set(first.id, "batch", 0.0)
    await world.until(lambda: '"budget"' in stored(world, first))
    assert len(world.queued()) == COUNT - world.batch().tally.answered
    world._put(Limits(id="openai", budget=Budget(day=10**15)))
    await world.until(lambda: len(world.batches()) == 2)
    await world.ended()
    await check(world, tab, numbered(COUNT))
    await world.close()
    world.check_failures()


async def one_death(way: RescueWay, at: int) -> bool:
    """A rescue whose page dies after so many steps, and is opened again; whether it died before the end."""
    world = World(Trap.HANG_IN_PROGRESS)
    tab, rescues = await crawling(world, 6)
    first = world.batch()
    world.http.fail("cancel", Dropped(effect=True))
    world.crash_at = len(world.steps) + at
    wish = asyncio.ensure_future(rescues.set(first.id, way, 0.0))
    await world.until(lambda: tab.life.dead or over(world, first))
    await asyncio.gather(wish, return_exceptions=True)
    dead = tab.life.dead
    world.crash_at = None
    tab = await world.reload(tab)
    again = rescuer(tab)
    if not stored(world, first):
        await again.set(first.id, way, 0.0)  # it died before the wish was stored
    await world.until(lambda: over(world, first))
    if way == "queue":
        await tab.submit()
    await world.ended()
    await check(world, tab, numbered(6))
    await world.close()
    return dead


@pytest.mark.slow
@pytest.mark.parametrize("way", ["batch", "queue"])
async def test_wherever_the_page_dies_every_request_is_answered_once(way: RescueWay) -> None:
    """At steps from the wish to the rest's way on, each with a cancel whose answer is lost."""
    at = 0
    while await one_death(way, at):
        at += 1 if DEEP else 4
    assert at > 8, "it dies at several places"
