"""The queue: nothing that was added is lost, nothing that was deleted is gone before its time, whoever else is at work."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest

from app.core.bodies import requests
from app.core.bodies.requests import LineFault
from app.core.json.jsontext import JsonFault
from app.core.model import keys
from app.core.model.lanes import Lane
from app.ports import Conflict, StorageFull
from app.services.queue.lane import LaneQueue
from app.services.queue.queue import Queue
from app.services.queue.reading import RequestNotFound
from tests.kit.world import CHAT, LANE, PRACTICE_LANE, World, body, numbered, pair, pairs


def ids_of(world: World) -> list[str]:
    return world.queued()


async def ids_in(queue: Queue, lane: LaneQueue) -> set[str]:
    return {row.id for row in await queue.rows(lane, 0, lane.requests)}


# --- adding ----------------------------------------------------------------------------------------------------------------------


async def test_rapid_adds_all_stay(world: World) -> None:
    """A thousand adds at once: all are in the queue, in order, when the last has returned."""
    tab = await world.tab()
    ids = numbered(1_000)
    await asyncio.gather(*(tab.queue.add(LANE, [pair(id)]) for id in ids))
    assert ids_of(world) == ids
    world.check_stored()


@pytest.mark.slow
async def test_rapid_adds_share_commits(world: World) -> None:
    """What comes while a commit is under way goes with the next one, so that a thousand adds don't rewrite the queue a thousand times."""
    tab = await world.tab()
    await tab.add(10)
    before = tab.inner.commits
    await asyncio.gather(*(tab.queue.add(LANE, [pair(f"x{number}")]) for number in range(1_000)))
    assert tab.inner.commits - before <= 3


async def test_adds_from_two_tabs_all_stay(world: World) -> None:
    """Two tabs add at the same time, hundreds of times each, one after the other: nobody overwrites and nobody gives up."""
    tabs = [await world.tab(), await world.tab()]

    async def add(number: int) -> None:
        for n in range(200):
            await tabs[number].queue.add(LANE, [pair(f"t{number}-{n}")])

    await world.result(asyncio.gather(add(0), add(1)))
    assert sorted(ids_of(world)) == sorted(f"t{number}-{n}" for number in (0, 1) for n in range(200))
    for number in (0, 1):
        mine = [id for id in ids_of(world) if id.startswith(f"t{number}-")]
        assert len(mine) == 200
    world.check_stored()


async def test_adds_to_many_lanes_at_once(world: World) -> None:
    """Lanes don't mix: each request stands in the lane that it was added to."""
    tab = await world.tab()
    lanes = [Lane("openai", CHAT, f"model-{number}") for number in range(5)]
    await asyncio.gather(*(tab.queue.add(lane, [pair(f"{lane.model}:{n}", lane=lane)]) for n in range(20) for lane in lanes))
    found = await tab.queue.lanes()
    assert [one.lane for one in found] == sorted(lanes)
    for one in found:
        assert await ids_in(tab.queue, one) == {f"{one.lane.model}:{n}" for n in range(20)}


async def test_few_requests_share_a_segment_and_many_are_cut(world: World) -> None:
    """Single requests gather in one small segment; thousands are cut at a thousand lines."""
    tab = await world.tab()
    for number in range(150):
        await tab.queue.add(LANE, [pair(f"a{number}")])
    assert len(world.segments()) == 1
    await tab.add(2_500)
    assert [len(one.ids) for one in world.segments()] == [150, 1_000, 1_000, 500]
    assert ids_of(world) == [*numbered(150, "a"), *numbered(2_500)]


async def test_a_full_disk_refuses_an_add_whole(world: World) -> None:
    """There is no room: the add fails in words, and what was queued before stays as it was; later there is room again."""
    tab = await world.tab(engine=False)
    await tab.add(3)
    tab.inner.fail_next = StorageFull("no room")
    outcomes = await asyncio.gather(*(tab.queue.add(LANE, [pair(f"x{n}")]) for n in range(5)), return_exceptions=True)
    assert [type(one) for one in outcomes] == [StorageFull] * 5
    assert ids_of(world) == ["r0", "r1", "r2"]
    await tab.queue.add(LANE, [pair("later")])
    assert ids_of(world) == ["r0", "r1", "r2", "later"]
    world.check_stored()


async def test_an_add_that_fails_before_it_reads_does_not_spoil_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failure of any kind the next add starts anew."""
    tab = await world.tab()

    async def broken(lane: Lane) -> object:
        raise OSError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(tab.queue, "lane", broken)
        with pytest.raises(OSError, match="gone"):
            await tab.queue.add(LANE, [pair("a")])
    await tab.queue.add(LANE, [pair("b")])
    assert ids_of(world) == ["b"]


@pytest.mark.parametrize("step", range(4))
async def test_an_acknowledged_add_survives_a_crash(world: World, step: int) -> None:
    """Whenever the tab dies: every add that had returned is in the queue, every other is there whole or not at all."""
    tab = await world.tab()
    await world.rest()
    world.steps.clear()
    world.crash_at = step
    acknowledged: list[str] = []

    async def add() -> None:
        for number in range(20):
            ids = [f"{number}-{n}" for n in range(3)]
            await tab.queue.add(LANE, pairs(ids))
            acknowledged.extend(ids)

    work = asyncio.ensure_future(add())
    await world.until(lambda: work.done())
    assert work.cancelled()
    await world.reload(tab)
    found = ids_of(world)
    assert found[: len(acknowledged)] == acknowledged
    assert len(found) % 3 == 0
    world.check_stored()


# --- reading ---------------------------------------------------------------------------------------------------------------------


async def test_a_window_of_rows_is_read_across_segments(world: World) -> None:
    """Any window of a long lane shows the right requests, without those deleted."""
    tab = await world.tab()
    await tab.add(2_300)
    await tab.queue.delete(LANE, {"r5", "r999", "r1000", "r2299"})
    expected = [id for id in numbered(2_300) if id not in ("r5", "r999", "r1000", "r2299")]
    queue = await tab.queue.lane(LANE)
    assert (queue.requests, queue.deleted) == (2_296, 4)
    for first, last in ((0, 10), (990, 1_005), (1_990, 2_010), (2_290, 2_400), (5_000, 5_010), (0, 0)):
        rows = await tab.queue.rows(queue, first, last)
        assert [row.id for row in rows] == expected[first:last]
    (row,) = await tab.queue.rows(queue, 998, 999)
    assert row.preview.text == f"Say {row.id}"
    assert queue.size == sum(map(len, world.queue_lines()))


async def test_a_line_can_be_read_by_its_id(world: World) -> None:
    """One request is read as it was added; one that is not there raises RequestNotFound."""
    tab = await world.tab()
    await tab.add(3)
    assert await tab.queue.line(LANE, "r1") == pair("r1")[1]
    with pytest.raises(RequestNotFound):
        await tab.queue.line(LANE, "r9")
    await tab.queue.delete(LANE, {"r1"})
    with pytest.raises(RequestNotFound):
        await tab.queue.line(LANE, "r1")


async def test_a_lane_survives_as_its_owner(world: World) -> None:
    """The lane is read back from its segments' owner, also with a bar in the model's name."""
    lane = Lane("openai", CHAT, "my|model name")
    assert keys.lane_of(keys.queue_owner(lane)) == lane
    tab = await world.tab()
    await tab.add(1, lane)
    assert [one.lane for one in await tab.queue.lanes()] == [lane]


# --- deleting --------------------------------------------------------------------------------------------------------------------


async def test_deleting_can_be_undone_exactly(world: World) -> None:
    """Deleted requests leave the queue and come back to their places with their very bytes."""
    tab = await world.tab()
    await tab.add(1_200)
    before = world.queue_lines()
    assert await tab.queue.delete(LANE, {"r0", "r999", "r1000", "r1199", "unknown"}) == 4
    assert len(ids_of(world)) == 1_196
    assert await tab.queue.restore(LANE, {"r999"}) == 1
    assert await tab.queue.restore(LANE) == 3
    assert world.queue_lines() == before


async def test_deleting_twice_counts_once(world: World) -> None:
    """A request that is deleted already is not deleted again."""
    tab = await world.tab()
    await tab.add(3)
    assert await tab.queue.delete(LANE, {"r1"}) == 1
    assert await tab.queue.delete(LANE, {"r1"}) == 0


async def test_a_list_that_is_drawn_again_is_not_read_again(world: World) -> None:
    """Previews are kept by the bytes that they are of; an edited request has a new one."""
    tab = await world.tab()
    await tab.add(3)
    (lane,) = await tab.queue.lanes()
    before = await tab.queue.rows(lane, 0, 3)
    again = await tab.queue.rows(lane, 0, 3)
    assert all(one.preview is other.preview for one, other in zip(before, again, strict=True))
    await tab.queue.edit(LANE, "r1", json.dumps(body("Something else")))
    (lane,) = await tab.queue.lanes()
    assert [row.preview.text for row in await tab.queue.rows(lane, 0, 3)] == ["Say r0", "Something else", "Say r2"]


async def test_forgotten_requests_are_gone_for_good(world: World) -> None:
    """After «remove for good» nothing is left of the deleted requests, and the others stand as they stood."""
    tab = await world.tab()
    await tab.add(5)
    await tab.queue.delete(LANE, {"r1", "r3"})
    await tab.queue.forget(LANE)
    assert await tab.queue.restore(LANE) == 0
    assert ids_of(world) == ["r0", "r2", "r4"]
    await tab.queue.delete(LANE, {"r0", "r2", "r4"})
    await tab.queue.forget(LANE)
    assert world.segments() == []
    assert world.disk.bytes == {}
    assert await tab.queue.lanes() == []


async def test_deletions_in_two_tabs_both_count(world: World) -> None:
    """Two tabs delete different requests of one segment at once: both are deleted."""
    first, second = await world.tab(), await world.tab()
    await first.add(10)
    await world.result(asyncio.gather(first.queue.delete(LANE, {"r1"}), second.queue.delete(LANE, {"r2"})))
    assert ids_of(world) == ["r0", *numbered(10)[3:]]


# --- editing ---------------------------------------------------------------------------------------------------------------------


def text_of(line: bytes) -> str:
    return requests.body_text(line)


async def test_an_edit_changes_one_request_in_its_place(world: World) -> None:
    """A request keeps its id and place and has the new body; its neighbours keep their bytes."""
    tab = await world.tab()
    await tab.add(3)
    before = world.queue_lines()
    changed = text_of(before[1]).replace("Say r1", "Say something much longer \u2028 😀")
    assert await tab.queue.edit(LANE, "r1", changed) == LANE
    after = world.queue_lines()
    assert (after[0], after[2]) == (before[0], before[2])
    assert msgspec.json.decode(requests.decode(after[1]).body) == msgspec.json.decode(changed)
    assert ids_of(world) == ["r0", "r1", "r2"]
    world.check_stored()


async def test_an_edit_of_the_model_moves_the_request(world: World) -> None:
    """With another model a request belongs to another lane; it is there, and no longer here; deleted neighbours can still be restored."""
    tab = await world.tab()
    await tab.add(4)
    await tab.queue.delete(LANE, {"r0", "r3"})
    home = await tab.queue.edit(LANE, "r2", text_of(pair("r2")[1]).replace("gpt-4o-mini", "gpt-4.1"))
    assert home == Lane("openai", CHAT, "gpt-4.1")
    assert await ids_in(tab.queue, await tab.queue.lane(LANE)) == {"r1"}
    assert await ids_in(tab.queue, await tab.queue.lane(home)) == {"r2"}
    assert await tab.queue.restore(LANE) == 2
    assert await ids_in(tab.queue, await tab.queue.lane(LANE)) == {"r0", "r1", "r3"}
    world.check_stored()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda body: {**body, "stream": True}, "can't stream"),
        (lambda body: {key: value for key, value in body.items() if key != "model"}, "names no model"),
        (lambda body: {**body, "messages": []}, "no messages"),
        (lambda body: {**body, "max_completion_tokens": -5}, "-5 tokens"),
    ],
    ids=["stream", "no model", "no messages", "negative tokens"],
)
async def test_a_body_that_no_batch_takes_is_refused(world: World, change: object, words: str) -> None:
    """A body that would fail is not stored; the sentence names what is wrong."""
    tab = await world.tab()
    await tab.add(1)
    before = world.queue_lines()
    body = change(msgspec.json.decode(requests.decode(before[0]).body))  # type: ignore[operator]
    with pytest.raises(LineFault, match=words):
        await tab.queue.edit(LANE, "r0", msgspec.json.encode(body).decode())
    assert world.queue_lines() == before


async def test_a_broken_body_names_the_place(world: World) -> None:
    """JSON that cannot be read is refused with line and column."""
    tab = await world.tab()
    await tab.add(1)
    fault = await tab.queue.edit(LANE, "r0", '{\n  "model": "gpt-4o-mini",\n  oops\n}')
    assert isinstance(fault, JsonFault)
    assert fault.line == 3
    assert isinstance(await tab.queue.edit(LANE, "r0", "[]"), JsonFault)


async def test_what_left_the_queue_cannot_be_edited(world: World) -> None:
    """Another tab submitted it meanwhile: the edit says so, and what was submitted stays as it was."""
    first, second = await world.tab(), await world.tab()
    await first.add(2)
    await second.submit()
    with pytest.raises(RequestNotFound):
        await first.queue.edit(LANE, "r0", text_of(pair("r0")[1]))
    await world.ended()
    assert world.batch().tally.answered == 2


async def test_somebody_who_always_wins_is_named(world: World) -> None:
    """If others keep changing the lane, the change fails as a conflict instead of trying for ever."""
    tab = await world.tab()
    await tab.add(3)
    real = tab.inner.commit

    async def lost(changes: object) -> None:
        raise Conflict("segments", "s", 1, 2)

    tab.inner.commit = lost  # type: ignore[method-assign]
    with pytest.raises(Conflict):
        await world.result(tab.queue.delete(LANE, {"r0"}))
    tab.inner.commit = real  # type: ignore[method-assign]
    assert await tab.queue.delete(LANE, {"r0"}) == 1


async def test_request_ids_are_unique_and_fit(world: World) -> None:
    """Ids made in one moment differ, and are short enough for every provider."""
    tab = await world.tab()
    ids = [tab.queue.new_request_id() for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert all(len(id) <= 40 for id in ids)


async def test_a_practice_lane_is_apart(world: World) -> None:
    """The same model at another provider is another lane."""
    tab = await world.tab()
    await tab.add(1)
    await tab.add(1, PRACTICE_LANE, prefix="p")
    assert [one.lane for one in await tab.queue.lanes()] == [LANE, PRACTICE_LANE]


async def test_a_lane_is_as_old_as_what_waits_in_it(world: World) -> None:
    """Where everything was deleted, the next request begins anew, although it is kept beside the deleted ones."""
    tab = await world.tab(engine=False)
    await tab.add(1)
    first = world.clock.now()
    assert (await tab.queue.lane(LANE)).oldest == first
    await world.clock.advance(600)
    await tab.add(1, prefix="s")
    assert (await tab.queue.lane(LANE)).oldest == first
    await tab.queue.delete(LANE, {"r0", "s0"})
    assert (await tab.queue.lane(LANE)).oldest == 0.0
    await world.clock.advance(600)
    await tab.add(1, prefix="t")
    assert (await tab.queue.lane(LANE)).oldest == first + 1_200
