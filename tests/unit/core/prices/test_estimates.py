"""An estimate says what it is made of and what it may be off; a budget stops what would go beyond it."""

from __future__ import annotations

import random

import pytest

from app.core.model.providers import Budget
from app.core.prices.estimates import ExpectedOutput, Spending, estimate, expected_output, stopped_by
from app.core.prices.rates import PER_DOLLAR, rates_of

NANO, NANO_NOW = rates_of("openai", "gpt-5-nano", "batch"), rates_of("openai", "gpt-5-nano", "standard")


def test_a_table_that_was_counted_is_exact() -> None:
    """1,000 rows of 100 tokens in and 50 out: 100,000 × $0.025/M + 50,000 × $0.20/M = $0.0125; at once twice that."""
    found = estimate([100] * 1_000, 1_000, ExpectedOutput(50, "learnt", 10), NANO, NANO_NOW, price_date="2026-11-29")
    assert found.exact
    assert (found.input_tokens, found.input_error, found.error) == (100_000, 0, 0)
    assert found.cost == 12_500_000_000
    assert found.saving == 12_500_000_000


@pytest.mark.slow
def test_a_sample_says_what_it_may_be_off() -> None:
    """Of a hundred tables, the truth lies within the error for nearly all."""
    dice = random.Random(7)
    inside = 0
    for _ in range(100):
        rows = [dice.randrange(20, 900) for _ in range(5_000)]
        found = estimate(dice.sample(rows, 200), 5_000, ExpectedOutput(0, "assumed"), NANO)
        assert not found.exact
        inside += abs(found.input_tokens - sum(rows)) <= found.input_error
    assert inside >= 88


def test_one_row_of_many_is_hardly_known() -> None:
    """A single row says that much, and that it may be off by more than it says."""
    found = estimate([100], 1_000, ExpectedOutput(0, "assumed"), NANO)
    assert found.input_error > found.input_tokens
    with pytest.raises(ValueError, match="no row"):
        estimate([], 5, ExpectedOutput(0, "assumed"), NANO)
    assert estimate([], 0, ExpectedOutput(0, "assumed"), NANO).cost == 0


def test_without_a_price_there_is_no_cost() -> None:
    """Tokens are counted, money is not invented; and there is no saving against a price that is not known."""
    found = estimate([100], 1, ExpectedOutput(50, "assumed"), None, NANO_NOW)
    assert (found.cost, found.saving, found.input_tokens) == (None, None, 100)
    assert estimate([100], 1, ExpectedOutput(50, "assumed"), NANO, None).saving is None


def test_output_is_learnt_or_said_to_be_assumed() -> None:
    """From three answers on they count; before, a guess, and never more than the request asks for."""
    assert expected_output([10, 20, 30], 1_000).source == "learnt"
    assert expected_output([10, 20, 30], 1_000).tokens == 20
    assert expected_output([10, 20], 64) == ExpectedOutput(64, "most")
    assert expected_output([], None).source == expected_output([], 4_096).source == "assumed"


@pytest.mark.parametrize(
    ("budget", "spent", "cost", "stop"),
    [
        (Budget(), Spending(10**15, 10**15), None, ""),
        (Budget(batch=5), Spending(), 5, ""),
        (Budget(batch=5), Spending(), 6, "batch"),
        (Budget(day=10), Spending(day=6), 4, ""),
        (Budget(day=10), Spending(day=6), 5, "day"),
        (Budget(month=PER_DOLLAR), Spending(day=0, month=PER_DOLLAR), 1, "month"),
        (Budget(batch=5, day=10, month=20), Spending(9, 19), 6, "batch"),
        (Budget(month=20), Spending(), None, "unpriced"),
        (Budget(day=0), Spending(), 0, ""),
    ],
)
def test_a_budget_stops_what_goes_beyond_it(budget: Budget, spent: Spending, cost: int | None, stop: str) -> None:
    """Exactly reaching it is allowed; what has no known price is stopped by any budget."""
    assert stopped_by(budget, spent, cost) == stop
