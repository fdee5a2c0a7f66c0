"""Bringing a workspace into another one: what is merged, what is undone, what a crash leaves, and that nobody pays twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from app.core.bodies import requests
from app.core.model.providers import Limits, ModelList, Profile
from app.core.model.segments import Segment
from app.core.model.settings import BrokerSettings, Preferences
from app.core.model.threads import Thread, ThreadMessage
from app.core.openai import accounts
from app.core.openai.wire import BytesBlob
from app.core.programs.message import ProgramMessage, Programs
from app.core.programs.targets import Webhook
from app.core.workspace.archive import InvalidArchive
from app.core.workspace.imports import Import
from app.ports import Conflict, DropBytes, PutBytes, StorageFull, Table
from app.services.batches.engine import HELD
from app.services.batches.settling import Settling
from app.services.runtime.records import put
from app.services.workspace.bring import NothingToUndo
from app.services.workspace.hold import ImportInProgress
from tests.fakes.memory_store import MemoryDisk
from tests.fakes.mortal import Life
from tests.fakes.platform import SeededRandom
from tests.kit.workspaces import Content, Side
from tests.kit.world import CHAT, KEY, LANE, PRACTICE_LANE, Tab, World, body


@pytest_asyncio.fixture
async def away() -> AsyncIterator[World]:
    """Another browser."""
    made = World()
    made.random = SeededRandom(77)
    yield made
    await made.close()
    made.check_failures()


async def carried(source: Tab) -> BytesBlob:
    """A tab's workspace as a file."""
    blob = (await source.world.result(Side.of(source).exported())).blob
    assert isinstance(blob, BytesBlob)
    return blob


async def bring(tab: Tab, blob: BytesBlob, mode: Any = "merge", passphrase: str = "") -> Any:
    return await tab.world.result(Side.of(tab).bring(blob, mode, passphrase), within=120)


async def kept_whole(tab: Tab) -> None:
    """Once the import is settled, every request stands in one place and every byte run belongs to somebody."""
    await tab.world.result(Side.of(tab).incoming.settle())
    tab.world.check_stored()


async def twins(world: World, away: World, count: int = 3, *, engine: bool = False) -> tuple[Tab, Tab]:
    """Two browsers with the same queue: the second has it from the first."""
    here = await world.tab(engine=engine)
    await here.add(count)
    there = await away.tab(engine=engine)
    await bring(there, await carried(here), "replace")
    assert away.queued() == world.queued()
    return here, there


def names(world: World) -> list[str]:
    """The names of all threads, sorted."""
    import json

    return sorted(json.loads(one.doc)["name"] for one in world.disk.records[Table.THREADS].values())


# --- threads


async def test_a_thread_of_one_side_is_added(world: World, away: World) -> None:
    """What is only there comes here; what is only here stays; what is the same on both sides is left alone."""
    here, there = await twins(world, away)
    await here.store.commit([put(Thread(id="a", name="A", updated=1.0), 0)])
    await there.store.commit([put(Thread(id="b", name="B", updated=1.0), 0)])
    await bring(here, await carried(there))
    assert names(world) == ["A", "B"]
    assert world.disk.records[Table.THREADS]["a"].rev == 1
    await kept_whole(here)


async def test_a_thread_changed_on_one_side_is_taken_from_there(world: World, away: World) -> None:
    """Both had it; one went on with it: that text counts, in whichever direction the file goes, and there is one thread."""
    here = await world.tab(engine=False)
    await here.store.commit([put(Thread(id="a", name="old", updated=1.0), 0), put(Thread(id="b", name="old", updated=1.0), 0)])
    there = await away.tab(engine=False)
    await bring(there, await carried(here), "replace")
    later = world.clock.now() + 1_000
    await there.store.commit([put(Thread(id="a", name="theirs", updated=later), 1)])
    await here.store.commit([put(Thread(id="b", name="ours", updated=later), 1)])
    await bring(here, await carried(there))
    assert names(world) == ["ours", "theirs"]
    await bring(there, await carried(here))
    assert names(away) == ["ours", "theirs"]


async def test_a_thread_changed_on_both_sides_stays_twice(world: World, away: World) -> None:
    """Nothing that was written is lost: the imported one comes as a copy, once, however often the file is imported."""
    here = await world.tab(engine=False)
    await here.store.commit([put(Thread(id="a", name="talk", updated=1.0), 0)])
    there = await away.tab(engine=False)
    await bring(there, await carried(here), "replace")
    later = world.clock.now() + 1_000
    await here.store.commit([put(Thread(id="a", name="talk", messages=(ThreadMessage("m", "user", "ours"),), updated=later), 1)])
    await there.store.commit([put(Thread(id="a", name="talk", messages=(ThreadMessage("m", "user", "theirs"),), updated=later), 1)])
    away.clock.set(later + 1)
    world.clock.set(later + 1)
    blob = await carried(there)
    for _ in range(2):
        await bring(here, blob)
        assert names(world) == ["talk", "talk (imported)"]
    docs = [one.doc for one in world.disk.records[Table.THREADS].values()]
    assert sum("ours" in one for one in docs) == sum("theirs" in one for one in docs) == 1


async def test_strangers_keep_both_texts(world: World, away: World) -> None:
    """Two workspaces that know nothing of each other: where a thread differs, both texts stay."""
    here, there = await world.tab(engine=False), await away.tab(engine=False)
    await here.store.commit([put(Thread(id="a", name="x", updated=1.0), 0)])
    await there.store.commit([put(Thread(id="a", name="y", updated=2.0), 0)])
    await bring(here, await carried(there))
    assert names(world) == ["x", "y (imported)"]


async def test_images_come_with_their_threads(world: World, away: World) -> None:
    """The bytes of a stored image come along with the thread that names it, and no others."""
    here, there = await world.tab(engine=False), await away.tab(engine=False)
    await there.store.commit([PutBytes("image:i-1", b"one"), PutBytes("image:i-2", b"two"), put(Thread(id="a", raw='"stored:i-1"'), 0)])
    await bring(here, await carried(there))
    assert world.disk.bytes["image:i-1"] == b"one"
    assert "image:i-2" not in world.disk.bytes


# --- settings


async def test_settings_of_this_side_stay(world: World, away: World) -> None:
    """Preferences and providers that are here stay as they are; those that are only there come; one at another address comes beside."""
    world.prefer(theme="dark")
    world.provider(base_url="https://ours.example/v1")
    away.prefer(theme="light")
    away.provider(base_url="https://theirs.example/v1", max_requests=2)
    here, there = await world.tab(engine=False), await away.tab(engine=False)
    await there.profiles.save(Profile(id="p-1", name="Theirs", base_url="https://third.example/v1"))
    await there.add(2)
    await bring(here, await carried(there))
    known = await here.profiles.load()
    assert (await here.profiles.preferences()).theme == "dark"
    assert known["openai"].base_url == "https://ours.example/v1"
    assert known["p-1"].name == "Theirs"
    (copy,) = [one for one in known.values() if one.name == "OpenAI (imported)"]
    assert (copy.base_url, copy.max_requests) == ("https://theirs.example/v1", 2)
    (lane,) = await here.queue.lanes()
    assert lane.lane.profile == copy.id, "what was meant for their address does not go to ours"


async def test_an_empty_workspace_takes_their_preferences(world: World, away: World) -> None:
    """Where nothing was chosen, what was chosen there counts."""
    away.prefer(theme="light", profile="openai")
    here, there = await world.tab(engine=False), await away.tab(engine=False)
    await bring(here, await carried(there))
    assert await here.profiles.preferences() == Preferences(id="preferences", theme="light", profile="openai")


# --- requests


async def test_the_same_queue_stays_the_same(world: World, away: World) -> None:
    """Merging what is here already changes nothing, however often."""
    here, there = await twins(world, away)
    before = world.disk.records[Table.SEGMENTS]
    for _ in range(2):
        await bring(here, await carried(there))
        assert world.disk.records[Table.SEGMENTS] == before
        await kept_whole(here)


async def test_requests_of_both_sides_wait_together(world: World, away: World) -> None:
    """Requests that were added on either side, also into a segment that both had, stand in the queue once each."""
    here, there = await twins(world, away)
    await here.add(2, prefix="h")
    await there.add(2, prefix="t")
    await bring(here, await carried(there))
    assert sorted(world.queued()) == ["h0", "h1", "r0", "r1", "r2", "t0", "t1"]
    await kept_whole(here)


async def test_a_request_edited_on_both_sides_stays_twice(world: World, away: World) -> None:
    """Each text is kept; the imported one gets an id of its own, since a batch takes each id once."""
    here, there = await twins(world, away)
    for tab, words in ((here, "ours"), (there, "theirs")):
        await tab.queue.edit(LANE, "r1", requests._encode(body(words)).decode())
    await bring(here, await carried(there))
    lines = b"".join(world.queue_lines())
    assert len(set(world.queued())) == len(world.queued()) == 4
    assert lines.count(b"ours") == lines.count(b"theirs") == 1
    await kept_whole(here)


async def test_a_deleted_request_stays_deleted(world: World, away: World) -> None:
    """What was deleted here does not come back by itself, and can still be restored."""
    here, there = await twins(world, away)
    await there.add(1, prefix="t")
    await here.queue.delete(LANE, {"r1"})
    await bring(here, await carried(there))
    assert sorted(world.queued()) == ["r0", "r2", "t0"]
    await here.queue.restore(LANE)
    assert sorted(world.queued()) == ["r0", "r1", "r2", "t0"]


async def test_what_was_submitted_there_waits_here_no_longer(world: World, away: World) -> None:
    """A request that stands in a batch on one side leaves the queue of the other: it would be paid twice."""
    here, there = await twins(world, away, 4)
    await here.add(1, prefix="h")
    await there.submit(chosen={"r1", "r2"})
    await bring(here, await carried(there))
    assert sorted(world.queued()) == ["h0", "r0", "r3"]
    assert sorted(id for one in world.segments("batch:") for id in one.ids) == ["r1", "r2"]
    await kept_whole(here)


async def test_what_was_submitted_here_does_not_come_back(world: World, away: World) -> None:
    """The other direction: the file's queue still holds what is in a batch here."""
    here, there = await twins(world, away, 4)
    await there.add(1, prefix="t")
    await here.submit()
    await bring(here, await carried(there))
    assert world.queued() == ["t0"]
    await kept_whole(here)


async def test_what_was_submitted_whole_there_leaves_the_queue_here(world: World, away: World) -> None:
    """Segments that moved into a batch as they were take their batch's side."""
    here, there = await twins(world, away)
    await there.submit()
    await bring(here, await carried(there))
    assert world.queued() == []
    assert world.batch().requests == 3
    await kept_whole(here)


async def test_what_was_submitted_on_both_sides_stays_complete(world: World, away: World) -> None:
    """Two batches of the same requests: each keeps all of its lines, under segments of their own, and the person is told."""
    here, there = await twins(world, away)
    await here.submit()
    await there.submit()
    result = await bring(here, await carried(there))
    assert result.twice == 3
    first, second = world.batches()
    for batch in (first, second):
        owned = world.segments(f"batch:{batch.id}")
        assert [id for one in owned for id in one.ids] == ["r0", "r1", "r2"]
        assert all(len(world.disk.bytes[one.bytes_id]) == one.size for one in owned)
    assert len({one.bytes_id for one in world.segments()}) == 2


# --- batches


async def test_the_batch_further_along_counts(world: World, away: World) -> None:
    """A batch that went on there is taken as it is there, with answers and ledger; importing the older one again changes nothing."""
    here = await world.tab(engine=False)
    await here.add(3)
    await here.submit()
    early = await carried(here)
    there = await away.tab()
    await bring(there, early, "replace")
    await away.ended()
    late = await carried(there)
    await bring(here, late)
    assert world.batch() == away.batch()
    assert world.batch().state == "done"
    await kept_whole(here)
    (total, rows) = await here.review.rows(world.batch(), "answered", 0, 9)
    assert (total, len(rows)) == (3, 3)
    await bring(here, early)
    assert world.batch().state == "done"
    await kept_whole(here)


async def test_a_withdrawn_batch_counts_less_than_one_that_may_exist(world: World, away: World) -> None:
    """Withdrawn on one side and being made on the other: it may exist, so it is looked for; its requests do not wait beside."""
    here = await world.tab(engine=False)
    await here.add(2)
    await here.submit()
    batch = world.batch()
    there = await away.tab(engine=False)
    await bring(there, await carried(here), "replace")
    await here.store.commit([put(replace(batch, state=state), -1) for state in ("uploading", "uploaded", "creating")])
    owner = f"queue:{LANE.key}"
    segments = await there.records.all(Segment)
    await there.store.commit(
        [put(replace(batch, state="withdrawn"), -1), *(put(replace(one.value, owner=owner), one.rev) for one in segments)]
    )
    back = await carried(there)
    await bring(there, await carried(here))
    assert (away.batch().state, away.queued()) == ("creating", [])
    await bring(here, back)
    assert (world.batch().state, world.queued()) == ("creating", [])


async def test_withdrawn_there_is_withdrawn_here(world: World, away: World) -> None:
    """A batch that was only planned here and withdrawn there: its requests wait in the queue."""
    here = await world.tab(engine=False)
    await here.add(2)
    await here.submit()
    there = await away.tab(engine=False)
    await bring(there, await carried(here), "replace")
    segments = await there.records.all(Segment)
    await there.store.commit(
        [
            put(replace(away.batch(), state="withdrawn"), -1),
            *(put(replace(one.value, owner=f"queue:{LANE.key}"), one.rev) for one in segments),
        ]
    )
    await bring(here, await carried(there))
    assert (world.batch().state, world.queued()) == ("withdrawn", ["r0", "r1"])
    await kept_whole(here)


async def test_practice_batches_on_their_way_come_back_to_the_queue(world: World, away: World) -> None:
    """The practice provider here knows nothing of theirs: their requests wait again, at no cost."""
    here, there = await world.tab(engine=False), await away.tab()
    await here.store.commit([put(Preferences(id="preferences"), 0)])
    await here.practice._blobs.remember(here.practice.brain.dump())
    await there.add(2, PRACTICE_LANE)
    await there.submit(PRACTICE_LANE)
    await away.until(lambda: away.batch().state == "in_progress")
    result = await bring(here, await carried(there))
    assert result.practice_back == 1
    assert (world.batch().state, world.queued()) == ("withdrawn", ["r0", "r1"])
    await kept_whole(here)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("call", "state"), [("/files)", "uploading"), ("/batches)", "creating")])
async def test_an_imported_batch_is_looked_for_before_it_is_made(world: World, when: str, call: str, state: str) -> None:
    """The page dies around the call that uploads or creates; the workspace, exported as it lies, comes into another browser: what the call
    has made is found by listing and adopted, so there is one batch, paid once. An empty list says nothing of a create that may have been
    made with another key than the one there: the person is asked."""
    home = await world.tab()
    await home.add(3)
    home.life._stepped = lambda label: label.startswith(f"{when} Request(POST") and label.endswith(call)
    await home.submit()
    await world.until(lambda: home.life.dead)
    heir = await world.tab(engine=False)
    assert (world.batch().state, world.batch().outcome_unknown) == (state, True)
    await goes_on_elsewhere(world, await carried(heir), asks=(when, state) == ("before", "creating"))


@pytest.mark.slow
async def test_an_imported_batch_in_progress_goes_on(world: World) -> None:
    """A batch that the provider works on is asked about, fetched and checked where it was imported."""
    home = await world.tab()
    await home.add(3)
    await home.submit()
    await world.until(lambda: world.batch().state == "in_progress")
    blob = await carried(home)
    await home.close()
    await goes_on_elsewhere(world, blob)


async def goes_on_elsewhere(world: World, blob: BytesBlob, *, asks: bool = False) -> None:
    """Another browser, with the same provider, imports and ends the batch; no second one was made. ``asks``: once the person says
    that the key there is of the batch's account."""
    for tab in world.tabs:
        await tab.close()
    other = World()
    other.brain, other.http, other.clock = world.brain, world.http, world.clock
    elsewhere = await other.tab()
    asked = len(other.steps)
    await bring(elsewhere, blob, "replace")
    if asks:
        await other.until(lambda: (found := other.batch().lookup_problem) is not None and found.code == accounts.OTHER)
        await elsewhere.engine.command(other.batch().id, await Settling(elsewhere.records, elsewhere.profiles).claim(other.batch()))
    await other.ended()
    calls = [one for one in other.steps[asked:] if one.startswith("before Request(")]
    assert "(GET" in calls[0], "looking comes first"
    assert other.batch().state == "done"
    assert sorted(await world.paid()) == ["r0", "r1", "r2"]
    assert len(world.remote()) == 1
    await other.close()
    other.check_failures()


# --- replace, undo, crash


async def busy(world: World) -> Tab:
    """A workspace of everything."""
    tab = await world.tab()
    await tab.add(3)
    await tab.submit()
    await tab.add(2, PRACTICE_LANE, "p")
    await tab.submit(PRACTICE_LANE)
    await world.ended()
    await tab.add(3, prefix="q")
    await tab.store.commit([put(Thread(id="t", name="talk", updated=1.0), 0), put(Preferences(id="preferences", theme="dark"), -1)])
    return tab


@pytest.mark.parametrize("mode", ["merge", "replace"])
async def test_undo_gives_back_every_record_and_byte(world: World, away: World, mode: str) -> None:
    """After undoing, every record with its revision and every byte is as it was before, and nothing else is left."""
    here, there = await busy(world), await busy(away)
    side = Side.of(here)
    before = await side.everything()
    await bring(here, await carried(there), mode)
    assert await side.everything() != before
    await world.result(side.incoming.undo())
    assert await side.everything() == before
    assert not [id for id in world.disk.records[Table.SETTINGS] if id.startswith(("import", "hold"))]
    with pytest.raises(NothingToUndo):
        await world.result(side.incoming.undo())


async def test_undo_brings_back_bytes_that_gave_up_their_id(world: World, away: World) -> None:
    """A ledger that is another one in the file takes the place of ours; undoing brings ours back."""
    here = await busy(world)
    there = await away.tab(engine=False)
    await bring(there, await carried(here), "replace")
    id = f"ledger:{world.batches()[0].id}"
    await there.store.commit([DropBytes(id), PutBytes(id, b"another ledger")])
    side = Side.of(here)
    before = await side.everything()
    await bring(here, await carried(there), "replace")
    assert world.disk.bytes[id] == b"another ledger"
    assert (await side.content())[1][id] == b"another ledger"
    await world.result(side.incoming.undo())
    assert await side.everything() == before


async def test_settling_leaves_only_the_new_workspace(world: World, away: World) -> None:
    """When the undo is dismissed, nothing of the old workspace is left, and nothing of the new one is missing."""
    here, there = await busy(world), await busy(away)
    await bring(here, await carried(there), "replace")
    side = Side.of(here)
    now = await side.content()
    await world.result(side.incoming.settle())
    assert await side.everything() == now == await Side.of(there).content()
    world.check_stored()


async def test_what_was_made_since_the_import_stays_when_it_is_undone(world: World, away: World) -> None:
    """A batch that was submitted since, a request and a thread: they cost money or work, so undoing keeps them beside what it brings
    back."""
    here, there = await busy(world), await away.tab(engine=False)
    await there.store.commit([put(Thread(id="u", name="theirs"), 0)])
    old = world.queued()
    side = Side.of(here)
    await bring(here, await carried(there), "replace")
    assert world.queued() == []
    await here.add(2, prefix="since")
    await here.submit()
    await world.ended()
    await here.add(1, prefix="new")
    await here.store.commit([put(Thread(id="v", name="since"), 0)])
    result = await world.result(side.incoming.undo())
    assert result.later == 4
    assert sorted(world.queued()) == sorted([*old, "new0"])
    assert len(world.batches()) == 3
    assert names(world) == ["since", "talk"]
    world.check_stored()
    latest = max(world.batches(), key=lambda one: one.created)
    assert (await here.review.rows(latest, "answered", 0, 9))[0] == 2


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["replace", "merge"])
async def test_a_crash_leaves_the_old_workspace_or_the_new_one(away: World, mode: Any) -> None:
    """The page dies after each commit of an import, of its undoing and of its settling: what is there then is the old workspace or the new
    one, whole, and what was left over is swept when the page opens again."""
    there = await busy(away)
    blob = await carried(there)
    states: list[Content] = []
    crash, lived = 0, False
    while not lived:
        disk, left = MemoryDisk(), crash

        def dies(_label: str) -> bool:
            nonlocal left
            left -= 1
            return left < 0

        filled = await Side.bare(disk).fill([], {"lines:mine": b"mine"})
        await filled.store.commit([put(Thread(id="mine", name="mine"), 0)])
        disk.stores.clear()
        life = Life(dies)
        side = Side.bare(disk, seed=5, life=life)
        old = await Side.bare(disk).everything()
        await asyncio.gather(_imported_and_undone(side, blob, mode), return_exceptions=True)
        lived = not life.dead
        heir = Side.bare(disk, seed=6)
        found = await heir.content()
        await heir.incoming.settle(broken_off=True)
        assert await heir.content() == found, crash
        if not await heir.incoming.last():
            assert await heir.everything() == found, crash
        if found not in states:
            states.append(found)
        crash += 1
    assert crash > 12
    assert states[0] == old
    assert len(states) == 2, "the old one, and the new one"


async def _imported_and_undone(side: Side, blob: BytesBlob, mode: Any) -> None:
    await side.bring(blob, mode)
    await side.incoming.undo()
    await side.incoming.settle()


async def test_a_full_disk_changes_nothing(away: World) -> None:
    """There is no room for the imported bytes: the workspace is as it was, and what was written is gone again."""
    there = await busy(away)
    blob = await carried(there)
    side = Side.bare(quota=2_000)
    await side.fill([], {"lines:mine": b"mine"})
    before = await side.everything()
    with pytest.raises(StorageFull):
        await side.bring(blob, "replace")
    assert await side.everything() == before
    assert await side.incoming.kept.log() is None


@pytest.mark.slow
async def test_a_cancelled_import_changes_nothing(away: World) -> None:
    """Cancelled while bytes are written: they go again, and the engine may work."""
    there = await busy(away)
    blob = await carried(there)
    side = Side.bare()
    before = await side.everything()
    checked = 0

    def stop(_changes: object) -> None:
        nonlocal checked
        checked += 1
        if checked == 8:
            task.cancel()

    side.store.on_commit = stop  # type: ignore[attr-defined]
    task = asyncio.ensure_future(side.bring(blob, "replace"))
    await asyncio.wait({task})
    assert task.cancelled()
    assert await side.everything() == before
    assert await side.store.scan(Table.SETTINGS) == []


async def test_a_file_that_changes_while_it_is_read_is_refused(away: World) -> None:
    """What was checked and what is then read are not the same: nothing is imported."""
    there = await busy(away)
    blob = await carried(there)
    side = Side.bare()
    checked = await side.checked(blob)
    from app.services.workspace.bring import Order

    with pytest.raises(InvalidArchive):
        await side.incoming.bring(Order(checked, BytesBlob(blob.data[:-20]), "replace"), lambda _d, _t: None)
    assert await side.everything() == ([], {})


# --- other tabs


async def test_no_engine_works_while_a_workspace_comes_in(world: World, away: World) -> None:
    """The tab that leads lets go, the import is done by another one, and afterwards somebody leads again and carries the imported batch."""
    there = await away.tab(engine=False)
    await there.add(2)
    await there.submit()
    blob = await carried(there)
    leader, second = await world.tab(), await world.tab()
    leader.store.watch(lambda _tables: leader.engine.nudge())
    await world.rest()
    assert leader.engine.leads
    seen: list[bool] = []
    second.inner.on_commit = lambda changes: seen.append(leader.engine.leads) if any(isinstance(c, PutBytes) for c in changes) else None
    await bring(second, blob, "replace")
    assert seen
    assert not any(seen)
    await world.ended()
    assert world.batch().state == "done"
    assert leader.engine.leads != second.engine.leads


async def test_a_hold_ends_by_itself(world: World) -> None:
    """The tab that asked for it is gone: after a minute the engine works again."""
    from app.core.workspace.imports import Hold

    tab = await world.tab()
    await tab.records.save(Hold(id=HELD, until=world.clock.now() + 60))
    await tab.add(1)
    await tab.submit()
    await world.until(lambda: not tab.engine.leads)
    assert world.batch().state in ("planned", "uploading")
    await world.ended()
    assert tab.engine.leads


async def test_a_tab_that_does_not_let_go_is_named(world: World, away: World) -> None:
    """Another tab keeps the lock: the person is told, and nothing was changed."""
    there = await away.tab(engine=False)
    blob = await carried(there)
    tab = await world.tab(engine=False)
    stuck = asyncio.ensure_future(world.locks.hold("nightshift:engine", asyncio.Event().wait))  # type: ignore[arg-type]
    await world.rest()
    side = Side.of(tab)
    before = await side.everything()
    with pytest.raises(ImportInProgress, match="Close the other tabs"):
        await world.result(side.bring(blob, "replace"), within=120)
    assert await side.everything() == before
    stuck.cancel()
    await asyncio.gather(stuck, return_exceptions=True)


async def test_what_another_tab_writes_meanwhile_is_not_lost(world: World, away: World) -> None:
    """A thread that is saved in another tab while the bytes come in is part of the merge."""
    here, there = await twins(world, away)
    await there.add(1, prefix="t")
    blob = await carried(there)
    other = await world.tab(engine=False)
    once = True

    def meanwhile(changes: Any) -> None:
        nonlocal once
        if once and any(isinstance(one, PutBytes) and one.id.startswith("import:") for one in changes):
            once = False
            other.tasks.start("save", other.store.commit([put(Thread(id="mine", name="typed"), 0)]))

    here.inner.on_commit = meanwhile
    await bring(here, blob)
    assert names(world) == ["typed"]
    assert sorted(world.queued()) == ["r0", "r1", "r2", "t0"]


async def test_one_that_keeps_changing_is_given_up(world: World, away: World) -> None:
    """Another tab changes records again and again: the import gives up in words and leaves everything as it is."""
    here, there = await twins(world, away)
    blob = await carried(there)
    n = 0

    def meanwhile(changes: Any) -> None:
        nonlocal n
        if any(isinstance(one, PutBytes) and one.id.endswith(":written") for one in changes):
            n += 1
            here.inner._apply(put(Thread(id=f"t{n}", name="x"), 0), world.disk.records, world.disk.bytes)

    here.inner.on_commit = meanwhile
    with pytest.raises(Conflict):
        await bring(here, blob)
    assert world.queued() == ["r0", "r1", "r2"]
    assert await here.records.get(Import, "last") is None


# --- keys


async def test_keys_come_where_none_are(world: World, away: World) -> None:
    """With the passphrase a key comes to its provider; undoing takes it away; a key that is here stays."""
    from app.services.workspace.keys import sealed

    there = await away.tab(engine=False)
    text = await sealed(there.keys, "a long passphrase", there.profiles.known)
    blob = (await Side.of(there).exported(text)).blob
    assert isinstance(blob, BytesBlob)
    here = await world.tab(engine=False)
    assert (await bring(here, blob, "merge", "a long passphrase")).keys == ()
    await here.keys.remove("openai")
    assert (await bring(here, blob, "merge", "a long passphrase")).keys == ("openai",)
    assert await here.keys.get("openai") == KEY
    await world.result(Side.of(here).incoming.undo())
    assert await here.keys.get("openai") is None


async def test_keys_of_a_file_are_under_the_passphrase_that_is_here(world: World, away: World) -> None:
    """They are kept as a key that is entered: under it where it was entered, not at all while it is locked."""
    from app.services.workspace.keys import sealed

    there = await away.tab(engine=False)
    blob = (await Side.of(there).exported(await sealed(there.keys, "a long passphrase", there.profiles.known))).blob
    assert isinstance(blob, BytesBlob)
    here = await world.tab(engine=False)
    await here.keys.remove("openai")
    await here.profiles.set_passphrase("correct horse")
    await here.profiles.lock()
    assert (await bring(here, blob, "merge", "a long passphrase")).keys == ()
    await here.profiles.unlock("correct horse")
    assert (await bring(here, blob, "merge", "a long passphrase")).keys == ("openai",)
    await here.profiles.lock()
    assert (await here.keys.get("openai"), await here.keys.locked()) == (None, ["openai"])


@pytest.mark.parametrize("mode", ["merge", "replace"])
async def test_a_key_goes_only_where_it_was_entered_for(world: World, away: World, mode: Any) -> None:
    """A provider of the file that is called «openai» and lies elsewhere stands beside ours, with its own key; ours keeps its name, its
    address and its key, also when that is undone."""
    from app.services.workspace.keys import sealed

    away.provider(base_url="https://elsewhere.example/v1")
    there = await away.tab(engine=False)
    await there.keys.put("openai", "sk-theirs", remember=True)
    text = await sealed(there.keys, "a long passphrase", there.profiles.known)
    blob = (await Side.of(there).exported(text)).blob
    assert isinstance(blob, BytesBlob)
    here = await world.tab(engine=False)
    result = await bring(here, blob, mode, "a long passphrase")
    known = await here.profiles.load()
    (copy,) = [one for one in known.values() if one.name == "OpenAI (imported)"]
    assert (copy.base_url, known["openai"].base_url) == ("https://elsewhere.example/v1", "https://api.openai.com/v1")
    assert (result.parted, result.keys) == ((), (copy.id,))
    assert (await here.keys.get("openai"), await here.keys.get(copy.id)) == (KEY, "sk-theirs")
    await world.result(Side.of(here).incoming.undo())
    assert (await here.profiles.load())["openai"].base_url == "https://api.openai.com/v1"
    assert (await here.keys.get("openai"), await here.keys.get(copy.id)) == (KEY, None)


@pytest.mark.parametrize("mode", ["merge", "replace"])
@pytest.mark.parametrize("ours", ["", "https://ours.example/v1"])
async def test_a_name_is_never_redirected(world: World, away: World, mode: Any, ours: str) -> None:
    """What is meant for the file's «openai» goes to the file's address, and all that is called «openai» here goes to ours; whether ours is
    the one that everybody knows or one that was typed in, and however the file is imported. So it is however often."""
    if ours:
        world.provider(base_url=ours)
    away.provider(base_url="https://theirs.example/v1")
    away.prefer(profile="openai")
    here, there = await world.tab(engine=False), await away.tab(engine=False)
    await here.add(1, prefix="ours")
    await there.add(2, prefix="theirs")
    await there.rules.hold(LANE)
    await there.store.commit([put(Limits(id="openai", own={"gpt": 5}), -1), put(ModelList(id="openai", models=("theirs",)), -1)])
    await there.store.commit([put(Programs(id="programs", profile="openai"), -1)])
    for _ in range(2):
        await bring(here, await carried(there), mode)
    known = await here.profiles.load()
    assert known["openai"].base_url == (ours or "https://api.openai.com/v1")
    (copy,) = [one for one in known.values() if one.base_url == "https://theirs.example/v1"]
    assert copy.name == "OpenAI (imported)"
    waiting = {one.lane.profile: one.sums.requests for one in await here.queue.lanes()}
    assert waiting == ({"openai": 1, copy.id: 2} if mode == "merge" else {copy.id: 2})
    assert (await here.profiles.preferences()).profile == copy.id
    assert (await here.profiles.last_models("openai")).models == ()
    assert (await here.profiles.last_models(copy.id)).models == ("theirs",)
    assert world.limits("openai").own == {}
    assert world.limits(copy.id).own == {"gpt": 5}
    assert (await here.rules.chosen())[copy.id].held == (f"{copy.id}|{CHAT}|{LANE.model}",)
    assert "openai" not in await here.rules.chosen()
    programs = await here.records.get(Programs, "programs")
    assert programs is not None
    assert programs.value.profile == copy.id


async def test_what_a_file_means_for_the_provider_that_everybody_knows(world: World, away: World) -> None:
    """The file has requests for OpenAI and no record of it; here «openai» is a gateway: they do not go to the gateway."""
    world.provider(base_url="https://gateway.example/v1")
    here, there = await world.tab(engine=False), await away.tab(engine=False)
    await there.add(2)
    await bring(here, await carried(there))
    known = await here.profiles.load()
    (lane,) = await here.queue.lanes()
    assert known[lane.lane.profile].base_url == "https://api.openai.com/v1"
    assert (known[lane.lane.profile].name, known["openai"].base_url) == ("OpenAI (imported)", "https://gateway.example/v1")


@pytest.mark.parametrize("mode", ["merge", "replace"])
@pytest.mark.parametrize("name", ["OpenAI", "openai ", "ＯｐｅｎＡＩ", "Open AI", "Ours"])
async def test_a_visible_name_is_not_taken_either(world: World, away: World, name: str, mode: Any) -> None:
    """A provider of another id that looks like one that is here says that it was imported."""
    here, there = await world.tab(engine=False), await away.tab(engine=False)
    await here.profiles.save(Profile(id="p-ours", name="Ours", base_url="https://ours.example/v1"))
    await there.profiles.save(Profile(id="p-theirs", name=name, base_url="https://theirs.example/v1"))
    await bring(here, await carried(there), mode)
    assert (await here.profiles.load())["p-theirs"].name == f"{name} (imported)"


async def test_the_addresses_of_a_file_are_known_before_it_is_imported(world: World, away: World) -> None:
    """Providers that come, RabbitMQ, hosts that may be called and places that results would go to; what replacing changes beside that."""
    away.provider(base_url="https://theirs.example/v1")
    here, there = await world.tab(engine=False), await away.tab(engine=False)
    await here.store.commit([put(BrokerSettings(id="broker", address="wss://ours.example/ws", user="u"), -1)])
    await there.store.commit(
        [
            put(BrokerSettings(id="broker", address="wss://theirs.example/ws", user="u", on=True), -1),
            put(Programs(id="programs", hosts=("https://hooks.example",)), -1),
            put(ProgramMessage(id="m", source="http", at=1.0, lane=LANE.key, target=Webhook("https://results.example/a/b")), -1),
            put(Profile(id="p-1", name="Third", base_url="https://third.example/v1", also=("https://blobs.example",)), -1),
        ]
    )
    side, blob = Side.of(here), await carried(there)
    found = await side.incoming.addresses(await side.checked(blob))
    assert [(one.what, one.new, one.old) for one in found["merge"]] == [
        ("OpenAI (imported)", "https://theirs.example/v1", ""),
        ("Third", "https://third.example/v1", ""),
        ("Third may redirect to", "https://blobs.example", ""),
        ("May be called by this page", "https://hooks.example", ""),
        ("Results of programs go to", "https://results.example", ""),
    ]
    assert found["merge"][0].note == "OpenAI stays at https://api.openai.com/v1."
    assert [(one.what, one.new, one.old) for one in found["replace"] if one not in found["merge"]] == [
        ("RabbitMQ", "theirs.example", "ours.example")
    ]
    await bring(here, blob, "replace")
    broker = await here.records.get(BrokerSettings, "broker")
    assert broker is not None
    assert (broker.value.address, broker.value.on) == ("wss://theirs.example/ws", False), "nobody connects there by itself"


async def test_a_file_cannot_bring_a_practice_provider(world: World, away: World) -> None:
    """One that says of itself that it is in the page, and lies elsewhere, is left out and named."""
    here, there = await world.tab(engine=False), await away.tab(engine=False)
    await there.store.commit([put(Profile(id="p-1", name="Odd", base_url="https://odd.example/v1", practice=True), -1)])
    side, blob = Side.of(here), await carried(there)
    assert any("p-1" in one and "left out" in one for one in (await side.checked(blob)).findings)
    await bring(here, blob)
    assert "p-1" not in await here.profiles.load()


async def test_missing_bytes_do_not_stop_an_import(world: World, away: World) -> None:
    """A segment whose text was lost there is named in the check, and left out where its lines would have to be read."""
    here, there = await twins(world, away)
    await there.add(1, prefix="t")
    lost = (await there.queue.lanes())[0].segments[0].bytes_id
    await there.store.commit([DropBytes(lost)])
    await bring(here, await carried(there))
    assert world.queued() == ["r0", "r1", "r2"]


@pytest.mark.parametrize("mode", ["merge", "replace"])
async def test_an_import_sends_nothing_by_itself_before_it_was_said_again(world: World, away: World, mode: Any) -> None:
    """Requests of another browser, however old, wait until this one's person was told about them; a hold comes with them."""
    here = await world.tab(engine=False)
    await here.add(2)
    await here.rules.hold(LANE)
    await here.rules.tell("openai")
    there = await away.tab(engine=False)
    await there.rules.tell("openai")
    await bring(there, await carried(here), mode)
    assert await there.rules.notices() == {}
    assert (await there.rules.chosen())["openai"].held == (LANE.key,)
