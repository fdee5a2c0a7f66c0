"""Many queued requests changed together, and put back: all that was meant and nothing else, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.bodies import requests
from app.core.bodies.requests import LineRun
from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.queue_edits import QueueEdit, RequestChange
from app.core.queue import scope
from app.core.queue.scope import Pick, Scope
from app.ports import StorageFull, Table
from app.services.compute.carrier import JobPlace
from app.services.compute.in_page import PageCompute
from app.services.compute.jobs import JOBS
from app.services.queue import bulk_edit, bulk_edits
from app.services.queue.bulk_edits import KEPT, QueueEdits
from app.wiring.ports import InstalledLibraries
from tests.fakes.platform import MemoryFiles
from tests.kit.depth import examples
from tests.kit.world import CHAT, LANE, Tab, World, pair, pairs

MODEL = RequestChange(("model",), '"gpt-4.1"')
WARM = RequestChange(("temperature",), "0.5")
OTHER_LANE = Lane("openai", CHAT, "gpt-4.1")

Line = tuple[str, str, bytes, bool]


def contents(world: World) -> list[Line]:
    """Every request of all queues, in order: its lane, its id, its line, whether it is deleted."""
    found: list[Line] = []
    for one in world.segments("queue:"):
        run = LineRun(one.ids, one.ends, world.disk.bytes[one.bytes_id])
        found += [(one.owner, id, line, i in one.gone) for i, (id, line) in enumerate(requests.lines_of(run))]
    return sorted(found, key=lambda one: one[0])  # in their order within a lane


def bodies(world: World) -> dict[str, dict[str, Any]]:
    """What is asked, by id."""
    return {id: json.loads(line)["body"] for _, id, line, _ in contents(world)}


def edits_of(world: World, tab: Tab) -> QueueEdits:
    async def opened() -> Any:
        return tab.store

    compute = PageCompute(JOBS, JobPlace(opened, MemoryFiles(), InstalledLibraries(), tab.clock, world.random, 0.0))
    return QueueEdits(tab.runtime, tab.queue, compute, world.locks)


async def meant(tab: Tab, ids: Iterable[str] | None = None, lane: Lane = LANE) -> Scope:
    """What the page's selection means: these, or all."""
    return scope.seen((await tab.queue.lane(lane)).segments) if ids is None else await tab.queue.places(lane, ids)


async def lay(tab: Tab, sizes: Iterable[int], lane: Lane = LANE, prefix: str = "r") -> list[str]:
    """A lane of segments with so many requests each; their ids."""
    ids: list[str] = []
    for n, size in enumerate(sizes):
        here = [f"{prefix}{n}-{i}" for i in range(size)]
        (run,) = requests.make_segments(pairs(here, lane))
        await tab.records.commit(tab.queue.fresh(keys.queue_owner(lane), float(n), run))
        ids += here
    return ids


async def test_a_parameter_is_set_in_what_is_meant_and_nothing_else(world: World) -> None:
    """Deleted requests stay as they are, and so do those of other lanes; nothing is left behind once the edit is kept."""
    tab = await world.tab()
    await lay(tab, [3, 2])
    await lay(tab, [1], OTHER_LANE, "o")
    await tab.queue.delete(LANE, {"r0-1"})
    edits = edits_of(world, tab)
    order = edits.order(LANE, await meant(tab), WARM)
    before = contents(world)
    assert (await edits.look(order, 4)).changed == 4
    assert contents(world) == before
    report = await edits.change(order, 4)
    assert (report.changed, report.same, report.left) == (4, 0, 0)
    warm = {id for id, one in bodies(world).items() if one.get("temperature") == 0.5}
    assert warm == {"r0-0", "r0-2", "r1-0", "r1-1"}
    (edit,) = await edits.all()
    assert (edit.requests, edit.finished) == (4, True)
    await edits.forget(edit.id)
    world.check_stored()
    assert await tab.records.all(QueueEdit) == []


async def test_another_model_moves_what_is_meant_to_its_lane(world: World) -> None:
    """The rest stays in its order, deleted ones among them; age and provenance go along."""
    tab = await world.tab()
    await lay(tab, [3, 2])
    await tab.queue.delete(LANE, {"r0-0"})
    before = contents(world)
    edits = edits_of(world, tab)
    await edits.change(edits.order(LANE, await meant(tab, ["r0-2", "r1-0", "r1-1"]), MODEL), 3)
    assert [(owner, id, gone) for owner, id, _, gone in contents(world)] == [
        ("queue:openai|/v1/chat/completions|gpt-4.1", "r0-2", False),
        ("queue:openai|/v1/chat/completions|gpt-4.1", "r1-0", False),
        ("queue:openai|/v1/chat/completions|gpt-4.1", "r1-1", False),
        ("queue:openai|/v1/chat/completions|gpt-4o-mini", "r0-0", True),
        ("queue:openai|/v1/chat/completions|gpt-4o-mini", "r0-1", False),
    ]
    assert (await edits.undo((await edits.all())[0])).back == 3
    assert contents(world) == before
    world.check_stored()


@settings(max_examples=examples(40, 400))
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.sets(st.integers(0, 15), max_size=6),
    st.none() | st.sets(st.integers(0, 15), max_size=10),
    st.sampled_from([MODEL, WARM, RequestChange(("messages",)), RequestChange(("metadata", "a"), '"b"')]),
)
def test_undo_gives_the_same_bytes_back(sizes: list[int], deleted: set[int], chosen: set[int] | None, change: RequestChange) -> None:
    """Whatever was selected and deleted: every line is again the one that it was, in its lane and place, and nothing is left over."""

    async def run() -> None:
        world = World()
        tab = await world.tab(engine=False)
        ids = await lay(tab, sizes)
        await tab.queue.delete(LANE, {id for n, id in enumerate(ids) if n in deleted})
        before = contents(world)
        edits = edits_of(world, tab)
        these = await meant(tab, None if chosen is None else [id for n, id in enumerate(ids) if n in chosen])
        report = await edits.change(edits.order(LANE, these, change), len(ids))
        for edit in await edits.all():
            done = await edits.undo(edit)
            assert (done.back, done.stay) == (report.changed, 0)
        assert contents(world) == before
        world.check_stored()
        await world.close()

    asyncio.run(run())


_MEANWHILE = ["delete", "edit", "submit", "forget", "add", "model"]


@settings(max_examples=examples(40, 400))
@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.lists(st.tuples(st.sampled_from(_MEANWHILE), st.integers(0, 8)), max_size=4),
    st.booleans(),
)
def test_undo_touches_nothing_that_went_on_since(sizes: list[int], since: list[tuple[str, int]], models: bool) -> None:
    """Requests that were submitted stay in their batch, edited ones as they were edited; all others are as they were, each once."""

    async def run() -> None:
        world = World()
        tab = await world.tab(engine=False)
        ids = await lay(tab, sizes)
        was = {id: line for _, id, line, _ in contents(world)}
        edits = edits_of(world, tab)
        change, home = (MODEL, OTHER_LANE) if models else (WARM, LANE)
        await edits.change(edits.order(LANE, await meant(tab), change), len(ids))
        touched: set[str] = set()
        for at, (what, n) in enumerate(since):
            id = ids[n % len(ids)]
            if id in touched:
                continue
            if what == "add":
                await tab.queue.add(home, [pair(f"new-{at}", lane=home)])
                continue
            if what == "delete":
                await tab.queue.delete(home, {id})
            elif what == "forget":
                await tab.queue.delete(home, {id})
                await tab.queue.forget(home, [id])
                touched.add(id)
            elif what == "submit" and id in world.queued():
                await tab.submit(home, {id})
                touched.add(id)
            elif what in ("edit", "model") and id in world.queued():
                other = home.model if what == "edit" else "gpt-4.1-nano"
                await tab.queue.edit(home, id, json.dumps({"model": other, "messages": [{"role": "user", "content": "else"}]}))
                touched.add(id)
        touched_lines = {one[1]: one for one in contents(world) if one[1] in touched}
        sent = {id for one in world.segments("batch:") for id in one.ids}
        done = await edits.undo((await edits.all())[0])
        after = contents(world)
        assert {id: line for _, id, line, _ in after if id in was and id not in touched} == {
            id: line for id, line in was.items() if id not in touched
        }
        assert all(owner == "queue:" + LANE.key for owner, id, _, _ in after if id in was and id not in touched)
        assert {one[1]: one for one in after if one[1] in touched} == touched_lines
        assert done.back + done.stay == len(ids)
        assert done.stay == len(touched)
        assert {id for one in world.segments("batch:") for id in one.ids} == sent
        world.check_stored()
        await world.close()

    asyncio.run(run())


async def test_what_was_sent_is_not_touched(world: World) -> None:
    """Requests that left the queue between the look and the change are neither changed nor counted."""
    tab = await world.tab(engine=False)
    await lay(tab, [2, 2])
    edits = edits_of(world, tab)
    order = edits.order(LANE, await meant(tab), WARM)
    await tab.submit(LANE, {"r0-0", "r0-1", "r1-0"})
    report = await edits.change(order, 4)
    assert report.changed == 1
    assert {id for id, one in bodies(world).items() if "temperature" in one} == {"r1-1"}
    sent = [json.loads(line) for one in world.segments("batch:") for line in world.disk.bytes[one.bytes_id].splitlines()]
    assert not any("temperature" in one["body"] for one in sent)


async def test_what_was_found_is_changed_by_its_place(world: World) -> None:
    """A search names lines by their positions in one byte run: what was written since is not meant."""
    tab = await world.tab()
    await lay(tab, [3])
    (segment,) = world.segments("queue:")
    found = {segment.id: Pick(at=(segment.bytes_id, array("I", [0, 2]).tobytes()), without=frozenset({"r0-2"}))}
    edits = edits_of(world, tab)
    assert (await edits.change(edits.order(LANE, found, WARM), 2)).changed == 1
    assert [id for id, one in bodies(world).items() if "temperature" in one] == ["r0-0"]


async def test_another_tab_that_writes_between_is_not_written_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The segment is read and decided anew, and what the other added stays as it added it."""
    tab, other = await world.tab(), await world.tab()
    await tab.queue.add(LANE, pairs(["a", "b"]))
    edits = edits_of(world, tab)
    order = edits.order(LANE, await meant(tab), WARM)
    real = bulk_edit.BulkEditor._made
    once: list[int] = []

    async def between(self: Any, *given: Any) -> Any:
        made = await real(self, *given)
        if not once:
            once.append(1)
            await other.queue.add(LANE, [pair("c")])
        return made

    monkeypatch.setattr(bulk_edit.BulkEditor, "_made", between)
    assert (await world.result(edits.change(order, 2))).changed == 2
    assert {id: "temperature" in one for id, one in bodies(world).items()} == {"a": True, "b": True, "c": False}


async def test_without_room_all_is_as_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit that fails in the middle is taken back."""
    monkeypatch.setattr(bulk_edit, "GROUP", 1)
    tab = await world.tab()
    await lay(tab, [2, 2, 2])
    before = contents(world)
    edits = edits_of(world, tab)
    order = edits.order(LANE, await meant(tab), WARM)
    commits: list[int] = []

    real = tab.store.commit

    async def commit(changes: Any) -> None:
        commits.append(1)
        if len(commits) == 2:
            raise StorageFull("no room")
        await real(changes)

    monkeypatch.setattr(tab.store, "commit", commit)
    with pytest.raises(StorageFull):
        await edits.change(order, 6)
    assert contents(world) == before
    assert await edits.all() == []
    world.check_stored()


async def test_an_edit_that_died_with_its_page_can_be_undone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as it came, from what is stored alone."""
    monkeypatch.setattr(bulk_edit, "GROUP", 1)
    tab = await world.tab(engine=False)
    await lay(tab, [2, 2, 2])
    before = contents(world)
    order = edits_of(world, tab).order(LANE, await meant(tab), MODEL)
    world.crash_at = len(world.steps) + 1  # after its second commit
    task = asyncio.ensure_future(edits_of(world, tab).change(order, 6))
    await asyncio.wait({task})
    world.crash_at = None
    await tab.close()
    again = await world.tab(engine=False)
    edits = edits_of(world, again)
    (edit,) = await edits.all()
    assert not edit.finished
    assert 0 < edit.requests < 6
    assert (await edits.undo(edit)).back == edit.requests
    assert contents(world) == before
    world.check_stored()


async def test_many_are_changed_as_a_job_and_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same use case beside the page; stopped, all is as it was."""
    monkeypatch.setattr(bulk_edits, "FEW", 2)
    monkeypatch.setattr(bulk_edit, "GROUP", 1)
    tab = await world.tab(engine=False)
    await lay(tab, [3, 3, 3])
    before = contents(world)
    edits = edits_of(world, tab)
    order = edits.order(LANE, await meant(tab), MODEL)
    told: list[tuple[int, int]] = []
    assert (await edits.look(order, 9, lambda *far: told.append(far))).changed == 9
    assert told[-1] == (3, 3)

    def stop(done: int, _of: int) -> None:
        if done == 1:
            task.cancel()

    task = asyncio.ensure_future(edits.change(order, 9, stop))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert contents(world) == before
    report = await edits.change(edits.order(LANE, await meant(tab), MODEL), 9)
    assert report.changed == 9
    (edit,) = await edits.all()
    assert (await edits.undo(edit)).back == 9
    assert contents(world) == before
    world.check_stored()


async def test_lines_that_are_lost_or_unreadable_are_said_and_stop_no_other(world: World) -> None:
    """One bad line, and a segment whose bytes are gone."""
    tab = await world.tab(engine=False)
    await lay(tab, [2, 1])
    first, second = world.segments("queue:")
    bad = b"{" + b"x" * (first.ends[0] - 2) + b"\n"
    world.disk.bytes[first.bytes_id] = bad + world.disk.bytes[first.bytes_id][first.ends[0] :]
    del world.disk.bytes[second.bytes_id]
    edits = edits_of(world, tab)
    report = await edits.change(edits.order(LANE, await meant(tab), WARM), 3)
    assert report.changed == 1
    assert report.left == 2
    assert bulk_edit.LOST in report.refused


async def test_a_few_edits_are_kept_and_old_ones_go(world: World) -> None:
    """What undoes an edit takes room: that of the oldest is dropped, and at a start that of those from yesterday."""
    tab = await world.tab(engine=False)
    await lay(tab, [1])
    edits = edits_of(world, tab)
    for n in range(KEPT + 2):
        await world.clock.advance(1)
        order = edits.order(LANE, await meant(tab), RequestChange(("seed",), str(n)))
        await edits.change(order, 1)
    assert [one.change.value for one in await edits.all()] == ["4", "3", "2"]
    assert len([id for id in world.disk.bytes if id.startswith("edited:")]) == 2 * KEPT
    assert (await edits.undo((await edits.all())[0])).back == 1
    assert bodies(world)["r0-0"]["seed"] == 3
    await world.clock.advance(bulk_edits.DAY + 5)
    await edits.tidy()
    assert await edits.all() == []
    world.check_stored()


async def test_an_edit_whose_earlier_text_is_gone_is_undone_as_far_as_it_can_be(world: World) -> None:
    """As after an import that took its bytes: the requests stay, and nothing is left over."""
    tab = await world.tab(engine=False)
    await lay(tab, [1, 1])
    edits = edits_of(world, tab)
    await edits.change(edits.order(LANE, await meant(tab), WARM), 2)
    (edit,) = await edits.all()
    del world.disk.bytes[keys.edited_lines_id(edit.id, 0)]
    done = await edits.undo(edit)
    assert (done.back, done.stay) == (1, 0)
    assert not world.disk.records[Table.SETTINGS].get(f"queueedit:{edit.id}")
