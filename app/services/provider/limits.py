"""How many tokens may be enqueued at each provider: what the person entered and what providers said when they refused a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec.structs import replace

from app.core.batches import capacity
from app.core.model.batches import Batch
from app.core.model.providers import Limits, NamedLimit, OwnPrice, PricePart
from app.ports import Change
from app.services.runtime.records import Records, Stored, put, remove

BudgetPart = Literal["batch", "day", "month"]


class LimitChanged(Exception):
    """Another tab set this limit to ``tokens`` (None: it removed it); nothing was stored."""

    def __init__(self, tokens: int | None) -> None:
        super().__init__(str(tokens))
        self.tokens = tokens


def _check(limits: Limits, name: str, seen: int | None, mine: int | None) -> None:
    if seen != -1 and (there := limits.own.get(name)) not in (seen, mine):
        raise LimitChanged(there)


class LimitBook:
    """Raises the store's errors."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def all(self) -> dict[str, Limits]:
        """What is known, by the profile's id."""
        return {one.value.id: one.value for one in await self._records.all(Limits)}

    async def set_own(self, profile: str, name: str, tokens: int, seen: int | None = -1) -> None:
        """Keep the person's own limit for models whose name begins with ``name``. What the provider said of those before is forgotten: the
        person knows better by now, or the provider says it again. ``seen``: which one stood there when it was typed (None: none; -1:
        whatever it is, it is written over). Raises Elsewhere where another one is there now."""

        def changed(limits: Limits) -> Limits:
            _check(limits, name, seen, tokens)
            own = {**limits.own, name: tokens}
            return replace(
                limits, own=own, stated={model: one for model, one in limits.stated.items() if capacity.longest(own, model) != name}
            )

        await self._change(profile, changed)

    async def drop_own(self, profile: str, name: str, seen: int | None = -1) -> None:
        """The table counts again for these models. ``seen`` and what is raised: as for :meth:`set_own`."""

        def changed(limits: Limits) -> Limits:
            _check(limits, name, seen, None)
            return replace(limits, own={key: one for key, one in limits.own.items() if key != name})

        await self._change(profile, changed)

    async def drop_told(self, profile: str, model: str = "") -> None:
        """Forget what the provider said of a model, or (``""``) of all."""
        await self._change(
            profile, lambda limits: replace(limits, stated={key: one for key, one in limits.stated.items() if model not in ("", key)})
        )

    async def set_budget(self, profile: str, which: BudgetPart, amount: int | None) -> None:
        """Keep what a batch, a day or a month may cost, in 10^-12 dollars; None: it is not limited."""
        await self._change(profile, lambda limits: replace(limits, budget=replace(limits.budget, **{which: amount})))

    async def set_price(self, profile: str, model: str, tier: Literal["standard", "batch"], part: PricePart, amount: float | None) -> None:
        """Keep what a part of a model's tokens costs, in dollars for a million; None: as published."""

        def changed(limits: Limits) -> Limits:
            known = {(one.model, one.tier): one for one in limits.prices}
            one = replace(known.pop((model, tier), OwnPrice(model, tier)), **{part: amount})
            if one != OwnPrice(model, tier):
                known[model, tier] = one
            return replace(limits, prices=tuple(known[key] for key in sorted(known)))

        await self._change(profile, changed)

    async def drop(self, profile: str) -> None:
        """Forget all about a provider."""
        await self._records.commit([remove(Limits, profile)])

    async def learned(self, before: Batch, after: Batch, now: float) -> list[Change]:
        """What must be written because the provider refused a batch for lack of room and named its limit."""
        if after.refusals <= before.refusals or after.problem is None or not (tokens := capacity.told_limit(after.problem.detail)):
            return []
        stored = await self._get(after.lane.profile)
        stated = {**stored.value.stated, capacity.family(after.lane.model): NamedLimit(tokens, now)}
        return [put(replace(stored.value, stated=stated), stored.rev)]

    async def _get(self, profile: str) -> Stored[Limits]:
        return await self._records.get(Limits, profile) or Stored(Limits(id=profile), 0)

    async def _change(self, profile: str, changed: Callable[[Limits], Limits]) -> None:
        await self._records.change(Limits(id=profile), changed)
