"""Answer files on their way here: whole, or fetched again from their beginning."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import pipeline, retry
from app.practice.traps import Rule, Trap
from app.services.ledgers import Ledgers, answer_id
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
    return Answered(200, json.dumps({"id": "file-x", "object": "file", "bytes": size, "expires_at": 1_800_000_000}).encode())


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


async def test_trap_11_the_rest_of_a_broken_download_is_not_asked_for(world: World) -> None:
    """A page may send only two headers, so there is no ``Range``: it begins anew."""
    world.http.fail("download", Halfway(100))
    await finished(world)
    sent = {name for request in world.http.requests for name in request.headers}
    assert sent == {"Authorization", "Content-Type"}
    assert world.batch().tally.answered == 20


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
    assert batch.tally.missing == 20 - batch.tally.answered
    assert pipeline.can_fetch_again(batch)
    wish = await Ledgers(tab.records, tab.clock).lacking(batch)
    assert wish is not None
    await tab.engine.wish(batch.id, wish)
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
    await tab.engine.wish(world.batch().id, pipeline.TryNow())
    await world.rest()
    assert world.batch().state == "done"


async def test_nothing_is_left_of_a_longer_try(world: World) -> None:
    """A try that brought too much leaves no part behind in the browser."""
    tab = await world.tab()
    await tab.add(5)
    await tab.submit()
    await world.until(lambda: world.batch().remote is not None)
    for n in range(4):
        world.disk.bytes[answer_id(world.batch().id, "output", n)] = b"left over\n"
    await world.ended()
    assert len([id for id in world.disk.bytes if id.startswith("answer:")]) == world.batch().fetched[0].segments
    world.check_stored()


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
        assert batch.tally.answered + batch.tally.missing == 6
        assert pipeline.can_fetch_again(batch) if batch.problem else batch.tally.answered == 6
        del tab
        await world.close()
        world.check_failures()

    asyncio.run(live())
