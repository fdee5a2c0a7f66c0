"""Answers held against a column of their table, and judged by a model, as a person does it."""

from __future__ import annotations

import pytest

from app.core.model.judging import Evaluation, Expectation
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.plan.test_plan import checked, ended
from tests.unit.ui.results.test_table import cells, press, settled


async def sent(visit: Visit, id: str, count: int) -> None:
    """Add the checked rows of a table to the queue, submit them, and open their answers."""
    await visit.click(f"Add {count} requests to queue")
    await ended(visit)
    await visit.go("#/queue")
    await visit.click(f"Submit {count}")
    await visit.wait(180)
    await visit.go(f"#/results/table/{id}")
    await settled(visit)


@pytest.mark.slow
async def test_answers_are_expected_and_judged(tabs: Open) -> None:
    """A column says what is right: matches and the figures of labels stand there, and come back with the table. Ticked answers become a
    table with a judge's prompt, which is priced and sent like any; what it says stands beside the answers."""
    visit = await tabs()
    await visit.use_openai()
    id = await checked(visit)
    await sent(visit, id, 4)
    await press(visit, "Agreement")
    await visit.choose("Expected", "heat")
    await settled(visit)
    assert cells(visit, "As expected") == ["✕differs"] * 4
    assert (await visit.app.services.records.get(Expectation, id)).value.column == "heat"  # type: ignore[union-attr]
    assert "They agree in 0.0 % of 4 rows. Cohen's κ is 0.000 (n = 4)." in visit.text
    await visit.choose("Compared with it", "cell:heat")
    await settled(visit)
    assert "They agree in 100.0 % of 4 rows. Cohen's κ is 1.000 (n = 4)." in visit.text
    hot = next(one for one in visit.dom.of("button", "link") if one.get("title") == "Only these: hot for hot: 1")
    await visit.emit(hot, "click")
    await settled(visit)
    assert "1 of 4 rows" in visit.text
    await press(visit, "Clear all")
    await press(visit, "Agreement")
    await visit.check("Select row 1", True)
    await visit.check("Select row 3", True)
    await visit.click("Judge …")
    assert "2 requests of" in visit.reach.text
    await visit.choose("The judge gives", "labels")
    assert visit.button("Prepare 2 requests")["title"] == "Enter at least two labels."
    await visit.choose("The judge gives", "score")
    await visit.click("Prepare 2 requests")
    await visit.until(lambda: visit.state.dialog is None)
    await visit.rest()
    (evaluation,) = [one.value for one in await visit.app.services.records.all(Evaluation)]
    assert visit.page.route == f"#/data/{evaluation.id}/prompt"
    await visit.rest()
    assert "{{heat}}" in visit.field("Text of message 2").value
    await visit.type("Model", "gpt-4o-mini")
    await visit.go(f"#/data/{evaluation.id}/check")
    await visit.rest()
    await visit.click("Check 2 rows")
    await ended(visit)
    await sent(visit, evaluation.id, 2)
    await visit.go(f"#/results/table/{id}")
    await settled(visit)
    scores = cells(visit, "Judge: score")
    assert [bool(one) for one in scores] == [True, False, True, False]
    assert cells(visit, "As expected") == ["✕differs"] * 4
