"""Answers that were not found, or are no good ones: what the page says, and that nothing is paid twice without the words for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import cast

import msgspec
import pytest

from app.core.model.batches import Batch
from app.practice.inproc import PracticeHttp
from app.practice.traps import Trap
from app.ui.results.actions import OpenAnswer
from tests.fakes.http import FaultyHttp
from tests.kit.screen import Visit, check
from tests.unit.ui.submitting import ended, only


@pytest.mark.slow
async def test_what_was_counted_and_not_found_goes_again_on_purpose_only(visit: Visit) -> None:
    """The note says so with its ways on; no button sends it without a question, and the question says what it may cost."""
    batch = await ended(visit, Trap.MISSING_ROWS)
    lost = batch.tally.unfound
    assert lost > 0
    assert (batch.resent, list(visit.state.queue.lanes)) == (0, [])
    assert f"Provider says answered, not found in its files: {lost} request" in visit.text
    assert "none of this is resent automatically: it could be paid for twice" in visit.text
    assert visit.has("Download the answers again")
    assert not visit.has(f"Queue {lost} again")
    await visit.click(f"Queue {lost} again, may be paid twice: answered_not_found")
    assert "This may be paid for twice." in visit.reach.text
    assert only(visit).resent == 0
    await visit.click("Keep as it is")
    assert only(visit).resent == 0
    await visit.click(f"Queue {lost} again, may be paid twice: answered_not_found")
    await visit.click(f"Queue {lost} again, may be paid twice")
    batch = only(visit)
    assert (batch.resent, batch.risked) == (lost, lost)
    assert not visit.has(f"Queue {lost} again, may be paid twice: answered_not_found")


@pytest.mark.slow
async def test_looking_again_finds_nothing_new_and_changes_nothing(visit: Visit) -> None:
    """It is free, and the batch is as it was."""
    before = await ended(visit, Trap.MISSING_ROWS)
    await visit.click("Download the answers again")
    await visit.wait(120)
    after = only(visit)
    assert (after.state, after.tally, after.resent) == (before.state, before.tally, 0)


@pytest.mark.slow
async def test_refused_answers_are_a_group_of_their_own(visit: Visit) -> None:
    """They are not counted as answered, and the remedy stands beside them."""
    batch = await ended(visit, Trap.REFUSAL)
    assert batch.tally.flawed > 0
    assert "answered, but with no good answer" in visit.text
    assert "The model refused to answer. It is billed." in visit.text
    await visit.click("Show them")
    await visit.click("Flawed " + str(batch.tally.flawed))
    assert {row.outcome for row in visit.state.batch.rows} == {"flawed"}


# --- answers under other ids


NAMES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
"""They say nothing of the requests, and do not number them."""


async def under(visit: Visit, change: Callable[[int, str], str]) -> Batch:
    """Six requests, all answered under other ids: ``change`` has the place of each in the file and its own id."""

    def file(data: bytes) -> bytes:
        lines = [json.loads(line) for line in data.splitlines()]
        return b"".join(json.dumps({**one, "custom_id": change(n, one["custom_id"])}).encode() + b"\n" for n, one in enumerate(lines))

    far = FaultyHttp(visit.out._provider)
    far.grown = file
    visit.out._provider = cast("PracticeHttp", far)
    return await ended(visit)


@pytest.mark.slow
async def test_answers_whose_ids_say_what_they_mean_are_taken_with_one_button(visit: Visit) -> None:
    """An example is shown before; afterwards each is answered, and the button's toast takes it back."""
    batch = await under(visit, lambda _n, id: f"task/{id}")
    assert (batch.tally.unfound, batch.tally.unexpected) == (6, 6)
    assert "Each of them matches one request by its name" in visit.text
    assert "and so on" in visit.text
    await visit.click("Match them to these requests")
    await visit.wait(5)
    assert (only(visit).tally.answered, only(visit).tally.unexpected) == (6, 0)
    assert "6 answers matched. The answers are being checked again." in visit.toasts
    assert not visit.has("Match them to these requests")
    await visit.click("Undo")
    await visit.wait(5)
    assert (only(visit).tally.answered, only(visit).tally.unexpected) == (0, 6)
    assert visit.has("Match them to these requests")


@pytest.mark.slow
async def test_an_answer_is_given_to_its_request_by_hand(visit: Visit) -> None:
    """What does not fit is said below the field and keeps what was typed; what fits is answered, and can be taken back in the request."""
    await under(visit, lambda n, _id: NAMES[n])
    assert "Their ids do not say which request they belong to." in visit.text
    await visit.click("Show them")
    row = visit.state.batch.rows[0]
    assert row.outcome == "unexpected"
    await visit.send(json.dumps({"action": json.loads(msgspec.json.encode(OpenAnswer(row.row))), "value": ""}))
    assert "disabled" in visit.button("Match to this request").attributes
    await visit.type("Request that it answers (custom_id)", "nobody")
    await visit.click("Match to this request")
    assert "This batch has no request “nobody”." in visit.reach.text
    assert visit.field("Request that it answers (custom_id)").value == "nobody"
    offered = [one["value"] for one in visit.reach.by_id("whose-ids").of("option")]
    assert len(offered) == 6
    await visit.type("Request that it answers (custom_id)", offered[2])
    assert "This batch has no request" not in visit.reach.text
    await visit.click("Match to this request")
    await visit.wait(5)
    assert visit.dialog is None
    assert (only(visit).tally.answered, only(visit).tally.unfound, only(visit).tally.unexpected) == (1, 5, 5)
    assert (only(visit).resent, list(visit.state.queue.lanes)) == (0, [])
    await visit.send(json.dumps({"action": json.loads(msgspec.json.encode(OpenAnswer(2))), "value": ""}))
    assert "Matched by you." in visit.reach.text
    assert f"has the id “{row.id}”" in visit.reach.text
    check(visit.page.html)
    await visit.click("It is not this request's answer")
    await visit.wait(5)
    assert (only(visit).tally.answered, only(visit).tally.unfound, only(visit).tally.unexpected) == (0, 6, 6)
    await visit.click("Undo", 1)
    await visit.wait(5)
    assert only(visit).tally.answered == 1


@pytest.mark.slow
async def test_another_row_begins_with_an_empty_field(visit: Visit) -> None:
    """What was typed for one answer is not taken for the next."""
    await under(visit, lambda n, _id: NAMES[n])
    await visit.click("Show them")
    first = visit.state.batch.rows[0].row
    await visit.send(json.dumps({"action": json.loads(msgspec.json.encode(OpenAnswer(first))), "value": ""}))
    await visit.type("Request that it answers (custom_id)", "nobody")
    await visit.click("Match to this request")
    await visit.click("Next request (Alt+↓)")
    assert visit.field("Request that it answers (custom_id)").value == ""
    assert "This batch has no request" not in visit.reach.text
