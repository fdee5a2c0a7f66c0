"""The tokens of all requests are counted while the price of a sample is shown."""

from __future__ import annotations

import asyncio

import pytest

from app.ports import LibraryMissing
from app.services.planning import check_job
from tests.kit.screen import Visit
from tests.unit.services.planning.test_planning import WordTokenizers
from tests.unit.ui.conftest import Open
from tests.unit.ui.plan.test_plan import checked


async def sampled(tabs: Open, monkeypatch: pytest.MonkeyPatch, tokenizers: WordTokenizers) -> Visit:
    """A plan of four rows of which two were counted."""
    monkeypatch.setattr(check_job, "SAMPLE", 2)
    visit = await tabs()
    await visit.use_openai()
    visit.app.services.planning()._tokenizers = lambda: tokenizers
    await checked(visit)
    return visit


async def counted(visit: Visit) -> None:
    await visit.until(lambda: not visit.state.plan.counting.doing)
    await visit.rest()


async def test_the_exact_figure_takes_the_place_of_the_samples(tabs: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself, and nothing else waits for it."""
    visit = await sampled(tabs, monkeypatch, WordTokenizers())
    await counted(visit)
    assert "tokens counted in every request" in visit.text
    assert "sample" not in visit.text
    (price,) = visit.state.plan.prices
    # «Rate» and 1, 3, 2 and 1 words of the rows, and 7 around each
    assert (price.batch.input_tokens, price.batch.input_error) == (4 * 7 + 4 + 7, 0)


async def test_it_can_be_stopped_and_begun_again(tabs: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the sample stays, with its error."""
    gate = asyncio.Event()

    class Slow(WordTokenizers):
        async def counts_in(self, *given: object) -> list[int]:
            await gate.wait()
            return await super().counts_in(*given)  # type: ignore[arg-type]

    visit = await sampled(tabs, monkeypatch, Slow())
    await visit.until(lambda: visit.has("Stop counting"))
    assert "all requests are being counted" in visit.text
    assert visit.has("Add 4 requests to queue")
    await visit.click("Stop counting")
    await counted(visit)
    assert "Stopped: only the tokens of a sample were counted." in visit.text
    assert "tokens counted in 2 of 4 requests" in visit.text
    gate.set()
    await visit.click("Count all requests")
    await counted(visit)
    assert "tokens counted in every request" in visit.text


async def test_a_counter_that_fails_is_said(tabs: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the sample's figures stay."""

    class Broken(WordTokenizers):
        async def counts_in(self, *_given: object) -> list[int]:
            raise LibraryMissing("The tokens could not be counted: their counter stopped.")

    visit = await sampled(tabs, monkeypatch, Broken())
    await counted(visit)
    assert "Only a sample was counted. The tokens could not be counted: their counter stopped." in visit.text
    assert "tokens counted in 2 of 4 requests" in visit.text
    assert visit.has("Count all requests")
