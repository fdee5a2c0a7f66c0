"""Every request shows its attempts over several batches, without a search through everything."""

from __future__ import annotations

import pytest

from app.core.batches import pipeline
from app.core.model import keys
from app.core.model.batches import Batch
from app.ports import Row, Table
from app.practice.traps import Rule, Trap
from app.services.batches.attempts import Attempts, RequestHistory
from app.services.batches.delete_batch import Tidy
from tests.kit.world import LANE, Tab, World


async def story(world: World, tab: Tab, batch: Batch, id: str) -> RequestHistory:
    """The attempts of a request as one of its batches tells them."""
    segment = next(one for one in world.segments(keys.batch_owner(batch.id)) if id in one.ids)
    waiting = [one for one in world.segments() if one.owner.startswith("queue:")]
    return await Attempts(tab.records, tab.clock).of(batch, id, segment.previous_batches, waiting)


def told(one: RequestHistory, batches: list[Batch]) -> list[tuple[int, str, str]]:
    """Which batch (by number), outcome and code."""
    numbers = {batch.id: number for number, batch in enumerate(batches)}
    return [(numbers.get(each.id, -1), each.outcome, each.code) for each in one.attempts]


async def thrice(world: World) -> tuple[Tab, list[Batch]]:
    """Three batches: r0 fails in all, and is in the queue for a fourth."""
    tab = await world.tab()
    await tab.add(4)
    for _ in range(3):
        await tab.submit()
        await world.ended()
    return tab, sorted(world.batches(), key=lambda one: one.created)


async def test_attempts_are_told_alike_by_every_batch_newest_first() -> None:
    """Whichever of its batches is looked at: when, where, outcome, code; and that it waits for another."""
    world = World(Rule(Trap.LINE_SERVER_ERROR), share=0.0)
    tab, batches = await thrice(world)
    for batch in batches:
        found = await story(world, tab, batch, "r0")
        assert told(found, batches) == [(2, "failed", "server_error"), (1, "failed", "server_error"), (0, "failed", "server_error")]
        assert (found.waits, found.deleted, found.newest) == (True, False, batches[2].id)
    other = await story(world, tab, batches[0], "r1")
    assert told(other, batches) == [(0, "answered", "")]
    assert (other.waits, other.newest) == (False, batches[0].id)
    await tab.queue.delete(LANE, {"r0"})
    found = await story(world, tab, batches[0], "r0")
    assert (found.waits, found.deleted) == (False, True)
    await world.close()
    world.check_failures()


async def test_a_batch_that_was_deleted_here_leaves_a_gap_and_one_that_was_withdrawn_none() -> None:
    """A former batch is known to have been; one that was never made is no attempt."""
    world = World(Rule(Trap.LINE_SERVER_ERROR), share=0.0)
    tab, batches = await thrice(world)
    await Tidy(tab.records).forget(batches[1].id)
    found = await story(world, tab, batches[2], "r0")
    assert told(found, batches) == [(2, "failed", "server_error"), (1, "unread", ""), (0, "failed", "server_error")]
    assert found.attempts[1].batch is None
    assert told(await story(world, tab, batches[0], "r0"), batches) == [(2, "failed", "server_error"), (0, "failed", "server_error")]
    world.http.hold("upload")
    await tab.submit()
    (fourth,) = [one for one in world.batches() if one.state not in pipeline.FINAL]
    await tab.engine.command(fourth.id, pipeline.CancelRequested())
    found = await story(world, tab, batches[2], "r0")
    assert (len(found.attempts), found.waits) == (3, True)
    await world.close()


async def test_an_attempt_under_way_is_told_as_such() -> None:
    """Its batch says how far it is."""
    world = World(Rule(Trap.LINE_SERVER_ERROR), share=0.0)
    tab, batches = await thrice(world)
    world.http.hold("upload")
    await tab.submit()
    await world.rest()
    found = await story(world, tab, batches[0], "r0")
    first = found.attempts[0]
    assert first.batch is not None
    assert (first.batch.state, first.outcome, found.waits) == ("uploading", "unread", False)
    await world.close()


@pytest.mark.slow
async def test_the_search_reads_the_batches_of_this_request_only() -> None:
    """With dozens of other batches here, segments and ledgers of the three are read and no others; a second look reads no ledger anew."""
    world = World(Rule(Trap.LINE_SERVER_ERROR, times=3), share=0.0)
    tab, batches = await thrice(world)
    for number in range(24):
        await tab.add(2, prefix=f"x{number}-")
        await tab.submit(chosen={f"x{number}-0", f"x{number}-1"})
    await world.ended()
    assert len(world.batches()) > 20
    scanned: list[str | None] = []
    loaded: list[str] = []
    scan, load = tab.inner.scan, tab.inner.load

    async def counting_scan(table: Table, *, owner: str | None = None) -> list[Row]:
        scanned.append(owner)
        return await scan(table, owner=owner)

    async def counting_load(ids: list[str]) -> list[bytes | None]:
        loaded.extend(ids)
        return await load(ids)

    tab.inner.scan, tab.inner.load = counting_scan, counting_load  # type: ignore[method-assign,assignment]
    attempts = Attempts(tab.records, tab.clock)
    for _ in range(2):
        assert len((await attempts.of(batches[0], "r0", (), [])).attempts) == 3
    later = [keys.batch_owner(batches[1].id), keys.batch_owner(batches[2].id)]
    assert scanned == [None, *later] * 2
    assert loaded == [f"ledger:{one.id}" for one in batches]
    await world.close()
