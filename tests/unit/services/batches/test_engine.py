"""The engine: wishes at any moment and from any tab, one lead among all tabs, one pace."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from app.core.batches import pipeline
from app.core.model.batches import Batch, Tally
from app.core.model.settings import Preferences
from app.ports import Change, Row, StorageFull, StorageLost, Table
from app.practice.traps import Trap
from app.services.batches.engine import LOCK
from tests.fakes.http import Dropped
from tests.kit.world import LANE, PRACTICE_LANE, World

# --- wishes at any moment --------------------------------------------------------------------------------------------------------


async def journey(command: pipeline.Event | None, at: int, *, elsewhere: bool) -> tuple[World, int]:
    """One batch, with a wish that comes right after step ``at``: from the tab that leads, or from another. Returns the steps made."""
    world = World()
    leader = await world.tab()
    tab = await world.tab() if elsewhere else leader
    await leader.add(3)
    await world.rest()
    world.steps.clear()
    late: list[pipeline.NoSuchMove] = []

    async def ask() -> None:
        try:
            await tab.engine.command(world.batch().id, command or pipeline.TryNow())
        except pipeline.NoSuchMove as error:
            late.append(error)

    def stepped(number: int) -> None:
        if number == at and command is not None:
            asking.append(asyncio.ensure_future(ask()))

    asking: list[asyncio.Future[None]] = []
    world.on_step = stepped
    work = asyncio.ensure_future(leader.submit())
    await world.until(lambda: work.done() and world.batch().state in pipeline.FINAL, within=90_000)
    await asyncio.gather(*asking)
    await world.rest()
    return world, len(world.steps)


async def check_cancelled(world: World) -> str:
    batch = world.batch()
    if batch.state == "withdrawn":
        assert world.queued() == ["r0", "r1", "r2"]
        assert all(record.cancel_at is not None for record in world.remote())
    else:
        assert batch.state in ("cancelled", "done")
        assert batch.tally.answered + batch.tally.cancelled == 3
        assert len(world.remote()) == 1
        assert world.queued() == []
    world.check_stored()
    world.check_failures()
    return batch.state


@pytest.mark.slow
@pytest.mark.parametrize("elsewhere", [False, True], ids=["same tab", "other tab"])
async def test_a_batch_may_be_cancelled_at_every_moment(elsewhere: bool) -> None:
    """After whichever step the wish comes: the batch is withdrawn and its requests wait again, or it is cancelled at the provider, or it
    had ended. Never both, and never a batch that nobody knows."""
    world, steps = await journey(None, -1, elsewhere=elsewhere)
    await world.close()
    endings: Counter[str] = Counter()
    for at in range(steps):
        world, _ = await journey(pipeline.CancelRequested(), at, elsewhere=elsewhere)
        endings[await check_cancelled(world)] += 1
        if world.batch().state == "withdrawn":
            assert world.remote() == [], f"withdrawn after step {at} with a batch at the provider"
        await world.close()
    assert set(endings) == {"withdrawn", "cancelled", "done"}


@pytest.mark.slow
async def test_impatience_at_every_moment_changes_nothing() -> None:
    """«Try now» after any step makes no second call of a kind that costs."""
    world, steps = await journey(None, -1, elsewhere=True)
    await world.close()
    for at in range(steps):
        world, _ = await journey(pipeline.TryNow(), at, elsewhere=True)
        assert world.batch().state == "done"
        assert (world.http.calls["upload"], world.http.calls["create"], len(world.remote())) == (1, 1, 1)
        world.check_stored()
        world.check_failures()
        await world.close()


async def test_a_withdrawn_upload_is_broken_off(world: World) -> None:
    """A batch that is cancelled while its file goes up stops the upload at once, and its requests wait again."""
    gate = world.http.hold("upload")
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.until(lambda: gate.waiting == 1)
    await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    await world.rest()
    assert gate.waiting == 0
    assert world.batch().state == "withdrawn"
    assert world.queued() == ["r0", "r1", "r2"]
    gate.open()
    await tab.submit()
    assert [one.state for one in await world.ended()] == ["withdrawn", "done"]
    assert len(world.remote()) == 1


async def test_a_ring_while_the_batch_is_read_is_not_missed(world: World) -> None:
    """A wish that is stored while the engine looks because of an earlier ring is seen as well."""
    gate = world.http.hold("upload")
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.until(lambda: gate.waiting == 1)
    real, slow = tab.inner.get, asyncio.Event()

    async def late(table: Table, id: str) -> Row | None:
        row = await real(table, id)
        await slow.wait()
        return row

    tab.inner.get = late  # type: ignore[method-assign]
    tab.engine.nudge()
    await world.rest()
    tab.inner.get = real  # type: ignore[method-assign]
    await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    slow.set()
    await world.rest()
    assert gate.waiting == 0


async def test_an_event_that_is_not_heard_is_shown_and_not_repeated_at_once(world: World) -> None:
    """An effect that comes to something its state has no move for is a fault of ours: shown once, and tried again."""
    tab = await world.tab()
    real = tab.worker.carry_out
    times: list[float] = []

    async def wrong(effect: pipeline.Effect, batch: Batch) -> tuple[pipeline.Event, list[Change]]:
        if isinstance(effect, pipeline.Poll) and len(times) < 3:
            times.append(world.clock.now())
            return pipeline.Reconciled(Tally()), []
        return await real(effect, batch)

    tab.worker.carry_out = wrong  # type: ignore[method-assign]
    await tab.add(2)
    await tab.submit()
    await world.ended()
    assert world.batch().state == "done"
    assert [type(error) for _name, error in tab.failures] == [pipeline.NoSuchMove]
    tab.failures.clear()
    assert times[2] - times[0] > 10


async def test_a_full_disk_stands_at_the_batch(world: World) -> None:
    """What came of a call cannot be stored: the batch itself says that there is no room, and goes on when there is."""
    tab = await world.tab()
    await tab.add(2)
    await tab.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    tab.inner.fail_next = StorageFull("no room")
    await world.until(lambda: world.batch().problem is not None)
    assert world.batch().problem.code == "storage_full"  # type: ignore[union-attr]
    await world.ended()
    assert world.batch().tally.answered == 2


async def test_a_batch_that_may_exist_is_not_withdrawn(world: World) -> None:
    """Cancelled while it is being created: the wish is kept until the answer is here, then the batch is cancelled at the provider."""
    gate = world.http.hold("create")
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.until(lambda: gate.waiting == 1)
    await tab.engine.command(world.batch().id, pipeline.CancelRequested())
    await world.rest()
    assert world.batch().state == "creating"
    gate.open()
    await world.ended()
    assert world.batch().state == "cancelled"
    assert world.batch().tally.cancelled == 3
    assert world.http.calls["cancel"] == 1


async def test_a_wish_that_comes_too_late_says_so(world: World) -> None:
    """Cancelling what has ended is no move, and changes nothing."""
    tab = await world.tab()
    await tab.add(1)
    await tab.submit()
    await world.ended()
    before = world.batch()
    with pytest.raises(pipeline.NoSuchMove):
        await tab.engine.command(before.id, pipeline.CancelRequested())
    assert world.batch() == before
    assert await tab.engine.command("b-unknown", pipeline.TryNow()) is None


async def test_try_now_ends_a_wait(world: World) -> None:
    """A batch that waits after failures goes on at once when the person says so."""
    world.http.fail("poll", Dropped("broken"), 6)
    tab = await world.tab()
    await tab.add(1)
    await tab.submit()
    await world.until(lambda: world.batch().tries == 6)
    waiting = world.batch().retry_at - world.clock.now()
    assert waiting > 60
    await tab.engine.command(world.batch().id, pipeline.TryNow())
    await world.rest()
    assert world.batch().tries == 0
    assert world.batch().problem is None


# --- one lead --------------------------------------------------------------------------------------------------------------------


async def test_one_tab_leads_and_the_others_wish(world: World) -> None:
    """Of several tabs one carries the batches; a batch submitted in another tab is carried by it without waiting for its next look."""
    first, second, third = [await world.tab() for _ in range(3)]
    await world.rest()
    assert [tab.leads for tab in (first, second, third)] == [True, False, False]
    assert [tab.engine.leads for tab in (first, second, third)] == [True, False, False]
    await second.add(2)
    await second.submit()
    await world.rest()
    assert world.batch().state == "validating"
    assert second.told == []
    assert await world.ended()
    assert (world.http.calls["upload"], world.http.calls["create"]) == (1, 1)


async def test_another_tab_takes_over(world: World) -> None:
    """When the leading tab dies, the next one takes the lead and finishes its batches."""
    first, second = await world.tab(), await world.tab()
    await first.add(3)
    await first.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    await first.close()
    await world.rest()
    assert second.leads
    await world.ended()
    assert (world.batch().state, len(world.remote())) == ("done", 1)
    assert not first.leads


async def test_the_lead_is_free_when_nobody_is_left(world: World) -> None:
    """A closed tab gives its lock back."""
    tab = await world.tab()
    await world.rest()
    assert world.locks.held(LOCK)
    await tab.close()
    assert not world.locks.held(LOCK)


async def test_the_engine_looks_again_without_being_told(world: World) -> None:
    """A hint may be lost: a batch that nobody announced is found within the engine's own time."""
    tab = await world.tab()
    await tab.add(1)
    await world.rest()
    await tab.submitter.submit(LANE, tab.profiles.known["openai"])
    await world.until(lambda: world.batch().state != "planned", within=21.0)


async def test_a_failed_look_does_not_end_the_engine(world: World) -> None:
    """One read that fails is shown, said as the engine's fault, and made again: the batch ends all the same."""
    tab = await world.tab()
    await tab.add(1)
    await world.rest()
    real = tab.inner.scan

    async def lost(table: Table, *, owner: str | None = None) -> list[Row]:
        raise StorageLost("closed")

    tab.inner.scan = lost  # type: ignore[method-assign]
    tab.engine.nudge()
    await world.until(lambda: len(tab.failures) == 1)
    assert "cannot read or write the batches" in tab.engine.fault
    await world.clock.advance(100.0)
    assert [name for name, _error in tab.failures].count("engine") == 1, "a fault that stays is reported once"
    tab.inner.scan = real  # type: ignore[method-assign]
    await tab.submit()
    await world.ended()
    assert (world.batch().state, tab.engine.fault) == ("done", "")
    tab.failures.clear()


async def test_a_tab_that_lost_its_database_gives_up_the_lead(world: World) -> None:
    """A newer program in another tab has taken the database: that tab goes on with the batches, and this one does not stand in its way."""
    older = await world.tab()
    await older.add(1)
    await world.rest()
    assert older.engine.leads
    newer = await world.tab()

    async def lost(table: Table, *, owner: str | None = None) -> list[Row]:
        raise StorageLost("closed")

    older.inner.scan = lost  # type: ignore[method-assign]
    await newer.submit()
    await world.until(lambda: newer.engine.leads, within=21.0)
    await world.ended()
    assert world.batch().state == "done"
    older.failures.clear()


async def test_a_practice_provider_that_cannot_be_read_stops_no_real_batch(world: World) -> None:
    """Practice batches wait until it can be read; real ones go on."""
    tab = await world.tab(engine=False)
    await tab.add(1)
    await tab.add(1, PRACTICE_LANE, "p")
    broken = True

    async def prepare() -> None:
        if broken:
            raise ValueError("a damaged memory")
        await tab.prepare()

    tab.engine._prepare = prepare
    await tab.submit()
    await tab.submit(PRACTICE_LANE)
    tab.tasks.start("engine", tab.engine.run())
    await world.until(lambda: world.batches()[0].state == "done")
    assert world.batches()[1].state == "planned"
    assert [name for name, _error in tab.failures] == ["practice"]
    broken = False
    await world.ended()
    assert [one.state for one in world.batches()] == ["done", "done"]
    tab.failures.clear()


async def test_a_browser_without_locks_is_said(world: World) -> None:
    """The engine cannot lead: it says so, and asks again."""
    tab = await world.tab(engine=False)
    real = tab.engine._locks

    class NoLocks:
        async def hold(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
            raise TypeError("navigator.locks is undefined")

    tab.engine._locks = NoLocks()
    tab.tasks.start("engine", tab.engine.run())
    await world.rest()
    assert "Web Locks" in tab.engine.fault
    assert [name for name, _error in tab.failures] == ["engine"]
    tab.failures.clear()
    tab.engine._locks = real
    await world.until(lambda: tab.engine.leads and not tab.engine.fault)


# --- the practice provider in the page -------------------------------------------------------------------------------------------


async def test_the_practice_provider_survives_the_change_of_lead(world: World) -> None:
    """A second tab that asked for models long ago does not make the practice provider forget the batch of the first."""
    first, second = await world.tab(), await world.tab()
    await second.profiles.models("practice")
    await first.add(3, PRACTICE_LANE)
    await first.submit(PRACTICE_LANE)
    await world.until(lambda: world.batch().state == "in_progress")
    second.practice.behave(Preferences(id="preferences", practice_traps=(Trap.RATE_LIMIT_429.value,)))
    with pytest.raises(Exception, match="too many calls"):
        await second.profiles.models("practice")
    await first.close()
    await world.ended()
    assert world.batch().tally.answered == 3
    assert len(second.practice.brain.state.batches) == 1


async def test_traps_that_were_chosen_are_set_after_a_reload(world: World) -> None:
    """What the settings show is how the practice provider behaves, from the first call on."""
    world.prefer(practice_traps=(Trap.UNAUTHORIZED_401.value,), practice_speed=0.0)
    tab = await world.tab()
    await tab.add(2, PRACTICE_LANE)
    await tab.submit(PRACTICE_LANE)
    await world.ended()
    batch = world.batch()
    assert (batch.state, batch.problem.code if batch.problem else "") == ("withdrawn", "wrong_key")


async def test_a_trap_that_has_sprung_stays_sprung_after_a_reload(world: World) -> None:
    """A trap for one time does not spring again because the page was loaded again."""
    world.prefer(practice_traps=(Trap.CREATE_ANSWER_LOST.value,))
    tab = await world.tab()
    await tab.add(2, PRACTICE_LANE)
    await tab.submit(PRACTICE_LANE)
    await world.until(lambda: world.batch().remote is not None)
    tab = await world.reload(tab)
    await tab.add(2, PRACTICE_LANE, prefix="s")
    await tab.submit(PRACTICE_LANE)
    await world.ended()
    assert [one.state for one in world.batches()] == ["done", "done"]
    assert tab.practice.brain.calls["create"] == 1
    assert len(tab.practice.brain.state.batches) == 2


async def test_batches_are_told_as_they_are_stored(world: World) -> None:
    """Whoever draws hears of each stored change, in order, and of how far an upload, a download and a ledger are."""
    tab = await world.tab()
    await tab.add(2)
    await tab.submit()
    await world.ended()
    states = [one.state for one in tab.told]
    order = ["uploading", "uploaded", "creating", "validating", "in_progress", "finalizing", "downloading", "reconciling", "done"]
    assert sorted(set(states), key=order.index) == list(dict.fromkeys(states))
    assert tab.told[-1] == world.batch()
    assert {step for _id, step, _done, _total in tab.moves} >= {"uploaded", "fetched", "checking"}
