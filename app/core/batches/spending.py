"""What batches cost, for budgets: estimated before they are sent, by their answers' tokens afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from app.core.base.text import count
from app.core.batches import pipeline
from app.core.batches.durations import History
from app.core.model.batches import Batch, Foreseen, Tally
from app.core.model.problem import Problem
from app.core.model.providers import Budget, OwnPrice, Profile
from app.core.prices.estimates import ASSUMED, FEW, BudgetStop, Spending, stopped_by
from app.core.prices.rates import ProcessingTier, TokenCounts, TokenRates, about, cost, dollars, rates_for
from app.core.queue.lanes import Sums


class AnsweredTokens(NamedTuple):
    """The output tokens of so many good answers, all together."""

    tokens: int = 0
    answers: int = 0

    @property
    def each(self) -> float | None:
        """Of one answer on average; None where too few came."""
        return self.tokens / self.answers if self.answers >= FEW else None


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
                do = "So it is not known whether they stay within the budget. Enter your price in the settings, or remove the budget."
            case "batch":
                what = f"{whose} keeps a batch of {count(self.requests, 'request')} back: it costs {self._money}, more than a batch may."
                do = f"Raise the {dollars(self.limit)} for a batch in the settings, or submit fewer requests."
            case _:
                what = (
                    f"{whose} keeps {count(self.requests, 'request')} back: they cost {self._money}, and {dollars(self.used)} of "
                    f"the {dollars(self.limit)} for {'this day' if self.stop == 'day' else 'this month'} are spent."
                )
                do = f"Raise it in the settings, or wait until the next {self.stop} (UTC)."
        return Problem(code="budget", what=what, means="They are in the queue as they were; none of them was sent.", do=do, blame="person")

    @property
    def _money(self) -> str:
        return about(self.cost or 0)


def judged(budget: Budget, spent: Spending, profile: Profile, model: str, requests: int, foreseen: Foreseen | None) -> BudgetVerdict | None:
    """Whether a budget keeps a batch from being made, whoever handed its requests in. Practice costs nothing."""
    if not budget.limited or profile.practice:
        return None
    price = foreseen.cost if foreseen is not None else None
    stop = stopped_by(budget, spent, price)
    if not stop:
        return None
    before = {"day": spent.day, "month": spent.month}.get(stop, 0)
    limit = {"batch": budget.batch, "day": budget.day, "month": budget.month}.get(stop) or 0
    return BudgetVerdict(stop, requests, model, profile.name, price, before, limit)


def foreseen(
    profile: Profile, model: str, sums: Sums, each: float | None, own: Sequence[OwnPrice] = (), tier: ProcessingTier = "batch"
) -> Foreseen:
    """What a batch of these sums will come to. ``each``: output tokens of an answer; None: nobody knows."""
    output = ASSUMED if each is None else round(each)
    rates = rates_for(profile.base_url, model, tier, own)
    price = _estimated(rates, sums.tokens, sums.requests, output) if rates is not None else None
    return Foreseen(sums.tokens, output * sums.requests, each is not None, price)


def answered(history: History | None) -> AnsweredTokens:
    """How long the answers were that a lane's requests had before."""
    runs = history.runs if history is not None else ()
    return AnsweredTokens(sum(one.output_tokens for one in runs), sum(one.answers for one in runs))


def spending(
    batches: Iterable[Batch], profile: Profile, now: float, deleted: Mapping[str, int] | None = None, own: Sequence[OwnPrice] = ()
) -> Spending:
    """What a provider's batches of this day and this month (UTC) cost, or will. Those that went back to the queue cost nothing, and of
    those whose price is not known nothing can be said. ``deleted``: what those cost that are not here any more, by day."""
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day, month = today.timestamp(), today.replace(day=1).timestamp()
    since_day = since_month = 0
    for one in batches:
        if one.lane.profile == profile.id and one.created >= month:
            price = billed(one, profile, own)
            since_month += price
            since_day += price if one.created >= day else 0
    for date, price in (deleted or {}).items():
        since_month += price if date.startswith(day_of(now)[:7]) else 0
        since_day += price if date == day_of(now) else 0
    return Spending(since_day, since_month)


def day_of(at: float) -> str:
    """The day of a moment, UTC, as YYYY-MM-DD."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def cost_of(batch: Batch, profile: Profile, own: Sequence[OwnPrice] = ()) -> int:
    """What a batch cost, or will; 0 where it costs nothing, or nobody knows."""
    if batch.practice or batch.state == "withdrawn":
        return 0
    if batch.state not in pipeline.FINAL and batch.foreseen is not None:
        return batch.foreseen.cost or 0
    rates = rates_for(profile.base_url, batch.lane.model, batch.tier, own)
    if rates is None:
        return 0
    if batch.state in pipeline.FINAL:
        return answers_cost(rates, batch.tally)
    return _estimated(rates, batch.tokens, batch.requests, ASSUMED)


def answers_cost(rates: TokenRates, tally: Tally) -> int:
    """What the answers of a batch cost by the tokens that they state, each request as the average one: where a model has another price for
    long prompts, it is the prompt of one request that has to be so long, not those of all together."""
    each = -(-tally.input_tokens // max(1, tally.answered + tally.flawed))
    return cost(rates, TokenCounts(tally.input_tokens, tally.output_tokens, tally.cached_tokens), each)


def billed(batch: Batch, profile: Profile, own: Sequence[OwnPrice] = ()) -> int:
    """What a batch has to be taken to have cost: what its answers say, and for requests that may be billed without that an answer here
    states it, as much as was foreseen. Else no budget would know of them."""
    found = cost_of(batch, profile, own)
    if batch.state not in pipeline.FETCHED or batch.foreseen is None or batch.foreseen.cost is None:
        return found
    tally = batch.tally
    untold = tally.unread + tally.unreadable
    if batch.ending == pipeline.UNFOLLOWED:  # the provider may answer them still
        untold += tally.missing - tally.unreadable
    if not tally.input_tokens and not tally.output_tokens:
        untold += tally.answered
    return found + batch.foreseen.cost * untold // max(1, batch.requests)


def _estimated(rates: TokenRates, tokens: int, requests: int, output: int) -> int:
    """Each request as the average one: long prompts with a price of their own are rare, and the tokens err on the high side."""
    each = cost(rates, TokenCounts(-(-tokens // max(1, requests)), output))
    return each * requests
