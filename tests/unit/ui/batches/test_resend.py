"""What is sent again, by rule and by hand, and what the page says of it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.core.model.batches import Batch
from app.ports import Row, Table
from app.practice.traps import Rule, Trap
from app.services.runtime.damage import Damage
from app.ui.base.actions_base import Event
from app.ui.results.actions import SendAgain
from tests.kit.screen import Visit
from tests.unit.ui.submitting import NUMBERS, behave, ended, only, outcomes, submitted


def said(visit: Visit) -> str:
    """What the card about unanswered requests says."""
    (card,) = [one for one in visit.dom.of("section") if one.get("aria-label") in ("Not answered", "Sent again")]
    return card.text


async def again(visit: Visit) -> Batch:
    """Submit what went back to the queue; its batch ends well, its view open."""
    behave(visit)
    before = {one.id for one in visit.state.batches.all}
    await visit.go("#/queue")
    await visit.click(f"Submit {visit.state.queue.lanes[0].requests}")
    await visit.wait(180)
    (new,) = [one for one in visit.state.batches.all if one.id not in before]
    await visit.go(f"#/batches/{new.id}")
    return new


@pytest.mark.slow
async def test_sent_again_by_rule(visit: Visit) -> None:
    """The batch says how many went, where they are, and the later batch where they come from."""
    first = await ended(visit, Trap.LINE_SERVER_ERROR)
    assert first.resent == first.tally.failed > 0
    assert f"{first.resent} requests sent again · {first.resent} wait in the queue" in said(visit)
    assert "server_error" in said(visit)
    assert not visit.has(f"Queue {first.resent} again")
    second = await again(visit)
    assert second.tally.answered == first.resent
    assert "Requests of this batch were sent before in" in said(visit)
    assert any(one["href"] == f"#/batches/{first.id}" for one in visit.dom.of("a") if one.get("href"))
    await visit.go(f"#/batches/{first.id}")
    assert f"{first.resent} requests sent again · in" in said(visit)
    await visit.click(f"{first.resent} requests sent again")
    assert len(outcomes(visit)) == first.resent


def told(visit: Visit) -> list[str]:
    """The attempts of the request that is open."""
    (card,) = [one for one in visit.reach.of("section") if one.get("aria-label") == "Attempts"]
    return [one.text[1:].partition(" · ")[0] for one in card.of("li")]


@pytest.mark.slow
async def test_attempts(visit: Visit) -> None:
    """A request shows its attempts over several batches, newest first, each with its batch and outcome."""
    first = await ended(visit, Trap.LINE_SERVER_ERROR)
    await visit.click("one")
    assert told(visit) == ["waits in the queue to be sent again", "failed in this batch"]
    assert not visit.has("Queue it again")
    await visit.click("Close")
    second = await again(visit)
    await visit.click("one")
    assert told(visit) == ["answered in this batch", "failed in one + 5 more"]
    assert "server_error" in visit.reach.text
    assert [one["href"] for one in visit.reach.of("a") if "batches" in one["href"]] == [f"#/batches/{first.id}"]
    await visit.click("Close")
    await visit.go(f"#/batches/{first.id}")
    await visit.click("one")
    assert [one.partition(" + ")[0] for one in told(visit)] == ["answered in one", "failed in this batch"]
    assert [one["href"] for one in visit.reach.of("a") if "batches" in one["href"]] == [f"#/batches/{second.id}"]
    assert not visit.has("Queue it again")


@pytest.mark.slow
async def test_queue_one_again(visit: Visit) -> None:
    """One request by itself, once; its view says that it waits."""
    batch = await ended(visit, Trap.LINE_ERROR_NULL_STATUS_400)
    await visit.click("one")
    await visit.click("Queue it again")
    assert (visit.state.queue.lanes[0].requests, only(visit).resent) == (1, 1)
    assert told(visit) == ["waits in the queue to be sent again", "failed in this batch"]
    assert not visit.has("Queue it again")
    await visit.click("Close")
    assert visit.has(f"Queue {batch.tally.failed - 1} again")


@pytest.mark.slow
async def test_queue_the_chosen_again(visit: Visit) -> None:
    """Only what can be sent again can be chosen, one by one or all under the filter."""
    batch = await ended(visit, Trap.LINE_ERROR_NULL_STATUS_400)
    boxes = [one for one in visit.dom.of("input") if str(one.get("aria-label")).startswith("Select request")]
    assert len(boxes) == batch.tally.failed < 6
    await visit.check("Select request 1", True)
    await visit.click("Queue 1 selected again")
    assert [row.id for _first, rows in visit.state.queue.lines.values() for row in rows] == [visit.state.batch.rows[0].id]
    await visit.check("Select all shown that can be sent again", True)
    await visit.click(f"Queue {batch.tally.failed - 1} selected again")
    assert visit.state.queue.lanes[0].requests == batch.tally.failed
    assert not visit.state.batch.picked


@pytest.mark.slow
async def test_requests_that_cannot_be_read_stay_and_are_told(visit: Visit) -> None:
    """Their record is damaged: their answers stand beside their ids all the same, and none of them goes again before it is back."""
    behave(visit)
    await submitted(visit, *NUMBERS)
    await visit.wait(180)
    batch = only(visit)
    ids = [row.id for row in visit.state.batch.rows]
    (id,) = [one for one, row in visit.store.disk.records[Table.SEGMENTS].items() if row.owner == f"batch:{batch.id}"]
    table = visit.store.disk.records[Table.SEGMENTS]
    whole = table[id]
    table[id] = replace(whole, doc="{")
    Damage.of(visit.store).add(Table.SEGMENTS, Row(id, whole.rev, "{", whole.owner), "somebody read it")
    await visit.go("#/queue")
    await visit.go(f"#/batches/{batch.id}")
    assert [row.id for row in visit.state.batch.rows] == ids
    assert {row.asked for row in visit.state.batch.rows} == {
        "(the record of this request is damaged or set aside: see Damaged records in the settings)"
    }
    assert set(outcomes(visit)) == {"answered"}
    visit.app.dispatch(Event(SendAgain(batch.id, "all")))
    await visit.rest()
    assert f"Nothing to return to the queue. {len(ids)} requests of this batch cannot be read, and stay" in visit.toasts[-1]
    table[id] = whole
    Damage.of(visit.store).well("segments", id)
    await visit.go("#/queue")
    await visit.go(f"#/batches/{batch.id}")
    assert all("damaged" not in row.asked for row in visit.state.batch.rows)


@pytest.mark.slow
async def test_queue_all_of_one_code_again(visit: Visit) -> None:
    """Errors stand by code with what helps; all of one can be shown and sent again, and the others stay."""
    behave(visit, Trap.LINE_ERROR_NULL_STATUS_400, Trap.LINE_NO_CREDIT, share=0.0)
    await submitted(visit, *NUMBERS)
    await visit.wait(180)
    assert "The account has no credit left." in said(visit)
    assert only(visit).resent == 0
    await visit.click("insufficient_quota")
    assert outcomes(visit) == ["failed"]
    await visit.click("Queue 1 again: insufficient_quota")
    assert (visit.state.queue.lanes[0].requests, only(visit).resent) == (1, 1)
    assert not visit.has("Queue 1 again: insufficient_quota")
    assert visit.has("Queue 1 again: invalid_value")


@pytest.mark.slow
async def test_sent_as_often_as_it_may(visit: Visit) -> None:
    """After the limit a request stays as it is, and the batch says so."""
    await visit.app.services.profiles.save(replace(visit.state.provider.profiles["openai"], resend=1))
    await ended(visit, Rule(Trap.LINE_SERVER_ERROR), share=0.0)
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(180)
    last = max(visit.state.batches.all, key=lambda one: one.created)
    assert (last.resent, last.resend_exhausted) == (0, 1)
    await visit.go(f"#/batches/{last.id}")
    assert "1 request was sent again" in said(visit)
    assert "stays as it is" in said(visit)
    assert visit.has("Queue 1 again")
