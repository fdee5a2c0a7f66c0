"""Large files of answers are written to a place that the person chooses, as they are made."""

from __future__ import annotations

import asyncio

import pytest

from app.ui.results import take_handlers
from tests.fakes.platform import MemoryPlace
from tests.kit.screen import Visit
from tests.unit.ui.results.test_taking import written
from tests.unit.ui.submitting import NUMBERS, ended

pytestmark = pytest.mark.slow


@pytest.fixture
async def large(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Six answers, which count as many, in a browser that asks where a file is to lie."""
    monkeypatch.setattr(take_handlers, "LARGE", 5)
    await ended(visit)
    visit.page.asks_where = True
    await visit.click("Download answers")
    return visit


async def test_a_large_file_is_written_where_the_person_wants_it(large: Visit) -> None:
    """And is no download beside it."""
    large.page.place = MemoryPlace("mine.csv")
    await large.click("Download")
    await written(large)
    assert large.page.place.content is not None
    assert len(large.page.place.content.splitlines()) == 1 + len(NUMBERS)
    assert not large.page.saved
    assert "mine.csv: 6 rows" in large.reach.text


async def test_who_chooses_no_place_gets_no_file(large: Visit) -> None:
    """Nothing is said either: they know."""
    await large.click("Download")
    await large.rest()
    assert not large.page.saved
    assert "Saved" not in large.reach.text


async def test_what_was_begun_goes_where_it_is_stopped_or_cannot_be_written(large: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place is left, and the dialog says why."""
    large.page.place = full = MemoryPlace("mine.csv", full=True)
    await large.click("Download")
    await written(large)
    assert (full.left, full.content) == (True, None)
    assert "The disk is full." in large.reach.text
    large.page.place = stopped = MemoryPlace("mine.csv")

    async def held(*_given: object, **_more: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(large.app.services.compute, "run", held)
    await large.click("Download")
    await large.click("Stop")
    await written(large)
    assert (stopped.left, stopped.content) == (True, None)
    assert "No file was saved." in large.reach.text


async def test_a_browser_that_asks_for_no_place_downloads(large: Visit) -> None:
    """As it does with small files."""
    large.page.asks_where = False
    await large.click("Download")
    await written(large)
    assert large.page.saved
