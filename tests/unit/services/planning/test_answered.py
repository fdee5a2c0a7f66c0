"""Rows whose requests were answered already: found by the check, left out where the person chose so, and no more than there are answers."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from app.core.batches.ledger import Ledger
from app.core.batches.ledger_lines import LineLocation
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.lanes import CHAT, Lane
from app.core.model.providers import Profile
from app.core.model.segments import Segment
from app.core.model.ways import Ways
from app.core.openai.outcomes import read_line
from app.core.planning.rowrequests import Unplannable
from app.core.tries.tried import line
from app.ports import PutBytes
from app.services.planning import answered, check_job, texts_job
from app.services.runtime.records import put
from tests.fakes.memory_store import MemoryDisk
from tests.unit.services.planning.test_planning import ASK, OPENAI, Tab, template
from tests.unit.services.planning.test_ways import ordered

ROWS = b"text\nred\nblue\nred\n"
GOOD = b'{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}]}'


@pytest.fixture
def disk() -> MemoryDisk:
    return MemoryDisk()


@pytest.fixture
def tab(disk: MemoryDisk) -> Tab:
    return Tab(disk)


async def ended(tab: Tab, id: str = "b-1", good: int = 99, lane: Lane | None = None, created: float = 1.0) -> None:
    """The lane's queue as a batch that has ended: its first ``good`` requests were answered, the others failed."""
    lane = lane or Lane("openai", CHAT, "gpt-4o-mini")
    stored = await tab.records.all(Segment, keys.queue_owner(lane))
    ids = [one for each in stored for one in each.value.ids]
    ledger = Ledger(ids)
    for row, custom_id in enumerate(ids):
        said = line(custom_id, GOOD if row < good else b'{"error":{"code":"x","message":"no"}}', 200 if row < good else 400)
        ledger.record(read_line(said, "output"), LineLocation("output", 0, row, 1))
    size = sum(one.value.size for one in stored)
    batch = Batch(
        id=id,
        name="First",
        lane=lane,
        requests=len(ids),
        size=size,
        state="done",
        tally=ledger.tally(),
        created=created,
        ending="completed",
    )
    moved = [put(replace(one.value, owner=keys.batch_owner(id)), one.rev) for one in stored]
    await tab.records.commit([*moved, put(batch, 0), PutBytes(keys.ledger_id(id), ledger.to_bytes())])


async def asked(tab: Tab, good: int = 99) -> None:
    await tab.planning.add(await tab.order(ASK, ROWS), template())
    await ended(tab, good=good)


async def test_what_was_answered_is_found_and_stays_unless_it_is_left_out(tab: Tab) -> None:
    """How many, where, and in which way; the plan has all of them until the person chooses otherwise."""
    await asked(tab)
    order = await tab.order(ASK, ROWS)
    report = (await tab.planning.check(order)).report
    assert report.requests == 3
    (found,) = report.answered
    assert (found.tag, found.model, found.requests) == ("", "gpt-4o-mini", 3)
    assert found.tokens > 0
    assert [(one.batch, one.name, one.requests) for one in report.answered_in] == [("b-1", "First", 3)]
    left = (await tab.planning.check(replace(order, reuse=True))).report
    assert (left.requests, left.lanes, left.answered) == (0, (), report.answered)
    with pytest.raises(Unplannable, match="answered already"):
        await tab.planning.add(replace(order, reuse=True), template())
    assert (await tab.planning.add(order, template())).record.requests == 3


async def test_repeats_and_samples_are_asked_as_often_as_answers_lack(tab: Tab) -> None:
    """Two rows ask the same, and each is asked three times on purpose: two answers serve two of six."""
    await asked(tab)
    order = ordered(tab, await tab.bring(ROWS), Ways(samples="3"))
    report = (await tab.planning.check(replace(order, reuse=True))).report
    assert (report.requests, sum(one.requests for one in report.answered)) == (6, 3)
    record = (await tab.planning.add(replace(order, reuse=True), template())).record
    assert (record.requests, record.reused) == (6, 3)
    said = [body["messages"][1]["content"] for _, body in await tab.lines()]
    assert (said.count("red"), said.count("blue")) == (4, 2)


async def test_only_good_answers_of_the_same_model_and_provider_count(tab: Tab) -> None:
    """What failed is asked again; another model, provider or prompt has other answers; what is practised is no answer of OpenAI's."""
    await asked(tab, good=1)
    order = await tab.order(ASK, ROWS)

    async def count(**changed: object) -> int:
        report = (await tab.planning.check(replace(order, **changed))).report
        return sum(one.requests for one in report.answered)

    assert await count() == 1
    assert await count(profile=Profile(id="practice", name="Practice", practice=True)) == 0
    assert await count(profile=replace(OPENAI, practice=True)) == 0
    assert await count(content=replace(ASK, fields={"model": "gpt-4o"})) == 0
    assert await count(content=replace(ASK, fields={"model": "gpt-4o-mini", "temperature": "0"})) == 0


async def test_files_have_what_is_left(tab: Tab) -> None:
    """A batch's file is what would be sent."""
    await asked(tab, good=2)
    plan = await tab.planning.check(replace(await tab.order(ASK, ROWS), reuse=True))
    blob = await tab.planning.file(plan, plan.report.lanes[0], 0)
    assert blob is not None
    assert [json.loads(one)["body"]["messages"][1]["content"] for one in (await blob.read()).splitlines()] == ["red"]


async def test_all_tokens_of_what_is_left_are_counted(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of equal requests are answered is found once for all parts, as the check found it."""
    monkeypatch.setattr(check_job, "SAMPLE", 2)
    monkeypatch.setattr(texts_job, "PART_REQUESTS", 1)
    rows = b"text\n" + b"".join(b"a\n" if n % 2 else b"b c\n" for n in range(2_500))
    await tab.planning.add(await tab.order(ASK, b"text\na\nb c\na\n"), template())
    await ended(tab)
    plan = await tab.planning.check(replace(await tab.order(ASK, rows), reuse=True))
    assert plan.report.requests == 2_497
    (counted,) = await tab.planning.count(plan)
    assert dict(counted.spread) == {2 + 1 + 11: 1_248, 2 + 2 + 11: 1_249}


async def test_what_is_not_looked_into_is_said(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first; a ledger or requests that are gone answer nothing, and break nothing."""
    await asked(tab)
    await tab.planning.add(await tab.order(ASK, ROWS), template())
    await ended(tab, "b-2", created=2.0)
    order = await tab.order(ASK, ROWS)
    sizes = [one.value.size for one in await tab.records.all(Batch)]
    monkeypatch.setattr(answered, "MOST_BYTES", max(sizes))
    report = (await tab.planning.check(order)).report
    assert ([one.batch for one in report.answered_in], report.unlooked) == (["b-2"], 1)
    monkeypatch.undo()
    tab.store.disk.bytes[keys.ledger_id("b-2")] = b"damaged"
    for segment in await tab.records.all(Segment, keys.batch_owner("b-1")):
        del tab.store.disk.bytes[segment.value.bytes_id]
    report = (await tab.planning.check(replace(order, reuse=True))).report
    assert (report.requests, report.answered, report.unlooked) == (3, (), 0)
    assert await tab.lines() == []


async def test_answers_that_are_gone_by_then_are_asked(tab: Tab) -> None:
    """Between the look and the press a batch was deleted: nothing is left out that nobody answered."""
    await asked(tab)
    order = replace(await tab.order(ASK, ROWS), reuse=True)
    (batch,) = await tab.records.all(Batch)
    del tab.store.disk.bytes[keys.ledger_id(batch.value.id)]
    record = (await tab.planning.add(order, template())).record
    assert (record.requests, record.reused) == (3, 0)
