"""What came back: every request is accounted for, whatever the provider's files look like and however often their way here breaks."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import pytest

from app.core.batches import pipeline
from app.core.batches.ledger import LedgerUnreadable
from app.core.bodies import requests
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.ports import StorageFull
from app.practice.traps import Trap
from app.services.batches import conformance
from app.services.batches.resend import Resender, can_send_again
from app.services.queue import queue as queueing
from tests.fakes.http import Answered, Dropped, Halfway
from tests.kit.world import LANE, Tab, World, numbered, pair


async def finished(world: World, count: int = 20) -> tuple[Tab, Batch]:
    """A batch of so many requests, ended."""
    tab = await world.tab()
    await tab.add(count)
    await tab.submit()
    await world.ended()
    world.check_stored()
    batch = world.batch()
    if batch.state != "withdrawn":
        tally = batch.tally
        assert (
            tally.answered + tally.failed + tally.expired + tally.cancelled + tally.missing + tally.unread + tally.unfound + tally.flawed
            == count
        )
        assert tally.unread == 0
    return tab, batch


def trapped(*traps: Trap, share: float = 0.2) -> World:
    """Nothing is sent again by rule: what is, is in test_again."""
    world = World(*traps, share=share)
    world.provider(resend=0)
    return world


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trap", "kind"),
    [
        (Trap.LINE_ERROR_NULL_STATUS_400, "failed"),
        (Trap.LINE_200_BODY_ERROR, "failed"),
        (Trap.LINE_STATUS_0, "failed"),
        (Trap.LINE_SERVER_ERROR, "failed"),
        (Trap.LINE_RATE_LIMIT, "failed"),
        (Trap.DAMAGED_OUTPUT_LINE, "missing"),
        (Trap.MISSING_ROWS, "unfound"),
        (Trap.REFUSAL, "flawed"),
        (Trap.CONTENT_FILTER, "flawed"),
        (Trap.NO_OUTPUT_FILE, "failed"),
    ],
)
async def test_every_way_a_line_fails_is_counted(trap: Trap, kind: str) -> None:
    """Lines that failed, are damaged or missing are told apart from answers, and can be listed."""
    world = trapped(trap)
    tab, batch = await finished(world)
    assert batch.state == "done"
    count = getattr(batch.tally, kind)
    assert count > 0
    total, rows = await tab.review.rows(batch, kind, 0, 100)
    assert total == count
    assert {row.outcome for row in rows} == {kind}
    assert all(row.answered for row in rows), "each says why"
    if trap is Trap.DAMAGED_OUTPUT_LINE:
        assert batch.tally.damaged == count
        total, rows = await tab.review.rows(batch, "damaged", 0, 100)
        assert total == count
        opened = await tab.review.open(batch, rows[0].row)
        assert opened.line, "the damaged line itself is shown"
    await world.close()
    world.check_failures()


@pytest.mark.slow
@pytest.mark.parametrize(
    "trap",
    [
        Trap.EMPTY_ERROR_FILE_ID,
        Trap.NO_USAGE,
        Trap.NULL_MODEL,
        Trap.NULL_TIMESTAMPS,
        Trap.UNKNOWN_FIELDS,
        Trap.UNKNOWN_STATUS,
        Trap.ZERO_COUNTS_UNTIL_DONE,
        Trap.NO_TRAILING_NEWLINE,
        Trap.DUPLICATE_ROWS,
        Trap.UNEXPECTED_ROW,
        Trap.FILE_NOT_FOUND_AFTER_UPLOAD,
        Trap.DOWNLOAD_502,
        Trap.DOWNLOAD_BREAKS_HALFWAY,
        Trap.CREATE_ANSWER_LOST,
        Trap.CREATE_500_EFFECT_DONE,
        Trap.UPLOAD_ANSWER_LOST,
    ],
)
async def test_oddities_lose_no_answer(trap: Trap) -> None:
    """Whatever is odd about the provider's objects, calls and files: all answers are here, from one batch."""
    world = trapped(trap)
    _tab, batch = await finished(world)
    assert (batch.state, batch.tally.answered, len(world.remote())) == ("done", 20, 1)
    if trap is Trap.UNEXPECTED_ROW:
        assert batch.tally.unexpected == 1
    await world.close()
    world.check_failures()


@pytest.mark.parametrize("trap", [Trap.EXPIRED_IN_ERROR_FILE, Trap.EXPIRED_IN_NEITHER])
async def test_an_expired_batch_keeps_what_was_answered(trap: Trap) -> None:
    """Of an expired batch the answers are kept and the unfinished rows are «expired», whichever file holds them, or none."""
    world = trapped(trap)
    tab, batch = await finished(world)
    assert batch.state == "expired"
    assert batch.tally.answered > 0
    assert batch.tally.expired > 0
    assert (await tab.review.rows(batch, "expired", 0, 100))[0] == batch.tally.expired
    await world.close()


@pytest.mark.slow
async def test_a_batch_that_hangs_for_a_day_expires() -> None:
    """A batch that never ends at the provider is asked about until it expires there, and ends here as well."""
    world = trapped(Trap.HANG_IN_PROGRESS)
    tab = await world.tab()
    await tab.add(20)
    await tab.submit()
    await world.until(lambda: world.clock.now() - world.batch().created > 3_600)
    assert world.batch().state == "in_progress"
    world.clock.set(world.batch().created + 86_000)
    (batch,) = await world.ended(within=1_000)
    assert batch.state == "expired"
    assert batch.tally.answered + batch.tally.expired == 20
    await world.close()


async def test_a_cancelled_batch_keeps_what_was_answered(world: World) -> None:
    """A batch that is cancelled half-way keeps and counts its answers, since they are billed."""
    tab = await world.tab()
    await tab.add(20)
    await tab.submit()
    await world.until(lambda: (remote := world.batch().remote) is not None and remote.completed > 5)
    await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    await world.ended()
    batch = world.batch()
    assert batch.state == "cancelled"
    assert batch.tally.answered > 5
    assert batch.tally.answered + batch.tally.cancelled == 20
    world.check_stored()


@pytest.mark.parametrize("trap", [Trap.BILLING_HARD_LIMIT_REACHED, Trap.BATCH_FILE_NOT_FOUND])
async def test_a_batch_that_the_provider_refuses_says_why(trap: Trap) -> None:
    """A batch that fails validation ends as failed, with the reason, and that nothing is billed."""
    world = trapped(trap)
    _tab, batch = await finished(world)
    assert (batch.state, batch.tally.failed) == ("failed", 20)
    assert batch.problem is not None
    assert "nothing is billed" in batch.problem.means
    await world.close()


@pytest.mark.parametrize("after", [0, 1, 700, 3_000])
async def test_a_download_that_breaks_is_fetched_again_whole(world: World, after: int) -> None:
    """Wherever a download breaks off: it is fetched anew from the beginning and no answer is missing or doubled."""
    world.http.fail("download", Halfway(after), 3)
    _tab, batch = await finished(world)
    assert batch.tally.answered == 20
    assert world.http.calls["download"] == 4


@pytest.mark.slow
async def test_a_large_download_that_breaks_late_is_fetched_again_whole(world: World) -> None:
    """A file of several segments breaks off after the first ones were stored: the second try replaces them."""
    tab = await world.tab()
    await tab.add(4_000)
    world.http.fail("download", Halfway(2_500_000), 2)
    await tab.submit()
    await world.until(lambda: keys.answer_id(world.batch().id, "output", 1) in world.disk.bytes)
    assert world.batch().state == "downloading"
    await world.ended()
    batch = world.batch()
    assert batch.fetched[0].segments >= 3
    assert batch.tally.answered == 4_000
    world.check_stored()


async def test_a_full_disk_stops_a_download_until_there_is_room(world: World) -> None:
    """There is no room for the answers: the batch says so and waits; with room they are fetched."""
    tab = await world.tab()
    await tab.add(20)
    await tab.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    tab.inner.quota = world.disk.used + 3_000
    await world.until(lambda: world.batch().problem is not None)
    problem = world.batch().problem
    assert problem is not None
    assert (problem.code, world.batch().state) == ("storage_full", "downloading")
    tab.inner.quota = 0
    await tab.engine.command(world.batch().id, pipeline.TryNow())
    await world.ended()
    assert world.batch().tally.answered == 20


async def test_a_full_disk_after_a_create_makes_no_second_batch(world: World) -> None:
    """The batch exists and its record cannot be stored: it is found by listing when there is room."""
    tab = await world.tab()
    await tab.add(3)
    real = tab.inner.commit
    refusals = 0

    async def full(changes):
        nonlocal refusals
        if world.remote() and refusals < 3:
            refusals += 1
            raise StorageFull("no room")
        await real(changes)

    tab.inner.commit = full  # type: ignore[method-assign]
    await tab.submit()
    await world.ended()
    assert refusals == 3
    assert (world.batch().state, world.http.calls["create"], len(world.remote())) == ("done", 1, 1)
    tab.failures.clear()  # the disk was too full even for the word about it: that is shown by the page


async def test_lost_answer_bytes_may_have_been_answered(world: World) -> None:
    """Bytes of an answer file that vanished from the browser don't stop the ledger: their rows may have been answered."""
    gate = world.http.hold("poll")
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.until(lambda: gate.waiting == 1)
    real = tab.inner.load

    async def lossy(ids):
        return [None if id.startswith("answer:") else data for id, data in zip(ids, await real(ids), strict=True)]

    tab.inner.load = lossy  # type: ignore[method-assign]
    gate.open()
    await world.ended()
    assert (world.batch().state, world.batch().tally.unfound) == ("done", 3)


# --- reading ---------------------------------------------------------------------------------------------------------------------


async def test_any_window_of_answers_is_in_the_order_of_the_queue(world: World) -> None:
    """The provider shuffles; the list of answers stands in the order of the requests, window by window, with request beside answer."""
    tab, batch = await finished(world, 1_300)
    expected = numbered(1_300)
    for first, last in ((0, 5), (995, 1_005), (1_295, 1_400)):
        total, rows = await tab.review.rows(batch, "all", first, last)
        assert total == 1_300
        assert [row.id for row in rows] == expected[first:last]
        assert all(row.asked == f"Say {row.id}" and row.id in row.answered for row in rows)
    opened = await tab.review.open(batch, 1_001)
    assert opened.id == "r1001"
    assert opened.asked == (("user", "Say r1001"),)
    assert opened.answer is not None
    assert "r1001" in opened.answer.text
    assert await tab.review.neighbour(batch, "all", 1_001, 1) == 1_002
    assert await tab.review.neighbour(batch, "all", 1_299, 1) is None
    assert await tab.review.neighbour(batch, "failed", 1_001, 1) is None


async def test_lines_at_hand_are_bounded_by_their_bytes(world: World) -> None:
    """Requests with large texts or images are read anew rather than kept beyond 16 MB; every row is shown all the same."""
    world.room(10_000_000)
    tab = await world.tab(engine=False)
    await tab.queue.add(LANE, [pair(f"r{n}", "x" * 900_000) for n in range(30)])
    await tab.submit()
    for _ in range(2):
        _total, rows = await tab.review.rows(world.batch(), "all", 0, 30)
        assert all(row.asked.startswith("xxx") for row in rows)
        lines = tab.review._lines
        assert sum(len(lines.get(piece) or b"") for piece in lines) <= 16_000_000


async def test_a_running_batch_can_be_read(world: World) -> None:
    """Before there are answers the rows show what was asked."""
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    total, rows = await tab.review.rows(world.batch(), "all", 0, 10)
    assert (total, [row.outcome for row in rows]) == (3, ["unread"] * 3)
    await world.ended()
    assert [row.outcome for row in (await tab.review.rows(world.batch(), "all", 0, 10))[1]] == ["answered"] * 3


async def test_files_can_be_saved_as_they_came(world: World) -> None:
    """Input and output can be saved: the input as it went up, the output byte for byte as the provider sent it."""
    came: list[bytes] = []

    def keep(data: bytes) -> bytes:
        came.append(data)
        return data

    world.http.content = keep
    tab = await world.tab()
    await tab.add(5)
    lines = b"".join(world.queue_lines())
    await tab.submit()
    await world.ended()
    batch = world.batch()
    await tab.review.download(batch, "input")
    await tab.review.download(batch, "output")
    await tab.review.download(batch, "error")
    assert [one.content for one in tab.page.saved] == [lines, came[0], b""]
    assert [one.name for one in tab.page.saved] == [f"nightshift-{batch.id}-{which}.jsonl" for which in ("input", "output", "error")]


async def test_answers_survive_a_reload(world: World) -> None:
    """After a reload, without any call, the answers are read from the disk."""
    tab, batch = await finished(world, 5)
    calls = len(world.http.requests)
    tab = await world.reload(tab)
    await world.rest()
    _total, rows = await tab.review.rows(batch, "answered", 0, 10)
    assert [row.id for row in rows] == numbered(5)
    assert len(world.http.requests) == calls


# --- again -----------------------------------------------------------------------------------------------------------------------


async def test_a_request_whose_answer_is_a_damaged_line_does_not_go_back() -> None:
    """It was answered and billed: it is missing, says that its line is kept, shows it, and is not sent again."""
    world = trapped(Trap.DAMAGED_OUTPUT_LINE, Trap.LINE_SERVER_ERROR)
    tab, batch = await finished(world)
    damaged, failed = batch.tally.unreadable, batch.tally.failed
    assert damaged == batch.tally.missing > 0
    assert failed > 0
    assert can_send_again(batch) == failed
    _total, rows = await tab.review.rows(batch, "missing", 0, 99)
    assert all("answered and billed" in row.answered for row in rows)
    opened = await tab.review.open(batch, rows[0].row)
    assert (opened.code, opened.answer, bool(opened.line)) == ("damaged_line", None, True)
    assert await Resender(tab.records, tab.queue, tab.clock).send(batch.id) == failed
    assert not set(world.queued()) & {row.id for row in rows}
    await world.close()
    world.check_failures()


@pytest.mark.parametrize("ledger", [None, b"not a ledger"])
async def test_a_ledger_that_cannot_be_read_is_made_again_before_requests_go_back(ledger: bytes | None) -> None:
    """Damaged or not here: the answer files say what was answered, the rest goes back, and the new ledger is stored."""
    world = trapped(Trap.LINE_SERVER_ERROR, share=0.3)
    tab, batch = await finished(world)
    world.disk.bytes.pop(keys.ledger_id(batch.id))
    if ledger is not None:
        world.disk.bytes[keys.ledger_id(batch.id)] = ledger
    assert await Resender(tab.records, tab.queue, tab.clock).send(batch.id) == batch.tally.failed > 0
    tab = await world.reload(tab)
    assert (await tab.review.rows(world.batch(), "failed", 0, 99))[0] == batch.tally.failed
    await world.close()
    world.check_failures()


async def test_without_ledger_and_answers_nothing_goes_back_until_they_are_fetched_again() -> None:
    """What may be answered is not sent again; the answers are fetched once more, and then the rest goes back."""
    world = trapped(Trap.LINE_SERVER_ERROR, share=0.3)
    tab, batch = await finished(world)
    world.disk.bytes.pop(keys.ledger_id(batch.id))
    world.disk.bytes.pop(keys.answer_id(batch.id, "output", 0))
    again = Resender(tab.records, tab.queue, tab.clock)
    with pytest.raises(LedgerUnreadable, match="Download the answers again"):
        await again.send(batch.id)
    event = await again.lacking(batch)
    assert event == pipeline.FetchAgain(("output",), ledger=True)
    await tab.engine.command(batch.id, event)
    await world.until(lambda: world.batch().state == "done")
    assert world.batch().tally == batch.tally
    assert await again.lacking(world.batch()) is None
    assert await again.send(batch.id) == batch.tally.failed
    await world.close()
    world.check_failures()


async def test_checking_counts_the_lines_that_were_read(world: World) -> None:
    """The meter of a ledger in the making shows real lines, up to all of them."""
    tab, _batch = await finished(world, 1_300)
    seen = [(done, total) for _id, step, done, total in tab.moves if step == "checking"]
    assert seen[-1] == (1_300, 1_300)
    assert all(done > 0 for done, _total in seen)


@pytest.mark.parametrize("answer", [Answered(404), Dropped("broken")])
async def test_what_may_be_answered_is_not_called_unanswered(world: World, answer: Answered | Dropped) -> None:
    """While answers are still being fetched nothing can be sent again."""
    world.http.fail("poll", answer, math.inf)
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.until(lambda: world.batch().problem is not None)
    assert await Resender(tab.records, tab.queue, tab.clock).send(world.batch().id) == 0
    assert world.queued() == []


async def test_an_answer_that_ignores_its_schema_is_no_good_one(world: World) -> None:
    """The request asked for JSON of a schema; one answer is prose. It is a group of its own, billed, and not sent again by rule."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}
    body = {"model": LANE.model, "messages": [{"role": "user", "content": "Go."}], "response_format": form}
    lines = [{"custom_id": f"s{n}", "method": "POST", "url": LANE.endpoint, "body": body} for n in range(3)]
    tab = await world.tab()
    await tab.queue.add(LANE, [(str(one["custom_id"]), json.dumps(one).encode() + b"\n") for one in lines])

    def prose(data: bytes) -> bytes:
        found = [json.loads(line) for line in data.splitlines()]
        for one in found:
            text = "Of course! Here it is." if one["custom_id"] == "s1" else '{"a": "yes"}'
            one["response"]["body"]["choices"][0]["message"]["content"] = text
        return b"".join(json.dumps(one).encode() + b"\n" for one in found)

    world.http.content = prose
    await tab.submit()
    await world.ended()
    batch = world.batch()
    assert (batch.tally.answered, batch.tally.flawed, batch.resent, world.queued()) == (2, 1, 0, [])
    assert [(one.code, one.count) for one in await tab.review.groups(batch)] == [("schema_ignored", 1)]
    assert [row.id for row in (await tab.review.rows(batch, "flawed", 0, 9))[1]] == ["s1"]


async def test_of_two_answers_the_one_that_follows_the_schema_counts(world: World) -> None:
    """The first is prose, the second has the form: it is no flawed answer, is not sent again, and the other one is told and kept."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
    form = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}
    body = {"model": LANE.model, "messages": [{"role": "user", "content": "Go."}], "response_format": form}
    lines = [{"custom_id": f"s{n}", "method": "POST", "url": LANE.endpoint, "body": body} for n in range(2)]
    tab = await world.tab()
    await tab.queue.add(LANE, [(str(one["custom_id"]), json.dumps(one).encode() + b"\n") for one in lines])

    def twice(data: bytes) -> bytes:
        made = b""
        for text in ("Of course!", '{"a": "yes"}', "At last."):
            for one in map(json.loads, data.splitlines()):
                one["response"]["body"]["choices"][0]["message"]["content"] = text if one["custom_id"] == "s1" else '{"a": "no"}'
                made += json.dumps(one).encode() + b"\n"
        return made

    world.http.content = twice
    await tab.submit()
    await world.ended()
    batch = world.batch()
    assert (batch.tally.answered, batch.tally.flawed, batch.tally.differing, world.queued()) == (2, 0, 2, [])
    (row,) = (await tab.review.rows(batch, "differing", 0, 9))[1]
    opened = await tab.review.open(batch, row.row)
    assert (opened.id, "yes" in opened.line) == ("s1", True)
    assert ["Of course!" in opened.others[0], "At last." in opened.others[1]] == [True, True]


@pytest.mark.parametrize("kept", [4_000_000, 1])
async def test_each_request_is_held_to_its_own_form_and_read_once(world: World, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    """Several forms in several segments, as many at a time as may be kept; segments of which no line asks for one are not loaded."""
    monkeypatch.setattr(conformance, "_KEPT", kept)
    monkeypatch.setattr(queueing, "APPEND_LINES", 0)
    tab = await world.tab()

    def asking(id: str, name: str) -> tuple[str, bytes]:
        schema = {"type": "object", "properties": {name: {}}, "required": [name]}
        form = {"type": "json_schema", "json_schema": {"name": name, "schema": schema}} if name else {"type": "text"}
        body = {"model": LANE.model, "messages": [{"role": "user", "content": "Go."}], "response_format": form}
        return id, requests.line(id, LANE.endpoint, body)

    await tab.queue.add(LANE, [asking("plain0", ""), asking("plain1", "")])
    await tab.queue.add(LANE, [asking("a0", "a"), asking("b0", "b"), asking("a1", "a"), asking("plain2", "")])
    await tab.queue.add(LANE, [asking("b1", "b"), asking("c0", "c")])

    def answers(data: bytes) -> bytes:
        found = [json.loads(line) for line in reversed(data.splitlines())]
        for one in found:
            one["response"]["body"]["choices"][0]["message"]["content"] = '{"a": 1}'
        return b"".join(json.dumps(one).encode() + b"\n" for one in found)

    world.http.content = answers
    await tab.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    lines = [one.bytes_id for one in world.segments()]
    loaded: list[str] = []
    load = tab.store.load

    async def counted(ids: Sequence[str]) -> list[bytes | None]:
        loaded.extend(ids)
        return await load(ids)

    monkeypatch.setattr(tab.store, "load", counted)
    await world.ended()
    assert [id for id in loaded if id in lines] == lines[1:]
    assert {row.id for row in (await tab.review.rows(world.batch(), "flawed", 0, 9))[1]} == {"b0", "b1", "c0"}


@pytest.mark.parametrize("slow", [False, True])
async def test_embeddings_that_end_too_early_are_a_gap(world: World, slow: bool) -> None:
    """The answer's own numbers are whole; the request had more inputs than it has vectors."""
    lane = Lane("openai", "/v1/embeddings", "text-embedding-3-small")
    given = {"one": "a", "all": ["a", "b", "c"], "short": ["a", "b", "c"], "tokens": [1, 2, 3]}
    tab = await world.tab()
    lines = [(id, requests.line(id, lane.endpoint, {"model": lane.model, "input": inputs})) for id, inputs in given.items()]
    await tab.queue.add(lane, lines)

    def cut(data: bytes) -> bytes:
        found = [json.loads(line) for line in data.splitlines()]
        for one in found:
            if one["custom_id"] == "short":
                one["response"]["body"]["data"] = one["response"]["body"]["data"][:2]
            if slow:
                one["response"]["status_code"] = "200"
        return b"".join(json.dumps(one).encode() + b"\n" for one in found)

    world.http.content = cut
    await tab.submit(lane)
    await world.ended()
    batch = world.batch()
    assert (batch.tally.answered, batch.tally.flawed, batch.resent) == (3, 1, 0)
    assert [(one.code, one.count) for one in await tab.review.groups(batch)] == [("embedding_gap", 1)]
    assert [row.id for row in (await tab.review.rows(batch, "flawed", 0, 9))[1]] == ["short"]


async def test_a_second_different_answer_is_kept_and_told(world: World) -> None:
    """The first counts; a second that is the same byte for byte is a repeat and says nothing."""

    def twice(data: bytes) -> bytes:
        first, second, *rest = [line for line in data.splitlines() if line.strip()]
        return b"\n".join((first, second, *rest, second, first.replace(b'"content":"', b'"content":"Or: ')))

    world.http.content = twice
    tab, batch = await finished(world)
    assert (batch.tally.differing, batch.tally.answered) == (1, batch.requests)
    total, rows = await tab.review.rows(batch, "differing", 0, 9)
    assert total == 1
    opened = await tab.review.open(batch, rows[0].row)
    assert [one for one in opened.others if "Or: " in one]
    assert opened.answer is not None
    assert not opened.answer.text.startswith("Or: ")
