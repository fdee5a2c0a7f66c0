"""Records that may not be the only ones of their batch: from a file, put back by an undo, or bound to a batch that does not carry our mark.
Whatever became of the batch meanwhile, it is not made a second time, and nothing of it is sent again unasked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from app.core.batches import batchproblems, pipeline
from app.core.batches.pipeline import Bound
from app.core.model.remote import Remote, RemoteError
from app.core.openai.wire import BytesBlob
from app.practice.traps import Trap
from app.services.batches.delete_batch import Tidy
from tests.fakes.http import Answered
from tests.fakes.platform import SeededRandom
from tests.kit.workspaces import Side
from tests.kit.world import Tab, World
from tests.unit.services.workspace.test_import import bring, carried

STATES = ["planned", "commit uploading", "after uploading", "commit uploaded", "commit creating", "after creating"]
"""When a page was closed: with the commit of a state, or after a call in it."""


async def exported_in(world: World, state: str) -> BytesBlob:
    """The workspace as a file, made when the only batch was in this state; the page is closed then."""
    step, _, state = state.rpartition(" ")
    tab = await world.tab(engine=state != "planned")
    await tab.add(3)
    tab.life._stepped = lambda label: bool(step) and any(one.state == state for one in world.batches()) and label.startswith(step)
    await tab.submit()
    if state != "planned":
        await world.until(lambda: tab.life.dead)
    await tab.close()
    assert world.batch().state == state
    idle = await world.tab(engine=False)
    blob = await carried(idle)
    await idle.close()
    return blob


def paid_once(ids: list[str]) -> bool:
    return Counter(ids) == Counter({"r0": 1, "r1": 1, "r2": 1})


@pytest_asyncio.fixture
async def away(world: World) -> AsyncIterator[World]:
    """Another browser at the same provider."""
    made = World()
    made.random = SeededRandom(77)
    made.brain, made.http, made.clock = world.brain, world.http, world.clock
    yield made
    await made.close()
    made.check_failures()


@pytest.mark.slow
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("way", ["deleted and merged", "replaced"])
async def test_a_file_from_before_its_batch_was_made(world: World, state: str, way: str) -> None:
    """The batch has ended since, and may have been deleted here: the file brings back a record of the time before. The batch is found
    at the provider and fetched; none is made."""
    blob = await exported_in(world, state)
    tab = await world.tab()
    await world.ended()
    if way != "replaced":
        await world.result(Tidy(tab.records).forget(world.batch().id, []))
    await bring(tab, blob, "merge" if way != "replaced" else "replace")
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered) == ("done", 3)
    assert paid_once(await world.paid())
    assert len(world.remote()) == 1


@pytest.mark.parametrize("state", STATES)
async def test_a_file_whose_batch_went_on_elsewhere(world: World, away: World, state: str) -> None:
    """Its own browser went on with it before another one took it in: that one finds it."""
    blob = await exported_in(world, state)
    await world.tab()
    await world.until(lambda: bool(world.remote()))
    await bring(await away.tab(), blob, "replace")
    await away.ended()
    await world.ended()
    assert [len(world.remote()), away.batch().state, world.batch().state] == [1, "done", "done"]
    assert paid_once(await world.paid())


async def test_a_file_whose_batch_was_never_made(world: World, away: World) -> None:
    """Its own browser is gone: after two looks the batch is made."""
    blob = await exported_in(world, "planned")
    await bring(await away.tab(), blob, "replace")
    await away.until(lambda: away.batch().state == "creating")
    assert away.batch().problem == batchproblems.perhaps_made()
    await away.ended()
    assert (away.batch().state, away.batch().problem) == ("done", None)
    assert paid_once(await world.paid())


@pytest.mark.slow
async def test_what_cannot_be_looked_for_is_not_made(world: World, away: World) -> None:
    """Listings that fail for ever: the batch is not made, why stands in the page, and there are ways on; nothing waits to go by itself."""
    blob = await exported_in(world, "planned")
    world.http.fail("list", Answered(404), math.inf)
    await bring(await away.tab(), blob, "replace")
    await away.until(lambda: bool(away.batches()) and away.batch().lookup_problem is not None)
    for _ in range(50):
        await away.clock.advance(600)
        await away.rest()
    assert (away.batch().state, world.remote()) == ("creating", [])
    assert set(pipeline.ways(away.batch(), away.clock.now())) == {"bind", "return", "give_up"}


async def test_an_undo_puts_no_batch_back_to_be_made(world: World, away: World) -> None:
    """A batch that only waited here ran elsewhere, and came back ended; the undo of that brings back the record of the time before: the
    batch is found."""
    here = await world.tab(engine=False)
    await here.add(3)
    await here.submit()
    there = await away.tab()
    await bring(there, await carried(here), "replace")
    await away.ended()
    await bring(here, await carried(there))
    assert world.batch().state == "done"
    await world.result(Side.of(here).incoming.undo())
    assert world.batch().state == "planned"
    await world.reload(here)
    await world.ended()
    assert (world.batch().state, len(world.remote())) == ("done", 1)
    assert paid_once(await world.paid())


@pytest.mark.slow
async def test_what_expired_elsewhere_is_sent_again_by_hand_only(away: World) -> None:
    """Two browsers follow one batch, of which nothing was answered in time: the one that has it from a file sends nothing again by rule,
    for the other one does."""
    world = World(Trap.EXPIRED_IN_NEITHER, share=1.0)
    blob = await _while_running(world)
    away.brain, away.http, away.clock = world.brain, world.http, world.clock
    there = await away.tab()
    await bring(there, blob, "replace")
    await away.ended()
    assert away.batch().state == "expired"
    assert away.batch().tally.expired > 0
    assert (away.batch().resent, away.queued()) == (0, [])
    assert await there.again.send(away.batch().id) == away.batch().tally.expired, "by hand they go"
    await world.close()


async def _while_running(world: World) -> BytesBlob:
    tab: Tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    blob = await carried(tab)
    await tab.close()
    return blob


# --- bound by hand to a batch that does not carry our mark


def theirs(status: str, **facts: Any) -> Remote:
    """Somebody else's batch."""
    return Remote(id="batch_of_somebody", status=status, input_file_id="file-theirs", total=3, **facts)


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_strangers_batch_that_had_no_room_makes_no_second_one(world: World, arrives: bool) -> None:
    """The answer of the create is lost; the person names another batch, which had failed for lack of room. That says nothing of ours: it is
    looked for before another one is made."""
    tab = await world.tab()
    await tab.add(3)
    world.http.fail("create", Answered(502, effect=arrives))
    world.http.fail("list", Answered(503), 3)
    await tab.submit()
    await world.until(lambda: world.batch().lookup_problem is not None)
    failed = theirs("failed", errors=(RemoteError("token_limit_exceeded", "Enqueued token limit reached for gpt-4o-mini. Limit: 9."),))
    world.http.heal()
    await _named(world, tab, failed)
    await world.ended(within=200_000)
    assert (world.batch().state, len(world.remote())) == ("done", 1)
    assert paid_once(await world.paid())


@pytest.mark.slow
@pytest.mark.parametrize("status", ["expired", "completed", "cancelled", "failed"])
async def test_a_strangers_batch_sends_nothing_again(world: World, status: str) -> None:
    """It ended without an answer for any of our requests: that is no proof that they were not answered in ours."""
    tab = await world.tab()
    await tab.add(3)
    world.http.fail("create", Answered(502, effect=True))
    world.http.fail("list", Answered(404), math.inf)
    await tab.submit()
    await world.until(lambda: world.batch().lookup_problem is not None)
    await _named(world, tab, theirs(status))
    await world.ended()
    await world.clock.advance(8_000)
    await world.rest()
    assert (world.queued(), len(world.remote())) == ([], 1)


async def _named(world: World, tab: Tab, remote: Remote) -> None:
    if "bind" not in pipeline.ways(world.batch(), world.clock.now()):
        await world.until(lambda: "bind" in pipeline.ways(world.batch(), world.clock.now()))
    await tab.engine.command(world.batch().id, Bound(remote, ours=False, account=world.batch().account))
