"""Old batches leave this browser, where that was chosen and nothing is lost by it."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.batches.retention import DAY
from app.core.model.settings import RetentionNotice
from app.core.programs.message import ProgramMessage
from app.ports import Table
from app.services.batches.retention import NOTE, Retention, mark_exported
from app.services.programs.waiting import WaitingMessages
from app.services.runtime.records import put, remove
from tests.kit.stored import placed
from tests.kit.world import Tab, World


async def finished(world: World, *, exported: bool = True) -> tuple[Tab, Retention, list[int]]:
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await world.ended()
    if exported:
        await mark_exported(tab.records, world.batch().id, world.clock.now())
    told: list[int] = []

    async def removed() -> None:
        told.append(len(world.batches()))

    return tab, Retention(tab.records, tab.clock, tab.tasks, lambda: True, WaitingMessages(tab.records, tab.clock).awaits, removed), told


async def test_an_exported_batch_leaves_after_its_time(world: World) -> None:
    """With everything that belongs to it; what left is noted until it was read."""
    world.prefer(keep_days=30)
    _tab, keeping, told = await finished(world)
    name = world.batch().name
    world.clock.set(world.clock.now() + 30 * DAY)
    assert await keeping.turn() == []
    world.clock.set(world.clock.now() + DAY)
    assert await keeping.turn() == [name]
    assert world.batches() == []
    assert told == [0]
    world.check_stored()
    note = await keeping.last()
    assert note is not None
    assert (note.count, note.names) == (1, (name,))
    await keeping.read()
    assert await keeping.last() is None


async def test_what_was_not_exported_stays_for_ever(world: World) -> None:
    """Whatever its age."""
    world.prefer(keep_days=30)
    _tab, keeping, told = await finished(world, exported=False)
    world.clock.set(world.clock.now() + 1_000 * DAY)
    assert await keeping.turn() == []
    assert len(world.batches()) == 1
    assert told == []


async def test_the_default_is_to_keep(world: World) -> None:
    """Nothing was chosen: nothing leaves."""
    _tab, keeping, _told = await finished(world)
    world.clock.set(world.clock.now() + 1_000 * DAY)
    assert await keeping.turn() == []


async def test_a_crash_between_note_and_removal_is_made_good(world: World) -> None:
    """The batch is still there, whole, and leaves the next time; it is counted once."""
    world.prefer(keep_days=30)
    tab, keeping, _told = await finished(world)
    world.clock.set(world.clock.now() + 31 * DAY)
    await keeping._note(world.batch())
    world.check_stored()
    assert len(await keeping.turn()) == 1
    stored = await tab.records.get(RetentionNotice, NOTE)
    assert stored is not None
    assert stored.value.count == 1


async def test_the_note_belongs_to_this_browser_only(world: World) -> None:
    """It is no part of an exported workspace."""
    from app.core.workspace.scope import LOCAL

    world.prefer(keep_days=30)
    _tab, keeping, _told = await finished(world)
    await keeping._note(world.batch())
    owners = {row.owner for id, row in world.disk.records[Table.SETTINGS].items() if id.startswith("removed:")}
    assert owners == {"removed"}
    assert owners <= LOCAL


async def test_retention_deletes_no_undelivered_result(world: World) -> None:
    """A program that was not reached can still be: its batch stays until the result was delivered."""
    world.prefer(keep_days=30)
    tab, keeping, _told = await finished(world)
    batch = world.batch()
    await tab.records.commit([put(replace(batch, delivery_cursor=3, delivery_timeline_length=len(batch.timeline)), -1)])
    one = ProgramMessage(id="a", source="http", at=1.0, lane="", batch=batch.id, row=0, outcome="answered", state="failed")
    await tab.records.commit([placed(one)])
    world.clock.set(world.clock.now() + 40 * DAY)
    assert await keeping.turn() == []
    await tab.records.commit([remove(ProgramMessage, one.id), placed(replace(one, state="delivered"))])
    assert len(await keeping.turn()) == 1
    assert world.disk.records[Table.HANDED] == {}
