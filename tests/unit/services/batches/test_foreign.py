"""Providers whose answers differ from the batch API's, or are about something else, from the queue to the end."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from app.core.batches import pipeline
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.openai.wire import Request, Response
from app.core.programs.judging import JudgedMessage, MessageJudge
from tests.fakes.http import Answered, Dropped, call_of
from tests.kit.world import Tab, World

CALLS = {"create", "poll", "cancel"}


class Changed:
    """The provider's answers, each turned into another by ``change(call, answer)`` where that gives one."""

    def __init__(self, world: World, change: Any) -> None:
        self._inner, self._change = world.http.inner, change
        world.http.inner = self

    async def send(self, request: Request, *, progress: Any = None) -> Response:
        response = await self._inner.send(request, progress=progress)
        try:
            found = json.loads(response.body)
        except ValueError:
            return response
        changed = self._change(call_of(request), found)
        return response if changed is None else Response(response.status, response.headers, json.dumps(changed).encode())

    async def stream(self, request: Request) -> Any:
        return await self._inner.stream(request)


async def begun(world: World, count: int = 3) -> Tab:
    tab = await world.tab()
    await tab.add(count)
    await tab.submit()
    return tab


def foreign(call: str, found: Any) -> Any:
    """As a server says it that wraps its batches, shouts its statuses and writes its times out."""

    def one(batch: dict[str, Any]) -> dict[str, Any]:
        words = {"completed": "SUCCEEDED", "in_progress": "RUNNING", "validating": "QUEUED"}
        status = words.get(batch["status"], batch["status"].upper())
        counts = batch.get("request_counts") or {}
        kept = {name: batch.get(name) for name in ("input_file_id", "output_file_id", "error_file_id", "metadata")}
        sums = {"total_requests": counts.get("total"), "succeeded_requests": counts.get("completed")}
        return {"job": {"batch_id": batch["id"], "status": status, "created_at": "2026-11-29T12:00:00Z", **kept, **sums}}

    if call in CALLS:
        return one(found)
    if call == "list":
        return {"jobs": [one(each) for each in found["data"]]}
    return None


async def test_a_batch_of_a_server_with_other_words_runs_to_its_end(world: World) -> None:
    """Envelopes, aliases in capitals, ISO times, counts at top level, in every call."""
    Changed(world, foreign)
    await begun(world)
    await world.ended()
    batch = world.batch()
    assert (batch.state, batch.tally.answered, batch.problem) == ("done", 3, None)
    assert batch.remote is not None
    assert (batch.remote.status, batch.remote.completed) == ("completed", 3)
    assert len(world.remote()) == 1
    world.check_stored()


@pytest.mark.slow
async def test_an_unknown_status_is_quoted_and_asked_about_ever_less_often(world: World) -> None:
    """Not a word of it is taken for an ending; the waits grow to an hour."""
    Changed(world, lambda call, found: {**found, "status": "HIBERNATING"} if call in CALLS else None)
    await begun(world)
    await world.until(lambda: world.http.calls["poll"] >= 3)
    batch = world.batch()
    assert batch.problem is not None
    assert batch.problem.code == "unknown_status"
    assert "“HIBERNATING”" in batch.problem.what
    assert batch.state == "validating"
    await world.until(lambda: world.batch().retry_at - world.clock.now() > 2_800, within=90_000)
    calls = world.http.calls["poll"]
    await world.clock.advance(6 * 3_600)
    await world.rest()
    assert world.http.calls["poll"] - calls <= 8
    assert world.queued() == []


async def test_a_person_can_stop_following_and_follow_again(world: World) -> None:
    """What the provider names is fetched, nothing is sent again by rule, and once the provider has a word for it the rest comes."""
    said = {"status": "HIBERNATING", "output_file_id": None}
    Changed(world, lambda call, found: {**found, **said} if call in CALLS and said else None)
    tab = await begun(world)
    await world.until(lambda: world.batch().problem is not None)
    await tab.engine.command(world.batch().id, pipeline.StopFollowing())
    await world.ended()
    batch = world.batch()
    assert (batch.state, batch.ending, batch.tally.unfound) == ("done", pipeline.UNFOLLOWED, 3)
    assert batch.problem is not None
    assert "HIBERNATING" in batch.problem.what
    assert world.queued() == []
    assert len(world.remote()) == 1
    said.clear()
    assert pipeline.can_fetch_again(batch)
    looks = 0
    while world.batch().ending == pipeline.UNFOLLOWED:  # each time the person asks it is looked once, and no more
        await tab.engine.command(batch.id, pipeline.FetchAgain())
        await world.ended()
        assert world.batch().state == "done"
        looks += 1
        assert looks < 100
        await world.clock.advance(600)
    assert looks > 1
    assert (world.batch().state, world.batch().ending, world.batch().tally.answered) == ("done", "completed", 3)
    world.check_stored()


@pytest.mark.slow
async def test_a_listing_without_its_rest_says_nothing_of_what_is_not_on_it(world: World) -> None:
    """A doubtful create is not made again because its batch is not among the first of many."""

    def first_of_many(call: str, found: Any) -> Any:
        return {"data": [], "total": 400} if call == "list" else None

    Changed(world, first_of_many)
    world.http.fail("create", Dropped("broken", effect=True))
    await begun(world)
    await world.clock.advance(3 * 3_600)
    await world.rest()
    batch = world.batch()
    assert (batch.state, len(world.remote()), world.http.calls["create"]) == ("creating", 1, 1)
    assert world.queued() == []


@pytest.mark.parametrize("call", ["poll", "cancel"])
async def test_an_answer_about_another_batch_is_said_and_not_used(world: World, call: str) -> None:
    """A proxy that answers from its memory ends no batch of ours."""
    other = {"id": "batch_other", "object": "batch", "status": "completed", "request_counts": {"total": 9, "completed": 9, "failed": 0}}
    world.http.fail(call, Answered(200, json.dumps(other).encode()), 2)
    tab = await begun(world)
    if call == "cancel":
        await world.until(lambda: world.batch().state == "validating")
        await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    await world.until(lambda: world.batch().problem is not None)
    batch = world.batch()
    assert batch.problem is not None
    assert batch.problem.code == "other_batch"
    assert "batch_other" in batch.problem.what
    assert batch.state in (*pipeline.LIVE, "cancelling")
    await world.ended()
    assert world.batch().tally.answered + world.batch().tally.cancelled == 3
    world.check_stored()


async def test_a_gateway_with_ids_of_its_own_is_followed(world: World) -> None:
    """The answer carries our mark: it is ours, goes on under the id that was given, and that is said."""
    Changed(world, lambda call, found: {**found, "id": f"inner-{found['id']}"} if call == "poll" else None)
    await begun(world)
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered) == ("done", 3)
    assert world.batch().remote is not None
    assert not world.batch().remote.id.startswith("inner-")  # type: ignore[union-attr]  # asserted above
    assert "“inner-" in "".join(world.batch().remote.remarks)  # type: ignore[union-attr]  # and it is said


async def test_a_create_that_answers_with_a_foreign_batch_is_looked_for(world: World) -> None:
    """The mark of another browser's batch: ours is found by listing, and made once."""
    foreign = {"id": "batch_other", "status": "completed", "metadata": {"nightshift": "b-other"}}
    world.http.fail("create", Answered(200, json.dumps(foreign).encode(), effect=True))
    await begun(world)
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered) == ("done", 3)
    assert len(world.remote()) == 1
    assert world.batch().remote is not None
    assert world.batch().remote.id != "batch_other"  # type: ignore[union-attr]  # asserted above


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [({"bytes": 7}, "upload_size", "7 bytes"), ({"status": "error", "status_details": "Not JSONL."}, "upload_refused", "“error”")],
)
async def test_a_file_that_did_not_arrive_as_sent_is_not_made_a_batch_of(
    world: World, changes: dict[str, Any], code: str, word: str
) -> None:
    """It is uploaded again, and after some tries the requests are back in the queue with the reason."""
    Changed(world, lambda call, found: {**found, **changes} if call == "upload" else None)
    tab = await begun(world)
    await world.ended()
    batch = world.batch()
    assert batch.state == "withdrawn"
    assert batch.problem is not None
    assert batch.problem.code == code
    assert word in batch.problem.what
    assert world.queued() == ["r0", "r1", "r2"]
    assert world.http.calls["create"] == 0
    assert tab.failures == []
    world.check_stored()


async def test_a_file_that_arrives_whole_the_second_time_is_used(world: World) -> None:
    """One bad answer costs one more upload."""
    seen: list[str] = []

    def once(call: str, found: Any) -> Any:
        if call != "upload" or seen:
            return None
        seen.append(call)
        return {**found, "bytes": 1}

    Changed(world, once)
    await begun(world)
    await world.ended()
    assert (world.batch().state, world.http.calls["upload"], len(world.remote())) == ("done", 2, 1)


async def test_what_is_said_of_another_file_is_no_size_of_ours(world: World) -> None:
    """A download is not thrown away for the length of a file that was not asked about."""
    about = {"id": "file-other", "object": "file", "bytes": 3}
    world.http.fail("file", Answered(200, json.dumps(about).encode()), math.inf)
    await begun(world)
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered, world.batch().problem) == ("done", 3, None)


# --- Azure -----------------------------------------------------------------------------------------------------------------------


def pending(times: int, end: str = "processed") -> Any:
    """A provider that calls a file ``pending`` so many times, and then ``end``."""
    asked = iter(["pending"] * times)
    return lambda call, found: {**found, "status": next(asked, end)} if call in ("upload", "file") else None


async def test_a_file_that_is_pending_is_waited_for(world: World) -> None:
    """It is asked about until it is ready; only then is the batch made, once. Meanwhile the page says so."""
    Changed(world, pending(12))
    await begun(world)
    await world.until(lambda: world.batch().problem is not None)
    batch = world.batch()
    assert batch.problem is not None
    assert (batch.state, batch.problem.code) == ("uploading", "file_pending")
    assert "“pending”" in batch.problem.what
    assert world.http.calls["create"] == 0
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered, world.batch().problem) == ("done", 3, None)
    assert (world.http.calls["upload"], world.http.calls["create"]) == (1, 1)
    world.check_stored()


async def test_a_reload_while_a_file_is_pending_uploads_nothing_again(world: World) -> None:
    """That the file is there is stored."""
    Changed(world, pending(6))
    tab = await begun(world)
    await world.until(lambda: world.batch().problem is not None)
    await world.reload(tab)
    await world.ended()
    assert (world.batch().state, world.http.calls["upload"], len(world.remote())) == ("done", 1, 1)


async def test_a_file_that_was_pending_and_turns_out_bad_gives_the_requests_back(world: World) -> None:
    """With the provider's word for it, and without uploading the same again."""
    Changed(world, pending(3, "error"))
    await begun(world)
    await world.ended()
    batch = world.batch()
    assert batch.problem is not None
    assert (batch.state, batch.problem.code) == ("withdrawn", "upload_refused")
    assert world.http.calls["upload"] == 1
    assert world.queued() == ["r0", "r1", "r2"]
    world.check_stored()


async def test_a_create_refused_because_the_file_is_pending_is_made_later(world: World) -> None:
    """More often than other refusals are tried, for it takes minutes; nothing is made twice."""
    words = "The input file is not ready: its status is pending, expected processed."
    refusal = json.dumps({"error": {"code": "invalidPayload", "message": words}}).encode()
    world.http.fail("create", Answered(400, refusal), 9)
    await begun(world)
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered) == ("done", 3)
    assert (world.http.calls["upload"], world.http.calls["create"], len(world.remote())) == (1, 10, 1)


async def test_a_pending_file_can_be_let_go(world: World) -> None:
    """The person need not wait: the requests are back in the queue."""
    Changed(world, pending(10_000))
    tab = await begun(world)
    await world.until(lambda: world.batch().problem is not None)
    await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    assert world.batch().state == "withdrawn"
    assert world.queued() == ["r0", "r1", "r2"]


async def test_a_quota_of_files_is_said_with_its_remedy(world: World) -> None:
    """In words that name both ways; the requests are back in the queue."""
    words = "The quota for files without expiry is reached. The maximum is 500."
    refusal = json.dumps({"error": {"code": "quotaExceeded", "message": words}}).encode()
    world.http.fail("upload", Answered(400, refusal), math.inf)
    await begun(world)
    await world.ended()
    batch = world.batch()
    assert batch.problem is not None
    assert (batch.state, batch.problem.code, batch.problem.detail) == ("withdrawn", "file_quota", words)
    assert "expire" in batch.problem.do


async def test_lines_go_to_azure_as_it_spells_them(world: World) -> None:
    """Whether they name the endpoint with or without its version; at OpenAI both are sent with it."""
    for address, spelled in (
        ("https://res.openai.azure.com/openai/v1", "/chat/completions"),
        ("https://api.openai.com/v1", "/v1/chat/completions"),
    ):
        profile = Profile(id="x", name="X", base_url=address)
        for url in ("/chat/completions", "/v1/chat/completions"):
            message = {
                "custom_id": "t",
                "method": "POST",
                "url": url,
                "body": {"model": "dep", "messages": [{"role": "user", "content": "Hi"}]},
            }
            read = MessageJudge(profile).of(json.dumps(message).encode())
            assert isinstance(read, JudgedMessage)
            assert json.loads(read.line)["url"] == spelled
            assert read.lane == Lane("x", spelled, "dep")


# --- redirects -------------------------------------------------------------------------------------------------------------------


async def test_every_call_may_be_redirected_on_its_own_origin_and_to_the_hosts_that_were_allowed(world: World) -> None:
    """And to no other: what the platform may follow stands in each request."""
    world.provider(also=("https://files.example",))
    await begun(world)
    await world.ended()
    assert {request.follows for request in world.http.requests} == {("https://files.example",)}


@pytest.mark.parametrize("call", ["upload", "create", "poll", "download"])
@pytest.mark.parametrize("host", ["https://blob.example", ""])
async def test_a_redirect_elsewhere_is_said_and_never_called_cors(world: World, call: str, host: str) -> None:
    """With the host where the browser tells it, and with what to do; once it is allowed the batch goes on."""
    world.http.fail(call, Dropped("redirected", detail=host), math.inf)
    tab = await begun(world)
    await world.until(lambda: world.batch().problem is not None)
    problem = world.batch().problem
    assert problem is not None
    assert problem.code == "redirected"
    assert host in problem.what
    assert "CORS" not in f"{problem.what} {problem.do}"
    assert "the key is never sent there" in problem.do
    assert not problem.doubtful
    world.http.heal()
    if world.batch().state == "withdrawn":
        await tab.submit()
    else:
        await tab.engine.command(world.batch().id, pipeline.TryNow())
    await world.ended()
    assert sum(one.tally.answered for one in world.batches()) == 3
    assert len(world.remote()) == 1
