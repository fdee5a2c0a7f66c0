"""What a provider's batches may cost, as a person sets it and meets it."""

from __future__ import annotations

import msgspec

from app.core.batches.spending import BudgetVerdict
from app.core.model.lanes import CHAT, Lane
from app.core.prices.rates import PER_DOLLAR
from app.services.queue.auto_submit import AutoSubmitted
from app.ui.queue.auto_submit_handlers import closed
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


async def test_what_a_budget_keeps_back_by_itself_is_told_once(tabs: Open) -> None:
    """Dismissed, it is not told again with each look, but stands with the requests; another reason is told."""
    visit = await tabs()
    await visit.use_openai()
    await visit.queue("one")
    lane = Lane("openai", CHAT, visit.state.queue.lanes[0].lane.model)
    verdict = BudgetVerdict("day", 1, lane.model, "OpenAI", 30, 90, 100)
    done = AutoSubmitted(visit.state.queue.lanes[0].lane, "own", (), (), verdict)
    closed(visit.app, done)
    assert "of the less than $0.0001 for this day are spent" in visit.state.problems["budget"].what
    await visit.send('{"action":{"type":"DismissNotice","code":"budget"}}')
    assert "budget" not in visit.state.problems
    closed(visit.app, msgspec.structs.replace(done, stopped=msgspec.structs.replace(verdict, used=95)))
    assert "budget" not in visit.state.problems
    await visit.go("#/queue")
    assert "A budget keeps them here." in visit.text
    closed(visit.app, msgspec.structs.replace(done, stopped=msgspec.structs.replace(verdict, stop="month")))
    assert "budget" in visit.state.problems
    await visit.go("#/settings")
    await visit.emit(visit.field("Per day ($)"), "change", "5")
    await visit.rest()
    await visit.go("#/queue")
    assert "A budget keeps them here." not in visit.text
