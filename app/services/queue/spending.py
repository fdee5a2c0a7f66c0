"""What budgets are decided by: what batches cost this day and month, those that were deleted since included. With the table of prices,
which most pages never need, so this is loaded when something is submitted.

Whoever makes a batch under a budget writes the record ``Spent`` in the same commit, with the revision by which it was decided: of two tabs
that would both pass, the second one finds another revision and decides again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from app.core.batches.durations import History
from app.core.batches.spending import BudgetVerdict, answered, day_of, foreseen, judged, spending
from app.core.model.batches import Batch, Foreseen
from app.core.model.lanes import Lane
from app.core.model.providers import Limits, OwnPrice, Profile, Spent
from app.core.model.sendings import QueuedRows
from app.core.prices.estimates import Spending
from app.core.prices.rates import ProcessingTier
from app.core.queue.lanes import Sums
from app.ports import Clock, Put
from app.services.runtime.records import Records, Stored, put

FRESH: Final = 30.0
"""Seconds after which the batches are read again, since some may have ended with other costs than were foreseen."""


class Known(NamedTuple):
    """What all batches of a provider came to, and when that was read. ``rev``: of its Spent then."""

    at: float
    rev: int
    so_far: Spending


class Allowed(NamedTuple):
    """A batch may be made, and what it is expected to come to. ``guard``: what decided, where there is a budget."""

    foreseen: Foreseen
    guard: Stored[Spent] | None = None

    def written_with(self, batch: str) -> list[Put]:
        """What is committed together with the batch."""
        return [] if self.guard is None else [put(replace(self.guard.value, last=batch), self.guard.rev)]


class SpendBook:
    """Reads all batches once for many that are made one after another. Raises what the store raises."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock
        self._known: dict[str, Known] = {}

    async def ask(
        self, profile: Profile, limits: Limits | None, lane: Lane, sums: Sums, addition: str = "", tier: ProcessingTier = "batch"
    ) -> Allowed | BudgetVerdict:
        """Whether a batch of these sums may be made. Here everything is decided that is sent: by hand, by itself and by programs."""
        budget = limits.budget if limits is not None else None
        guard = None
        if budget is not None and budget.limited and not profile.practice:
            guard = await self._records.get(Spent, profile.id) or Stored(Spent(id=profile.id), 0)
        own = limits.prices if limits is not None else ()
        expected = foreseen(profile, lane.model, sums, await self._each(lane, addition), own, tier)
        if budget is None or guard is None:
            return Allowed(expected)
        stopped = judged(budget, await self._so_far(profile, guard, own), profile, lane.model, sums.requests, expected)
        return stopped or Allowed(expected, guard)

    async def _each(self, lane: Lane, addition: str) -> float | None:
        """Output tokens of an answer, as the plan knew by which the requests were added, else as the lane's answers say."""
        added = await self._records.get(QueuedRows, addition) if addition else None
        known = added.value.foreseen if added is not None else None
        if added is not None and known is not None and known.learnt and added.value.requests and len(added.value.variants) < 2:
            return known.output_tokens / added.value.requests
        history = await self._records.get(History, lane.key)
        return answered(history.value if history is not None else None).each

    async def _so_far(self, profile: Profile, guard: Stored[Spent], own: Sequence[OwnPrice]) -> Spending:
        now = self._clock.now()
        known = self._known.get(profile.id)
        if known is None or known.rev != guard.rev or not known.at <= now < known.at + FRESH or day_of(known.at) != day_of(now):
            batches = [one.value for one in await self._records.all(Batch)]
            known = self._known[profile.id] = Known(now, guard.rev, spending(batches, profile, now, guard.value.days, own))
        return known.so_far

    def made(self, profile: Profile, allowed: Allowed) -> None:
        """A batch that was allowed is stored."""
        known = self._known.get(profile.id)
        if known is not None and allowed.guard is not None and known.rev == allowed.guard.rev:
            price = allowed.foreseen.cost or 0
            so_far = Spending(known.so_far.day + price, known.so_far.month + price)
            self._known[profile.id] = known._replace(rev=known.rev + 1, so_far=so_far)
