"""A lane in summary: as it is stored, whoever wrote it; and a change reads what it changes, however long the lane is."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from app.core.bodies import requests
from app.core.model import keys
from app.core.model.segments import Segment
from app.core.queue.scope import deleted, seen
from app.core.queue.summaries import QueueSummaries
from app.ports import Put, Table
from app.services.queue import keeping, search
from app.services.queue.lane import LaneQueue
from app.services.queue.queue import Queue
from tests.kit.world import LANE, World, body, numbered, pairs

LONG = 40


async def long_lane(world: World) -> Any:
    """A lane of many small segments, read once."""
    tab = await world.tab(engine=False)
    for n in range(LONG):
        await tab.queue._records.commit(tab.queue.fresh(keys.queue_owner(LANE), float(n), run_of(n)))
    await tab.queue.lane(LANE)
    return tab


def run_of(n: int) -> requests.LineRun:
    (run,) = requests.make_segments(pairs([f"r{n}-{i}" for i in range(3)]))
    return run


def counting(tab: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the segments that the store is asked for from now on."""
    asked: list[str] = []
    real_get, real_many = tab.inner.get, tab.inner.get_many

    async def get(table: Table, id: str) -> Any:
        asked.extend([id] if table is Table.SEGMENTS else [])
        return await real_get(table, id)

    async def get_many(table: Table, ids: Any) -> Any:
        asked.extend(ids if table is Table.SEGMENTS else [])
        return await real_many(table, ids)

    async def refused(*given: object, **named: object) -> Any:
        raise AssertionError("everything is read")

    monkeypatch.setattr(tab.inner, "get", get)
    monkeypatch.setattr(tab.inner, "get_many", get_many)
    monkeypatch.setattr(tab.inner, "revisions", refused)
    return asked


async def test_a_change_reads_what_it_changes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that the list shows is deleted, brought back and edited in a lane of forty segments: only its own is read."""
    tab = await long_lane(world)
    lane = await tab.queue.lane(LANE)
    (row,) = await tab.queue.rows(lane, 61, 62)
    asked = counting(tab, monkeypatch)
    count, undo = await tab.queue.remove(LANE, await tab.queue.places(LANE, {row.id}))
    after = await tab.queue.lane(LANE)
    assert (count, after.requests, after.deleted) == (1, 3 * LONG - 1, 1)
    assert await tab.queue.restore(LANE, undo) == 1
    await tab.queue.edit(LANE, row.id, json.dumps(body("Something else")))
    after = await tab.queue.lane(LANE)
    assert (after.requests, after.deleted) == (3 * LONG, 0)
    assert len(set(asked)) == 1
    (again,) = await tab.queue.rows(after, 61, 62)
    assert again.preview.text == "Something else"


async def test_what_another_tab_wrote_is_read_and_nothing_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another tab deletes one and adds one: two segments are read here, by their revisions."""
    tab, other = await long_lane(world), await world.tab(engine=False)
    asked: list[str] = []
    real = tab.inner.get_many

    async def get_many(table: Table, ids: Any) -> Any:
        asked.extend(ids)
        return await real(table, ids)

    monkeypatch.setattr(tab.inner, "get_many", get_many)
    assert await other.queue.delete(LANE, {"r7-1"}) == 1
    await other.queue.add(LANE, pairs(numbered(500, "new")))
    lane = await tab.queue.lane(LANE)
    assert (lane.requests, lane.deleted) == (3 * LONG - 1 + 500, 1)
    assert len(set(asked)) == 2


async def test_a_million_requests_are_a_thousand_summaries(world: World) -> None:
    """Of closed segments no id and no length is kept; of the one that may still grow the ids are."""
    tab = await world.tab(engine=False)
    await tab.queue.add(LANE, pairs(numbered(2_000)))
    await tab.queue.add(LANE, pairs(numbered(5, "s")))
    lane = await tab.queue.lane(LANE)
    assert [len(one.ids) for one in lane.segments] == [0, 0, 5]
    assert [one.lines for one in lane.segments] == [1_000, 1_000, 5]
    assert all(not isinstance(one, Segment) for one in lane.segments)


async def test_everything_is_deleted_and_brought_back_exactly(world: World) -> None:
    """A selection by rule names no ids: all but one are deleted; undoing brings back these, not what was deleted before."""
    tab = await world.tab(engine=False)
    await tab.add(2_300)
    assert await tab.queue.delete(LANE, {"r7", "r2000"}) == 2
    before = world.queued()
    count, undo = await tab.queue.remove(LANE, seen((await tab.queue.lane(LANE)).segments, frozenset({"r1500"})))
    assert (count, world.queued()) == (2_297, ["r1500"])
    assert sum(len(one.ids or ()) + len(one.without) for one in undo.values()) < 10
    assert await tab.queue.restore(LANE, undo) == 2_297
    assert world.queued() == before
    world.check_stored()


async def test_only_the_deleted_ones_that_are_shown_are_removed_for_good(world: World) -> None:
    """What another tab deletes meanwhile is not meant: it can still be brought back."""
    tab, other = await world.tab(engine=False), await world.tab(engine=False)
    await tab.add(10)
    await tab.queue.delete(LANE, {"r1"})
    shown = deleted((await tab.queue.lane(LANE)).segments)
    await other.queue.delete(LANE, {"r2"})
    await tab.queue.forget(LANE, shown)
    assert await tab.queue.restore(LANE) == 1
    assert world.queued() == ["r0", *numbered(10)[2:]]


# --- searching


async def found_in(queue: Queue, world: World, words: str) -> search.Matches:
    found = await search.search(queue, world.clock, await queue.lane(LANE), words, {})
    assert found is not None
    return found


async def test_what_is_searched_for_is_a_list_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows come in order from any place; deleting all that was found leaves the others; an edit is searched anew, the rest is not."""
    tab = await world.tab(engine=False)
    await tab.add(2_300)
    found = await found_in(tab.queue, world, "SAY R22")
    expected = [id for id in numbered(2_300) if id.startswith("r22")]
    assert found.requests == len(expected) == 111
    rows = await search.rows(tab.queue, found, 0, 5) + await search.rows(tab.queue, found, 5, 111)
    assert [row.id for row in rows] == expected
    assert await search.rows(tab.queue, found, 200, 300) == []

    await tab.queue.edit(LANE, "r5", json.dumps(body("Say r22 too")))
    read: list[str] = []
    real = tab.queue.read

    async def counted(bytes_id: str) -> bytes:
        read.append(bytes_id)
        return await real(bytes_id)

    monkeypatch.setattr(tab.queue, "read", counted)
    again = await search.search(tab.queue, world.clock, await tab.queue.lane(LANE), found.words, found.hits)
    assert again is not None
    assert again.requests == 112
    assert len(read) == 1
    count, _undo = await tab.queue.remove(LANE, search.chosen(again, frozenset({"r22"})))
    assert count == 111
    assert world.queued() == [id for id in numbered(2_300) if id == "r22" or id not in {*expected, "r5"}]
    after = search.matches(await tab.queue.lane(LANE), again.words, again.hits)
    assert [row.id for row in await search.rows(tab.queue, after, 0, 10)] == ["r22"]


async def test_a_search_that_is_given_up_ends(world: World) -> None:
    """Another word was typed: the search before it reads no further."""
    tab = await long_lane(world)
    lane = await tab.queue.lane(LANE)
    assert await search.search(tab.queue, world.clock, lane, "say", {}, lambda _done, _of: False) is None


# --- from one visit to the next


async def reading(tab: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[LaneQueue, set[str]]:
    """The lane as this tab reads it first, and the segments that it read for that."""
    asked: set[str] = set()
    real = tab.inner.get_many

    async def get_many(table: Table, ids: Any) -> Any:
        asked.update(ids if table is Table.SEGMENTS else ())
        return await real(table, ids)

    monkeypatch.setattr(tab.inner, "get_many", get_many)
    return await tab.queue.lane(LANE), asked


async def test_the_next_start_reads_what_changed_since(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of forty segments none is read again, but one that another tab changed and one that it added; one that it emptied is gone."""
    await long_lane(world)
    other = await world.tab(engine=False)
    assert await other.queue.delete(LANE, {f"r3-{n}" for n in range(3)}) == 3
    await other.queue.forget(LANE)
    assert await other.queue.delete(LANE, {"r7-1"}) == 1
    await other.queue.add(LANE, pairs(numbered(500, "new")))
    expected = await other.queue.lane(LANE)
    lane, asked = await reading(await world.tab(engine=False), monkeypatch)
    assert len(asked) == 2
    assert (lane.requests, lane.deleted, lane.sums) == (expected.requests, expected.deleted, expected.sums)
    assert [(one.id, one.rev, one.sums) for one in lane.segments] == [(one.id, one.rev, one.sums) for one in expected.segments]


@pytest.mark.parametrize("left", ["no JSON", '{"id":"queue","segments":[]}', '{"id":"queue","form":1,"segments":[{"id":"s"}]}'])
async def test_what_was_kept_and_is_none_costs_a_reading(world: World, monkeypatch: pytest.MonkeyPatch, left: str) -> None:
    """Damaged, or of another form: everything is read as if nothing had been kept, and nobody is alarmed."""
    first = await long_lane(world)
    await first.inner.commit([Put(Table.SETTINGS, keeping.ROW, -1, left, owner=QueueSummaries.stored.name)])
    tab = await world.tab(engine=False)
    lane, asked = await reading(tab, monkeypatch)
    assert (lane.requests, len(asked)) == (3 * LONG, LONG)
    assert not tab.records.damage.found


async def test_a_segment_that_was_damaged_meanwhile_is_told_when_its_rows_are_read(world: World) -> None:
    """Its summary is as it was kept; whoever lists it finds that it cannot be read, and then nothing of it counts any more."""
    await long_lane(world)
    tab = await world.tab(engine=False)
    one = (await tab.queue.lane(LANE)).segments[5]
    row = tab.inner.disk.records[Table.SEGMENTS]
    row[one.id] = msgspec.structs.replace(row[one.id], doc="{")
    assert await tab.queue.rows(await tab.queue.lane(LANE), 15, 18) == []
    assert (await tab.queue.lane(LANE)).requests == 3 * (LONG - 1)
    assert [id for _, id in tab.records.damage.found] == [one.id]
