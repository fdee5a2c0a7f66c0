"""The same rows asked in several ways, as a person compares them: counts in the headers, order, differences, and votes cast blind."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.core.model.votes import BlindVotes
from app.ports.compute import Finished, JobKind
from app.services.results.compare_jobs import ComparedAsked
from tests.kit.screen import Visit, name_of
from tests.unit.ui.conftest import Open
from tests.unit.ui.plan.test_plan import ended, prompted


async def settled(visit: Visit) -> None:
    await visit.until(lambda: visit.state.results.comparing.window is not None and not visit.state.results.doing)
    await visit.rest()


async def compared(tabs: Open) -> Visit:
    """Four rows, each answered by two models, in the comparison."""
    visit = await tabs()
    await visit.use_openai()
    id = await prompted(visit)
    await visit.type("Also by these models", "gpt-4o")
    await visit.click("Check 4 rows")
    await ended(visit)
    await visit.click("Add 8 requests to queue")
    await ended(visit)
    for _ in range(2):
        await visit.go("#/queue")
        await visit.rest()
        await visit.click("Submit 4", 0)
        await visit.rest()
    await visit.wait(400)
    await visit.go(f"#/results/table/{id}")
    await visit.until(lambda: visit.state.results.window is not None and not visit.state.results.doing)
    await visit.click("Compare")
    await settled(visit)
    return visit


@pytest.mark.slow
async def test_rows_are_compared_and_voted_on(tabs: Open) -> None:
    """Arms with their counts; what differs is marked; a row opens at an address; keys vote with no name in sight, and votes are stored."""
    visit = await compared(tabs)
    window = visit.state.results.comparing.window
    assert window is not None
    assert [arm.title for arm in window.arms] == ["gpt-4o-mini", "gpt-4o"]
    assert (window.total, len(window.items), window.lines) == (4, 4, (1, 1))
    assert "4 of 4 answers" in visit.text
    assert len(visit.dom.classed("compare-line")) == 8
    await visit.choose("What is compared", "answer")
    await settled(visit)
    assert "m=answer" in visit.page.route
    await visit.click("Worst first")
    await settled(visit)
    await visit.check("Differences", True)
    await settled(visit)
    assert "d=1" in visit.page.route
    opens = next(one for one in visit.reach.of("button") if name_of(one).startswith("Open row 1, answered "))
    await visit.emit(opens, "click", "")
    await settled(visit)
    await visit.until(lambda: visit.state.results.comparing.item is not None)
    await visit.rest()
    (peek,) = visit.dom.classed("peek")
    assert "gpt-4o-mini" in peek.text
    await visit.press(peek, "Escape")
    await settled(visit)
    assert visit.dom.classed("peek") == []
    await visit.click("Vote blind")
    await visit.until(lambda: visit.state.results.comparing.blind is not None and visit.state.results.comparing.blind.left is not None)
    await visit.rest()
    for key in ("1", "2", "0"):
        (card,) = visit.dom.classed("blind")
        assert "gpt-4o" not in card.text
        await visit.press(card, key)
        await visit.until(lambda: visit.state.results.comparing.blind is not None and not visit.state.results.comparing.blind.looking)
        await visit.rest()
    (stored,) = await visit.app.services.records.all(BlindVotes)
    assert sorted(stored.value.votes.values()).count("tie") == 1
    assert len(stored.value.votes) == 3
    await visit.click("Show the verdict")
    assert "Undecided: the difference may be due to chance." in visit.text
    assert "neither: 1" in visit.text
    await visit.click("Delete these votes")
    await visit.rest()
    assert "3 votes taken back." in visit.toasts[-1]
    await visit.click("Undo")
    await visit.rest()
    (stored,) = await visit.app.services.records.all(BlindVotes)
    assert len(stored.value.votes) == 3
    await visit.click("End voting")
    await visit.click("As a table")
    await visit.until(lambda: visit.state.results.window is not None and not visit.state.results.doing)
    assert "a=" not in visit.page.route


@pytest.mark.slow
async def test_a_long_comparison_says_how_far_it_is_and_is_stopped_by_another(tabs: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is chosen meanwhile is compared in its place, and the table stops it as well."""
    visit = await compared(tabs)
    compute = visit.app.services.compute
    run, stopped = compute.run, []

    async def slow(kind: JobKind[Any, Any], arguments: Any, **more: Any) -> Finished[Any]:
        """A comparison by the length of answers says that it is at three eighths, and goes no further."""
        if isinstance(arguments, ComparedAsked) and arguments.compare.metric == "length":
            more["moved"](3, 8)
            try:
                await asyncio.Event().wait()
            finally:
                stopped.append(kind.name)
        return await run(kind, arguments, **more)

    monkeypatch.setattr(compute, "run", slow)
    await visit.choose("What is compared", "length")
    await visit.until(lambda: "Comparing: 37 %" in visit.text)
    await visit.choose("What is compared", "cost")
    await settled(visit)
    assert len(stopped) == 1
    assert visit.state.results.comparing.window is not None
    assert visit.state.results.comparing.window.metric == "cost"
    await visit.choose("What is compared", "length")
    await visit.until(lambda: "Comparing: 37 %" in visit.text)
    await visit.click("As a table")
    await visit.until(lambda: visit.state.results.window is not None and not visit.state.results.doing)
    assert len(stopped) == 2
