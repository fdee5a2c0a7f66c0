"""Requests that go out by themselves: each lane's queue is closed when it is old enough or full, in one tab, and whatever fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from app.core.batches.pipeline import CancelRequested
from app.core.bodies import requests
from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.settings import Automatic, AutoSubmitNotice
from app.core.openai.problems import Refused
from app.core.queue.auto_submit import EDITED_FOR
from app.ports import Conflict, StorageFull
from app.practice.traps import Rule, Trap
from app.services.programs.intake import RawMessage
from app.services.provider.limits import LimitBook
from app.services.queue.auto_submit import AFTER_FAULT
from app.services.queue.queue import HANDED
from tests.fakes.platform import settle
from tests.kit.depth import examples
from tests.kit.programs import Receiver, Rig
from tests.kit.world import CHAT, LANE, PRACTICE_LANE, RESPONSES, Tab, World, body, numbered, pair, pairs

HOUR = 3_600.0


async def told_tab(world: World, **limits: int) -> Tab:
    """A tab whose person was told long ago that OpenAI's requests go out by themselves, and chose an hour for those made by hand."""
    world.provider(**limits)
    tab = await world.tab()
    await tab.rules.tell("openai")
    for profile in ("openai", "practice"):
        await tab.rules.set_after(profile, HOUR, "own")
    await world.clock.advance(600)
    return tab


def made(world: World) -> Callable[[], bool]:
    return lambda: bool(world.batches())


async def passes(world: World, seconds: float) -> None:
    """Let so much time go by."""
    end = world.clock.now() + seconds
    await world.until(lambda: world.clock.now() >= end, within=seconds + 1_000)


@pytest.mark.parametrize("lane", [LANE, PRACTICE_LANE], ids=["far", "practice"])
async def test_requests_go_out_an_hour_after_the_first_came(world: World, lane: Lane) -> None:
    """All that came until then go together, and are answered; nobody presses anything."""
    tab = await told_tab(world)
    begin = world.clock.now()
    await tab.add(2, lane)
    await passes(world, HOUR / 2)
    await tab.add(2, lane, prefix="s")
    await world.until(made(world))
    assert HOUR <= world.clock.now() - begin < HOUR + 60
    (batch,) = await world.ended()
    assert (batch.state, batch.requests, batch.tally.answered) == ("done", 4, 4)
    assert batch.timeline[0].note == "submitted automatically after 1 h"
    assert world.queued() == []
    world.check_stored()
    world.check_failures()


async def test_full_batches_go_at_once_and_the_rest_waits(world: World) -> None:
    """Nobody waits an hour for what is full."""
    tab = await told_tab(world, max_requests=3)
    begin = world.clock.now()
    await tab.add(7)
    await world.until(lambda: len(world.batches()) == 2)
    assert world.clock.now() - begin < 60
    assert [one.timeline[0].note for one in world.batches()] == ["submitted automatically: full"] * 2
    assert world.queued() == ["r6"]
    await world.until(lambda: len(world.batches()) == 3)
    assert world.clock.now() - begin >= HOUR


async def test_lanes_are_closed_one_by_one(world: World) -> None:
    """One batch holds one endpoint and one model, and each lane has its own age."""
    tab = await told_tab(world)
    other = Lane("openai", RESPONSES, "gpt-4o-mini")
    await tab.add(1)
    await passes(world, 600)
    await tab.queue.add(other, pairs(["o"], other))
    await world.until(made(world))
    assert [one.lane for one in world.batches()] == [LANE]
    await world.until(lambda: len(world.batches()) == 2)
    assert {one.lane for one in world.batches()} == {LANE, other}


async def test_the_age_is_the_persons(world: World) -> None:
    """Five minutes, or by hand only; what is changed counts at once, also from another tab."""
    tab, other = await told_tab(world), await world.tab()
    await tab.rules.set_after("openai", 0.0, "own")
    await tab.add(1)
    await passes(world, 3 * HOUR)
    assert world.batches() == []
    await other.rules.set_after("openai", 300.0, "own")
    begin = world.clock.now()
    await world.until(made(world))
    assert world.clock.now() - begin < 10


async def test_a_held_lane_waits_until_it_is_released(world: World) -> None:
    """The hold outlives a reload. The other lanes go."""
    tab = await told_tab(world)
    other = Lane("openai", RESPONSES, "gpt-4o-mini")
    await tab.add(1)
    await tab.queue.add(other, pairs(["o"], other))
    await tab.rules.hold(LANE)
    tab = await world.reload(tab)
    await passes(world, 2 * HOUR)
    assert world.queued() == ["r0"]
    await tab.rules.release(LANE)
    tab.auto_submitter.nudge()
    await world.until(lambda: world.queued() == [])


@pytest.mark.slow
async def test_nothing_is_billed_before_it_was_said(world: World) -> None:
    """With a key and requests of yesterday: they wait until the queue's view has said that they go, and a while longer."""
    world.provider()
    tab = await world.tab()
    await tab.rules.set_after("openai", HOUR, "own")
    await tab.add(3)
    await passes(world, 24 * HOUR)
    assert world.batches() == []
    begin = world.clock.now()
    await tab.rules.tell("openai")
    await tab.rules.tell("openai")
    tab.auto_submitter.nudge()
    await world.until(made(world))
    assert 300 <= world.clock.now() - begin < 400


async def test_without_a_key_they_wait(world: World) -> None:
    """And go when there is one."""
    world.sealed.clear()
    tab = await told_tab(world)
    await tab.add(1)
    await passes(world, 2 * HOUR)
    assert world.batches() == []
    await tab.profiles.put_key("openai", "sk-practice-0123456789abcdef", remember=True)
    tab.auto_submitter.nudge()
    await world.until(made(world))
    world.check_failures()


@pytest.mark.slow
@pytest.mark.parametrize("why", ["offline", "edited", "bad_key", "reload"])
async def test_what_stands_in_the_way_in_this_tab_is_waited_for(world: World, why: Any) -> None:
    """No network, a request in the editor, a key that a test found wrong, a host that may be called after a reload only."""
    tab = await told_tab(world)
    tab.hindered = why
    await tab.add(1)
    await passes(world, 2 * HOUR)
    assert world.batches() == []
    tab.hindered = None
    tab.auto_submitter.nudge()
    await world.until(made(world))


@pytest.mark.slow
async def test_what_another_tab_edits_does_not_go_as_it_was(world: World) -> None:
    """The tab that leads is not the one that the person writes in: while that says that a request is open, nothing of its lane goes; the
    other lanes do. A tab that is gone says nothing any more, and the lane goes."""
    tab = await told_tab(world)
    writing = await world.tab()
    other = Lane("openai", CHAT, "gpt-4o")
    await tab.add(2)
    await tab.add(1, other, prefix="s")
    end = world.clock.now() + 2 * HOUR
    while world.clock.now() < end:
        await writing.rules.edits(LANE.key)
        await passes(world, EDITED_FOR / 3)
    assert [one.lane for one in world.batches()] == [other]
    await writing.close()
    await world.until(lambda: len(world.batches()) == 2, within=EDITED_FOR + 400)


async def test_an_editor_that_was_closed_holds_nothing_up(world: World) -> None:
    """The lane goes as soon as that is said; so it does when the clock was set back meanwhile."""
    tab = await told_tab(world)
    await tab.rules.edits(LANE.key)
    assert await tab.rules.edited() == {LANE.key}
    await tab.rules.edits_no_more(LANE.key)
    assert await tab.rules.edited() == frozenset()
    await tab.rules.edits(LANE.key)
    world.skew = -HOUR
    assert await tab.rules.edited() == frozenset()


async def test_a_lane_without_its_provider_stays(world: World) -> None:
    """The provider was removed: nothing goes, nothing is lost, nothing fails."""
    tab = await told_tab(world)
    lost = Lane("gone", CHAT, "m")
    await tab.queue.add(lost, pairs(["r0"], lost))
    await passes(world, 2 * HOUR)
    assert world.queued() == ["r0"]
    world.check_failures()


@pytest.mark.slow
async def test_deleted_requests_never_go(world: World) -> None:
    """Neither with the others nor alone; they can be restored afterwards."""
    tab = await told_tab(world)
    await tab.add(3)
    await tab.queue.delete(LANE, {"r1"})
    alone = Lane("openai", RESPONSES, "gpt-4o-mini")
    await tab.queue.add(alone, pairs(["a"], alone))
    await tab.queue.delete(alone, {"a"})
    await world.until(made(world))
    await world.ended()
    await passes(world, 2 * HOUR)
    assert await world.paid() == ["r0", "r2"]
    assert await tab.queue.restore(LANE) == 1
    assert await tab.queue.restore(alone) == 1


@pytest.mark.slow
async def test_what_the_provider_refuses_is_not_sent_in_a_circle(world: World) -> None:
    """A batch that only the person can help comes back to the queue and stays there until they act."""
    world.brain.set_scenario(type(world.brain.state.scenario)(traps=(Trap.UNAUTHORIZED_401,)))
    tab = await told_tab(world)
    await tab.add(2)
    await world.until(lambda: [one.state for one in world.batches()] == ["withdrawn"])
    await passes(world, 24 * HOUR)
    assert len(world.batches()) == 1
    assert world.queued() == ["r0", "r1"]
    world.brain.set_scenario(type(world.brain.state.scenario)())
    await tab.rules.release(LANE)
    tab.auto_submitter.nudge()
    await world.until(lambda: len(world.batches()) == 2)
    await world.ended()
    assert sorted(await world.paid()) == ["r0", "r1"]


@pytest.mark.slow
async def test_a_request_that_would_spoil_the_batch_stays_and_is_named(world: World) -> None:
    """One bad line fails the whole batch at the provider. An import can bring such lines; they stay, the others go."""
    tab = await told_tab(world)
    bad = [
        ("stream", requests.line("stream", CHAT, {"model": LANE.model, "messages": [{"role": "user", "content": "x"}], "stream": True})),
        ("model", requests.line("model", CHAT, {"model": "gpt-5", "messages": [{"role": "user", "content": "x"}]})),
        ("json", b'{"custom_id":"json","method":"POST","url":"/v1/chat/completions","body":{\n'),
        ("list", b'{"custom_id":"list","method":"POST","url":"/v1/chat/completions","body":[]}\n'),
    ]
    await tab.queue.add(LANE, [pair("good"), *bad, pair("better")])
    await world.until(made(world))
    assert world.queued() == ["stream", "model", "json", "list"]
    closed = tab.closed[0]
    assert [one.custom_id for one in closed.refused] == ["stream", "model", "json", "list"]
    assert closed.refused[0].sentence.startswith("The request “stream” cannot be sent: A batch can't stream")
    await world.ended()
    assert await world.paid() == ["good", "better"]
    await passes(world, HOUR)
    assert len(world.batches()) == 1, "what is bad makes no batches of its own"
    await tab.queue.delete(LANE, {"model", "json", "list"})
    await tab.queue.edit(LANE, "stream", '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "x"}]}')
    tab.auto_submitter.nudge()
    await world.until(lambda: len(world.batches()) == 2)
    assert world.queued() == []


async def test_a_line_that_no_batch_can_hold_keeps_nothing_back(world: World) -> None:
    """It stays in the queue and is named; its age makes nobody else go sooner."""
    tab = await told_tab(world, max_bytes=1_000)
    await tab.queue.add(LANE, [pair("huge", "x" * 70_000)])
    await passes(world, 2 * HOUR)
    assert (world.batches(), world.queued()) == ([], ["huge"])
    world.check_failures()


@pytest.mark.slow
@pytest.mark.parametrize(
    "error", [Conflict("segments", "s", 1, 2), StorageFull("no room"), RuntimeError("odd")], ids=lambda one: type(one).__name__
)
async def test_a_failure_is_told_once_and_tried_again(world: World, error: Exception) -> None:
    """The requests stay where they were."""
    tab = await told_tab(world)
    await tab.add(2)
    real = tab.submitter._move
    calls = 0

    async def fail(*_args: object) -> Any:
        nonlocal calls
        calls += 1
        raise error

    tab.submitter._move = fail  # type: ignore[method-assign,assignment]
    await world.until(lambda: calls > 20, within=2 * HOUR)
    ((name, told),) = tab.failures
    assert name == "closing"
    if not isinstance(error, StorageFull):
        assert isinstance(told, Refused)
        assert told.problem.code == ("closing" if isinstance(error, Conflict) else "aside:closing")
    assert world.queued() == ["r0", "r1"]
    tab.submitter._move = real  # type: ignore[method-assign]
    tab.failures.clear()
    await world.until(made(world), within=2 * AFTER_FAULT)
    await world.ended()
    assert await world.paid() == ["r0", "r1"]


@pytest.mark.slow
async def test_only_the_tab_that_leads_closes(world: World) -> None:
    """Two tabs are open: one batch. When the one that leads is closed, the other takes over."""
    first, second = await told_tab(world), await world.tab()
    await second.add(2)
    await world.until(made(world))
    assert [bool(tab.closed) for tab in (first, second)] == [True, False]
    await world.ended()
    await first.close()
    await second.add(2, prefix="s")
    await world.until(lambda: len(world.batches()) == 2)
    assert second.closed
    await world.ended()
    assert sorted(await world.paid()) == ["r0", "r1", "s0", "s1"]


async def test_submitting_by_hand_in_the_same_moment_sends_everything_once(world: World) -> None:
    """The button is pressed when the hour is over."""
    tab = await told_tab(world)
    await tab.add(40)
    await passes(world, HOUR - 10)
    pressed: list[asyncio.Future[Any]] = []

    async def press() -> None:
        while world.queued():
            pressed.append(asyncio.ensure_future(tab.submit()))
            await tab.clock.sleep(0.25)

    await world.result(press(), within=60)
    await asyncio.gather(*pressed)
    await world.ended()
    assert sorted(await world.paid()) == sorted(numbered(40))


async def test_a_hold_that_comes_while_the_lines_are_read_is_heard(world: World) -> None:
    """Reading 50,000 requests takes seconds: whoever presses «Hold» meanwhile is not too late."""
    tab = await told_tab(world)
    await tab.add(2)
    real: Callable[..., Awaitable[Any]] = tab.auto_submitter._bad

    async def slow(queue: Any, kind: Any) -> Any:
        await tab.rules.hold(LANE)
        return await real(queue, kind)

    tab.auto_submitter._bad = slow  # type: ignore[method-assign]
    await passes(world, 2 * HOUR)
    assert (world.batches(), world.queued()) == ([], ["r0", "r1"])


async def test_a_thousand_lines_are_read_once(world: World) -> None:
    """What was looked at and cannot go is not read again every half minute."""
    tab = await told_tab(world)
    await tab.queue.add(LANE, [("bad", b"{}\n")])
    read: list[str] = []
    real = tab.queue.run

    async def counted(segment: Any) -> Any:
        read.append(segment.id)
        return await real(segment)

    tab.queue.run = counted  # type: ignore[method-assign]
    await passes(world, 2 * HOUR)
    assert len(read) == 1
    assert tab.closed[-1].refused[0].custom_id == "bad"


async def test_two_tabs_choose_for_two_lanes(world: World) -> None:
    """Neither takes back what the other chose."""
    first, second = await world.tab(engine=False), await world.tab(engine=False)
    other = Lane("openai", RESPONSES, "m")
    await asyncio.gather(first.rules.hold(LANE), second.rules.hold(other), second.rules.set_after("openai", 60.0, "own"))
    await settle()
    (chosen,) = (await first.rules.chosen()).values()
    assert chosen.held == tuple(sorted([LANE.key, other.key]))
    assert chosen.own == 60.0
    await first.rules.release(LANE)
    assert (await second.rules.chosen())["openai"].held == (other.key,)
    await first.rules.set_after("openai", 10**9, "own")
    assert (await second.rules.chosen())["openai"].own == 30 * 86_400


async def test_what_was_told_is_kept(world: World) -> None:
    """The first time counts."""
    tab = await world.tab(engine=False)
    assert await tab.rules.notices() == {}
    await tab.rules.tell("openai")
    first = await tab.rules.notices()
    await world.clock.advance(10)
    await tab.rules.tell("openai")
    assert await tab.rules.notices() == first
    assert (await tab.records.get(AutoSubmitNotice, "openai")) is not None


# --- made by hand, or by programs


async def handed(tab: Tab, *ids: str, lane: Lane = LANE) -> None:
    """Queue requests as a program hands them in."""
    (run,) = requests.make_segments(pairs([*ids], lane))
    await tab.records.commit(tab.queue.fresh(keys.queue_owner(lane), tab.clock.now(), run, past=HANDED))
    tab.auto_submitter.nudge()


@pytest.mark.slow
@pytest.mark.parametrize("lane", [LANE, PRACTICE_LANE], ids=["far", "practice"])
async def test_what_was_made_by_hand_waits_for_its_person(world: World, lane: Lane) -> None:
    """However old (a day; in ``make deep`` three), and also a full batch: nobody is billed who did not ask. What a program hands into the
    same lane goes within an hour, without it."""
    world.provider(max_requests=3)
    tab = await world.tab()
    await tab.rules.tell("openai")
    await tab.add(4, lane)
    await passes(world, examples(1, 3) * 24 * HOUR)
    assert world.batches() == []
    begin = world.clock.now()
    await handed(tab, "p0", "p1", lane=lane)
    await world.until(made(world))
    assert HOUR <= world.clock.now() - begin < HOUR + 60
    (batch,) = await world.ended()
    assert (batch.requests, batch.tally.answered) == (2, 2)
    assert world.queued() == numbered(4)
    await tab.submit(lane)
    await world.until(lambda: world.queued() == [])
    world.check_failures()


@pytest.mark.slow
async def test_each_origin_goes_by_its_own_time(world: World) -> None:
    """Two times for one lane: neither kind takes the other with it, although the ids are in one queue."""
    tab = await told_tab(world)
    await tab.rules.set_after("openai", 600.0, "own")
    await handed(tab, "p0")
    await tab.add(1)
    await world.until(made(world))
    assert (world.queued(), world.batch().requests) == (["p0"], 1)
    await tab.rules.set_after("openai", 0.0, "programs")
    await passes(world, 5 * HOUR)
    assert world.queued() == ["p0"]


async def test_what_an_older_version_was_told_holds(world: World) -> None:
    """One time was chosen there for all requests: it stays for both kinds. Where none was chosen, those made by hand wait from now on, and
    the person, who was told otherwise, is told so until they have read it."""
    world.provider()
    tab = await world.tab(engine=False)
    await tab.records.save(Automatic(id="openai", after=300.0))
    await tab.records.save(AutoSubmitNotice(id="openai", at=1.0))
    await tab.records.save(Automatic(id="p", held=("x",)))
    await tab.records.save(AutoSubmitNotice(id="p", at=1.0))
    assert await tab.rules.otherwise() == {"p"}
    await tab.rules.tell_otherwise("p")
    assert await tab.rules.otherwise() == frozenset()
    assert (await tab.rules.notices())["p"] == 1.0
    await tab.rules.set_after("openai", 900.0, "programs")
    assert (await tab.rules.chosen())["openai"] == Automatic(id="openai", after=900.0, own=300.0)
    await tab.rules.set_after("new", 900.0, "programs")
    assert (await tab.rules.chosen())["new"].own == 0.0, "a time for programs is none for people"


@pytest.mark.slow
async def test_what_waits_by_hand_in_an_older_database_stays(world: World) -> None:
    """It waited an hour, the older version was about to send it: this one does not."""
    world.provider()
    tab = await world.tab(engine=False)
    await tab.records.save(AutoSubmitNotice(id="openai", at=1.0))
    await tab.add(3)
    await world.clock.advance(5 * HOUR)
    await tab.close()
    await world.tab()
    await passes(world, 5 * HOUR)
    assert (world.batches(), world.queued()) == ([], numbered(3))


async def test_what_the_rule_sends_again_was_asked_for(world: World) -> None:
    """A person submitted it and the provider let it expire: it goes once more by itself, as before, and what they add meanwhile stays."""
    world.brain.set_scenario(replace(world.brain.state.scenario, traps=(Rule(Trap.EXPIRED_IN_NEITHER, times=1),), share=1.0))
    world.provider()
    tab = await world.tab()
    await tab.rules.tell("openai")
    await tab.add(2)
    await tab.submit()
    await world.until(lambda: [one.state for one in world.batches()] == ["expired"], 100_000)
    await tab.add(1, prefix="s")
    assert [one.submitted_by_person for one in world.segments("queue:")] == [True, False]
    await world.until(lambda: len(world.batches()) == 2)
    await world.ended()
    assert world.queued() == ["s0"]
    assert sorted(await world.paid()) == ["r0", "r0", "r1", "r1"]


@pytest.mark.slow
async def test_what_is_queued_again_by_hand_waits(world: World) -> None:
    """Putting it there is not submitting it: the person may want to change it first."""
    world.brain.set_scenario(replace(world.brain.state.scenario, traps=(Rule(Trap.EXPIRED_IN_NEITHER, times=1),), share=1.0))
    world.provider(resend=0)
    tab = await world.tab()
    await tab.rules.tell("openai")
    await tab.add(2)
    await tab.submit()
    await world.until(lambda: [one.state for one in world.batches()] == ["expired"], 100_000)
    assert await tab.again.send(world.batch().id) == 2
    await passes(world, 24 * HOUR)
    assert (len(world.batches()), world.queued()) == (1, ["r0", "r1"])


@pytest.mark.slow
@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_batch_that_was_given_up_goes_once_more_only_if_it_was_still_wanted(world: World, cancelled: bool) -> None:
    """The provider was down for as long as it is tried: what the person submitted goes by itself when that has passed. A batch that the
    person called back does not."""
    world.brain.set_scenario(type(world.brain.state.scenario)(traps=(Trap.SERVER_500,)))
    world.provider()
    tab = await world.tab()
    await tab.rules.tell("openai")
    await tab.add(2)
    (batch,) = (await tab.submit()).batches
    if cancelled:
        await passes(world, 1)
        await tab.engine.command(batch.id, CancelRequested())
    await world.until(lambda: world.batch().state == "withdrawn", 50_000)
    world.brain.set_scenario(type(world.brain.state.scenario)())
    await passes(world, 3 * HOUR)
    assert len(world.batches()) == (1 if cancelled else 2)
    assert world.queued() == (["r0", "r1"] if cancelled else [])


async def test_a_batch_that_a_program_created_goes_at_once(world: World) -> None:
    """Whole, although it comes in portions, whatever was chosen about others and without having been told before; what else is in its lane
    stays. What comes back of it waits by the rule of programs."""
    world.provider()
    tab = await world.tab()
    rig = Rig(tab, Receiver())
    await tab.rules.set_after("openai", 0.0, "programs")
    await tab.add(2)
    begin = world.clock.now()
    for n in range(3):
        lines = [json.dumps({"custom_id": f"batch_x-{n}{i}", "url": CHAT, "method": "POST", "body": body("Hi")}).encode() for i in range(4)]
        await world.result(rig.taker.take([RawMessage(line, "sdk") for line in lines]))
        await world.clock.advance(1.0)
    await world.until(made(world))
    assert world.clock.now() - begin < 30
    (batch,) = await world.ended()
    assert (batch.requests, batch.timeline[0].note) == (12, "sent at once: a program created this batch")
    assert world.queued() == ["r0", "r1"]


async def test_a_created_batch_waits_for_what_is_in_its_way(world: World) -> None:
    """A lane that a person holds keeps it."""
    world.provider()
    tab = await world.tab()
    rig = Rig(tab, Receiver())
    await tab.rules.hold(LANE)
    line = json.dumps({"custom_id": "batch_x-1", "url": CHAT, "method": "POST", "body": body("Hi")}).encode()
    await world.result(rig.taker.take([RawMessage(line, "sdk")]))
    await passes(world, HOUR)
    assert world.queued() == ["batch_x-1"]
    await tab.rules.release(LANE)
    tab.auto_submitter.nudge()
    await world.until(lambda: world.queued() == [])


async def test_a_budget_holds_what_goes_by_itself_as_well(world: World) -> None:
    """Of programs and of persons: it stays in the queue and is told, until the budget is raised."""
    tab = await told_tab(world)
    book = LimitBook(tab.records)
    await book.set_budget("openai", "batch", 0)
    await tab.queue.add(LANE, pairs(numbered(2)))
    tab.auto_submitter.nudge()
    await passes(world, HOUR + 120)
    assert world.batches() == []
    assert tab.closed
    assert all(one.stopped is not None and one.stopped.stop == "batch" for one in tab.closed)
    await book.set_budget("openai", "batch", None)
    await world.until(made(world))
    await world.ended()
    world.check_failures()
