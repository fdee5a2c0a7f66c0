"""Listings: what is not on them is not there only if they were read to their end."""

from __future__ import annotations

import msgspec
import pytest

from app.core.model.batches import Batch
from app.core.model.providers import Profile
from app.core.openai.accounts import KnownKey
from app.core.openai.problems import Refused
from app.core.openai.wire import Request, Response
from app.ports import Stream
from app.services.provider.client import Provider
from tests.fakes.http import Dropped
from tests.kit.world import LANE, World

BATCH = Batch(id="b1", lane=LANE, created=1_000_000.0, size=10)


class Pages:
    """Answers every listing with a page of two entries of these times; it ends after ``count`` pages (0: never)."""

    def __init__(self, count: int, times: tuple[float, float], *, ours_on: int = 0, turns: bool = True) -> None:
        self.count, self.times, self.ours_on, self.turns, self.asked = count, times, ours_on, turns, 0

    async def send(self, request: Request, *, progress: object = None) -> Response:
        self.asked += 1
        n = self.asked if self.turns else 1
        data = [{"id": f"{n}-{i}", "created_at": time} for i, time in enumerate(self.times)]
        if self.asked == self.ours_on:
            data[0] |= {"metadata": {"nightshift": "b1"}, "filename": "nightshift-b1.jsonl", "bytes": 10}
        return Response(200, {}, msgspec.json.encode({"data": data, "has_more": self.asked != self.count}))

    async def stream(self, request: Request) -> Stream:
        raise AssertionError(request.url)


async def find(what: str, pages: Pages) -> object:
    provider = Provider(pages, Profile(id="openai", name="OpenAI"), "sk-0123", KnownKey(id="k", accounts=("a",)))
    return await (provider.find_file(BATCH) if what == "file" else provider.find_batch(BATCH))


@pytest.mark.parametrize("what", ["file", "batch"])
async def test_ours_is_found_on_a_later_page_of_a_listing_that_begins_with_the_oldest(what: str) -> None:
    """Old entries on the first page end the search only where the newest come first."""
    assert await find(what, Pages(5, (1.0, 2.0), ours_on=4)) is not None


@pytest.mark.parametrize("what", ["file", "batch"])
async def test_old_entries_end_the_search_where_the_newest_come_first(what: str) -> None:
    """Ours cannot follow what is a day older."""
    pages = Pages(5, (2.0, 1.0))
    assert await find(what, pages) is None
    assert pages.asked == 1


@pytest.mark.parametrize("what", ["file", "batch"])
@pytest.mark.parametrize("turns", [True, False])
async def test_a_listing_without_an_end_leaves_the_doubt(what: str, turns: bool) -> None:
    """Neither too many pages nor the same page again and again mean that ours is not there."""
    with pytest.raises(Refused) as caught:
        await find(what, Pages(0, (2_000_000.0, 2_000_000.0), turns=turns))
    assert caught.value.problem.code == "endless_listing"
    assert caught.value.problem.retry


async def _run_with_a_twin(world: World, *failures: tuple[str, Dropped]) -> list[str]:
    tab = await world.tab()
    await tab.add(3)
    world.http.twice.add("create")
    for call, failure in failures:
        world.http.fail(call, failure)
    await tab.submit()
    await world.ended()
    assert world.batch().state == "done"
    assert world.batch().tally.answered == 3
    assert any("arrived twice" in moment.note for moment in world.batch().timeline)
    return sorted("cancelled" if one.cancel_at is not None else "ran" for one in world.remote())


async def test_a_call_that_arrived_twice_costs_once(world: World) -> None:
    """Chromium sends a POST again by itself when a connection that it used before breaks: two batches, one answer. The other is
    cancelled."""
    assert await _run_with_a_twin(world) == ["cancelled", "ran"]


async def test_a_twin_is_looked_for_until_looking_worked(world: World) -> None:
    """A listing that fails right after the create is made again with the next look at the batch."""
    assert await _run_with_a_twin(world, ("list", Dropped())) == ["cancelled", "ran"]


async def test_a_twin_whose_cancelling_failed_is_cancelled_later(world: World) -> None:
    """The second batch is not forgotten because one call broke."""
    assert await _run_with_a_twin(world, ("cancel", Dropped())) == ["cancelled", "ran"]
