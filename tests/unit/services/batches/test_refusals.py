"""Every call of a journey refused in every way: no batch is made twice or forgotten, and until there is one the queue is as it was."""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import pytest

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.services.batches.resend import Resender
from tests.fakes.http import Answered, Dropped, Failure
from tests.kit.world import KEY, LANE, Tab, World

Cases = dict[str, tuple[Failure, str, str]]


def said(status: int, code: str = "", effect: bool = False) -> Answered:
    return Answered(status, msgspec.json.encode({"error": {"code": code or None, "message": f"No: {code or status}."}}), effect)


PERSON: Cases = {
    "401": (said(401, "invalid_api_key"), "wrong_key", "does not accept the key (401)"),
    "403": (said(403), "forbidden", "does not allow"),
    "404": (said(404), "not_found", "(404)"),
    "413": (Answered(413, b"<html>413 Request Entity Too Large</html>"), "too_large", "does not accept a body this large (413)"),
    "429 quota": (said(429, "insufficient_quota"), "insufficient_quota", "no credit left"),
    "not JSON": (Answered(200, b"<html>Log in</html>"), "unexpected_answer", "not the expected JSON"),
    "CORS": (Dropped("blocked"), "blocked", "does not let a web page read its answers (CORS)"),
    "policy": (Dropped("policy"), "policy", "not yet allowed to call"),
}
"""Only a person can mend these: failure, the problem's code, and words of its sentence."""

WAITING: Cases = {
    "429": (said(429, "rate_limit_exceeded"), "rate_limited", "too many calls (429)"),
    "500": (said(500, "server_error"), "server_error", "a server error (500)"),
    "502": (Answered(502, b"<html>Bad Gateway</html>"), "server_error", "a server error (502)"),
    "broken": (Dropped("broken"), "broken", "was lost"),
    "timeout": (Dropped("timeout"), "timeout", "took too long"),
    "unreachable": (Dropped("unreachable"), "unreachable", "does not answer at all"),
}
"""These pass by themselves."""
GONE = ("download", "404")
OFFLINE: Cases = {"offline": (Dropped("offline"), "offline", "This machine is offline")}
ALL = {**PERSON, **WAITING, **OFFLINE}


def each(*tables: Cases) -> pytest.MarkDecorator:
    found = {name: case for table in tables for name, case in table.items()}
    return pytest.mark.parametrize(("failure", "code", "words"), list(found.values()), ids=list(found))


async def submitted(world: World) -> tuple[Tab, list[bytes]]:
    """A tab that has just submitted three of five requests, those in the middle of the queue's only segment; and the queue before that."""
    tab = await world.tab()
    await tab.add(5)
    before = world.queue_lines()
    await tab.submit(chosen={"r1", "r2", "r3"})
    return tab, before


def refused(world: World, code: str, words: str) -> Batch:
    """The only batch, which must be back in the queue and say why."""
    batch = world.batch()
    assert (batch.state, batch.problem.code if batch.problem else "") == ("withdrawn", code)
    assert batch.problem is not None
    assert words in batch.problem.what
    assert batch.problem.means
    assert batch.problem.do
    assert KEY not in str(batch)
    return batch


# --- before there is a batch -----------------------------------------------------------------------------------------------------


@each(PERSON, WAITING)
async def test_a_refused_upload_leaves_the_queue_as_it_was(world: World, failure: Failure, code: str, words: str) -> None:
    """However an upload is refused for good: the requests are back in the queue, no batch was made, and the sentence says so."""
    world.http.fail("upload", failure, math.inf)
    _tab, before = await submitted(world)
    await world.ended()
    batch = refused(world, code, words)
    assert "billed" in (batch.problem.means if batch.problem else "")
    assert sorted(world.queue_lines()) == sorted(before)
    assert world.http.calls["create"] == 0
    assert world.remote() == []
    world.check_stored()


@pytest.mark.slow
@each(PERSON, WAITING)
async def test_a_refused_create_leaves_the_queue_as_it_was(world: World, failure: Failure, code: str, words: str) -> None:
    """However making the batch is refused for good: the requests are back in the queue, and the provider has no batch."""
    world.http.fail("create", failure, math.inf)
    _tab, before = await submitted(world)
    await world.ended()
    refused(world, code, words)
    assert sorted(world.queue_lines()) == sorted(before)
    assert world.remote() == []
    world.check_stored()


@each(PERSON)
async def test_what_only_a_person_can_mend_is_not_tried_again(world: World, failure: Failure, code: str, words: str) -> None:
    """A wrong key is not tried five times: one upload, and the batch is back."""
    world.http.fail("upload", failure, math.inf)
    await submitted(world)
    await world.until(lambda: world.batch().state == "withdrawn", within=30.0)
    assert world.http.calls["upload"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("call", ["upload", "create"])
@each(WAITING, OFFLINE)
async def test_what_passes_by_itself_is_waited_for(world: World, call: str, failure: Failure, code: str, words: str) -> None:
    """After a few failures that pass, the batch goes on by itself: one batch at the provider, every request answered once."""
    world.http.fail(call, failure, 3)
    await submitted(world)
    seen: set[str] = set()

    def done() -> bool:
        problem = world.batch().problem
        seen.add(problem.code if problem else "")
        return world.batch().state == "done"

    await world.until(done)
    assert code in seen, "the problem is shown while it lasts"
    assert world.batch().problem is None
    assert len(world.remote()) == 1
    assert sorted(await world.paid()) == ["r1", "r2", "r3"]


@pytest.mark.slow
async def test_offline_for_an_hour_uses_up_no_tries(world: World) -> None:
    """A machine that is offline for an hour goes on where it was when the network is back."""
    world.http.fail("upload", Dropped("offline"), math.inf)
    await submitted(world)
    await world.clock.advance(3_600)
    assert world.batch().state == "uploading"
    assert world.batch().tries == 0
    world.http.heal()
    assert [one.state for one in await world.ended()] == ["done"]


async def test_the_first_part_of_the_queue_returns_to_its_place(world: World) -> None:
    """Requests that come back stand where they stood, also when their segment was split by a batch's limit."""
    world.provider(max_requests=4)
    world.http.fail("upload", said(401), math.inf)
    tab = await world.tab()
    await tab.add(10)
    await tab.add(3, prefix="s")
    before = world.queued()
    await tab.submit()
    await world.ended()
    assert {one.state for one in world.batches()} == {"withdrawn"}
    assert world.queued() == before


# --- the answer was lost ---------------------------------------------------------------------------------------------------------

LOST: dict[str, Failure] = {
    "500": said(500, "server_error", effect=True),
    "502": Answered(502, b"<html>Bad Gateway</html>", effect=True),
    "not JSON": Answered(200, b"<html>OK</html>", effect=True),
    "broken": Dropped("broken", effect=True),
    "timeout": Dropped("timeout", effect=True),
    "unreachable": Dropped("unreachable", effect=True),
    "CORS": Dropped("blocked", effect=True),
    "offline": Dropped("offline", effect=True),
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
async def test_a_batch_whose_answer_was_lost_is_found_again(world: World, lost: Failure) -> None:
    """The provider made the batch and the answer was lost: it is found by listing, and no second one is made."""
    world.http.fail("create", lost)
    await submitted(world)
    assert [one.state for one in await world.ended()] == ["done"]
    assert world.http.calls["create"] == 1
    assert len(world.remote()) == 1


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
async def test_a_lost_answer_and_failing_listings_make_no_second_batch(world: World, lost: Failure) -> None:
    """While listings fail as well, nothing is created again: Nightshift goes on looking until it knows."""
    world.http.fail("create", lost)
    world.http.fail("list", said(401), 2)
    world.http.fail("list", Dropped("blocked"), 2)
    world.http.fail("list", said(500), 2)
    await submitted(world)
    assert [one.state for one in await world.ended()] == ["done"]
    assert world.http.calls["create"] == 1
    assert len(world.remote()) == 1


@pytest.mark.parametrize("lost", [one for name, one in LOST.items() if name != "CORS"], ids=[name for name in LOST if name != "CORS"])
async def test_a_file_whose_answer_was_lost_is_found_again(world: World, lost: Failure) -> None:
    """The provider has the file and the answer was lost: it is found by listing, and not sent again."""
    world.http.fail("upload", lost)
    await submitted(world)
    assert [one.state for one in await world.ended()] == ["done"]
    assert world.http.calls["upload"] == 1
    assert len(world.remote()) == 1


@pytest.mark.parametrize("count", [101, 250])
async def test_our_batch_is_found_behind_many_others(world: World, count: int) -> None:
    """A listing is read page by page: a batch whose answer was lost is found behind hundreds of newer ones."""
    world.http.fail("create", Dropped("broken", effect=True))
    gate = world.http.hold("list")
    await submitted(world)
    await world.until(lambda: gate.waiting == 1)
    (ours,) = world.remote()
    for number in range(count):
        world.brain.state.batches[f"batch_x{number}"] = msgspec.structs.replace(
            ours, id=f"batch_x{number}", metadata=None, input_file_id="x"
        )
    gate.open()
    await world.until(lambda: world.batch().state == "done")
    assert world.http.calls["create"] == 1
    assert world.batch().remote.id == ours.id  # type: ignore[union-attr]


# --- with a batch at the provider ------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "failure"),
    [
        pytest.param(call, case[0], id=f"{call} {name}")
        for call in ("poll", "download")
        for name, case in ALL.items()
        if (call, name) != GONE
    ],
)
async def test_a_batch_goes_on_through_every_failure(world: World, call: str, failure: Failure) -> None:
    """No failure of a call ends a batch that exists: the problem is shown, and when it is mended the answers come."""
    world.http.fail(call, failure, 4)
    await submitted(world)
    await world.until(lambda: world.batch().problem is not None)
    batch = world.batch()
    assert batch.state not in pipeline.FINAL
    if call == "poll":
        assert batch.problem is not None
        assert ("continues at the provider" in batch.problem.means) == (batch.problem.code != "batch_unknown"), (
            "a 404 is no news of that kind"
        )
    await world.ended()
    assert world.batch().state == "done"
    assert (world.http.calls["upload"], world.http.calls["create"], len(world.remote())) == (1, 1, 1)
    assert world.queued() == ["r0", "r4"]
    world.check_stored()


async def test_a_file_that_is_gone_ends_the_batch_with_a_word_about_it(world: World) -> None:
    """An answer file that the provider does not have is asked for five times: then its rows are unfound, and the batch says why and that
    they may have been billed."""
    world.http.fail("download", said(404), math.inf)
    await submitted(world)
    await world.ended()
    batch = world.batch()
    assert (batch.state, batch.tally.unfound, world.http.calls["download"]) == ("done", 3, 5)
    assert batch.problem is not None
    assert batch.problem.code == "file_gone"
    assert "may have been answered and billed" in batch.problem.means


async def test_one_404_loses_no_answer(world: World) -> None:
    """A file that is not readable at once is asked for again, and all its answers are here."""
    world.http.fail("download", said(404), 2)
    await submitted(world)
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered, world.batch().problem) == ("done", 3, None)


async def test_answers_of_a_file_that_was_gone_can_be_fetched_again(world: World) -> None:
    """With another key, say, the file is there after all: a wish fetches it, and the views read what came."""
    world.http.fail("download", said(404), math.inf)
    tab, _before = await submitted(world)
    await world.ended()
    assert pipeline.can_fetch_again(world.batch())
    assert (await tab.review.rows(world.batch(), "unfound", 0, 9))[0] == 3
    world.http.heal()
    event = await Resender(tab.records, tab.queue, tab.clock).lacking(world.batch())
    assert event is not None
    await tab.engine.command(world.batch().id, event)
    await world.until(lambda: world.batch().state == "done")
    assert (world.batch().tally.answered, world.batch().problem) == (3, None)
    assert (await tab.review.rows(world.batch(), "answered", 0, 9))[0] == 3
    world.check_stored()


async def test_requests_whose_bytes_are_gone_are_named_before_anything_is_sent(world: World) -> None:
    """Bytes that vanished from the browser: the batch is withdrawn with a sentence of its own, and the queue shows which requests."""
    gate = world.http.hold("upload")
    tab = await world.tab(engine=False)
    await tab.add(2)
    await tab.submit()
    world.disk.bytes.pop(world.segments("batch:")[0].bytes_id)
    tab = await world.reload(tab)
    await world.ended()
    batch = world.batch()
    assert (batch.state, gate.waiting) == ("withdrawn", 0)
    assert batch.problem is not None
    assert (batch.problem.code, "no longer in this browser" in batch.problem.what) == ("requests_lost", True)
    (lane,) = await tab.queue.lanes()
    rows = await tab.queue.rows(lane, 0, 9)
    assert ["no longer in this browser" in row.preview.fault for row in rows] == [True, True]
    await tab.queue.delete(LANE, {"r0", "r1"})
    await tab.queue.forget(LANE)
    assert world.segments() == []


@pytest.mark.slow
@pytest.mark.parametrize("failure", [case[0] for case in ALL.values()], ids=ALL)
async def test_cancelling_survives_every_failure(world: World, failure: Failure) -> None:
    """A wish to cancel is kept until the provider has heard it, or the batch has ended: never forgotten, never a second batch."""
    world.http.fail("cancel", failure, 2)
    tab, _before = await submitted(world)
    await world.until(lambda: world.batch().state == "in_progress")
    await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    await world.ended()
    batch = world.batch()
    assert batch.cancel_requested
    assert batch.state in ("cancelled", "done")
    assert batch.tally.answered + batch.tally.cancelled == 3
    assert len(world.remote()) == 1
    world.check_stored()


# --- without a key, without a provider -------------------------------------------------------------------------------------------


async def test_without_a_key_nothing_is_sent(world: World) -> None:
    """There is no key: no call is made, the requests stay, and the sentence asks for the key."""
    world.sealed.clear()
    await submitted(world)
    await world.ended()
    refused(world, "no_key", "There is no key for OpenAI")
    assert world.http.requests == []


async def test_a_removed_key_does_not_say_that_nothing_is_billed(world: World) -> None:
    """The key is removed while a batch runs: the batch is kept, its problem says that it goes on, and with a key it is fetched."""
    tab, _before = await submitted(world)
    await world.until(lambda: world.batch().state == "in_progress")
    await tab.profiles.remove_key("openai")
    await world.until(lambda: world.batch().problem is not None)
    problem = world.batch().problem
    assert problem is not None
    assert problem.code == "no_key"
    assert "continues at the provider" in problem.means
    await tab.profiles.put_key("openai", KEY, remember=True)
    await tab.engine.command(world.batch().id, pipeline.TryNow())
    await world.ended()
    assert world.batch().state == "done"


async def test_a_removed_provider_is_named_in_words(world: World) -> None:
    """The provider of a queued lane was removed: the requests are back in the queue and the sentence says what is missing."""
    lane = msgspec.structs.replace(LANE, profile="p-gone")
    tab = await world.tab()
    await tab.add(2, lane)
    made = await tab.submitter.submit(lane, tab.profiles.known["openai"])
    assert len(made.batches) == 1
    tab.engine.nudge()
    await world.ended()
    refused(world, "no_profile", "was removed from the settings")
    assert len(world.queued()) == 2


# --- faults of our own -----------------------------------------------------------------------------------------------------------


async def test_an_unexpected_exception_is_shown_and_does_not_spin(world: World) -> None:
    """A fault of ours in the middle of a call stands at the batch, is tried again after growing waits, and makes no second batch."""
    tab = await world.tab()
    real, calls = tab.worker._call, 0

    async def broken(effect: pipeline.Effect, batch: Batch) -> pipeline.Event:
        nonlocal calls
        event = await real(effect, batch)
        if isinstance(effect, pipeline.Poll) and calls < 4:
            calls += 1
            raise ZeroDivisionError("a fault")
        return event

    tab.worker._call = broken  # type: ignore[method-assign]
    await tab.add(2)
    await tab.submit()
    await world.until(lambda: calls == 1)
    problem = world.batch().problem
    assert problem is not None
    assert (problem.code, problem.blame, problem.detail) == ("internal", "ours", "ZeroDivisionError: a fault")
    before = world.clock.now()
    await world.ended()
    assert world.clock.now() - before > 30
    assert (world.batch().state, len(world.remote())) == ("done", 1)


async def test_an_exception_after_the_batch_was_made_does_not_make_another(world: World) -> None:
    """A fault of ours while reading the answer to a create leaves doubt, so the batch is found by listing."""
    tab = await world.tab()
    real, failed = tab.worker._call, False

    async def broken(effect: pipeline.Effect, batch: Batch) -> pipeline.Event:
        nonlocal failed
        event = await real(effect, batch)
        if isinstance(effect, pipeline.Create) and not failed:
            failed = True
            raise ValueError("a fault")
        return event

    tab.worker._call = broken  # type: ignore[method-assign]
    await tab.add(2)
    await tab.submit()
    assert [one.state for one in await world.ended()] == ["done"]
    assert failed
    assert (world.http.calls["create"], len(world.remote())) == (1, 1)


async def test_a_fault_outside_a_call_meets_the_boundary_and_is_retried_slowly(world: World) -> None:
    """What fails in the engine itself is shown once, and the batch is taken up again after a while, not at once."""
    tab = await world.tab()
    real = tab.worker.ending
    times: list[float] = []

    async def broken(before: Batch, after: Batch) -> list[object]:
        if len(times) < 3:
            times.append(world.clock.now())
            raise RuntimeError("a fault")
        return await real(before, after)  # type: ignore[return-value]

    tab.worker.ending = broken  # type: ignore[method-assign,assignment]
    await tab.add(2)
    await tab.submit()
    assert [one.state for one in await world.ended()] == ["done"]
    assert len(times) == 3
    assert [str(error) for _name, error in tab.failures] == ["a fault"]
    tab.failures.clear()
    assert all(later - sooner >= 10 for sooner, later in pairwise(times))
    assert len(world.remote()) == 1
