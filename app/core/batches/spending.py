"""What batches cost, for budgets: estimated before they are sent, by their answers' tokens afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from app.core.base.text import count
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.model.problem import Problem
from app.core.model.providers import Budget, Profile
from app.core.prices.estimates import ASSUMED, BudgetStop, Spending, stopped_by
from app.core.prices.rates import TokenCounts, TokenRates, cost, dollars, rates_for
from app.core.queue.lanes import Sums


class BudgetVerdict(msgspec.Struct, frozen=True):
    """Why a budget keeps a batch from being made. ``cost`` is its own (None: not known), ``used`` what was spent before it, in the time
    that the budget is for, ``limit`` the budget; in 10^-12 dollars."""

    stop: BudgetStop
    requests: int
    model: str
    provider: str
    cost: int | None = None
    used: int = 0
    limit: int = 0

    @property
    def problem(self) -> Problem:
        """In words."""
        whose = f"The budget of {self.provider}"
        match self.stop:
            case "unpriced":
                what = f"{whose} keeps {count(self.requests, 'request')} back: no batch price of {self.model or 'their model'} is known."
                do = "Nobody can say that they keep to the budget. Take the budget out in the settings to submit them."
            case "batch":
                what = (
                    f"{whose} keeps a batch of {count(self.requests, 'request')} back: it costs about {self._money}, more than a batch may."
                )
                do = f"Raise the {dollars(self.limit)} for a batch in the settings, or submit fewer requests."
            case _:
                what = (
                    f"{whose} keeps {count(self.requests, 'request')} back: they cost about {self._money}, and {dollars(self.used)} of "
                    f"the {dollars(self.limit)} for {'this day' if self.stop == 'day' else 'this month'} are spent."
                )
                do = f"Raise it in the settings, or wait until the next {self.stop} (UTC)."
        return Problem(
            code="budget", what=what, means="They are in the queue as they were; nothing of them was sent.", do=do, blame="person"
        )

    @property
    def _money(self) -> str:
        return dollars(self.cost or 0)


def judged(budget: Budget, batches: Iterable[Batch], profile: Profile, model: str, sums: Sums, now: float) -> BudgetVerdict | None:
    """Whether a budget keeps a batch of these sums from being made, whoever handed its requests in. Practice costs nothing."""
    if not budget.limited or profile.practice:
        return None
    rates = rates_for(profile.id, profile.base_url, model, "batch")
    price = _estimated(rates, sums.tokens, sums.requests) if rates is not None else None
    spent = spending(batches, profile, now)
    stop = stopped_by(budget, spent, price)
    if not stop:
        return None
    before = {"day": spent.day, "month": spent.month}.get(stop, 0)
    limit = {"batch": budget.batch, "day": budget.day, "month": budget.month}.get(stop) or 0
    return BudgetVerdict(stop, sums.requests, model, profile.name, price, before, limit)


def spending(batches: Iterable[Batch], profile: Profile, now: float) -> Spending:
    """What a provider's batches of this day and this month (UTC) cost, or will. Those that went back to the queue cost nothing, and of
    those whose price is not known nothing can be said."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day, month = today.timestamp(), today.replace(day=1).timestamp()
    since_day = since_month = 0
    for one in batches:
        if one.lane.profile == profile.id and not one.practice and one.created >= month and one.state != "withdrawn":
            price = _of(one, profile)
            since_month += price
            since_day += price if one.created >= day else 0
    return Spending(since_day, since_month)


def _of(batch: Batch, profile: Profile) -> int:
    rates = rates_for(profile.id, profile.base_url, batch.lane.model, "batch")
    if rates is None:
        return 0
    if batch.state in pipeline.FINAL:
        tally = batch.tally
        return cost(rates, TokenCounts(tally.input_tokens, tally.output_tokens, tally.cached_tokens))
    return _estimated(rates, batch.tokens, batch.requests)


def _estimated(rates: TokenRates, tokens: int, requests: int) -> int:
    """Each request as the average one: long prompts with a price of their own are rare, and the tokens err on the high side."""
    each = cost(rates, TokenCounts(-(-tokens // max(1, requests)), ASSUMED))
    return each * requests
