"""What a provider's batches may cost, as a person sets it and meets it."""

from __future__ import annotations

import msgspec
import pytest

from app.core.batches.spending import BudgetVerdict
from app.core.model.lanes import CHAT, Lane
from app.core.model.providers import OwnPrice
from app.core.prices.rates import PER_DOLLAR
from app.core.queue.lanes import Sums
from app.services.queue.auto_submit import AutoSubmitted
from app.services.queue.spending import Allowed, SpendBook
from app.ui.queue.auto_submit_handlers import closed
from tests.unit.ui.conftest import Open


@pytest.mark.slow
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
    for typed in ("12,50", "1e308", "-1", "1,23,456"):
        await visit.emit(visit.field("Per batch ($)"), "change", typed)
        assert "An amount in dollars" in visit.text, typed
        known = visit.state.provider.limits.get("openai")
        assert known is None or known.budget.batch is None
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


@pytest.mark.slow
async def test_a_price_of_ones_own_lets_a_budget_decide(tabs: Open) -> None:
    """A model that no table knows is kept back until its person says what it costs; then it is counted by that."""
    visit = await tabs()
    await visit.use_openai()
    await visit.app.services.limits.set_budget("openai", "day", PER_DOLLAR)
    await visit.app.refresh_limits()
    await visit.go("#/settings")
    await visit.emit(visit.field("Price of models that begin with", 0), "change", "mine-")
    await visit.emit(visit.field("Input in a batch"), "change", "cheap")
    assert "Dollars per million tokens, for example 0.15." in visit.text
    await visit.emit(visit.field("Input in a batch"), "change", "2.5")
    await visit.rest()
    profile = visit.app.services.profiles.known["openai"]
    book = SpendBook(visit.app.services.records, visit.clock)
    half = await book.ask(profile, visit.state.provider.limits["openai"], Lane("openai", CHAT, "mine-7b"), Sums(2, 400, 100, 2))
    assert isinstance(half, BudgetVerdict)  # what it writes is not free because only its input has a price by now
    await visit.emit(visit.field("Output in a batch"), "change", "0")
    await visit.rest()
    assert visit.state.provider.limits["openai"].prices == (OwnPrice("mine-", "batch", input=2.5, output=0.0),)
    assert "Your price of mine-" in visit.text
    allowed = await book.ask(profile, visit.state.provider.limits["openai"], Lane("openai", CHAT, "mine-7b"), Sums(2, 400, 100, 2))
    assert isinstance(allowed, Allowed)
    assert allowed.foreseen.cost == 100 * 2_500_000
    other = await book.ask(profile, visit.state.provider.limits["openai"], Lane("openai", CHAT, "theirs"), Sums(2, 400, 100, 2))
    assert isinstance(other, BudgetVerdict)
    assert (other.stop, "Enter your price in the settings" in other.problem.do) == ("unpriced", True)
    for part in ("Input in a batch", "Output in a batch"):
        await visit.emit(visit.field(part), "change", "")
        await visit.rest()
    assert not visit.state.provider.limits["openai"].prices
