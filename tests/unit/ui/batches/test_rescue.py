"""A person rescues a batch: the dialog says the price before anything is done, and the page what became of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.practice.traps import Trap
from tests.kit.screen import Visit
from tests.unit.ui.submitting import NUMBERS, behave, only, submitted


async def after_a_while(visit: Visit, met: Callable[[], bool]) -> None:
    """Time passes until it is so."""
    for _ in range(400):
        if met():
            return
        await visit.wait(10)
    raise AssertionError(visit.text)


@pytest.mark.slow
async def test_a_batch_is_rescued_now_and_its_rest_goes_as_a_new_one(visit: Visit) -> None:
    """The price stands beside each way; afterwards the page links to where the rest is."""
    behave(visit, Trap.HANG_IN_PROGRESS, speed=30)
    await submitted(visit, *NUMBERS)
    first = only(visit)
    await after_a_while(visit, lambda: (remote := only(visit).remote) is not None and remote.completed == 3)
    behave(visit, speed=100)
    await visit.click("Rescue …")
    assert "nothing is paid twice" in visit.reach.text
    assert "As a new batch: about $0.0003" in visit.reach.text
    assert "at the standard price: about $0.0006" in visit.reach.text
    assert "flex" not in visit.reach.text, "no price of it is published for this model"
    assert "3 requests of 6 are left by the provider’s count" in visit.reach.text
    await visit.click("Rescue it now")
    assert visit.dialog is None
    await after_a_while(visit, lambda: len(visit.state.batches.all) == 2)
    await after_a_while(visit, lambda: all(one.state in ("cancelled", "done") for one in visit.state.batches.all))
    await after_a_while(visit, lambda: "It was rescued: 3 requests went on." in visit.text)
    other = next(one for one in visit.state.batches.all if one.id != first.id)
    assert f"#/batches/{other.id}" in [one.get("href") for one in visit.dom.of("a")]
    assert (other.tally.answered, other.previous_batches) == (3, (first.id,))
    await visit.click("Read")
    assert "It was rescued" not in visit.text


async def test_a_rescue_is_set_for_later_changed_and_taken_off(visit: Visit) -> None:
    """A time that is none is said; the list shows what is set."""
    behave(visit, Trap.HANG_IN_PROGRESS, speed=30)
    await submitted(visit, "one", "two")
    batch = only(visit)
    await visit.click("Rescue …")
    await visit.choose("When", "hours")
    await visit.type("Hours from now", "soon")
    await visit.click("Schedule the rescue")
    assert "Write a number of hours" in visit.reach.text
    await visit.type("Hours from now", "1,5")
    await visit.choose("Send what is left", "queue")
    await visit.click("Schedule the rescue")
    assert "what is left waits in the queue" in visit.text
    (one,) = visit.state.rescues.all.values()
    assert (one.id, one.way, one.stage, round(one.at - visit.state.now, -2)) == (batch.id, "queue", "set", 5_400)
    await visit.go("#/batches")
    assert "rescue " in visit.dom.of("tbody")[0].text
    await visit.go(f"#/batches/{batch.id}")
    await visit.click("Change …")
    await visit.choose("When", "clock")
    await visit.type("Time, as 18:00", "25:00")
    await visit.click("Schedule the rescue")
    assert "Write a time as 18:00." in visit.reach.text
    await visit.type("Time, as 18:00", "0:30")
    await visit.click("Schedule the rescue")
    (one,) = visit.state.rescues.all.values()
    assert (one.at + visit.state.zone) % 86_400 == 1_800
    assert 0 < one.at - visit.state.now <= 86_400
    await visit.click("Cancel the rescue")
    assert visit.state.rescues.all == {}
    assert not only(visit).cancel_requested
