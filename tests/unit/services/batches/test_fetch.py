"""Answer files on their way here: whole, or the rest is asked for, or all once more."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.base import retry
from app.core.batches import pipeline
from app.core.model import keys
from app.practice.traps import Rule, Trap
from app.services.batches.fetch import OVERLAP
from app.services.batches.ledgers import Ledgers
from tests.fakes.http import Answered, Dropped, Halfway
from tests.kit.world import PRACTICE_LANE, Tab, World


async def finished(world: World, count: int = 20, tab: Tab | None = None) -> Tab:
    tab = tab or await world.tab()
    await tab.add(count)
    await tab.submit()
    await world.ended()
    world.check_stored()
    return tab


def says(size: object) -> Answered:
    """What the provider says of a file."""
    return Answered(200, json.dumps({"id": "ID", "object": "file", "bytes": size, "expires_at": 1_800_000_000}).encode())


async def test_an_upload_that_is_pending_at_first_is_waited_for() -> None:
    """As the practice provider does it, so that it can be tried."""
    world = World(Trap.FILE_PENDING)
    await finished(world)
    assert (world.batch().state, world.batch().tally.answered) == ("done", 20)
    assert (world.http.calls["upload"], world.http.calls["create"]) == (1, 1)
    await world.close()
    world.check_failures()


@pytest.mark.parametrize(
    ("trap", "downloads"),
    [(Trap.DOWNLOAD_502, 2), (Trap.DOWNLOAD_BREAKS_HALFWAY, 2), (Trap.DOWNLOAD_ENDS_EARLY, 2), (Trap.FILE_SIZE_UNKNOWN, 1)],
)
async def test_trap_12_a_download_that_fails_or_breaks_half_way_is_made_again(trap: Trap, downloads: int) -> None:
    """Whether it is refused, breaks off, or ends as if that were all: nothing is reconciled before the file is whole."""
    world = World(trap)
    await finished(world)
    assert (world.batch().state, world.batch().tally.answered) == ("done", 20)
    assert world.http.calls["download"] == downloads
    assert world.batch().problem is None
    await world.close()
    world.check_failures()


# --- the rest of a download -----------------------------------------------------------------------------------------------------


def padded(data: bytes) -> bytes:
    """The same lines, each some 250 kB long and nowhere the same twice."""
    filler = b"".join(b"%06d," % n for n in range(36_000))
    return b"".join(line[:-2] + b',"pad":"' + filler + b'"}\n' for line in data.splitlines(keepends=True))


async def large(world: World) -> Tab:
    """A batch whose output file has several segments."""
    world.http.grown = padded
    tab = await world.tab()
    await tab.add(20)
    await tab.submit()
    return tab


def whole_of(world: World) -> int:
    return world.batch().fetched[0].size


async def test_the_rest_of_a_broken_download_is_asked_for(world: World) -> None:
    """From the last bytes that are here on, which are compared; nothing else comes twice."""
    world.http.ranges = lambda start: start
    for after in (1_700_000, 1_300_000, 900_000):
        world.http.fail("download", Halfway(after))
    await large(world)
    await world.ended()
    batch = world.batch()
    assert (batch.state, batch.tally.answered, batch.problem) == ("done", 20, None)
    assert world.http.calls["download"] == 4
    asked = [request.headers.get("Range", "") for request in world.http.requests if request.url.endswith("/content")]
    assert asked == ["", f"bytes={1_700_000 - OVERLAP}-", f"bytes={3_000_000 - 2 * OVERLAP}-", f"bytes={3_900_000 - 3 * OVERLAP}-"]
    assert world.http.came == whole_of(world) + 3 * OVERLAP
    assert {name for request in world.http.requests for name in request.headers} == {"Authorization", "Content-Type", "Range"}
    world.check_stored()


async def test_what_came_counts_after_a_reload(world: World) -> None:
    """Whole segments of a page that died half-way, and all bytes of one whose connection broke."""
    world.http.ranges = lambda start: start
    world.http.fail("download", Halfway(3_300_000))
    world.http.fail("download", Dropped("unreachable"), 3)
    tab = await large(world)
    await world.until(lambda: world.http.calls["download"] == 2)
    await world.reload(tab)
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered) == ("done", 20)
    assert world.http.came == whole_of(world) + OVERLAP
    world.check_stored()


async def test_a_provider_that_ignores_the_wish_sends_all_and_that_is_taken(world: World) -> None:
    """A 200 in place of a 206 means: from the beginning."""
    world.http.fail("download", Halfway(1_700_000))
    await large(world)
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered, world.batch().problem) == ("done", 20, None)
    assert world.http.calls["download"] == 2
    world.check_stored()


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [lambda start: start - 7, lambda start: start + 7, lambda _start: 0, lambda start: start + 10**9])
async def test_a_rest_that_does_not_fit_makes_the_download_begin_anew(world: World, wrong: Any) -> None:
    """Bytes from elsewhere, whatever the status says: the file is whole and right all the same."""
    world.http.ranges = wrong
    world.http.fail("download", Halfway(1_700_000))
    await large(world)
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered, world.batch().tally.damaged) == ("done", 20, 0)
    world.check_stored()


@pytest.mark.slow
async def test_a_server_that_breaks_and_lies_is_not_asked_without_a_pause(world: World) -> None:
    """Wrong rests and breaks at one place for ever: it is tried after growing waits, and what is said of it stays."""
    world.http.ranges = lambda start: start - 7
    world.http.fail("download", Halfway(1_700_000), math.inf)
    await large(world)
    await world.until(lambda: world.batch().tries >= 3)
    assert world.http.calls["download"] <= 12
    assert world.batch().problem is not None
    assert world.batch().problem.code == "broken"  # type: ignore[union-attr]  # asserted above
    world.http.heal()
    await world.ended()
    assert world.batch().tally.answered == 20
    world.check_stored()


async def test_another_etag_makes_the_download_begin_anew(world: World) -> None:
    """The file is another one now, though it is as long."""
    tags = iter(["one", "two", "two", "two"])
    world.http.ranges, world.http.etag = lambda start: start, lambda: next(tags)
    world.http.fail("download", Halfway(1_700_000))
    await large(world)
    await world.ended()
    asked = [request.headers.get("Range", "") for request in world.http.requests if request.url.endswith("/content")]
    assert asked == ["", f"bytes={1_700_000 - OVERLAP}-", ""]
    assert (world.batch().state, world.batch().tally.answered) == ("done", 20)
    world.check_stored()


async def test_another_size_makes_the_download_begin_anew(world: World) -> None:
    """What was kept is of a file that was shorter."""
    world.http.ranges = lambda start: start
    world.http.fail("download", Halfway(1_700_000))
    world.http.fail("download", Dropped("unreachable"))
    world.http.fail("file", says(4_000_000))
    await large(world)
    await world.ended()
    asked = [request.headers.get("Range", "") for request in world.http.requests if request.url.endswith("/content")]
    assert asked == ["", f"bytes={1_700_000 - OVERLAP}-", ""]
    assert (world.batch().state, world.batch().tally.answered) == ("done", 20)


async def test_a_server_that_refuses_ranges_is_asked_for_the_whole_file(world: World) -> None:
    """After some refusals; nothing stays half."""
    world.http.ranges = lambda start: start
    world.http.fail("download", Halfway(1_700_000))
    world.http.fail("download", Dropped("blocked"), 2)
    await large(world)
    await world.ended()
    asked = [request.headers.get("Range", "") for request in world.http.requests if request.url.endswith("/content")]
    assert asked == ["", *[f"bytes={1_700_000 - OVERLAP}-"] * 2, ""]
    assert (world.batch().state, world.batch().tally.answered) == ("done", 20)


@pytest.mark.slow
async def test_an_outage_costs_nothing_of_what_came(world: World) -> None:
    """However long nobody answers, the rest is asked for and no more."""
    world.http.ranges = lambda start: start
    world.http.fail("download", Halfway(2_700_000))
    world.http.fail("download", Dropped("unreachable"), 15)
    await large(world)
    await world.ended()
    assert world.http.came == whole_of(world) + OVERLAP
    assert world.batch().tally.answered == 20


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 2_500_000), max_size=6),
    st.sampled_from([None, lambda start: start, lambda start: start - 1, lambda _start: 0]),
    st.booleans(),
)
def test_however_a_download_is_cut_the_file_is_the_providers(cuts: list[int], ranges: Any, early: bool) -> None:
    """Any row of breaks, honest, dishonest or no ranges, an early end: what is stored is the file, byte for byte, cut at line ends."""
    import asyncio

    async def live() -> None:
        world = World(*[Rule(Trap.DOWNLOAD_ENDS_EARLY, times=1)] if early else [])
        world.http.ranges = ranges
        for cut in cuts:
            world.http.fail("download", Halfway(cut))
        whole: list[bytes] = []

        def grown(data: bytes) -> bytes:
            made = padded(data)
            if len(data.splitlines()) == 20:
                whole[:] = [made]
            return made

        world.http.grown = grown
        tab = await world.tab()
        await tab.add(20)
        await tab.submit()
        await world.ended()
        batch = world.batch()
        assert batch.tally.answered == 20
        parts = [world.disk.bytes[keys.answer_id(batch.id, "output", n)] for n in range(batch.fetched[0].segments)]
        assert b"".join(parts) == whole[0]
        assert all(part.endswith(b"\n") for part in parts)
        world.check_stored()
        await world.close()
        world.check_failures()

    asyncio.run(live())


@pytest.mark.slow
@pytest.mark.parametrize("damage", [b"", b"{", b"null", b'{"file":"other"}', b"[" * 5_000, b'{"file":7}'])
async def test_a_damaged_mark_costs_the_download_and_nothing_else(world: World, damage: bytes) -> None:
    """It is fetched from its beginning."""
    world.http.ranges = lambda start: start
    world.http.fail("download", Halfway(1_700_000))
    world.http.fail("download", Dropped("unreachable"))
    await large(world)
    await world.until(lambda: world.http.calls["download"] == 2)
    world.disk.bytes[keys.mark_id(world.batch().id, "output")] = damage
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered) == ("done", 20)
    world.check_stored()


async def test_the_size_and_the_end_of_a_file_are_kept(world: World) -> None:
    """And the page is told of how many bytes there are from the first piece on."""
    tab = await finished(world)
    (file,) = world.batch().fetched
    assert file.expected == file.size > 0
    assert file.expires > world.clock.now() + 29 * 86_400
    told = [(done, total) for _id, step, done, total in tab.moves if step == "fetched"]
    assert told
    assert {total for _done, total in told} == {file.size}


async def test_a_file_in_practice_is_checked_as_well() -> None:
    """The provider in the page may be told to end early, too."""
    world = World()
    world.prefer(practice_traps=(Trap.DOWNLOAD_ENDS_EARLY.value,), practice_speed=0.0)
    tab = await world.tab()
    await tab.add(10, PRACTICE_LANE)
    await tab.submit(PRACTICE_LANE)
    await world.ended()
    assert (world.batch().state, world.batch().tally.answered) == ("done", 10)
    assert tab.practice.brain.calls["download"] == 2
    world.check_stored()
    await world.close()
    world.check_failures()


@pytest.mark.parametrize("unknown", [says(None), says(0), says("?"), Answered(404), Answered(500), Dropped("broken")])
async def test_a_size_that_is_not_said_holds_nothing_up(world: World, unknown: Answered | Dropped) -> None:
    """Providers that have no such call, or leave the figure out, are taken at the word of the connection."""
    world.http.fail("file", unknown, 10)
    await finished(world)
    assert (world.batch().state, world.batch().tally.answered) == ("done", 20)
    assert world.batch().fetched[0].expected == 0


@pytest.mark.parametrize("times", [1, retry.MISSING_FILE - 1])
@pytest.mark.parametrize("size", [7, 10_000_000])
async def test_a_wrong_size_is_fetched_again(world: World, times: int, size: int) -> None:
    """Too much as well as too little, after growing waits; when it fits, nothing is left of it."""
    world.http.fail("file", says(size), times)
    await finished(world)
    assert world.http.calls["download"] == times + 1
    assert (world.batch().state, world.batch().tally.answered, world.batch().problem) == ("done", 20, None)


async def test_a_size_that_never_fits_is_said_and_nothing_counts_as_not_run() -> None:
    """After some tries what came is kept; the file is known not to be whole, so that it can be fetched again, for nothing."""
    world = World(Rule(Trap.DOWNLOAD_ENDS_EARLY, times=retry.MISSING_FILE))
    tab = await finished(world)
    batch = world.batch()
    assert batch.state == "done"
    assert batch.problem is not None
    assert batch.problem.code == "file_size"
    assert batch.fetched[0].lost
    assert 0 < batch.tally.answered < 20
    assert batch.tally.missing + batch.tally.unfound == 20 - batch.tally.answered
    assert pipeline.can_fetch_again(batch)
    command = await Ledgers(tab.records, tab.clock).lacking(batch)
    assert command is not None
    await tab.engine.command(batch.id, command)
    await world.ended()
    assert world.batch().tally.answered == 20
    assert world.batch().problem is None
    world.check_stored()
    await world.close()
    world.check_failures()


async def test_the_person_need_not_wait_for_the_next_try(world: World) -> None:
    """«Try now» fetches at once."""
    world.http.fail("file", says(7), 3)
    tab = await world.tab()
    await tab.add(5)
    await tab.submit()
    await world.until(lambda: world.batch().tries == 3)
    await tab.engine.command(world.batch().id, pipeline.TryNow())
    await world.rest()
    assert world.batch().state == "done"


async def test_nothing_is_left_of_a_longer_try(world: World) -> None:
    """A try that brought too much leaves no part behind in the browser."""
    tab = await world.tab()
    await tab.add(5)
    await tab.submit()
    await world.until(lambda: world.batch().remote is not None)
    for n in range(4):
        world.disk.bytes[keys.answer_id(world.batch().id, "output", n)] = b"left over\n"
    await world.ended()
    assert len([id for id in world.disk.bytes if id.startswith("answer:")]) == world.batch().fetched[0].segments
    world.check_stored()


@pytest.mark.slow
@given(st.lists(st.sampled_from(["short", "broken", "502", "size", "gone"]), max_size=8))
def test_whatever_breaks_the_answers_are_whole_in_the_end(faults: list[str]) -> None:
    """Any row of failures that comes to an end: all answers are here, or the batch says that they are not."""
    import asyncio

    async def live() -> None:
        rules = [
            Rule(Trap.DOWNLOAD_ENDS_EARLY if one == "short" else Trap.DOWNLOAD_502, times=1) for one in faults if one in ("short", "502")
        ]
        world = World(*rules)
        for one in faults:
            if one == "broken":
                world.http.fail("download", Halfway(50))
            elif one == "size":
                world.http.fail("file", says(3))
            elif one == "gone":
                world.http.fail("download", Answered(404, b'{"error": {"message": "No such File object"}}'))
        tab = await finished(world, 6)
        batch = world.batch()
        assert batch.tally.answered + batch.tally.missing + batch.tally.unfound == 6
        assert pipeline.can_fetch_again(batch) if batch.problem else batch.tally.answered == 6
        del tab
        await world.close()
        world.check_failures()

    asyncio.run(live())
