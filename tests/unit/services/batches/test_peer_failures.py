"""Where the page that Nightshift replaces fails: one test for each, by its name."""

from __future__ import annotations

import asyncio
import math

import msgspec
import pytest
from msgspec.structs import replace

from app.core.batches import pipeline
from app.core.bodies import requests
from app.core.bodies.requests import LineFault
from app.core.json.jsontext import JsonFault
from app.core.openai import api
from app.core.openai.problems import Refused
from app.core.threads import editing
from app.practice.traps import Rule, Trap
from app.services.provider.profiles import masked
from tests.fakes.http import Answered, Dropped, call_of
from tests.kit.world import KEY, LANE, World, numbered, pair, pairs


async def test_lines_carry_custom_id_not_id(world: World) -> None:
    """Every uploaded line has custom_id, method, url and body, and nothing else, so that the batch can succeed."""
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.ended()
    (record,) = world.remote()
    data = b"".join([chunk async for chunk in world.brain.disk.read(record.input_file_id)])
    lines = [msgspec.json.decode(line) for line in data.splitlines()]
    assert [sorted(line) for line in lines] == [["body", "custom_id", "method", "url"]] * 3
    assert [line["custom_id"] for line in lines] == ["r0", "r1", "r2"]
    assert world.batch().tally.answered == 3


@pytest.mark.parametrize("length", [8, 20, 51, 56, 57, 164, 500])
async def test_keys_of_any_length_work(world: World, length: int) -> None:
    """A key of any length is kept and sent as it is."""
    key = "practice".ljust(length, "x")
    tab = await world.tab()
    await tab.profiles.put_key("openai", f"  {key}\n", remember=True)
    assert "gpt-4o-mini" in await tab.profiles.models("openai")
    assert world.http.requests[-1].headers["Authorization"] == f"Bearer {key}"


async def test_a_wrong_key_is_told(world: World) -> None:
    """A key that the provider does not know is named as such, at once."""
    tab = await world.tab()
    await tab.profiles.put_key("openai", "sk-nobody", remember=True)
    with pytest.raises(Refused) as refusal:
        await tab.profiles.models("openai")
    assert refusal.value.problem.code == "wrong_key"
    assert "sk-nobody" not in str(refusal.value.problem)


async def test_submitted_and_deleted_requests_do_not_come_back_after_a_reload(world: World) -> None:
    """After a reload the queue holds what waits, and nothing that was submitted or deleted; nothing is paid twice."""
    tab = await world.tab()
    await tab.add(6)
    await tab.queue.delete(LANE, {"r1"})
    await tab.submit(chosen={"r0", "r2"})
    tab = await world.reload(tab)
    assert world.queued() == ["r3", "r4", "r5"]
    await tab.submit()
    await world.ended()
    assert sorted(await world.paid()) == ["r0", "r2", "r3", "r4", "r5"]


async def test_after_a_401_no_batch_is_created_without_a_file(world: World) -> None:
    """The upload is refused: no batch is asked for."""
    world.http.fail("upload", Answered(401), math.inf)
    tab = await world.tab()
    await tab.add(2)
    await tab.submit()
    await world.ended()
    assert (world.batch().state, world.http.calls["create"], world.remote()) == ("withdrawn", 0, [])
    assert world.queued() == ["r0", "r1"]


async def test_every_create_names_an_uploaded_file(world: World) -> None:
    """No create call goes out without the id of a file that the provider has."""
    world.http.fail("upload", Dropped("broken"), 2)
    world.http.fail("create", Answered(500), 2)
    tab = await world.tab()
    await tab.add(2)
    await tab.submit()
    await world.ended()
    orders = [msgspec.json.decode(one.body or b"{}") for one in world.http.requests if call_of(one) == "create"]
    assert len(orders) == 3
    assert all(order["input_file_id"] in world.brain.state.files for order in orders)


async def test_a_paid_batch_is_never_forgotten(world: World) -> None:
    """The batch was made and everything after it fails, the page is closed and opened again: it is found, followed and fetched."""
    world.http.fail("create", Answered(502, effect=True))
    world.http.fail("list", Dropped("broken"), 3)
    world.http.fail("poll", Answered(500), 3)
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.until(lambda: bool(world.remote()))
    tab = await world.reload(tab)
    await world.ended()
    assert world.batch().tally.answered == 3
    assert (world.http.calls["create"], len(world.remote())) == (1, 1)


async def test_results_survive_a_trailing_newline(world: World) -> None:
    """Answer files are read with and without a newline at their end."""
    tab = await world.tab()
    for change in (lambda data: data.rstrip(b"\n"), lambda data: data + b"\n\n", lambda data: data.replace(b"\n", b"\r\n")):
        world.http.content = change
        await tab.add(3, prefix=f"x{len(world.batches())}-")
        await tab.submit()
        await world.ended()
    assert [(one.tally.answered, one.tally.damaged) for one in world.batches()] == [(3, 0)] * 3


async def test_results_are_kept_as_bytes_and_shown(world: World) -> None:
    """Answers lie in the database as the bytes that came, not in the records, and each can be read."""
    tab = await world.tab()
    await tab.add(50)
    await tab.submit()
    await world.ended()
    answers = sum(len(data) for id, data in world.disk.bytes.items() if id.startswith("answer:"))
    records = sum(len(row.doc) for rows in world.disk.records.values() for row in rows.values())
    assert answers > 20_000 > records
    _total, rows = await tab.review.rows(world.batch(), "all", 0, 50)
    assert all("[simulated]" in row.answered for row in rows)


@pytest.mark.slow
async def test_polling_never_overwrites_requests_and_never_stops() -> None:
    """A batch is asked about for hours, through failures; its requests stay byte for byte what they were, and its end is seen."""
    world = World(speed=1_500.0)
    tab = await world.tab()
    await tab.add(3)
    before = world.queue_lines()
    await tab.submit()
    for _ in range(4):
        world.http.fail("poll", Dropped("broken"), 2)
        world.http.fail("poll", Answered(401), 2)
        polls = world.http.calls["poll"]
        await world.clock.advance(1_500)
        assert world.http.calls["poll"] > polls + 4
    await world.ended()
    assert world.batch().tally.answered == 3
    (segment,) = world.segments(f"batch:{world.batch().id}")
    assert world.disk.bytes[segment.bytes_id] == b"".join(before)
    await world.close()
    world.check_failures()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trap", "state"),
    [(Trap.BILLING_HARD_LIMIT_REACHED, "failed"), (Trap.EXPIRED_IN_NEITHER, "expired"), (None, "cancelled")],
)
async def test_failed_expired_cancelled_batches_do_not_stay_pending(trap: Trap | None, state: str) -> None:
    """However a batch ends at the provider, it ends here, also when somebody cancelled it elsewhere."""
    world = World(*([trap] if trap else []))
    tab = await world.tab()
    await tab.add(10)
    await tab.submit()
    if trap is None:
        await world.until(lambda: world.batch().state == "in_progress")
        (record,) = world.remote()
        await tab.profiles._http.send(api.cancel_batch(tab.profiles.known["openai"], KEY, record.id))
    await world.ended()
    assert world.batch().state == state
    await world.close()
    world.check_failures()


async def test_error_files_are_read() -> None:
    """Requests that failed are told with the provider's own code and words."""
    world = World(Trap.LINE_SERVER_ERROR)
    tab = await world.tab()
    await tab.add(10)
    await tab.submit()
    await world.ended()
    batch = world.batch()
    assert batch.tally.failed > 0
    _total, rows = await tab.review.rows(batch, "failed", 0, 10)
    opened = await tab.review.open(batch, rows[0].row)
    assert opened.code == "server_error"
    assert opened.line
    assert {file.which for file in batch.fetched} == {"output", "error"}
    await world.close()


@pytest.mark.slow
async def test_more_than_ten_batches_are_listed(world: World) -> None:
    """Dozens of batches at once are all carried to their end, and all are listed."""
    world.provider(max_requests=1)
    tab = await world.tab()
    await tab.add(35)
    await tab.submit()
    batches = await world.ended()
    assert [one.state for one in batches] == ["done"] * 35
    assert len(world.remote()) == 35
    assert sorted(await world.paid()) == sorted(numbered(35))


async def test_negative_max_tokens_and_mixed_models_are_refused(world: World) -> None:
    """A negative number of tokens does not come into the queue by an edit, and requests for two models don't share a batch."""
    tab = await world.tab()
    await tab.add(2)
    text = requests.body_text(pair("r0")[1])
    with pytest.raises(LineFault, match="-1 tokens"):
        await tab.queue.edit(LANE, "r0", text.replace('"model"', '"max_completion_tokens": -1, "model"'))
    home = await tab.queue.edit(LANE, "r0", text.replace("gpt-4o-mini", "gpt-4.1-mini"))
    assert not isinstance(home, JsonFault)
    await tab.submit(LANE)
    await tab.submit(home)
    await world.ended()
    assert sorted(record.model or "" for record in world.remote()) == ["gpt-4.1-mini", "gpt-4o-mini"]
    assert [one.tally.answered for one in world.batches()] == [1, 1]


async def test_rapid_adds_lose_nothing(world: World) -> None:
    """A thousand adds at once, and all thousand are there, also after a reload."""
    tab = await world.tab()
    await asyncio.gather(*(tab.queue.add(LANE, [pair(id)]) for id in numbered(1_000)))
    await world.reload(tab)
    assert world.queued() == numbered(1_000)


async def test_the_key_is_never_in_plain_text_in_the_store(world: World) -> None:
    """After a whole journey, failures included, the key is in no record, in no bytes and in no address."""
    world.http.fail("upload", Answered(401, f'{{"error":{{"message":"Incorrect key {KEY}"}}}}'.encode()))
    world.http.fail("poll", Answered(500, f"Bearer {KEY}".encode()))
    tab = await world.tab()
    await tab.profiles.put_key("openai", KEY, remember=True)
    await tab.add(2)
    await tab.submit()
    await world.ended()
    await tab.submit()
    await world.ended()
    assert sorted(one.state for one in world.batches()) == ["done", "withdrawn"]
    docs = [row.doc for rows in world.disk.records.values() for row in rows.values()]
    assert not any(KEY in doc for doc in docs)
    assert not any(KEY.encode() in data for data in world.disk.bytes.values())
    assert not any(KEY in one.url or KEY in repr(one) for one in world.http.requests)
    assert {one.url.split("/v1")[0] for one in world.http.requests} == {"https://api.openai.com"}
    assert KEY not in masked(KEY)


@pytest.mark.parametrize("blank", ["", "   "])
async def test_clearing_removes_the_key(world: World, blank: str) -> None:
    """A key that is removed, or replaced by nothing, is gone at once and after a reload."""
    tab = await world.tab()
    await tab.profiles.put_key("openai", blank, remember=True)
    assert await tab.profiles.key(tab.profiles.known["openai"]) is None
    tab = await world.reload(tab)
    assert await tab.profiles.key(tab.profiles.known["openai"]) is None
    with pytest.raises(Refused, match="There is no key"):
        await tab.profiles.models("openai")
    assert world.http.requests == []


async def test_a_key_that_is_not_to_be_kept_is_gone_after_a_reload(world: World) -> None:
    """A key for this visit only replaces the kept one, and does not outlive the page."""
    tab = await world.tab()
    await tab.profiles.put_key("openai", "practice-for-now", remember=False)
    assert not await tab.profiles.remembered("openai")
    tab = await world.reload(tab)
    assert await tab.profiles.key(tab.profiles.known["openai"]) is None


async def test_two_tabs_do_not_overwrite_each_other(world: World) -> None:
    """Two tabs add, delete, edit and submit at the same time: everything that was done is done, once."""
    first, second = await world.tab(), await world.tab()
    await first.add(10)
    text = requests.body_text(pair("r5")[1]).replace("Say r5", "Say five")
    await world.result(
        asyncio.gather(
            first.queue.delete(LANE, {"r1"}),
            second.queue.delete(LANE, {"r2"}),
            first.queue.add(LANE, pairs(["a", "b"])),
            second.queue.add(LANE, pairs(["c"])),
            second.queue.edit(LANE, "r5", text),
        )
    )
    assert sorted(world.queued()) == sorted(["a", "b", "c", *(f"r{n}" for n in (0, 3, 4, 5, 6, 7, 8, 9))])
    assert any(b"Say five" in line for line in world.queue_lines())
    await world.result(asyncio.gather(first.submit(chosen={"r0", "a"}), second.submit()))
    await world.ended()
    assert world.queued() == []
    paid = await world.paid()
    assert len(paid) == len(set(paid)) == 11


async def test_the_draft_survives_a_reload(world: World) -> None:
    """What was typed, half-typed numbers included, is there after the page is opened again."""
    tab = await world.tab()
    thread = tab.drafts.new()
    thread = editing.set_text(thread, thread.messages[0].id, "Half a sen")
    thread = editing.set_option(replace(thread, name="Draft"), "temperature", "0.")
    tab.drafts.save(thread)
    await tab.drafts.settled()
    tab = await world.reload(tab)
    assert await tab.drafts.get(thread.id) == thread


async def test_a_double_click_submits_once(world: World) -> None:
    """Two clicks at once make one batch and one upload."""
    tab = await world.tab()
    await tab.add(3)
    await asyncio.gather(tab.submit(), tab.submit())
    await world.ended()
    assert len(world.batches()) == len(world.remote()) == 1
    assert (world.http.calls["upload"], world.http.calls["create"]) == (1, 1)


@pytest.mark.slow
async def test_storing_many_requests_writes_few_records(world: World) -> None:
    """Fifty thousand requests are fifty-odd records, so that adding, deleting and submitting stay quick."""
    tab = await world.tab(engine=False)
    await tab.add(50_000)
    assert len(world.segments()) <= 60
    before = tab.inner.commits
    await tab.queue.delete(LANE, {"r25000"})
    await tab.submit()
    assert tab.inner.commits - before <= 4  # these two, and the queue's sums, which are kept after each (services.queue.keeping)


async def test_a_refused_model_does_not_stop_the_others() -> None:
    """A provider that refuses one batch takes the next: each batch goes its own way."""
    world = World(Rule(Trap.BILLING_HARD_LIMIT_REACHED, times=1))
    world.provider(max_requests=2)
    tab = await world.tab()
    await tab.add(4)
    await tab.submit()
    await world.ended()
    assert sorted(one.state for one in world.batches()) == ["done", "failed"]
    assert not any(one.state not in pipeline.FINAL for one in world.batches())
    await world.close()
