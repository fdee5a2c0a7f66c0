"""From a version of a prompt to the batches that it was sent in, and from a batch back to its table."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.core.model.batches import Batch
from app.core.model.segments import Segment
from app.core.model.sendings import QueuedRows, SentVariant
from tests.kit.screen import Visit
from tests.unit.ui.conftest import Open
from tests.unit.ui.templates.test_prompt import opened

REVIEWS = b"id,review\na,Fine\nb,Too long\nc,Good\n"


async def added(visit: Visit, text: str) -> None:
    """The open table's rows come into the queue with this prompt."""
    id = visit.state.route.id
    await visit.go(f"#/data/{id}/prompt")
    await visit.rest()
    await visit.type("Text of message 1", text)
    await visit.type("Model", "gpt-4o-mini")
    await visit.go(f"#/data/{id}/check")
    await visit.rest()
    for words in ("Check 3 rows", "Check 3 rows again"):
        if visit.has(words):
            await visit.click(words)
            break
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()
    await visit.click("Add 3 requests to queue")
    await visit.until(lambda: not visit.state.plan.doing)
    await visit.rest()


def addresses(visit: Visit) -> list[str]:
    return [one["href"] or "" for one in visit.dom.of("a") if one.get("href")]


@pytest.mark.slow
async def test_a_version_leads_to_its_batches_and_a_batch_back(tabs: Open) -> None:
    """Each version to its own; what was put back keeps saying where it is from."""
    visit = await tabs()
    id = await opened(visit, REVIEWS)
    await added(visit, "Rate {{review}}")
    await visit.go(f"#/data/{id}/prompt")
    await visit.rest()
    assert "3 requests added to the queue, in no batch here." in visit.text
    await visit.go("#/queue")
    await visit.rest()
    await visit.click("Submit 3")
    await visit.until(lambda: visit.state.route.view == "batch")
    await visit.rest()
    batch = visit.state.route.id
    await visit.until(lambda: bool(visit.state.batch.origins))
    await visit.rest()
    assert "Rows of reviews, asked by Version 1" in visit.text
    assert {f"#/data/{id}", f"#/data/{id}/prompt"} <= set(addresses(visit))
    await visit.go(f"#/data/{id}")
    await added(visit, "Rate {{review}} kindly")
    await visit.go(f"#/data/{id}/prompt")
    await visit.rest()
    assert addresses(visit).count(f"#/batches/{batch}") == 1
    assert "3 requests added, in 1 batch:" in visit.text
    assert "in no batch here" in visit.text
    records = visit.app.services.records
    (stored,) = [one.value for one in await records.all(Batch)]
    known = {one.id for one in visit.state.prompt.sent}
    assert len(known) == 2
    assert set(stored.additions) <= known
    assert {one.value.addition for one in await records.all(Segment)} == known
    first, second = sorted((one.value for one in await records.all(QueuedRows)), key=lambda one: one.id not in stored.additions)
    await records.save(replace(first, variants=(SentVariant(""), SentVariant("kindly", second.template_version))))
    await visit.go("#/data")
    await visit.go(f"#/data/{id}/prompt")
    await visit.rest()
    assert addresses(visit).count(f"#/batches/{batch}") == 2  # the second version was one of the ways in which the first was sent
    assert "Among 3 requests added, in 1 batch:" in visit.text
    assert "Among 6 requests added, in 1 batch:" in visit.text


async def test_a_batch_of_a_table_that_is_gone_says_so(tabs: Open) -> None:
    """Nothing leads to where nothing is."""
    visit = await tabs()
    id = await opened(visit, REVIEWS)
    await added(visit, "Rate {{review}}")
    await visit.go("#/queue")
    await visit.rest()
    await visit.click("Submit 3")
    await visit.until(lambda: visit.state.route.view == "batch")
    await visit.rest()
    batch = visit.state.route.id
    await visit.go("#/data")
    await visit.click("Delete reviews")
    await visit.go(f"#/batches/{batch}")
    await visit.until(lambda: bool(visit.state.batch.origins))
    await visit.rest()
    assert "Rows of a table that is no longer here" in visit.text
    assert f"#/data/{id}" not in addresses(visit)
