"""Naming and tagging batches, and finding them by that."""

from __future__ import annotations

import pytest

from app.core.model.batches import Batch
from app.services.batches.delete_batch import Tidy
from tests.kit.screen import Visit, check
from tests.unit.ui.submitting import only


def names(visit: Visit) -> list[str]:
    """The batches that are listed."""
    return [one.text for one in visit.dom.classed("batch-name")]


@pytest.mark.slow
async def test_a_batch_has_a_name_and_tags(visit: Visit) -> None:
    """By its dialog, whatever it does meanwhile; without a name it is called by when it was made. Whoever looks finds it by them."""
    await visit.write("Say hello")
    await visit.type("Prompt name", "Greetings")
    await visit.click("Submit now")
    batch = only(visit)
    await visit.click("Name and tags")
    assert visit.field("Name").value == "Greetings"
    await visit.type("Name", "  Invoices   of May ")
    await visit.type("Tags", "urgent, accounts,urgent")
    await visit.press(visit.field("Tags"), "Enter")
    assert visit.dialog is None
    check(visit.page.html)
    assert "Invoices of May" in visit.dom.of("h1")[0].text
    assert [one.text for one in visit.dom.classed("tag")] == ["urgent", "accounts"]
    stored = await visit.app.services.records.get(Batch, batch.id)
    assert stored is not None
    assert (stored.value.name, stored.value.tags) == ("Invoices of May", ("urgent", "accounts"))
    await visit.wait(300)
    assert (only(visit).state, only(visit).tags) == ("done", ("urgent", "accounts"))
    await visit.go("#/batches")
    for words, listed in (("ACCOUNTS may", 1), (batch.id, 1), ("gpt-4o-mini", 1), ("other", 0)):
        await visit.type("Search batches", words)
        assert len(names(visit)) == listed, words
    assert "No batch has all of these words." in visit.text
    await visit.type("Search batches", "")
    await visit.go(f"#/batches/{batch.id}")
    await visit.click("Name and tags")
    await visit.type("Name", "")
    await visit.type("Tags", "")
    await visit.click("Save")
    assert visit.dom.of("h1")[0].text.startswith("Batch of ")
    await visit.go("#/batches")
    assert visit.dom.classed("tag") == []


async def test_a_batch_that_went_cannot_be_named(visit: Visit) -> None:
    """It is said, and nothing is made anew."""
    await visit.write("Say hello")
    await visit.click("Submit now")
    batch = only(visit)
    await visit.wait(300)
    await visit.click("Name and tags")
    records = visit.app.services.records
    assert await Tidy(records).forget(batch.id)
    await visit.type("Name", "x")
    await visit.click("Save")
    assert visit.toasts[-1] == "The batch is no longer here."
    assert await records.get(Batch, batch.id) is None
