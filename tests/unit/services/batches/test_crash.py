"""A tab may die after any step. Whoever opens the page next carries on: nothing is lost, nothing is doubled, nothing is paid twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.practice.brain import Brain
from app.practice.traps import Rule, Trap
from app.services.results.review import Review
from app.services.results.shown import AnswerRow
from tests.kit.depth import examples
from tests.kit.world import LANE, PRACTICE_LANE, Tab, World, pairs

REQUESTS = 5
PER_BATCH = 2


async def queued(world: World, lane: Lane, *, released: bool) -> tuple[Tab, list[str]]:
    """A tab whose queue holds requests in two segments, one of them deleted, before the journey begins. They are held, or go by
    themselves."""
    world.provider(max_requests=PER_BATCH)
    tab = await world.tab()
    await tab.rules.tell(lane.profile)
    await tab.rules.set_after(lane.profile, 60.0, "own")
    await tab.rules.hold(lane)
    ids = [f"r{number}" for number in range(REQUESTS)]
    await tab.queue.add(lane, pairs([*ids[:3], "deleted"], lane))
    await tab.queue.delete(lane, {"deleted"})
    await tab.queue.add(lane, pairs(ids[3:], lane))
    await world.rest()
    if released:
        await tab.rules.release(lane)
    world.steps.clear()
    return tab, ids


def gone(world: World, work: asyncio.Future[Any] | None) -> bool:
    """Whether what was asked for by hand is done; if nothing was, whether everything has left the queue by itself."""
    return not world.queued() if work is None else work.done()


def finished(world: World) -> bool:
    return all(one.state in pipeline.FINAL for one in world.batches())


async def check(world: World, tab: Tab, lane: Lane, ids: list[str]) -> None:
    brain: Brain = tab.practice.brain if lane.profile == "practice" else world.brain
    batches = world.batches()
    assert {one.state for one in batches} == {"done"}, world.describe()
    assert world.queued() == []
    assert sum(one.tally.answered for one in batches) == len(ids)
    answered = [row.id for one in batches for row in await rows_of(tab.review, one)]
    assert sorted(answered) == sorted(ids)
    assert Counter(await world.paid(brain)) == Counter(ids), "a request was paid twice, or never sent"
    taken = [record for record in brain.state.batches.values() if not record.problems]
    ours = [record.metadata["nightshift"] for record in taken if record.metadata]
    assert sorted(ours) == sorted(one.id for one in batches)
    world.check_stored()
    world.check_failures()
    await tab.queue.restore(lane)
    assert world.queued() == ["deleted"], "what was deleted can still be restored"


async def rows_of(review: Review, batch: Batch) -> list[AnswerRow]:
    return (await review.rows(batch, "answered", 0, 100))[1]


async def journey(lane: Lane, *crashes: int, standby: bool = False, by_itself: bool = False, crowded: bool = False) -> list[str]:
    """A journey whose tab dies after the given steps, each counted from the opening of the page. Returns the steps of the last life. With
    ``by_itself`` nobody submits: full batches go at once, the rest when it is a minute old. ``crowded``: there is room for one batch at a
    time, and the provider refuses one for lack of room."""
    world = World(*([Rule(Trap.TOKEN_LIMIT_EXCEEDED, times=1)] if crowded else []))
    if crowded:
        world.room(100)
    try:
        tab, ids = await queued(world, lane, released=by_itself)
        heirs = [await world.tab()] if standby else []
        for crash in [*crashes, None]:
            world.steps.clear()
            world.crash_at = crash
            life = tab.life
            work = None if by_itself else asyncio.ensure_future(tab.submit(lane))
            await world.until(lambda life=life, work=work: life.dead or (gone(world, work) and finished(world)), within=200_000)  # type: ignore[misc]
            if life.dead:
                await tab.close()
                world.check_places()
                tab = heirs.pop() if heirs else await world.tab()
        await check(world, tab, lane, ids)
        return list(world.steps)
    finally:
        await world.close()


def after_each_step(lane: Lane, steps: list[str], **how: bool) -> None:
    """The journey once for each of these steps, after which the tab dies."""
    for crash, label in enumerate(steps):
        try:
            asyncio.run(journey(lane, crash, **how))
        except BaseException as error:
            error.add_note(f"after step {crash} of {len(steps)}: {label}")
            raise


@pytest.mark.slow
@pytest.mark.parametrize("lane", [LANE, PRACTICE_LANE], ids=["far", "practice"])
def test_a_tab_may_die_after_any_step(lane: Lane) -> None:
    """Three batches; the tab dies after each of their steps in turn: every commit, and every call before it leaves and after it took
    effect. Every request is answered exactly once, the provider has one batch for each of ours, and nothing is left over."""
    steps = asyncio.run(journey(lane))
    assert len(steps) > 40
    after_each_step(lane, steps)


@pytest.mark.slow
@pytest.mark.parametrize("lane", [LANE, PRACTICE_LANE], ids=["far", "practice"])
def test_another_tab_may_take_over_after_any_step(lane: Lane) -> None:
    """The same, with a second tab that was open all the time and takes the lead."""
    after_each_step(lane, asyncio.run(journey(lane)), standby=True)


@pytest.mark.slow
@pytest.mark.parametrize("lane", [LANE, PRACTICE_LANE], ids=["far", "practice"])
def test_a_tab_may_die_while_requests_go_out_by_themselves(lane: Lane) -> None:
    """The same without anybody pressing a button: whoever opens the page next closes what is due."""
    steps = asyncio.run(journey(lane, by_itself=True))
    assert any(label.startswith("commit") and "Put planned" in label for label in steps)
    after_each_step(lane, steps, by_itself=True)


@pytest.mark.slow
def test_a_tab_may_die_after_any_step_while_batches_wait_for_room() -> None:
    """The same where the batches go one after another, and the provider refuses one of them: its requests are sent again, and once."""
    after_each_step(LANE, asyncio.run(journey(LANE, crowded=True)), crowded=True)


@pytest.mark.slow
@settings(max_examples=examples(30, 60))
@given(lane=st.sampled_from([LANE, PRACTICE_LANE]), crashes=st.lists(st.integers(0, 70), min_size=2, max_size=6))
def test_tabs_may_die_again_and_again(lane: Lane, crashes: list[int]) -> None:
    """However often and wherever the page dies, the end is the same."""
    asyncio.run(journey(lane, *crashes))
