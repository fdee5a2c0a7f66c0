"""Sending again, by rule and by hand: every request that deserves it goes back once, what was answered never, and the sums stay right."""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.batches import pipeline
from app.core.batches.ledger import LedgerUnreadable
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.segments import Segment
from app.ports import DropBytes, Remove, Table
from app.practice.traps import Rule, Trap
from app.services.batches import resend as module
from app.services.batches.delete_batch import Tidy
from app.services.batches.resend import can_risk, can_send_again
from tests.fakes.http import Answered
from tests.fakes.platform import SeededRandom
from tests.kit.depth import examples
from tests.kit.workspaces import Side
from tests.kit.world import LANE, Tab, World, numbered

COUNT = 20


async def ended(world: World, count: int = COUNT) -> tuple[Tab, Batch]:
    """A batch of so many requests, ended; what goes by rule is back in the queue."""
    tab = await world.tab()
    await tab.add(count)
    await tab.submit()
    await world.ended()
    world.check_stored()
    return tab, world.batch()


def mend(world: World) -> None:
    """From now on the provider makes no mistakes."""
    world.brain.state.scenario = replace(world.brain.state.scenario, traps=())


async def rows_of(tab: Tab, batch: Batch, which: str) -> list[str]:
    return [row.id for row in (await tab.review.rows(batch, which, 0, 1_000))[1] if row.outcome == which]


async def answered_once(world: World, tab: Tab, ids: list[str]) -> None:
    """Every request has one answer, in one batch, and the queue is empty."""
    found = [id for batch in world.batches() for id in await rows_of(tab, batch, "answered")]
    assert Counter(found) == Counter(ids)
    assert world.queued() == []
    world.check_stored()


# --- by rule -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trap",
    [
        Trap.EXPIRED_IN_ERROR_FILE,
        Trap.EXPIRED_IN_NEITHER,
        Trap.LINE_SERVER_ERROR,
        Trap.LINE_RATE_LIMIT,
        Trap.LINE_STATUS_0,
        Trap.LINE_200_BODY_ERROR,
        Trap.NO_OUTPUT_FILE,
    ],
)
async def test_what_deserves_it_is_back_in_the_queue_when_the_batch_ends(trap: Trap) -> None:
    """Those requests and no others, under their own ids; the next batch answers them, and the sums of both are right."""
    world = World(trap)
    tab, batch = await ended(world)
    not_answered = sorted(set(numbered(COUNT)) - set(await rows_of(tab, batch, "answered")))
    assert batch.resent == len(not_answered) > 0
    assert sorted(world.queued()) == not_answered
    assert can_send_again(batch) == 0
    assert {(one.resent, one.previous_batches) for one in world.segments() if one.owner.startswith("queue:")} == {(1, (batch.id,))}
    mend(world)
    await tab.submit()
    first, second = await world.ended()
    assert (first.tally, second.previous_batches) == (batch.tally, (batch.id,))
    assert second.requests == second.tally.answered == first.requests - first.tally.answered == first.resent
    await answered_once(world, tab, numbered(COUNT))
    await world.close()
    world.check_failures()


async def test_peer_b_rows_reported_as_batch_expired_are_sent_again_not_marked_failed() -> None:
    """They stand in the error file of an expired batch: they did not run, and nobody has to do anything about it."""
    world = World(Trap.EXPIRED_IN_ERROR_FILE)
    tab, batch = await ended(world)
    assert (batch.state, batch.tally.failed) == ("expired", 0)
    assert sorted(world.queued()) == sorted(await rows_of(tab, batch, "expired"))
    await world.close()


@pytest.mark.parametrize("trap", [Trap.LINE_ERROR_NULL_STATUS_400, Trap.DAMAGED_OUTPUT_LINE, Trap.LINE_NO_CREDIT])
async def test_refused_damaged_and_unpaid_rows_stay(trap: Trap) -> None:
    """A bad request ends the same again; a damaged answer is paid for; without credit only the person can help."""
    world = World(trap)
    _tab, batch = await ended(world)
    assert batch.tally.answered < COUNT
    assert (batch.resent, batch.resend_exhausted, world.queued()) == (0, 0, [])
    assert can_send_again(batch) == (0 if trap is Trap.DAMAGED_OUTPUT_LINE else batch.tally.failed)
    await world.close()
    world.check_failures()


@pytest.mark.parametrize("limit", [0, 1, 3])
async def test_peer_b_one_server_error_row_is_sent_again_and_not_for_ever(limit: int) -> None:
    """It fails every time: the good batch stays good, the row is sent again as often as the profile says, and then stays and says so."""
    world = World(Rule(Trap.LINE_SERVER_ERROR), share=0.0)
    world.provider(resend=limit)
    tab, batch = await ended(world, 5)
    assert (batch.state, batch.tally.answered, batch.tally.failed) == ("done", 4, 1)
    for _ in range(limit):
        assert world.queued() == ["r0"]
        await tab.submit()
        await world.ended()
    assert world.queued() == []
    batches = sorted(world.batches(), key=lambda one: one.created)
    assert Counter(await world.paid())["r0"] == limit + 1 == len(batches)
    assert [one.resent for one in batches] == [1] * limit + [0]
    assert [one.resend_exhausted for one in batches] == ([0] * limit + [1] if limit else [0])
    assert batches[-1].previous_batches == tuple(one.id for one in batches[:-1])
    assert can_send_again(batches[-1]) == 1, "the person may try once more"
    await world.close()
    world.check_failures()


async def test_peer_b_a_restart_repeats_nothing_that_was_answered() -> None:
    """Half of the requests are expired. They are sent again and the page is closed and opened: each is answered and billed once."""
    world = World(Trap.EXPIRED_IN_ERROR_FILE, share=0.5)
    tab, _batch = await ended(world)
    mend(world)
    await tab.submit()
    tab = await world.reload(tab)
    await world.ended()
    tab = await world.reload(tab)
    await world.ended()
    await answered_once(world, tab, numbered(COUNT))
    await world.close()


async def test_peer_b_partial_results_of_a_cancelled_batch_are_kept_and_the_rest_stays() -> None:
    """What was answered before the cancel is here; what was not is the person's to send."""
    world = World(speed=100.0)
    tab = await world.tab()
    await tab.add(COUNT)
    await tab.submit()
    await world.until(lambda: world.batch().remote is not None and world.batch().remote.completed > 3)  # type: ignore[union-attr]
    await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    await world.ended()
    batch = world.batch()
    assert batch.state == "cancelled"
    assert 0 < batch.tally.answered < COUNT
    assert world.queued() == []
    assert can_send_again(batch) == batch.tally.cancelled == COUNT - batch.tally.answered
    assert await tab.again.send(batch.id) == batch.tally.cancelled
    await tab.submit()
    await world.ended()
    await answered_once(world, tab, numbered(COUNT))
    await world.close()
    world.check_failures()


@pytest.mark.parametrize("trap", [Trap.LINE_SERVER_ERROR, Trap.EXPIRED_IN_NEITHER, Trap.NO_OUTPUT_FILE])
async def test_nothing_goes_by_rule_once_a_person_asked_to_cancel(trap: Trap) -> None:
    """Whatever the provider finished before it heard: who cancels does not ask for more. By hand all of it can be sent again."""
    world = World(trap)
    tab = await world.tab()
    await tab.add(COUNT)
    await tab.submit()
    await world.until(lambda: bool(world.remote()) and world.batch().state == "in_progress")
    work = asyncio.ensure_future(tab.engine.command(world.batch().id, pipeline.CancelRequested()))
    await world.ended()
    await work
    assert world.queued() == []
    batch = world.batch()
    assert batch.cancel_requested
    assert batch.resent == 0
    assert can_send_again(batch) + can_risk(batch) == COUNT - batch.tally.answered
    await world.close()


async def test_peer_b_failed_expired_and_cancelled_requests_are_told() -> None:
    """Every request that ended badly is listed with what became of it, and why."""
    world = World(Trap.LINE_SERVER_ERROR, Trap.EXPIRED_IN_ERROR_FILE, Trap.LINE_ERROR_NULL_STATUS_400)
    tab, batch = await ended(world)
    _total, rows = await tab.review.rows(batch, "all", 0, COUNT)
    assert Counter(row.outcome for row in rows) == {
        name: count for name in ("answered", "failed", "expired") if (count := getattr(batch.tally, name))
    }
    assert all(row.answered for row in rows)
    await world.close()


async def test_what_may_have_been_answered_is_not_sent_again_by_rule() -> None:
    """The output file is not at the provider: nobody knows what was answered, so nothing is sent, and the person decides."""
    world = World()
    world.http.fail("download", Answered(404), math.inf)
    _tab, batch = await ended(world)
    assert batch.tally.unfound == COUNT
    assert (batch.resent, world.queued()) == (0, [])
    assert (can_send_again(batch), can_risk(batch)) == (0, COUNT)
    await world.close()


async def test_rows_that_are_counted_as_answered_and_in_no_file_are_not_sent_again() -> None:
    """The provider counts all as answered and bills them; its files lack some: neither the rule nor «all» sends those, on purpose they go
    once, and the sums stay right."""
    world = World(Trap.MISSING_ROWS)
    tab, batch = await ended(world)
    lost = batch.tally.unfound
    assert (batch.tally.answered + lost, batch.resent, world.queued()) == (COUNT, 0, [])
    assert lost > 0
    assert await tab.again.send(batch.id) == 0
    assert await tab.again.send(batch.id, await tab.review.can_risk(batch, "all"), on_purpose=True) == lost
    batch = world.batch()
    assert (batch.resent, batch.risked, can_send_again(batch), can_risk(batch)) == (lost, lost, 0, 0)
    assert await tab.again.send(batch.id, range(COUNT), on_purpose=True) == 0
    await world.close()
    world.check_failures()


async def test_what_went_on_purpose_leaves_the_queue_when_a_good_answer_is_found() -> None:
    """The files are fetched once more and have the answers now: what waits in the queue is not paid a second time."""
    world = World()
    world.http.content = lambda data: b"\n".join(data.splitlines()[:5])
    tab, batch = await ended(world)
    assert (batch.tally.answered, batch.tally.unfound) == (5, COUNT - 5)
    assert await tab.again.send(batch.id, await tab.review.can_risk(batch, "unfound"), on_purpose=True) == COUNT - 5
    world.http.content = None
    command = await tab.again.lacking(world.batch())
    assert command is not None
    await tab.engine.command(batch.id, command)
    await world.ended()
    batch = world.batch()
    assert (batch.tally.answered, batch.resent, batch.risked, world.queued()) == (COUNT, 0, 0, [])
    await world.close()


async def test_a_request_whose_answer_is_found_after_all_leaves_the_queue() -> None:
    """It was sent again by hand while its answer's file was gone; fetched once more, the file has the answer: it is not paid for twice."""
    world = World()
    world.http.fail("download", Answered(404), math.inf)
    tab, batch = await ended(world)
    assert await tab.again.send(batch.id, {1, 3}) == 0, "not without a word"
    assert await tab.again.send(batch.id, {1, 3}, on_purpose=True) == 2
    assert sorted(world.queued()) == ["r1", "r3"]
    world.http.heal()
    await tab.engine.command(batch.id, pipeline.FetchAgain())
    await world.ended()
    assert (world.batch().tally.answered, world.batch().resent, world.queued()) == (COUNT, 0, [])
    assert await tab.queue.restore(LANE) == 2, "it can be had back all the same"
    await world.close()


async def test_practice_requests_are_sent_again_too(world: World) -> None:
    """The practice provider in the page is a provider like any other."""
    from tests.kit.world import PRACTICE_LANE

    world.prefer(practice_traps=("line_server_error",))
    tab = await world.tab()
    await tab.add(COUNT, PRACTICE_LANE)
    await tab.submit(PRACTICE_LANE)
    await world.ended()
    assert world.batch().resent == world.batch().tally.failed > 0


# --- in portions, through crashes ----------------------------------------------------------------------------------------------------


async def sent_again(crash: int | None, *, standby: bool = False) -> list[str]:
    """A batch of which much is sent again, in portions of two; the tab dies after a step of it. Returns the steps of the first life."""
    world = World(Trap.EXPIRED_IN_ERROR_FILE, Trap.LINE_SERVER_ERROR, share=0.9)
    try:
        tab = await world.tab()
        heir = await world.tab() if standby else None
        await tab.add(9)
        await tab.submit()
        await world.until(lambda: world.batch().state == "in_progress")
        world.steps.clear()
        world.crash_at = crash
        await world.until(lambda: tab.life.dead or world.batch().state in pipeline.FINAL)
        steps = list(world.steps)
        if tab.life.dead:
            await tab.close()
            world.check_places()
            tab = heir or await world.tab()
            await world.ended()
        world.crash_at = None
        world.check_stored()
        expired = await rows_of(tab, world.batch(), "expired")
        failed = await rows_of(tab, world.batch(), "failed")
        assert len(expired) + len(failed) == world.batch().resent > 3
        assert sorted(world.queued()) == sorted([*expired, *failed])
        mend(world)
        await tab.submit()
        await world.ended()
        await answered_once(world, tab, numbered(9))
        world.check_failures()
        return steps
    finally:
        await world.close()


@pytest.mark.slow
@pytest.mark.parametrize("standby", [False, True])
def test_a_tab_may_die_after_any_step_of_sending_again(monkeypatch: pytest.MonkeyPatch, standby: bool) -> None:
    """Whoever carries on: every request that deserves it is in the queue once, and is answered once."""
    monkeypatch.setattr(module, "PORTION_ROWS", 2)
    steps = asyncio.run(sent_again(None, standby=standby))
    assert sum("reconciling" in one for one in steps) > 3, "it goes in several commits"
    for crash, label in enumerate(steps):
        try:
            asyncio.run(sent_again(crash, standby=standby))
        except BaseException as error:
            error.add_note(f"after step {crash} of {len(steps)}: {label}")
            raise


@pytest.mark.slow
@settings(max_examples=40)
@given(
    portion=st.integers(1, 5),
    crash=st.integers(0, 12),
    traps=st.sets(st.sampled_from((Trap.EXPIRED_IN_NEITHER, Trap.EXPIRED_IN_ERROR_FILE)), min_size=1),
)
def test_tabs_may_die_while_the_person_sends_again(portion: int, crash: int, traps: set[Trap]) -> None:
    """By hand, in portions: what went is marked with it, so pressing again sends the rest and nothing twice."""

    async def life() -> None:
        world = World(*traps, share=0.6)
        world.provider(resend=0)
        tab, batch = await ended(world, 9)
        wanted = can_send_again(batch)
        world.steps.clear()
        world.crash_at = crash
        work = asyncio.ensure_future(tab.again.send(batch.id))
        await world.until(lambda: tab.life.dead or work.done())
        world.crash_at = None
        if tab.life.dead:
            work.cancel()
            await tab.close()
            tab = await world.tab()
        await tab.again.send(batch.id)
        assert await tab.again.send(batch.id) == 0
        assert len(world.queued()) == world.batch().resent == wanted
        world.check_stored()
        mend(world)
        await tab.submit()
        await world.ended()
        await answered_once(world, tab, numbered(9))
        await world.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PORTION_ROWS", portion)
        asyncio.run(life())


async def test_two_tabs_send_again_at_once() -> None:
    """Both press at the same time: each request goes once."""
    world = World(Trap.EXPIRED_IN_NEITHER, share=0.5)
    world.provider(resend=0)
    tab, batch = await ended(world)
    other = await world.tab()
    counts = await world.result(asyncio.gather(tab.again.send(batch.id), other.again.send(batch.id), tab.again.send(batch.id)))
    assert sum(counts) == batch.tally.expired == len(world.queued()) == len(set(world.queued()))
    world.check_stored()
    await world.close()


async def test_a_portion_that_another_tab_has_moved_is_not_moved_again(world: World) -> None:
    """The event names what went before it: a late one is not heard."""
    batch = Batch(id="b", lane=LANE, state="reconciling", ending="completed", resending=True, requests=9, resent=4)
    with pytest.raises(pipeline.NoSuchMove):
        pipeline.advance(batch, pipeline.Resent(2, 4, more=True), 0.0)
    later = pipeline.advance(batch, pipeline.Resent(4, 6, more=True), 0.0)
    assert (later.state, later.resent, pipeline.due(later, 0.0)) == ("reconciling", 6, pipeline.Resend())
    done = pipeline.advance(later, pipeline.Resent(6, 6, more=False), 0.0)
    assert (done.state, done.resending, pipeline.due(done, 0.0)) == ("done", False, None)


# --- by hand -------------------------------------------------------------------------------------------------------------------------


async def by_hand(trap: Trap = Trap.LINE_SERVER_ERROR) -> tuple[World, Tab, Batch, list[int]]:
    """A batch with failures that nothing was done about; and their rows."""
    world = World(trap, share=0.5)
    world.provider(resend=0)
    tab, batch = await ended(world)
    _total, rows = await tab.review.rows(batch, "failed", 0, COUNT)
    return world, tab, batch, [row.row for row in rows]


async def test_chosen_requests_go_and_each_goes_once() -> None:
    """Rows by number; those that wait or are under way don't go beside themselves, those that were answered never."""
    world, tab, batch, rows = await by_hand()
    (answered,) = [row.row for row in (await tab.review.rows(batch, "answered", 0, 1))[1]]
    assert await tab.again.send(batch.id, {rows[0], rows[2], answered}) == 2
    assert world.queued() == [f"r{rows[0]}", f"r{rows[2]}"]
    assert await tab.again.send(batch.id, {rows[0]}) == 0, "it waits in the queue"
    await tab.queue.delete(LANE, {f"r{rows[2]}"})
    assert await tab.again.send(batch.id, {rows[2]}) == 0, "it can be restored there"
    await tab.queue.restore(LANE)
    world.brain.state.scenario = replace(world.brain.state.scenario, traps=(), speed=1_000.0)
    await tab.submit()
    await world.until(lambda: any(one.state == "in_progress" for one in world.batches()))
    assert await tab.again.send(batch.id, {rows[0]}) == 0, "it is under way"
    assert can_send_again(next(one for one in world.batches() if one.id == batch.id)) == len(rows) - 2
    assert await tab.again.send(batch.id) == len(rows) - 2
    assert await tab.again.send(batch.id) == 0
    await world.close()
    world.check_failures()


@pytest.mark.parametrize("how", ["deleted in the queue", "later batch deleted"])
async def test_a_request_that_is_nowhere_any_more_can_be_sent_once_more(how: str) -> None:
    """It went, and then the person deleted it: asked for by itself it goes again, never by «all»."""
    world, tab, batch, rows = await by_hand()
    id = f"r{rows[0]}"
    await tab.again.send(batch.id, {rows[0]})
    if how == "deleted in the queue":
        await tab.queue.delete(LANE, {id})
        await tab.queue.forget(LANE)
    else:
        await tab.submit()
        await world.ended()
        (later,) = [one for one in world.batches() if one.id != batch.id]
        await Tidy(tab.records).forget(later.id)
    assert world.queued() == []
    assert await tab.again.send(batch.id) == len(rows) - 1
    assert await tab.again.send(batch.id, {rows[0]}) == 1
    assert await tab.again.send(batch.id, {rows[0]}) == 0
    assert sorted(world.queued()) == sorted(f"r{row}" for row in rows)
    await world.close()
    world.check_failures()


async def test_what_went_is_not_known_any_more() -> None:
    """The record of what went is damaged or not here: then nothing goes by «all», so nothing is sent twice."""
    world, tab, batch, rows = await by_hand()
    await tab.again.send(batch.id, {rows[0]})
    for data in (b"\1", None):
        world.disk.bytes.pop(keys.again_id(batch.id))
        if data:
            world.disk.bytes[keys.again_id(batch.id)] = data
        assert await tab.again.send(batch.id) == 0
    assert await tab.again.send(batch.id, {rows[0], rows[1]}) == 1, "this one is nowhere else"
    await world.close()
    world.check_failures()


async def test_a_batch_of_an_older_program_that_went_back_at_once() -> None:
    """Its requests went back together; none of them goes once more by itself."""
    world, tab, batch, rows = await by_hand()
    stored = await tab.records.get(Batch, batch.id)
    assert stored is not None
    await tab.records.save(replace(batch, requeued=1.0), stored.rev)
    assert can_send_again(world.batch()) == 0
    assert await tab.again.send(batch.id) == 0
    assert await tab.again.send(batch.id, {rows[0]}) == 1
    await world.close()


async def test_a_request_whose_text_is_gone_stays() -> None:
    """Nothing can be sent of it; the others go."""
    world = World(Trap.EXPIRED_IN_NEITHER, share=0.5)
    tab = await world.tab()
    await tab.add(10)
    await tab.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    (segment,) = world.segments(keys.batch_owner(world.batch().id))
    lines = world.disk.bytes.pop(segment.bytes_id)
    tab = await world.reload(tab)
    await world.ended()
    assert (world.batch().state, world.batch().resent, world.queued()) == ("expired", 0, [])
    world.disk.bytes[segment.bytes_id] = lines
    assert await tab.again.send(world.batch().id) == world.batch().tally.expired > 0
    await world.close()


async def test_what_was_added_meanwhile_does_not_share_a_segment_with_what_was_sent_before() -> None:
    """So that each request's own past stays known."""
    world, tab, batch, rows = await by_hand()
    await tab.again.send(batch.id, {rows[0]})
    await tab.add(2, prefix="new")
    await tab.add(1, prefix="newer")
    waiting = [one for one in world.segments() if one.owner.startswith("queue:")]
    assert [(one.ids, one.resent) for one in waiting] == [((f"r{rows[0]}",), 1), (("new0", "new1", "newer0"), 0)]
    await tab.submit(chosen={f"r{rows[0]}", "new1"})
    await world.until(lambda: len(world.batches()) == 2)
    later = max(world.batches(), key=lambda one: one.created)
    held = world.segments(keys.batch_owner(later.id))
    assert [(one.ids, one.resent, one.previous_batches) for one in held] == [((f"r{rows[0]}",), 1, (batch.id,)), (("new1",), 0, ())]
    await world.close()


async def test_a_batch_that_failed_before_anything_ran_goes_by_hand() -> None:
    """By rule nothing goes: what the provider said must be looked at first."""
    world = World(Rule(Trap.BILLING_HARD_LIMIT_REACHED, times=1))
    tab, batch = await ended(world)
    assert (batch.state, batch.resent, world.queued()) == ("failed", 0, [])
    assert await tab.again.send(batch.id) == COUNT
    await tab.submit()
    await world.ended()
    await answered_once(world, tab, numbered(COUNT))
    await world.close()


# --- the sum -------------------------------------------------------------------------------------------------------------------------

IDS = ("r0", "r1", "r2", "r3", "r4")


def _line(id: str, kind: str) -> bytes:
    whole: dict[str, Any] = {"id": "batch_req", "custom_id": id, "response": None, "error": None}
    if kind == "answer":
        whole["response"] = {"status_code": 200, "request_id": "q", "body": {"usage": {"prompt_tokens": 2, "completion_tokens": 3}}}
    elif kind == "expired":
        whole["error"] = {"code": "batch_expired", "message": "Too late."}
    elif kind == "neither":
        pass
    else:
        whole["response"] = {"status_code": int(kind), "request_id": "q", "body": {"error": {"message": "No."}}}
    return json.dumps(whole).encode()


lines = st.lists(
    st.one_of(
        st.builds(_line, st.sampled_from((*IDS, "stranger")), st.sampled_from(("answer", "expired", "neither", "0", "400", "429", "500"))),
        st.builds(lambda line, cut: line[:cut], st.builds(_line, st.sampled_from(IDS), st.just("answer")), st.integers(1, 60)),
        st.sampled_from((b"", b"not json", b"[]", b"\xff\xfe", b'{"custom_id": 5}', b"  ")),
    ),
    max_size=12,
).map(b"\n".join)


@pytest.mark.slow
@settings(max_examples=examples(60, 150))
@given(output=lines, error=lines)
def test_every_id_is_accounted_for_whatever_the_files_hold(output: bytes, error: bytes) -> None:
    """Damaged lines, ids twice and in both files, ids that nobody sent: the outcomes add up to the requests, the batch ends, what the rule
    sends again is in the queue once, and what has an answer is not."""

    async def life() -> None:
        world = World(Rule(Trap.LINE_SERVER_ERROR), share=0.0)
        tab = await world.tab()
        await tab.add(len(IDS))
        await tab.submit()
        asked: list[str] = []

        def content(data: bytes) -> bytes:
            asked.append("x")
            return output if len(asked) == 1 else error

        world.http.content = content
        await world.ended()
        batch = world.batch()
        tally = batch.tally
        assert batch.state == "done"
        assert tally.answered + tally.failed + tally.expired + tally.cancelled + tally.missing + tally.unfound + tally.flawed == len(IDS)
        assert tally.unread == 0
        queued = world.queued()
        assert len(queued) == len(set(queued)) == batch.resent
        assert not set(queued) & set(await rows_of(tab, batch, "answered"))
        assert batch.resent + can_send_again(batch) == len(IDS) - tally.answered - tally.unreadable - tally.unfound - tally.flawed
        world.check_stored()
        await world.close()
        world.check_failures()

    asyncio.run(life())


# --- in the workspace file ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", ["same", "fresh", "before"])
async def test_what_waits_to_be_sent_again_survives_an_import(there: str) -> None:
    """Its own export once more, into an empty browser, and into one that has the batch as it was on its way: the request is in the queue
    once, with its past, although it stands in the batch that it comes from; and nothing counts as billed twice."""
    world, away = World(Trap.EXPIRED_IN_NEITHER, share=0.4), World()
    away.random = SeededRandom(77)
    tab = await world.tab()
    await tab.add(9)
    await tab.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    early = (await world.result(Side.of(tab).exported())).blob
    await world.ended()
    queued = sorted(world.queued())
    assert queued
    blob = (await world.result(Side.of(tab).exported())).blob
    target = world if there == "same" else away
    other = tab if there == "same" else await away.tab(engine=False)
    if there == "before":
        await target.result(Side.of(other).bring(early, "merge"), within=120)
    brought = await target.result(Side.of(other).bring(blob, "merge"), within=120)
    await target.result(Side.of(other).incoming.settle())
    assert (sorted(target.queued()), brought.twice) == (queued, 0)
    assert target.batch() == world.batch()
    assert {one.previous_batches for one in target.segments() if one.owner.startswith("queue:")} == {(world.batch().id,)}
    target.check_stored()
    assert await other.again.send(world.batch().id) == 0
    await world.close()
    await away.close()


@pytest.mark.slow
@pytest.mark.parametrize("gone", [0, 1, 2])
async def test_nothing_is_sent_again_where_it_is_not_known_which_requests_there_were(gone: int) -> None:
    """Rows are numbered over all requests of a batch: where neither its records nor its ids nor its ledger are here whole, no number says
    which request it means, and one that went already could go, and be paid, once more."""
    world = World(Trap.LINE_SERVER_ERROR)
    tab, batch = await ended(world, 2_500)
    segments = [one.value for one in await tab.records.all(Segment, keys.batch_owner(batch.id))]
    assert len(segments) == 3
    queued = world.queued()
    lost = [DropBytes(keys.rows_id(batch.id)), DropBytes(keys.ledger_id(batch.id))]
    await tab.store.commit([Remove(Table.SEGMENTS, segments[gone].id, -1), *lost])
    with pytest.raises(LedgerUnreadable, match="put it back"):
        await tab.again.send(batch.id)
    assert (await tab.again.portion(batch, 3))[0].more is False
    assert world.queued() == queued
