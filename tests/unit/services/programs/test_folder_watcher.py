"""A watched folder: what is dropped there is queued once, and every result stands beside it once, whatever fails."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from app.core.model.records import Record
from app.core.programs.folder import Dropped, place
from app.core.programs.message import ProgramMessage
from app.ports import Chosen, Table
from app.services.programs.folder_watcher import LOOK, watched
from app.services.runtime.records import Records
from tests.fakes.folder import MemoryFolder
from tests.kit.programs import Receiver, Rig, all_are, handed
from tests.kit.world import CHAT, LANE, World, body

PICKED = Chosen("in", same=False)
LINES = Path(__file__).resolve().parents[3] / "data" / "lines"


def line(id: str, **more: Any) -> bytes:
    """A line of a batch's input."""
    return json.dumps({"custom_id": id, "method": "POST", "url": CHAT, "body": body(f"Say {id}"), **more}).encode()


def text(*lines: bytes) -> bytes:
    return b"".join(one + b"\n" for one in lines)


def ids(data: bytes) -> list[str]:
    """The custom_ids of a file's lines."""
    return [json.loads(one)["custom_id"] for one in data.splitlines()]


def queued(world: World) -> list[str]:
    """The custom_ids in the queue, as their files have them."""
    return [id.partition("~")[0] for id in world.queued()]


def by_name(world: World) -> dict[str, ProgramMessage]:
    """What is stored of every line, by the custom_id that its file has."""
    return {one.name: one for one in handed(world).values()}


async def rig_of(world: World, folder: MemoryFolder, *, choose: bool = True, **chosen: Any) -> Rig:
    """A tab with that folder."""
    rig = Rig(await world.tab(), Receiver(), folder=folder)
    await rig.choose(**chosen)
    if choose:
        folder.picks.append(PICKED)
        assert await rig.watcher.choose()
    return rig.start()


async def dropped(world: World) -> dict[str, Dropped]:
    """What is stored of every file."""
    records = Records(world.tabs[-1].inner)
    return {one.value.name: one.value for one in await records.all(Dropped)}


def stored(world: World, kind: type[Record]) -> int:
    return sum(row.owner == kind.__name__.lower() for row in world.disk.records[Table.SETTINGS].values())


def read(world: World, name: str = "a.jsonl") -> bool:
    """Whether that file was read to its end."""
    return any('"read"' in row.doc and name in row.doc for row in world.disk.records[Table.SETTINGS].values() if row.owner == "dropped")


async def test_a_file_is_queued_and_its_results_stand_beside_it(world: World) -> None:
    """Lines of a batch's input are taken as they are; blank ones are not counted as faults."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    folder.drop("a.jsonl", text(line("1"), b"", line("2")))
    await world.until(lambda: len(queued(world)) == 2)
    await rig.tab.submit()
    await world.until(all_are(world, "delivered"))
    results = [json.loads(one) for one in folder.files["a.results.jsonl"].splitlines()]
    assert [(one["custom_id"], one["response"]["status_code"]) for one in results] == [("1", 200), ("2", 200)]
    assert (await rig.watcher.view()).files[0].taken == 2
    assert "a.problems.jsonl" not in folder.files
    assert by_name(world)["1"].where == "a.results.jsonl"


async def test_a_file_that_is_being_written_is_left_until_it_stays_as_it_is(world: World) -> None:
    """Half of it would be faults."""
    folder = MemoryFolder()
    await rig_of(world, folder)
    await world.rest()
    whole = text(*(line(str(n)) for n in range(9)))
    for part in range(1, 9):
        folder.drop("a.jsonl", whole[: len(whole) * part // 9])
        await world.clock.advance(LOOK)
        await world.rest()
        assert not stored(world, Dropped)
    folder.drop("a.jsonl", whole)
    await world.until(lambda: len(queued(world)) == 9)
    assert "a.problems.jsonl" not in folder.files


async def test_lines_that_are_no_requests_are_told_with_their_number(world: World) -> None:
    """In a file beside it; the others go."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    folder.drop("a.jsonl", text(line("1"), b"{no", line("2", url="/v1/none"), line("1"), line("3")))
    await world.until(lambda: read(world))
    assert queued(world) == ["1", "3"]
    problems = [json.loads(one) for one in folder.files["a.problems.jsonl"].splitlines()]
    assert [(one["line"], one["code"]) for one in problems] == [(2, "invalid_json"), (3, "invalid_request"), (4, "duplicate_custom_id")]
    assert "in line 1 of a.jsonl" in problems[2]["detail"]
    assert (problems[1]["pointer"], problems[1]["custom_id"]) == ("/url", "2")
    (file,) = (await rig.watcher.view()).files
    assert (file.taken, file.refused, file.lines) == (2, 3, 5)


async def test_a_files_custom_ids_belong_to_it(world: World) -> None:
    """Another file, and a program, may use the same ones: all are answered, each under its own id, and none is told as a fault."""
    from app.services.programs.intake import Accepted, RawMessage

    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    folder.drop("monday.jsonl", text(line("1"), line("2")))
    await world.until(lambda: read(world, "monday.jsonl"))
    assert await world.result(rig.taker.take([RawMessage(line("1"), "http"), RawMessage(line("3"), "http")])) == [Accepted(), Accepted()]
    folder.drop("tuesday.jsonl", text(line("2"), line("3"), line("1")))
    await world.until(lambda: read(world, "tuesday.jsonl"))
    assert sorted(queued(world)) == ["1", "1", "1", "2", "2", "3", "3"]
    assert len(set(world.queued())) == 7
    await rig.tab.submit()
    await world.until(lambda: all(one.state in ("delivered", "kept") for one in handed(world).values()))
    assert sorted(ids(folder.files["monday.results.jsonl"])) == ["1", "2"]
    assert sorted(ids(folder.files["tuesday.results.jsonl"])) == ["1", "2", "3"]
    said = {one["custom_id"]: one for one in map(json.loads, folder.files["tuesday.results.jsonl"].splitlines())}
    assert said["3"]["response"]["status_code"] == 200
    assert not [name for name in folder.files if name.endswith(".problems.jsonl")]
    assert [(one.name, one.taken, one.refused) for one in (await rig.watcher.view()).files] == [
        ("tuesday.jsonl", 3, 0),
        ("monday.jsonl", 2, 0),
    ]


async def test_what_an_older_version_took_is_not_taken_again(world: World) -> None:
    """It kept a file's custom_ids as they are: a file that changed is known by them all the same."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    here = await watched(rig.tab.records)
    assert here is not None
    old = ProgramMessage(id="1", source="folder", at=1.0, lane=LANE.key, message_id=place(here.folder, "a.jsonl", 1))
    await world.result(rig.tab.records.save(old, 0))
    folder.drop("a.jsonl", text(line("1"), line("2")))
    folder.drop("b.jsonl", text(line("1")))
    await world.until(lambda: read(world) and read(world, "b.jsonl"))
    assert sorted(queued(world)) == ["1", "2"]
    assert "a.problems.jsonl" not in folder.files


async def test_a_file_that_was_mended_is_read_again_and_nothing_goes_twice(world: World) -> None:
    """The line that was refused is taken; the file of problems says what is wrong now."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    folder.drop("a.jsonl", text(line("1"), b"{no"))
    await world.until(lambda: read(world))
    folder.drop("a.jsonl", text(line("1"), line("2"), b"[]"))
    await world.until(lambda: len(queued(world)) == 2)
    await world.until(lambda: read(world))
    assert queued(world) == ["1", "2"]
    assert [json.loads(one)["line"] for one in folder.files["a.problems.jsonl"].splitlines()] == [3]
    (file,) = (await rig.watcher.view()).files
    assert (file.taken, file.refused) == (2, 1)


async def test_a_file_that_has_results_already_waits_for_the_person(world: World) -> None:
    """Another browser may have sent it. Taken anyway, its results are added behind those that lie there."""
    folder = MemoryFolder()
    folder.drop("a.jsonl", text(line("1")))
    folder.drop("a.results.jsonl", b'{"custom_id": "old"}\n')
    rig = await rig_of(world, folder)
    await world.until(lambda: stored(world, Dropped) == 1)
    assert (await dropped(world))["a.jsonl"].state == "foreign"
    await world.clock.advance(10 * LOOK)
    await world.rest()
    assert queued(world) == []
    await rig.watcher.take_anyway("a.jsonl")
    await world.until(lambda: queued(world) == ["1"])
    await rig.tab.submit()
    await world.until(all_are(world, "delivered"))
    assert ids(folder.files["a.results.jsonl"]) == ["old", "1"]


async def test_a_message_that_names_its_own_place_goes_there(world: World) -> None:
    """And not into the file."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    hook = {"type": "webhook", "webhook_url": "https://hooks.example.com/x"}
    folder.drop("a.jsonl", text(line("1", delivery_config=hook), line("2")))
    await world.until(lambda: read(world))
    await rig.tab.submit()
    await world.until(all_are(world, "delivered"))
    assert ids(folder.files["a.results.jsonl"]) == ["2"]
    assert by_name(world)["1"].where == "https://hooks.example.com/x"


@pytest.mark.parametrize(("how", "outcome"), [("locked", "authorization_error"), ("gone", "other")])
async def test_a_folder_that_cannot_be_written_keeps_its_results_due(world: World, how: Any, outcome: str) -> None:
    """Each try is on record; when it can be written again they are."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    folder.drop("a.jsonl", text(line("1")))
    await world.until(lambda: queued(world) == ["1"])
    await world.until(lambda: read(world))
    folder.how = how
    await rig.tab.submit()
    await world.until(lambda: by_name(world)["1"].made >= 2)
    assert {one.outcome for one in by_name(world)["1"].attempts} == {outcome}
    assert by_name(world)["1"].state == "due"
    folder.how = "open"
    await world.until(all_are(world, "delivered"))
    assert ids(folder.files["a.results.jsonl"]) == ["1"]


async def test_results_of_a_folder_that_is_not_watched_any_more(world: World) -> None:
    """They are not written into another folder where a file has the same name."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder, tries=1)
    folder.drop("a.jsonl", text(line("1")))
    await world.until(lambda: read(world))
    folder.files.clear()
    folder.picks.append(Chosen("in", same=False))
    assert await rig.watcher.choose()
    await rig.tab.submit()
    await world.until(all_are(world, "failed"))
    assert by_name(world)["1"].attempts[-1].outcome == "not_configured"
    assert folder.files == {}


async def test_the_same_folder_chosen_again_goes_on(world: World) -> None:
    """Nothing in it is taken twice."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    folder.drop("a.jsonl", text(line("1")))
    await world.until(lambda: read(world))
    await rig.watcher.switch(on=False)
    folder.drop("b.jsonl", text(line("2")))
    await world.clock.advance(10 * LOOK)
    await world.rest()
    assert queued(world) == ["1"]
    folder.picks.append(Chosen("in", same=True))
    assert await rig.watcher.choose()
    await world.until(lambda: queued(world) == ["1", "2"])


async def test_no_folder_is_picked(world: World) -> None:
    """Then everything is as before."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder, choose=False)
    folder.picks.append(None)
    assert not await rig.watcher.choose()
    view = await rig.watcher.view()
    assert (view.offered, view.watched, view.state) == (True, None, "none")


async def test_a_file_that_cannot_be_read_is_told_and_does_not_hold_up_the_others(world: World) -> None:
    """It is tried again with each look."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    folder.drop("a.jsonl", text(line("1")))
    folder.drop("b.jsonl", text(line("2")))
    folder.broken.add("a.jsonl")
    await world.until(lambda: queued(world) == ["2"])
    await world.rest()
    assert "a.jsonl" in (await rig.watcher.view()).fault
    folder.broken.clear()
    await world.until(lambda: queued(world) == ["2", "1"])
    await world.until(lambda: read(world))
    await world.rest()
    assert (await rig.watcher.view()).fault == ""


async def test_a_large_file_is_read_piece_by_piece(world: World) -> None:
    """And what is in memory of it stays small."""
    folder = MemoryFolder()
    await rig_of(world, folder)
    folder.drop("a.jsonl", text(*(line(str(n), body=body("x" * 2_000)) for n in range(1_200))))
    await world.until(lambda: len(queued(world)) == 1_200)
    assert max(stop - start for _name, start, stop in folder.reads) <= 1_000_000
    assert len(folder.reads) == 3


async def on_with_it(there: World, folder: MemoryFolder, rig: Rig) -> None:
    """Read, submit, deliver, whatever of that was not done; in the next page where this one dies."""
    tab = rig.tab
    await there.until(lambda: tab.life.dead or read(there))
    if not tab.life.dead and there.queued():
        with contextlib.suppress(asyncio.CancelledError):  # it dies while the button works
            await tab.submit()
    await there.until(lambda: tab.life.dead or all_are(there, "delivered")())
    if tab.life.dead:
        await tab.close()
        there.crash_at = None
        await on_with_it(there, folder, Rig(await there.tab(), Receiver(), folder=folder).start())


@pytest.mark.slow
async def test_a_page_that_dies_at_any_step() -> None:
    """Of reading, of writing results, of recording them: every request goes once, and every result stands in the file once."""
    count, over = 0, False
    while not over:
        there = World()
        folder = MemoryFolder()
        rig = await rig_of(there, folder)
        begun = len(there.steps)
        folder.drop("a.jsonl", text(line("1"), b"{no", line("2"), line("1")))
        there.crash_at = begun + count
        await on_with_it(there, folder, rig)
        await there.rest()
        over = there.crash_at is not None
        step = there.steps[begun + count] if not over else "the end"
        assert sorted(ids(folder.files["a.results.jsonl"])) == ["1", "2"], step
        assert [json.loads(one)["line"] for one in folder.files["a.problems.jsonl"].splitlines()] == [2, 4], step
        assert sorted(id.partition("~")[0] for id in await there.paid()) == ["1", "2"], step
        await there.close()
        count += 1
    assert count > 15


@pytest.mark.parametrize(("name", "count"), [("array", 2), ("pretty", 2)])
async def test_a_file_whose_requests_are_not_one_a_line_is_taken(world: World, name: str, count: int) -> None:
    """One array, or objects over several lines: each request is taken once, and nothing is refused."""
    folder = MemoryFolder()
    await rig_of(world, folder)
    folder.drop("a.jsonl", (LINES / f"{name}.jsonl").read_bytes())
    await world.until(lambda: read(world))
    drop = (await dropped(world))["a.jsonl"]
    assert (drop.taken, drop.refused, len(world.queued())) == (count, 0, count)


async def test_lines_of_other_services_are_named_and_taken_when_the_person_wants_it(world: World) -> None:
    """The file of problems says what each is; those that say the same as a line of ours are counted, and taken once they are to be
    converted. What was taken stays taken, and is not told as a duplicate."""
    folder = MemoryFolder()
    rig = await rig_of(world, folder)
    folder.drop("a.jsonl", line("mine") + b"\n" + (LINES / "foreign-shapes.jsonl").read_bytes())
    await world.until(lambda: read(world))
    drop = (await dropped(world))["a.jsonl"]
    assert (drop.taken, drop.refused, drop.mendable) == (1, 7, 3)
    problems = [json.loads(one) for one in folder.files["a.problems.jsonl"].splitlines()]
    assert "Anthropic" in problems[0]["detail"]
    assert [one["line"] for one in problems] == [2, 3, 4, 5, 6, 7, 8]
    await rig.watcher.mend("a.jsonl")
    await world.until(lambda: read(world) and len(world.queued()) == 4)
    drop = (await dropped(world))["a.jsonl"]
    assert (drop.taken, drop.refused, drop.mendable) == (4, 4, 0)
    assert [json.loads(one)["line"] for one in folder.files["a.problems.jsonl"].splitlines()] == [3, 4, 5, 8]


async def test_a_file_of_bad_lines_is_taken_line_by_line(world: World) -> None:
    """A byte order mark, CR LF, blank lines, what is no object, halves and other encodings: the good lines are queued, each other one is
    told with its number."""
    folder = MemoryFolder()
    await rig_of(world, folder)
    folder.drop("a.jsonl", (LINES / "hostile.jsonl").read_bytes())
    await world.until(lambda: read(world))
    problems = [json.loads(one) for one in folder.files["a.problems.jsonl"].splitlines()]
    assert [one["line"] for one in problems] == [4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 16]
    assert all(one["detail"] and "`" not in one["detail"] for one in problems)
    assert len(world.queued()) == 4
