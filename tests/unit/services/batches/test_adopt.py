"""Batches created elsewhere with the same key: brought here whole, then carried like any other, and never made again."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.model.providers import OPENAI
from app.core.model.remote import Remote
from app.core.model.segments import Segment
from app.core.openai import api
from app.core.openai.wire import BytesBlob
from app.practice.traps import Scenario, Trap
from app.services.batches.delete_batch import Tidy
from app.services.batches.resend import Resender, can_send_again
from app.services.provider.account import Account, AlreadyHere
from tests.fakes.http import Answered, Halfway
from tests.kit.world import KEY, LANE, Tab, World, numbered, pair


async def elsewhere(world: World, count: int = 20, *, data: bytes | None = None, metadata: dict[str, str] | None = None) -> str:
    """A batch that somebody else makes with the same key; its id there."""
    content = data if data is not None else b"".join(pair(id)[1] for id in numbered(count, "theirs"))
    file = api.read_upload(await world.http.inner.send(api.upload_file(OPENAI, KEY, "prompts.jsonl", BytesBlob(content))), OPENAI)
    body = {"input_file_id": file.id, "endpoint": LANE.endpoint, "completion_window": "24h", "metadata": metadata or {"team": "x"}}
    request = api.create_batch(OPENAI, KEY, Batch(id="b", lane=LANE, input_file_id=file.id))
    made = await world.http.inner.send(type(request)("POST", request.url, request.headers, json.dumps(body).encode()))
    return api.read_created(made, OPENAI).id


async def remote_of(tab: Tab, id: str) -> Remote:
    return await (await tab.profiles.provider("openai")).poll(id)


async def bring(tab: Tab, id: str) -> Batch:
    batch = await Account(tab.records, tab.profiles, tab.clock).adopt("openai", await remote_of(tab, id))
    tab.engine.nudge()
    return batch


@pytest.mark.parametrize("after", [0.0, 3.0, 60.0], ids=["validating", "in progress", "ended"])
async def test_a_batch_made_elsewhere_comes_here_and_is_carried_on(world: World, after: float) -> None:
    """In whichever state it stands: its requests are rebuilt byte for byte, its answers fetched and reconciled. Nothing is made."""
    tab = await world.tab()
    id = await elsewhere(world)
    await world.clock.advance(after)
    await bring(tab, id)
    await world.ended()
    batch = world.batch()
    assert (batch.state, batch.requests, batch.tally.answered) == ("done", 20, 20)
    assert (batch.lane, batch.name) == (LANE, id)
    world.check_stored()
    assert (world.http.calls["create"], world.http.calls["upload"], world.http.calls["cancel"], len(world.remote())) == (0, 0, 0, 1)
    sent = await (await tab.review.file(batch, "input")).read()
    assert sent == b"".join(pair(one)[1] for one in numbered(20, "theirs"))
    assert (await tab.review.rows(batch, "answered", 0, 5))[1][0].asked == "Say theirs0"


async def test_a_batch_is_brought_once(world: World) -> None:
    """Not when it was made here, also while that is not certain; and not by two tabs at the same moment."""
    first, second = await world.tab(), await world.tab()
    await first.add(2)
    await first.submit()
    await world.until(lambda: world.batch().remote is not None)
    ours = world.batch().remote
    assert ours is not None
    with pytest.raises(AlreadyHere):
        await bring(first, ours.id)
    id = await elsewhere(world)
    remote = await remote_of(first, id)
    accounts = [Account(tab.records, tab.profiles, tab.clock) for tab in (first, second)]
    await accounts[0].adopt("openai", remote)
    with pytest.raises(AlreadyHere):
        await accounts[1].adopt("openai", remote)
    assert len(world.batches()) == 2
    await world.ended()
    world.check_stored()


async def test_a_batch_of_nightshift_in_another_browser_is_brought_and_no_twin_is_cancelled(world: World) -> None:
    """It carries an id of ours that nobody here knows: so may others."""
    tab = await world.tab()
    one = await elsewhere(world, 3, metadata={"nightshift": "b-elsewhere", "name": "Night"})
    await elsewhere(world, 3, metadata={"nightshift": "b-elsewhere", "name": "Night"})
    await bring(tab, one)
    await world.ended()
    assert (world.batch().name, world.batch().state) == ("Night", "done")
    assert all(record.cancel_at is None for record in world.remote())


async def test_damaged_lines_are_named(world: World) -> None:
    """A batch that the provider's check refused is brought with what can be read of it."""
    tab = await world.tab()
    id = await elsewhere(world, data=pair("a")[1] + b"{cut\n" + pair("b")[1])
    await bring(tab, id)
    await world.ended()
    batch = world.batch()
    assert (batch.state, batch.requests) == ("failed", 2)
    assert any("Line 2 of the input file" in one.note for one in batch.timeline)
    assert batch.problem is not None
    world.check_stored()


async def gone(world: World, tab: Tab, id: str) -> None:
    """Its input file is not there any more."""
    provider = await tab.profiles.provider("openai")
    await provider.delete((await remote_of(tab, id)).input_file_id)


async def test_without_its_input_a_batch_is_known_by_its_answers() -> None:
    """Every answer is here under its id; what was asked is not known, and nothing of it can be sent again."""
    world = World(Trap.LINE_SERVER_ERROR, Trap.MISSING_ROWS)
    tab = await world.tab()
    id = await elsewhere(world)
    await world.clock.advance(60)
    await gone(world, tab, id)
    await bring(tab, id)
    await world.ended()
    batch = world.batch()
    assert batch.input_missing
    assert batch.state == "done"
    assert batch.tally.answered > 0
    assert batch.tally.failed > 0
    assert batch.tally.unexpected == 0
    assert batch.requests == batch.tally.answered + batch.tally.failed < 20
    assert any("is no longer at the provider" in one.note for one in batch.timeline)
    assert can_send_again(batch) == 0
    assert await Resender(tab.records, tab.queue, tab.clock).send(batch.id) == 0
    total, rows = await tab.review.rows(batch, "answered", 0, 3)
    assert total == batch.tally.answered
    assert rows[0].id.startswith("theirs")
    assert rows[0].answered
    await tab.review.open(batch, rows[0].row)
    world.check_stored()
    await world.close()
    world.check_failures()


async def test_requests_of_a_batch_made_elsewhere_are_not_sent_again_by_rule() -> None:
    """Whoever made it may do so as well; by hand they can be."""
    world = World(Trap.LINE_SERVER_ERROR)
    tab = await world.tab()
    await bring(tab, await elsewhere(world))
    await world.ended()
    assert world.batch().tally.failed > 0
    assert world.queued() == []
    assert can_send_again(world.batch()) == world.batch().tally.failed
    await world.close()
    world.check_failures()


@pytest.mark.slow
async def test_a_crash_at_any_step_leaves_nothing_or_a_whole_batch() -> None:
    """After each step of bringing it the page dies and is opened again: it is not here, or it comes here whole, once."""
    at = 0
    while True:
        world = World()
        tab = await world.tab()
        id = await elsewhere(world, 1_500)
        await world.rest()
        remote = await remote_of(tab, id)
        world.steps.clear()
        world.crash_at = at
        work = asyncio.ensure_future(bring_quietly(tab, remote))
        await world.rest()
        died = tab.life.dead
        world.crash_at = None
        if died:
            work.cancel()
            tab = await world.reload(tab)
        await world.ended()
        if died and not world.batches():
            await bring(tab, id)
            await world.ended()
        assert (world.batch().state, world.batch().tally.answered) == ("done", 1_500)
        world.check_stored()
        assert world.http.calls["create"] == 0
        await world.close()
        at += 1
        if not died:
            return


async def bring_quietly(tab: Tab, remote: Remote) -> None:
    await Account(tab.records, tab.profiles, tab.clock).adopt("openai", remote)
    tab.engine.nudge()


async def test_a_broken_reading_begins_anew(world: World) -> None:
    """A connection that breaks, an answer that is no file, a file that is too short: nothing is taken for whole."""
    tab = await world.tab()
    id = await elsewhere(world)
    world.http.fail("download", Halfway(700))
    world.http.fail("download", Answered(502, b"<html>Bad Gateway</html>"))
    world.http.content = cut_once()
    await bring(tab, id)
    await world.ended()
    assert world.batch().tally.answered == 20
    world.check_stored()


def cut_once() -> Any:
    left = [1]

    def change(data: bytes) -> bytes:
        if left and left.pop():
            return data[: len(data) // 2]
        return data

    return change


async def test_a_batch_that_is_being_read_can_be_let_go(world: World) -> None:
    """With all that was read of it; the provider is not touched."""
    gate = world.http.hold("download")
    tab = await world.tab()
    world.brain.set_scenario(Scenario(speed=10_000.0))
    batch = await bring(tab, await elsewhere(world))
    await world.until(lambda: gate.waiting == 1)
    world.disk.bytes[f"adopted:{batch.id}:0"] = b"left over"
    assert await Tidy(tab.records).forget(batch.id)
    tab.engine.nudge()
    gate.open()
    await world.rest()
    assert world.batches() == []
    assert not [one for one in world.disk.bytes if one.startswith("adopted:")]
    assert world.http.calls["cancel"] == 0


async def test_a_batch_made_elsewhere_can_be_cancelled_once_it_is_here(world: World) -> None:
    """Like any other: the person asks for it."""
    world.brain.set_scenario(Scenario(speed=10_000.0))
    tab = await world.tab()
    await bring(tab, await elsewhere(world))
    await world.until(lambda: world.batch().state == "validating")
    await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    await world.rest()
    assert world.http.calls["cancel"] == 1
    assert {one.owner for one in world.segments()} == {f"batch:{world.batch().id}"}
    assert all(isinstance(one, Segment) for one in world.segments())
