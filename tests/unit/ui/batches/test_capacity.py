"""Batches that wait for room at the provider, and the limits in the settings."""

from __future__ import annotations

import pytest

from app.practice.traps import Rule, Trap
from tests.kit.screen import Visit
from tests.unit.ui.submitting import behave, only, submitted


async def limited(visit: Visit, model: str, tokens: str) -> None:
    """Enter a limit of one's own for OpenAI."""
    await visit.go("#/settings")
    await visit.type("Model prefix", model, nth=0)
    await visit.type("Enqueued tokens", tokens, nth=0)
    await visit.click("Save the limit", nth=0)


@pytest.mark.slow
async def test_a_batch_that_waits_for_room_says_why(visit: Visit) -> None:
    """How much the model takes, how much is taken and by whom, how much it needs; and the ways on."""
    behave(visit, speed=20.0)
    await submitted(visit, "one")
    await visit.wait(1)
    need = only(visit).tokens
    await limited(visit, "gpt-4o", f"{need + 1}")
    await visit.queue("two")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(1)
    first, second = sorted(visit.state.batches.all, key=lambda one: one.created)
    assert (first.state, second.state) == ("validating", "waiting")
    await visit.go("#/batches")
    assert "waiting for quota" in visit.text
    await visit.go(f"#/batches/{second.id}")
    said = (
        f"gpt-4o-mini takes {need + 1} enqueued tokens (your limit); {need} are in use by 1 batch; this batch needs about {second.tokens}."
    )
    assert said in visit.text
    assert "at the latest by" in visit.text
    await visit.wait(600)
    assert {one.state for one in visit.state.batches.all} == {"done"}


@pytest.mark.slow
async def test_a_batch_that_waits_for_room_goes_back_to_the_queue_or_is_sent_all_the_same(visit: Visit) -> None:
    """One click each; nothing is lost."""
    behave(visit, speed=20.0)
    await submitted(visit, "one")
    await visit.wait(1)
    await limited(visit, "gpt-4o", f"{only(visit).tokens + 1}")
    for text in ("two", "three"):
        await visit.queue(text)
        await visit.go("#/queue")
        await visit.click("Submit 1")
    await visit.wait(1)
    _first, second, third = sorted(visit.state.batches.all, key=lambda one: one.created)
    await visit.go(f"#/batches/{second.id}")
    await visit.click("Back to the queue")
    await visit.go(f"#/batches/{third.id}")
    await visit.click("Try now")
    await visit.wait(1)
    states = {one.id: one.state for one in visit.state.batches.all}
    assert (states[second.id], states[third.id]) == ("withdrawn", "validating")
    assert sum(one.requests for one in visit.state.queue.lanes) == 1


@pytest.mark.slow
async def test_a_batch_over_the_whole_limit_says_what_to_do(visit: Visit) -> None:
    """Waiting does not help it: the limit can be raised, or it is sent all the same, and then the provider decides."""
    behave(visit, speed=20.0)
    await submitted(visit, "one")
    await visit.wait(1)
    await limited(visit, "gpt-4o", f"{only(visit).tokens + 1}")
    await visit.queue("two")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.wait(1)
    await limited(visit, "gpt-4o-mini", "1")
    waiting = max(visit.state.batches.all, key=lambda one: one.created)
    await visit.go("#/batches")
    assert "needs you" in visit.text
    await visit.go(f"#/batches/{waiting.id}")
    assert "Larger than the limit: waiting doesn't help." in visit.text
    assert "gpt-4o-mini takes 1 enqueued tokens (your limit)" in visit.text
    await visit.wait(600)
    assert waiting.id in {one.id for one in visit.state.batches.all if one.state == "waiting"}
    await visit.click("Try now")
    await visit.wait(600)
    assert {one.state for one in visit.state.batches.all} == {"done"}


async def test_a_request_over_the_whole_limit_is_not_submitted(visit: Visit) -> None:
    """It is refused by name, with its estimate and what to do."""
    await visit.use_openai()
    await limited(visit, "gpt-4o-mini", "1")
    await visit.queue("two")
    await visit.go("#/queue")
    await visit.click("Submit 1")
    await visit.rest()
    said = " ".join([visit.text, *visit.notes, *visit.toasts])
    assert "this model may have 1 enqueued" in said
    assert "raise the limit in the settings" in said


async def test_a_limit_that_is_no_number_is_not_kept(visit: Visit) -> None:
    """What is wrong stands below the field, and goes when it is mended."""
    await limited(visit, "gpt-5", "many")
    assert "Tokens: a whole number from 1, for example 1,500,000." in visit.text
    assert visit.state.provider.limits == {}
    await visit.type("Enqueued tokens", "1 500 000", nth=0)
    await visit.click("Save the limit", nth=0)
    assert visit.state.provider.limits["openai"].own == {"gpt-5": 1_500_000}
    await visit.click("Remove the limit of gpt-5")
    await visit.click("Undo")
    assert visit.has("Remove the limit of gpt-5")
    await visit.click("Remove the limit of gpt-5")
    assert visit.state.provider.limits["openai"].own == {}


@pytest.mark.slow
async def test_token_limit_exceeded_is_told_with_the_limit_that_the_provider_named(visit: Visit) -> None:
    """When it is tried again, and that nothing is billed; the limit stands in the settings and can be forgotten."""
    behave(visit, Rule(Trap.TOKEN_LIMIT_EXCEEDED, times=1))
    batch = await submitted(visit, "one")
    await visit.wait(60)
    assert only(visit).state == "waiting"
    assert "The provider has no capacity for this batch" in visit.text
    assert "nothing is billed" in visit.text
    assert "the provider has no capacity; retries in 4 min" in visit.text
    await visit.go("#/settings")
    assert "the provider, 20" in visit.text
    await visit.click("Remove the limit of gpt-4o-mini")
    assert visit.state.provider.limits["openai"].stated == {}
    await visit.go(f"#/batches/{batch.id}")
    await visit.click("Try now", nth=0)
    await visit.wait(60)
    assert only(visit).state == "done"
    assert "An earlier attempt at the provider" in visit.text
