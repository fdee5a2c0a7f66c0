"""Rows that were answered already, as the page shows them."""

from __future__ import annotations

import pytest

from tests.unit.ui.conftest import Open
from tests.unit.ui.plan.test_plan import checked, ended


@pytest.mark.slow
async def test_answered_requests_are_left_out_by_a_press(tabs: Open) -> None:
    """Their number, where the answers are and what they would cost stand there; a press leaves them out, another asks them again."""
    visit = await tabs()
    id = await checked(visit)
    await visit.click("Add 4 requests to queue")
    await ended(visit)
    await visit.go("#/queue")
    await visit.click("Submit 4")
    await visit.wait(60)
    assert [one.state for one in visit.state.batches.all] == ["done"]
    await visit.go(f"#/data/{id}/check")
    await visit.click("Check 4 rows again")
    await ended(visit)
    assert "4 requests were answered already." in visit.text
    assert "Once more costs about $" in visit.text
    await visit.click("Leave them out")
    await ended(visit)
    assert "4 requests were answered already, and are left out." in visit.text
    assert visit.button("Add no requests to queue")["title"] == "Every request was answered already."
    await visit.type("Times each row is asked", "2")
    await visit.click("Check 4 rows again")
    await ended(visit)
    await visit.click("Add 4 requests to queue")
    await ended(visit)
    assert "4 requests answered already were left out." in visit.text
    await visit.click("Ask them again")
    await ended(visit)
    assert "8 requests can be sent" in visit.text
