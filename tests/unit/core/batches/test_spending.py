"""What batches cost, and what a budget keeps back."""

from __future__ import annotations

from datetime import UTC, datetime

from app.core.batches.spending import judged, spending
from app.core.model.batches import Batch, Tally
from app.core.model.lanes import CHAT, Lane
from app.core.model.providers import Budget, Profile
from app.core.prices.estimates import Spending
from app.core.prices.rates import PER_DOLLAR
from app.core.queue.lanes import Sums

OPENAI = Profile(id="openai", name="OpenAI")
MODEL = "gpt-4o-mini"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()
THOUSAND = Sums(1_000, 4_000_000, 1_000_000, 1_000)
COST = 1_000 * (1_000 * 75_000 + 300 * 300_000)
"""$0.165: a thousand requests of 1,000 tokens at $0.075 a million, and 300 tokens of answer at $0.30."""


def batch(id: str, created: float, **more: object) -> Batch:
    given: dict[str, object] = {"state": "in_progress", "requests": 1_000, "tokens": 1_000_000, "lane": Lane("openai", CHAT, MODEL), **more}
    return Batch(id=id, name="", created=created, **given)  # type: ignore[arg-type]  # its fields


def test_what_is_under_way_is_estimated_and_what_ended_is_counted() -> None:
    """By day and month of UTC; what went back, practice, and other providers cost nothing."""
    ended = batch("b", NOW - 86_400, state="done", tally=Tally(answered=1_000, input_tokens=2_000_000, output_tokens=10_000))
    counted = 2_000_000 * 75_000 + 10_000 * 300_000
    found = spending(
        [
            batch("a", NOW - 60),
            ended,
            batch("c", NOW - 40 * 86_400),
            batch("d", NOW, state="withdrawn"),
            batch("e", NOW, practice=True),
            batch("f", NOW, lane=Lane("other", CHAT, MODEL)),
        ],
        OPENAI,
        NOW,
    )
    assert found == Spending(COST, COST + counted)


def test_a_budget_keeps_back_what_would_exceed_it() -> None:
    """Each part of it; what fits goes, and what has no price is not sent on a guess."""

    def stop(budget: Budget, model: str = MODEL, profile: Profile = OPENAI) -> str:
        found = judged(budget, [batch("a", NOW - 60)], profile, model, THOUSAND, NOW)
        return "" if found is None else found.stop

    assert stop(Budget()) == ""
    assert stop(Budget(batch=COST)) == ""
    assert stop(Budget(batch=COST - 1)) == "batch"
    assert stop(Budget(day=2 * COST)) == ""
    assert stop(Budget(day=2 * COST - 1)) == "day"
    assert stop(Budget(month=2 * COST - 1)) == "month"
    assert stop(Budget(month=PER_DOLLAR), "llama-of-mine") == "unpriced"
    assert stop(Budget(batch=0), profile=Profile(id="practice", name="Practice", practice=True)) == ""


def test_it_is_said_in_words_with_its_figures() -> None:
    """What, what it means for requests and money, and the way on."""
    found = judged(Budget(day=PER_DOLLAR // 5), [batch("a", NOW - 60)], OPENAI, MODEL, THOUSAND, NOW)
    assert found is not None
    assert found.problem.what == (
        "The budget of OpenAI keeps 1,000 requests back: they cost about $0.1650, and $0.1650 of the $0.2000 for this day are spent."
    )
    assert "nothing of them was sent" in found.problem.means
    assert found.problem.do == "Raise it in the settings, or wait until the next day (UTC)."
