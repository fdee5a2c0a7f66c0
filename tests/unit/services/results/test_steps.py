"""Steps: what is asked by itself when answers are there, once, and for no more than a person accepted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.datasets import Dataset
from app.core.model.problem import Problem
from app.core.model.providers import Budget, Limits
from app.core.model.segments import Segment
from app.core.model.sendings import FollowUp, QueuedRows, QueueingRows
from app.core.model.steps import NextStep
from app.core.openai.problems import Refused
from app.core.prices.rates import PER_DOLLAR
from app.services.programs.waiting import WaitingMessages
from app.services.queue.queue import Queue
from app.services.queue.submit import Submitter
from app.services.results.steps import AnswerSteps
from tests.fakes.platform import MemoryLocks
from tests.kit.answered import PROFILE, Shop, failed, said

CSV = b"text\none\ntwo\nthree\n"
WHY = FollowUp("Why is {{text}} “{{Answer}}”?")


class Keys:
    """A provider with a key; without one it is refused."""

    def __init__(self) -> None:
        self.profile, self.missing = PROFILE, False

    async def provider(self, _id: str) -> Keys:
        if self.missing:
            raise Refused(Problem(code="no_key", what="There is no key.", means="", do="Enter one.", blame="person"))
        return self


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def keyring() -> Keys:
    return Keys()


@pytest.fixture
def steps(shop: Shop, keyring: Keys) -> AnswerSteps:
    return made(shop, keyring)


def made(shop: Shop, keyring: Keys) -> AnswerSteps:
    """As another tab of the same browser has it, but that its locks hold nobody up."""
    runtime = shop.runtime
    queue = Queue(runtime.records, runtime.clock, runtime.random, WaitingMessages(runtime.records, runtime.clock).given_up)
    return AnswerSteps(shop.runtime, shop, MemoryLocks(), queue, Submitter(shop.runtime, queue), keyring)  # type: ignore[arg-type]


async def asked(shop: Shop) -> tuple[Dataset, QueuedRows]:
    dataset = await shop.bring(CSV)
    return dataset, await shop.ask(dataset)


def answer(id: str) -> bytes:
    """The third row fails."""
    return failed(id) if id.partition("~")[0].endswith("-3") else said(id, f"Reply {id[-1]}")


async def now(shop: Shop, step: NextStep) -> NextStep:
    stored = await shop.records.get(NextStep, step.id)
    assert stored is not None
    return stored.value


async def waiting(shop: Shop) -> list[str]:
    return [id for one in await segments(shop) if keys.in_queue(one.owner) for id in one.ids]


async def segments(shop: Shop) -> list[Segment]:
    return [one.value for one in await shop.records.all(Segment)]


async def test_a_step_goes_by_itself_when_the_answers_are_there(shop: Shop, steps: AnswerSteps) -> None:
    """Not before; then the good ones are followed, in batches of their own, and once."""
    dataset, added = await asked(shop)
    step = await steps.plan(dataset.id, added.id, WHY, PER_DOLLAR, 3, None, submit=True)
    assert await steps.turn() == []  # nothing was submitted yet
    await shop.batch(None, state="in_progress")
    assert await steps.turn() == []
    await shop.records.amend(Batch, "b1", lambda one: replace(one, state="withdrawn"))
    await back(shop, "b1")
    await shop.batch(answer)
    await shop.ask(dataset)  # what waits in the queue is not its own
    before = await waiting(shop)
    (done,) = await steps.turn()
    assert (done.state, done.requests, done.why) == ("submitted", 2, "")
    assert await waiting(shop) == before
    (batch,) = [one.value for one in await shop.records.all(Batch) if one.value.state == "planned"]
    assert batch.additions == (step.run,)
    mine = [id for one in await segments(shop) if one.owner == keys.batch_owner(batch.id) for id in one.ids]
    assert mine == [f"{step.run}-1~turn-2", f"{step.run}-2~turn-2"]
    assert await steps.turn() == []
    assert len(await shop.records.all(Batch)) == 3


async def back(shop: Shop, batch: str) -> None:
    """What a batch was made of is in the queue again."""
    lane = (await shop.records.get(Batch, batch)).value.lane  # type: ignore[union-attr]
    for one in await segments(shop):
        if one.owner == keys.batch_owner(batch):
            await shop.records.save(replace(one, owner=keys.queue_owner(lane)))


async def test_two_tabs_send_it_once(shop: Shop, keyring: Keys) -> None:
    """Even where their locks fail: the one that is second finds it done."""
    dataset, added = await asked(shop)
    await shop.batch(answer)
    tabs = [made(shop, keyring), made(shop, keyring)]
    step = await tabs[0].plan(dataset.id, added.id, WHY, PER_DOLLAR, 3, None, submit=True)
    await asyncio.gather(*(tab.turn() for tab in tabs), return_exceptions=True)
    for tab in tabs:
        await tab.turn()
    assert (await now(shop, step)).state == "submitted"
    ids = [id for one in await segments(shop) for id in one.ids if id.startswith(step.run)]
    assert sorted(ids) == [f"{step.run}-1~turn-2", f"{step.run}-2~turn-2"]
    assert await shop.records.all(QueueingRows) == []


@pytest.mark.parametrize(
    ("follow", "limit", "why"),
    [
        (WHY, 1, "and you accepted"),
        (FollowUp("Why?", model="nobody-knows-it"), PER_DOLLAR, "No price is known"),
        (FollowUp("{{gone}}"), PER_DOLLAR, "no column"),
        (FollowUp("{{Answer.size}}"), PER_DOLLAR, "None of these can be followed"),
    ],
)
async def test_what_cannot_go_stops_with_words(shop: Shop, steps: AnswerSteps, follow: FollowUp, limit: int, why: str) -> None:
    """And leaves nothing in the queue."""
    dataset, added = await asked(shop)
    await shop.batch(answer)
    step = await steps.plan(dataset.id, added.id, follow, limit, 3, None, submit=True)
    (done,) = await steps.turn()
    assert (done.id, done.state) == (step.id, "stopped")
    assert why in done.why
    assert await waiting(shop) == []
    assert await shop.records.all(QueueingRows) == []
    assert await steps.turn() == []


async def test_a_chain_goes_step_by_step_and_stops_as_a_whole(shop: Shop, steps: AnswerSteps) -> None:
    """The second waits for the answers to the first; cancelled, it does nothing; a third behind it stops."""
    dataset, added = await asked(shop)
    first = await steps.plan(dataset.id, added.id, WHY, PER_DOLLAR, 3, None, submit=False)
    second = await steps.plan(dataset.id, first.run, FollowUp("Shorten {{Answer}}", alone=True), PER_DOLLAR, 3, None, submit=False)
    third = await steps.plan(dataset.id, second.run, WHY, PER_DOLLAR, 3, None, submit=True)
    await shop.batch(answer)
    assert [one.id for one in await steps.turn()] == [first.id]
    assert await waiting(shop) == [f"{first.run}-1~turn-2", f"{first.run}-2~turn-2"]
    assert await steps.turn() == []
    await shop.batch(answer)
    assert [one.id for one in await steps.turn()] == [second.id]
    assert await waiting(shop) == [f"{second.run}-1~step-3", f"{second.run}-2~step-3"]
    await steps.cancel(second.id)  # too late: what it queued stays there, and so does its state
    assert (await now(shop, second)).state == "queued"
    await steps.cancel(third.id)
    await shop.batch(answer)
    assert await steps.turn() == []
    assert (await now(shop, third)).state == "cancelled"
    await steps.forget(dataset.id)
    assert await steps.of(dataset.id) == []


async def test_a_step_waits_for_requests_that_are_sent_again(shop: Shop, steps: AnswerSteps) -> None:
    """Its batch has ended, but not each of its requests."""
    dataset, added = await asked(shop)
    step = await steps.plan(dataset.id, added.id, WHY, PER_DOLLAR, 3, None, submit=False)
    batch = await shop.batch(answer)
    await shop.again(batch, [f"{added.id}-3"])
    assert await steps.turn() == []
    assert (await now(shop, step)).why == "1 request has no outcome yet."
    await shop.batch(lambda id: said(id, "At last"))
    (done,) = await steps.turn()
    assert (done.state, done.requests, done.why) == ("queued", 3, "")


async def test_without_a_key_it_waits_in_the_queue_and_says_so(shop: Shop, steps: AnswerSteps, keyring: Keys) -> None:
    """Once; with the key it goes. So does one whose page died before it was submitted."""
    dataset, added = await asked(shop)
    await shop.batch(answer)
    step = await steps.plan(dataset.id, added.id, WHY, PER_DOLLAR, 3, None, submit=True)
    keyring.missing = True
    (done,) = await steps.turn()
    assert (done.state, done.why) == ("queued", "There is no key. Enter one.")
    assert await steps.turn() == []
    assert len(await waiting(shop)) == 2
    keyring.missing = False
    assert [one.state for one in await made(shop, keyring).turn()] == ["submitted"]
    assert await waiting(shop) == []
    assert (await now(shop, step)).why == ""


async def test_a_budget_holds_for_steps(shop: Shop, steps: AnswerSteps) -> None:
    """What would exceed it stays in the queue, and is not tried again by itself."""
    dataset, added = await asked(shop)
    await shop.batch(answer)
    await shop.records.save(Limits(id=PROFILE.id, budget=Budget(batch=1)))
    step = await steps.plan(dataset.id, added.id, WHY, PER_DOLLAR, 3, None, submit=True)
    (done,) = await steps.turn()
    assert (done.state, done.submit) == ("queued", False)
    assert "wait in the queue" in done.why
    assert len(await waiting(shop)) == 2
    assert await steps.turn() == []
    assert not (await now(shop, step)).open


async def test_a_step_stops_with_its_table(shop: Shop, steps: AnswerSteps) -> None:
    """Also where that can still be restored: nobody is billed for it."""
    dataset, added = await asked(shop)
    await shop.batch(answer)
    await steps.plan(dataset.id, added.id, WHY, PER_DOLLAR, 3, None, submit=True)
    await shop.datasets.delete(dataset.id)
    (done,) = await steps.turn()
    assert (done.state, done.why) == ("stopped", "Its table was deleted.")
    assert await waiting(shop) == []


async def test_too_many_steps_are_refused(shop: Shop, steps: AnswerSteps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.results.stepping.MAX_STEPS", 1)
    dataset, added = await asked(shop)
    plan: Any = lambda: steps.plan(dataset.id, added.id, WHY, PER_DOLLAR, 3, None, submit=True)  # noqa: E731
    await plan()
    with pytest.raises(ValueError, match="1 steps"):
        await plan()
