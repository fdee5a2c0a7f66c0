"""What a provider's batches may cost, as a person sets it and meets it."""

from __future__ import annotations

from app.core.prices.rates import PER_DOLLAR
from tests.unit.ui.conftest import Open


async def test_a_budget_blocks_until_it_is_raised(tabs: Open) -> None:
    """Typed in dollars, said on its card, met in the queue with the way on."""
    visit = await tabs()
    await visit.use_openai()
    await visit.queue("one", "two")
    await visit.go("#/settings")
    assert "Budget · not limited" in visit.text
    await visit.emit(visit.field("Per batch ($)"), "change", "a lot")
    assert "An amount in dollars" in visit.text
    assert visit.field("Per batch ($)").value == "a lot"
    await visit.emit(visit.field("Per batch ($)"), "change", "0.0001")
    await visit.rest()
    assert "An amount in dollars" not in visit.text
    assert visit.state.provider.limits["openai"].budget.batch == PER_DOLLAR // 10_000
    await visit.go("#/queue")
    await visit.click("Submit 2")
    assert visit.state.batches.all == []
    assert "The budget of OpenAI keeps a batch of 2 requests back" in visit.text
    assert "Raise the $0.0001 for a batch in the settings" in visit.text
    await visit.go("#/settings")
    await visit.emit(visit.field("Per batch ($)"), "change", "$1,000")
    await visit.rest()
    assert "Budget · $1,000.00 per batch" in visit.text
    assert "The budget of OpenAI keeps" not in visit.text
    await visit.go("#/queue")
    await visit.click("Submit 2")
    assert len(visit.state.batches.all) == 1
