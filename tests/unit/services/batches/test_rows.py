"""Rows are numbered over all requests of a batch: a segment record that is damaged or set aside moves no other request, and loses none."""

from __future__ import annotations

import json
from collections import Counter
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.batches import pipeline
from app.core.batches.ledger import Ledger
from app.core.batches.rows import from_bytes, to_bytes
from app.core.model import keys
from app.core.model.batches import Batch
from app.practice.traps import Trap
from app.services.batches.delete_batch import Tidy
from app.services.batches.ledgers import Ledgers
from app.services.programs import intake
from app.services.programs.intake import RawMessage
from app.services.queue import queue as queueing
from app.services.results.shown import AnswerRow
from tests.kit.losing import How, Losing
from tests.kit.programs import HOST, Receiver, Rig, all_are, handed
from tests.kit.world import CHAT, LANE, Tab, World, body, pair

SEGMENTS, EACH = 4, 3
When = Literal["under way", "ended", "sent again"]


async def world_of(when: When, losing: list[int], how: How) -> tuple[World, Tab, Losing]:
    """An ended batch of some segments, of which these were lost at that time."""
    world = World(Trap.LINE_SERVER_ERROR, Trap.MISSING_ROWS, Trap.REFUSAL, share=0.5)
    world.provider(resend=0)
    tab = await world.tab()
    for n in range(SEGMENTS):
        await tab.queue.add(LANE, [pair(f"s{n}-{i}") for i in range(EACH)])
    await tab.submit()
    if when == "under way":
        await world.until(lambda: world.batch().state == "in_progress")
    else:
        await world.ended()
        if when == "sent again":
            going = [row.row for row in await shown(tab, world.batch()) if row.can_go][::2]
            assert going
            assert await tab.again.send(world.batch().id, going) == len(going)
    losses = Losing(world)
    segments = losses.of(world.batch().id)
    assert len(segments) == SEGMENTS
    await losses.lose(tab, [segments[n] for n in losing], how)
    await world.ended()
    return world, tab, losses


async def shown(tab: Tab, batch: Batch) -> list[AnswerRow]:
    total, rows = await tab.review.rows(batch, "all", 0, 1_000)
    assert total == len(rows)
    return rows


async def answers_stand_beside_their_ids(tab: Tab, batch: Batch) -> None:
    """Every line that is shown for a request names it, and so does every question that is."""
    ids = [f"s{n}-{i}" for n in range(SEGMENTS) for i in range(EACH)]
    rows = await shown(tab, batch)
    assert [row.id for row in rows] == ids
    for row in rows:
        opened = await tab.review.open(batch, row.row)
        assert opened.id == row.id
        if opened.line:
            assert json.loads(opened.line)["custom_id"] == row.id
        assert row.id in row.asked or "damaged or set aside" in row.asked
        assert not opened.asked or row.id in opened.asked[0][1]
        line = await tab.review.line(batch, row.row)
        assert not line or json.loads(line)["custom_id"] == row.id


@pytest.mark.slow
@pytest.mark.parametrize("when", ["under way", "ended", "sent again"])
@settings(max_examples=8)
@given(losing=st.sets(st.integers(0, SEGMENTS - 1), min_size=1).map(sorted), how=st.sampled_from(["damaged", "aside"]))
async def test_a_lost_segment_moves_no_other_request(when: When, losing: list[int], how: How) -> None:
    """Whichever are lost, and when: every answer stands beside its own id, the ledger keeps all ids however often it is made, nothing goes
    twice, and once the records are back all is as if they had never been away."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(queueing, "APPEND_LINES", 0)
        world, tab, losses = await world_of(when, losing, how)
    batch = world.batch()
    lost = {f"s{n}-{i}" for n in losing for i in range(EACH)}
    await answers_stand_beside_their_ids(tab, batch)
    rows = await shown(tab, batch)
    assert {row.id for row in rows if "damaged or set aside" in row.asked} == lost
    assert not any(row.can_go for row in rows if row.id in lost)

    ledgers = Ledgers(tab.records, tab.clock)
    ledger = await ledgers.read(batch)
    assert list(ledger.ids) == [row.id for row in rows]
    made = await ledgers.make(batch)
    assert made.ledger.ids == ledger.ids
    assert made.ledger.tally() == ledger.tally() == batch.tally
    await tab.engine.command(batch.id, pipeline.FetchAgain(("output",), ledger=True))
    await world.ended()
    batch = world.batch()
    assert (await ledgers.read(batch)).ids == ledger.ids

    open_ones = {row.id for row in rows if row.outcome == "failed"}
    went = Counter(world.queued())
    await tab.again.send(batch.id)
    await tab.again.send(batch.id, range(len(rows)))
    assert Counter(world.queued()) == went | Counter(open_ones - lost)
    with pytest.raises(KeyError):
        await tab.review.file(batch, "input")

    await losses.back(tab)
    batch = world.batch()
    after = await shown(tab, batch)
    await answers_stand_beside_their_ids(tab, batch)
    assert [(row.id, row.outcome, row.answered) for row in after] == [(row.id, row.outcome, row.answered) for row in rows]
    assert all(row.id in row.asked for row in after)
    assert await tab.review.file(batch, "input")
    await tab.again.send(batch.id)
    await tab.again.send(batch.id, range(len(rows)))
    assert Counter(world.queued()) == Counter(open_ones)
    world.check_stored("import:")
    await world.close()
    world.check_failures()


def message(id: str) -> dict[str, object]:
    """As a program hands it in."""
    hook = {"type": "webhook", "webhook_url": f"{HOST}/hook"}
    return {"custom_id": id, "url": CHAT, "method": "POST", "body": body(f"Say {id}"), "delivery_config": hook}


def cut_small(patched: pytest.MonkeyPatch) -> None:
    """Every addition becomes a segment of its own."""
    patched.setattr(queueing, "APPEND_LINES", 0)


async def queued(tab: Tab) -> None:
    for n in range(SEGMENTS):
        await tab.queue.add(LANE, [pair(f"s{n}-{i}") for i in range(EACH)])


@pytest.mark.parametrize("how", ["damaged", "aside"])
async def test_requests_that_could_not_be_read_when_their_batch_was_withdrawn_return_to_the_queue(
    world: World, monkeypatch: pytest.MonkeyPatch, how: How
) -> None:
    """A batch of which a part cannot be read is not uploaded; the rest goes back to the queue, and that part once it is back."""
    cut_small(monkeypatch)
    tab = await world.tab(engine=False)
    await queued(tab)
    await tab.submit()
    losses = Losing(world)
    await losses.lose(tab, losses.of(world.batch().id)[1:3], how)
    rows = await shown(tab, world.batch())
    assert [row.id for row in rows] == [f"s{n}-{i}" for n in range(SEGMENTS) for i in range(EACH)]
    await tab.close()
    tab = await world.tab()
    await world.ended()
    assert world.batch().state == "withdrawn"
    assert await Tidy(tab.records).stranded() == 0
    await losses.back(tab)
    assert await Tidy(tab.records).stranded() == 2 * EACH
    assert sorted(world.queued()) == sorted(row.id for row in rows)
    assert await shown(tab, world.batch()) == []
    world.check_stored()


async def test_results_reach_their_programs_while_a_part_of_the_batch_cannot_be_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message gets its own answer, those of the lost segment too, and each once."""
    receiver = Receiver()
    rig = Rig(await world.tab(), receiver)
    await rig.choose()
    rig.start()
    monkeypatch.setattr(intake, "APPEND_LINES", 1)
    for n in range(SEGMENTS):
        await world.result(rig.taker.take([RawMessage(json.dumps(message(f"s{n}-{i}")).encode(), "http") for i in range(EACH)]))
    await rig.tab.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    losses = Losing(world)
    segments = losses.of(world.batch().id)
    assert len(segments) > 2
    await losses.lose(rig.tab, [segments[0], segments[2]], "aside")
    await world.until(all_are(world, "delivered"))
    got = [json.loads(one.body or b"") for one in receiver.got]
    assert Counter(one["custom_id"] for one in got) == Counter(f"s{n}-{i}" for n in range(SEGMENTS) for i in range(EACH))
    ledger = await Ledgers(rig.tab.records, rig.tab.clock).read(world.batch())
    assert all(ledger.ids[one.row] == id for id, one in handed(world).items())
    assert world.batch().delivery_cursor == len(ledger)


@pytest.mark.parametrize("how", ["damaged", "aside"])
async def test_what_went_and_stands_in_a_record_that_cannot_be_read_does_not_go_once_more(
    world: World, monkeypatch: pytest.MonkeyPatch, how: How
) -> None:
    """A chosen request that went goes again only where it is nowhere any more: a damaged record of the queue, or of a later batch, may hold
    it, and could be put back."""
    cut_small(monkeypatch)
    world = World(Trap.LINE_SERVER_ERROR, share=1.0)
    world.provider(resend=0)
    tab = await world.tab()
    await queued(tab)
    await tab.submit()
    (first,) = await world.ended()
    assert await tab.again.send(first.id) == SEGMENTS * EACH
    losses = Losing(world)
    await losses.lose(tab, world.segments("queue:"), how)
    assert await tab.again.send(first.id, [0, 1]) == 0
    await losses.back(tab)
    await tab.submit()
    await world.ended()
    later = next(one for one in world.batches() if one.id != first.id)
    await losses.lose(tab, losses.of(later.id), how)
    assert await tab.again.send(first.id, [0, 1]) == 0
    await losses.back(tab)
    await tab.close()


async def test_a_ledger_that_lacks_requests_is_made_anew_and_never_made_shorter(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an older version left it, which made it while a part of the requests could not be read, and kept no ids."""
    cut_small(monkeypatch)
    world.provider(resend=0)
    tab = await world.tab()
    await queued(tab)
    await tab.submit()
    (batch,) = await world.ended()
    whole = world.disk.bytes[keys.ledger_id(batch.id)]
    ledgers = Ledgers(tab.records, tab.clock)
    del world.disk.bytes[keys.rows_id(batch.id)]
    losses = Losing(world)
    await losses.lose(tab, losses.of(batch.id)[:1], "damaged")
    assert (await ledgers.make(batch)).ledger.ids == Ledger.from_bytes(whole).ids, "the whole ledger knows them"
    del world.disk.bytes[keys.ledger_id(batch.id)]
    short = (await ledgers.make(batch)).ledger
    assert len(short) == (SEGMENTS - 1) * EACH
    world.disk.bytes[keys.ledger_id(batch.id)] = short.to_bytes()
    await losses.back(tab)
    assert {row.outcome for row in await shown(tab, batch)} == {"unread"}
    command = await tab.again.lacking(batch)
    assert command is not None
    assert command.ledger
    await tab.engine.command(batch.id, command)
    (batch,) = await world.ended()
    assert {row.outcome for row in await shown(tab, batch)} == {"answered"}
    await losses.lose(tab, losses.of(batch.id)[2:], "damaged")
    assert (await ledgers.make(batch)).ledger.ids == Ledger.from_bytes(whole).ids
    assert [row.outcome for row in await shown(tab, batch)] == ["answered"] * SEGMENTS * EACH


@given(st.lists(st.text()), st.integers(0, 40), st.integers(1, 255))
def test_kept_ids_are_read_as_they_were_or_not_at_all(ids: list[str], at: int, by: int) -> None:
    """A byte that changed is noticed."""
    ids = [id.encode("utf-8", "replace").decode() for id in ids]
    data = to_bytes(ids)
    assert from_bytes(data) == tuple(ids)
    assert from_bytes(None) is from_bytes(b"") is from_bytes(data[:-1]) is None
    at %= len(data)
    assert from_bytes(data[:at] + bytes([data[at] ^ by]) + data[at + 1 :]) is None
