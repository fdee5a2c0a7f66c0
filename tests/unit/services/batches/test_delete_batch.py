"""Deleting batches from this browser."""

from __future__ import annotations

import math

import pytest

from app.ports import Conflict, Table
from app.services.batches.delete_batch import StillOpen, Tidy, can_forget
from tests.fakes.http import Answered, Halfway
from tests.kit.world import PRACTICE_LANE, World


async def test_an_ended_batch_leaves_nothing_behind(world: World) -> None:
    """Record, requests, answers and ledger go; the queue and other batches stay."""
    tab = await world.tab()
    await tab.add(1_200)
    await tab.submit()
    await tab.add(2, PRACTICE_LANE, "p")
    await world.ended()
    first = world.batch()
    await tab.add(3, prefix="q")
    await tab.submit(chosen={"q0"})
    await world.ended()
    assert await Tidy(tab.records).forget(first.id)
    world.check_stored()
    assert first.id not in [one.id for one in world.batches()]
    assert not [id for id in world.disk.bytes if first.id in id]
    assert world.queued() == ["p0", "p1", "q1", "q2"]
    assert not await Tidy(tab.records).forget(first.id)
    (other,) = world.batches()
    assert (await tab.review.rows(other, "answered", 0, 9))[0] == 1


async def test_an_open_batch_is_not_deleted(world: World) -> None:
    """It may cost money at the provider: it has to end first."""
    tab = await world.tab()
    await tab.add(1)
    await tab.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    assert not can_forget(world.batch())
    with pytest.raises(StillOpen, match="has not ended"):
        await Tidy(tab.records).forget(world.batch().id)
    await world.ended()
    assert can_forget(world.batch())


async def test_what_a_broken_download_left_goes_too(world: World) -> None:
    """A file that broke off and was gone afterwards has left parts that no record counts."""
    world.http.fail("download", Halfway(1_500_000))
    world.http.fail("download", Answered(404), math.inf)
    world.http.fail("file", Answered(404), math.inf)
    world.http.content = lambda data: b"x" * 999_999 + b"\n" + b"y" * 999_999 + b"\n" + data
    tab = await world.tab()
    await tab.add(1)
    await tab.submit()
    await world.ended()
    assert [id for id in world.disk.bytes if id.startswith("answer:")]
    await Tidy(tab.records).forget(world.batch().id)
    world.check_stored()


async def test_a_batch_that_another_tab_changes_meanwhile_stays_whole(world: World) -> None:
    """All or nothing."""
    tab = await world.tab()
    await tab.add(1)
    await tab.submit()
    await world.ended()
    real = tab.inner.get
    stale = await real(Table.BATCHES, world.batch().id)
    await tab.records.save(world.batch(), -1)

    async def late(table: Table, id: str) -> object:
        return stale

    tab.inner.get = late  # type: ignore[method-assign, assignment]
    with pytest.raises(Conflict):
        await Tidy(tab.records).forget(world.batch().id)
    world.check_stored()
