"""Answers that were not found, or are no good ones: what the page says, and that nothing is paid twice without the words for it."""

from __future__ import annotations

from app.practice.traps import Trap
from tests.kit.screen import Visit

from .submitting import ended, only


async def test_what_was_counted_and_not_found_goes_again_on_purpose_only(visit: Visit) -> None:
    """The note says so with its ways on; no button sends it without a question, and the question says what it may cost."""
    batch = await ended(visit, Trap.MISSING_ROWS)
    lost = batch.tally.unfound
    assert lost > 0
    assert (batch.went, list(visit.state.lanes)) == (0, [])
    assert f"Provider says answered, not found in its files: {lost} request" in visit.text
    assert "nothing of this is sent again by itself: it could be paid twice" in visit.text
    assert visit.has("Fetch the answers again")
    assert not visit.has(f"Queue {lost} again")
    await visit.click(f"Queue {lost} again, may be paid twice: answered_not_found")
    assert "This may be paid twice." in visit.reach.text
    assert only(visit).went == 0
    await visit.click("Keep as it is")
    assert only(visit).went == 0
    await visit.click(f"Queue {lost} again, may be paid twice: answered_not_found")
    await visit.click(f"Queue {lost} again, may be paid twice")
    batch = only(visit)
    assert (batch.went, batch.risked) == (lost, lost)
    assert not visit.has(f"Queue {lost} again, may be paid twice: answered_not_found")


async def test_looking_again_finds_nothing_new_and_changes_nothing(visit: Visit) -> None:
    """It is free, and the batch is as it was."""
    before = await ended(visit, Trap.MISSING_ROWS)
    await visit.click("Fetch the answers again")
    await visit.wait(120)
    after = only(visit)
    assert (after.state, after.tally, after.went) == (before.state, before.tally, 0)


async def test_refused_answers_are_a_group_of_their_own(visit: Visit) -> None:
    """They are not counted as answered, and the remedy stands beside them."""
    batch = await ended(visit, Trap.REFUSAL)
    assert batch.tally.flawed > 0
    assert "answered, but with no good answer" in visit.text
    assert "The model refused to answer. It is billed." in visit.text
    await visit.click("Show them")
    await visit.click("Flawed " + str(batch.tally.flawed))
    assert {row.outcome for row in visit.state.batch.rows} == {"flawed"}
