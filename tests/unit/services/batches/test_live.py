"""The rest of a rescued batch asked one by one: each once, whatever fails or breaks off, and its answers are answers like any other."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest

from app.core.model.batches import Batch
from app.practice.traps import Trap
from app.services.batches.live import AT_ONCE
from tests.fakes.http import Answered, Dropped, call_of
from tests.kit.depth import DEEP
from tests.kit.world import Tab, World, numbered
from tests.unit.services.batches.test_rescue import COUNT, answered, check, crawling, over, rescue_of, rescuer, stored


def asked(world: World) -> Counter[str]:
    """How often each request was sent by itself, by its id."""
    found: Counter[str] = Counter()
    for one in world.http.requests:
        if call_of(one) == "answer":
            found[json.loads(one.body or b"")["messages"][0]["content"].removeprefix("Say ")] += 1
    return found


async def live(world: World, count: int = COUNT) -> tuple[Tab, Batch]:
    """A rescue at the standard price, begun: its second batch is here."""
    tab, rescues = await crawling(world, count)
    first = world.batch()
    await rescues.set(first.id, "standard", 0.0)
    await world.until(lambda: len(world.batches()) == 2)
    return tab, first


async def test_the_rest_is_answered_at_once_and_stands_beside_what_came() -> None:
    """Only what was not answered is asked; cost and outcome are those of a batch at the standard price."""
    world = World(Trap.HANG_IN_PROGRESS)
    tab, first = await live(world)
    before, after = await world.ended()
    kept = set(await answered(tab, before))
    assert asked(world) == Counter(set(numbered(COUNT)) - kept)
    assert (after.state, after.live, after.tier, after.tally.answered) == ("done", "standard", "standard", COUNT - len(kept))
    assert after.tally.output_tokens > 0
    assert len(world.remote()) == 1, "no second batch at the provider"
    found = await rescue_of(tab, first)
    assert found is not None
    assert (found.stage, found.batches) == ("ended", (after.id,))
    await check(world, tab, numbered(COUNT))
    await world.close()
    world.check_failures()


async def test_flex_says_so_in_each_request() -> None:
    """The body is as it was but for the tier."""
    world = World(Trap.HANG_IN_PROGRESS)
    tab, rescues = await crawling(world)
    await rescues.set(world.batch().id, "flex", 0.0)
    await world.until(lambda: len(world.batches()) == 2)
    await world.ended()
    bodies = [json.loads(one.body or b"") for one in world.http.requests if call_of(one) == "answer"]
    assert {one["service_tier"] for one in bodies} == {"flex"}
    await check(world, tab, numbered(COUNT))
    await world.close()


async def test_too_many_calls_make_it_wait_and_every_request_is_answered_once() -> None:
    """A refusal for too many calls bills nothing: nothing is asked for a while, then the same is asked again."""
    world = World(Trap.HANG_IN_PROGRESS)
    world.http.fail("answer", Answered(429, b'{"error":{"message":"slow down"}}'), 5)
    tab, _first = await live(world)
    await world.ended()
    assert max(asked(world).values()) > 1
    await check(world, tab, numbered(COUNT))
    await world.close()
    world.check_failures()


async def test_what_may_have_been_answered_is_not_asked_again() -> None:
    """The connection breaks after a request was sent: it is named as one that may be answered, and stays."""
    world = World(Trap.HANG_IN_PROGRESS)
    world.http.fail("answer", Dropped(effect=True))
    await live(world)
    _before, after = await world.ended()
    assert (after.tally.unfound, world.queued()) == (1, [])
    assert max(asked(world).values()) == 1
    await world.close()


async def test_a_wrong_key_stops_all_of_it_until_it_is_mended() -> None:
    """Nothing more is asked, and the page says why; with the right key it goes on."""
    world = World(Trap.HANG_IN_PROGRESS)
    world.http.fail("answer", Answered(401, b'{"error":{"message":"no"}}'), AT_ONCE)
    tab, _first = await live(world)
    await world.until(lambda: (problem := world.batches()[-1].problem) is not None and problem.code == "wrong_key")
    await world.ended()
    await check(world, tab, numbered(COUNT))
    await world.close()


async def test_stopped_by_hand_the_rest_goes_back_to_the_queue() -> None:
    """What is on its way is waited for and kept; nothing more is asked."""
    world = World(Trap.HANG_IN_PROGRESS)
    tab, rescues = await crawling(world, 30)
    gate = world.http.hold("answer")
    await rescues.set(world.batch().id, "standard", 0.0)
    await world.until(lambda: gate.waiting == AT_ONCE)
    second = world.batches()[-1]
    await rescues.set(second.id, "queue", 0.0)
    await world.until(lambda: world.batches()[-1].cancel_requested)
    gate.open()
    await world.until(lambda: over(world, second))
    first, second = world.batches()
    assert second.state == "cancelled"
    assert second.tally.answered == AT_ONCE == asked(world).total()
    assert len(world.queued()) == 30 - first.tally.answered - AT_ONCE
    del world.http.gates["answer"]
    await tab.submit()
    await world.ended()
    await check(world, tab, numbered(30))
    await world.close()
    world.check_failures()


async def one_death(at: int) -> bool:
    """The page dies after so many steps of the rescue, and is opened again; whether it died before the end."""
    world = World(Trap.HANG_IN_PROGRESS)
    tab, rescues = await crawling(world, 6)
    first = world.batch()
    world.crash_at = len(world.steps) + at
    wish = asyncio.ensure_future(rescues.set(first.id, "standard", 0.0))
    await world.until(lambda: tab.life.dead or (over(world, first) and all(one.state in ("done", "cancelled") for one in world.batches())))
    await asyncio.gather(wish, return_exceptions=True)
    dead = tab.life.dead
    world.crash_at = None
    tab = await world.reload(tab)
    again = rescuer(tab)
    if not stored(world, first):
        await again.set(first.id, "standard", 0.0)
    await world.until(lambda: over(world, first))
    batches = await world.ended()
    assert all(times == 1 for times in asked(world).values()), "asked twice"
    good = [id for batch in batches for id in await answered(tab, batch)]
    doubtful = sum(batch.tally.unfound for batch in batches)
    assert len(good) == len(set(good))
    assert len(good) + doubtful == 6
    assert doubtful <= AT_ONCE
    assert world.queued() == []
    world.check_stored()
    await world.close()
    return dead


@pytest.mark.slow
@pytest.mark.parametrize("offset", range(3))
async def test_wherever_the_page_dies_nothing_is_asked_twice(offset: int) -> None:
    """At steps from the wish to the last answer: a request is answered once, or named as one that may have been answered."""
    at = offset
    while await one_death(at):
        at += 3 if DEEP else 12
