"""The batches of a plan drawn wave by wave, with what waits and why."""

from __future__ import annotations

from simple_html import render

from app.core.model.batches import Batch
from app.core.model.lanes import CHAT, Lane
from app.core.planning.cutting import PlannedBatch, PlannedLane
from app.core.queue.lanes import Sums
from app.ui.base.state import State
from app.ui.plan.waves_view import waves
from tests.unit.ui.conftest import Open

MODEL = "gpt-4o-mini"


def lane(batches: int, room: int, need: int = 40) -> PlannedLane:
    """So many batches of 40 tokens each, two of which fit into a room of 100."""
    together = max(1, room // need) if room else batches
    found = tuple(PlannedBatch(Sums(1, 100, need, 1), 1 + n // together) for n in range(batches))
    return PlannedLane(MODEL, Sums(batches, 100 * batches, need * batches, batches), room, batches, found[-1].wave, found)


async def opened(tabs: Open) -> State:
    visit = await tabs()
    await visit.use_openai()
    return visit.state


async def test_what_waits_for_capacity_is_drawn_and_said(tabs: Open) -> None:
    """No durations are invented: the axis is waves, and each ends within the window at the latest."""
    state = await opened(tabs)
    drawn = render(waves(state, lane(5, 100)))
    assert drawn.count("<rect") == 5
    assert drawn.count('class="now"') == 2
    assert "Batch 5: about 40 tokens, wave 3" in drawn
    assert "waves, not hours" in drawn
    assert "100 tokens may be enqueued for gpt-4o-mini" in drawn
    assert "the last wave begins after 2 × 24h at the latest" in drawn
    assert 'role="img"' in drawn


async def test_what_fits_goes_at_once(tabs: Open) -> None:
    """A single batch needs no drawing."""
    state = await opened(tabs)
    assert "All can be sent at once" in render(waves(state, lane(3, 0)))
    assert render(waves(state, lane(1, 0))) == ""


async def test_batches_under_way_hold_capacity(tabs: Open) -> None:
    """So the first wave may have to wait as well."""
    state = await opened(tabs)
    here = Batch(id="b", state="in_progress", lane=Lane("openai", CHAT, f"{MODEL}-2024-07-18"), tokens=90)
    state.batches.all = [here]
    drawn = render(waves(state, lane(1, 100)))
    assert "under way and holds 90 of the tokens until it has ended" in drawn
    other = Batch(id="b", state="done", lane=Lane("openai", CHAT, MODEL), tokens=90)
    state.batches.all = [other]
    assert render(waves(state, lane(1, 100))) == ""


async def test_of_very_many_the_first_are_drawn(tabs: Open) -> None:
    """However many: the drawing is no larger than a screen can show."""
    state = await opened(tabs)
    drawn = render(waves(state, lane(2_000, 40)))
    assert drawn.count("<rect") == 60
    assert "The first 60 of 2,000 waves are drawn." in drawn
    assert render(waves(state, lane(100, 1_640))).count("<rect") == 1 + 1 + 18  # 41 in a wave are one block, 18 are drawn one by one
