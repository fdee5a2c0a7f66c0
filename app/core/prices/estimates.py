"""What requests will cost, before they are sent: how sure that is, and from what it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Final, Literal

import msgspec

from app.core.model.providers import Budget
from app.core.prices.rates import TokenCounts, TokenRates, cost

OutputSource = Literal["assumed", "learnt", "most"]
"""Where the expected output comes from: a guess that is said to be one, answers to rows like these, or the most that was asked for."""
SURE: Final = 1.96
"""Standard errors on either side within which the truth lies 19 times of 20."""
ASSUMED: Final = 300
"""Output tokens of a request about which nothing is known. A guess, and shown as one."""
FEW: Final = 3
"""So many answers at least say something about the others."""


class ExpectedOutput(msgspec.Struct, frozen=True):
    """Output tokens of one request, on average, and from how many answers that is known."""

    tokens: float
    source: OutputSource
    answers: int = 0
    error: float = 0.0
    """Tokens on either side, of the average."""


def expected_output(answered: Sequence[int], most: int | None) -> ExpectedOutput:
    """From the output tokens of answers to such requests; where they are too few, what is assumed, and never more than the request's own
    limit ``most``."""
    if len(answered) >= FEW:
        return ExpectedOutput(fmean(answered), "learnt", len(answered), SURE * stdev(answered) / sqrt(len(answered)))
    if most is not None and most <= ASSUMED:
        return ExpectedOutput(most, "most")
    return ExpectedOutput(ASSUMED, "assumed")


class CostEstimate(msgspec.Struct, frozen=True):
    """The cost of ``rows`` requests in 10^-12 dollars, and their input tokens. ``counted`` of them were counted; ``error`` is what a sample
    may be off, on either side (19 times of 20), 0 where all were. ``saving`` is what the same costs more when it is answered at once; None
    where one of the two prices is not known. ``cost`` is None where no price is known: then there is none."""

    rows: int
    counted: int
    input_tokens: int
    input_error: int
    output: ExpectedOutput
    cost: int | None
    error: int = 0
    saving: int | None = None
    price_date: str = ""

    @property
    def exact(self) -> bool:
        """Whether every row's input was counted."""
        return self.counted == self.rows


def estimate(
    counted: Sequence[int] | Mapping[int, int],
    rows: int,
    output: ExpectedOutput,
    rates: TokenRates | None,
    standard: TokenRates | None = None,
    *,
    price_date: str = "",
) -> CostEstimate:
    """From the input tokens of the rows that were counted: all ``rows`` (then also how many rows have so many tokens, as a mapping), or a
    sample drawn evenly. Each row is priced by itself, since long
    prompts may have a price of their own. ValueError without a row that was counted, where there are rows."""
    if not counted and rows:
        raise ValueError("no row was counted")
    tokens, token_error = _scaled(counted, rows, lambda one: one)
    found, error, saving = None, 0, None
    if rates is not None:
        found, error = _scaled(counted, rows, lambda one: cost(rates, TokenCounts(one, round(output.tokens))))
        error += round(rows * output.error * (rates.output.base if rates.output is not None else 0))
        if standard is not None:
            whole, _ = _scaled(counted, rows, lambda one: cost(standard, TokenCounts(one, round(output.tokens))))
            saving = whole - found
    return CostEstimate(
        rows,
        sum(counted.values()) if isinstance(counted, Mapping) else len(counted),
        tokens,
        token_error,
        output,
        found,
        error,
        saving,
        price_date,
    )


def _scaled(counted: Sequence[int] | Mapping[int, int], rows: int, worth: Callable[[int], int]) -> tuple[int, int]:
    """The sum over all rows of what each is worth, and what it may be off where a sample stands for them."""
    if isinstance(counted, Mapping):
        return sum(worth(tokens) * count for tokens, count in counted.items()), 0
    values = [worth(tokens) for tokens in counted]
    if len(values) >= rows:
        return sum(values), 0
    share = len(values) / rows
    spread = stdev(values) if len(values) > 1 else float(values[0])
    return round(sum(values) / share), round(SURE * rows * spread / sqrt(len(values)) * sqrt(1 - share))


# --- budgets


class Spending(msgspec.Struct, frozen=True):
    """What was spent, or will be by what is under way, in 10^-12 dollars: since this day began, and this month."""

    day: int = 0
    month: int = 0


BudgetStop = Literal["", "unpriced", "batch", "day", "month"]


def stopped_by(budget: Budget, spending: Spending, cost: int | None) -> BudgetStop:
    """What keeps a batch from being sent: "" for nothing. A batch whose price is not known is stopped by any budget, since nobody can say
    that it keeps to it. Who handed the requests in makes no difference."""
    if not budget.limited:
        return ""
    if cost is None:
        return "unpriced"
    if budget.batch is not None and cost > budget.batch:
        return "batch"
    if budget.day is not None and spending.day + cost > budget.day:
        return "day"
    return "month" if budget.month is not None and spending.month + cost > budget.month else ""
