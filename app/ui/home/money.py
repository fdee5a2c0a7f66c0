"""What batches cost, and what that saved against asking at once: by the tokens that their answers state, and only where prices are known.

With the table of prices, which most pages never need; so this is loaded where a batch that is billed has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.core.batches import pipeline
from app.core.batches.spending import answers_cost, day_of
from app.core.model.batches import Batch
from app.core.model.providers import Limits, Profile
from app.core.prices.rates import TokenRates, rates_for


class MoneySums(NamedTuple):
    """Of some batches, in 10^-12 dollars. ``saved`` is what they cost less than at the standard price, as far as both prices are known;
    ``batches`` are those that are in the sums, ``deleted`` what was spent by some that are not here any more, of which nothing else is
    known."""

    spent: int = 0
    saved: int = 0
    batches: int = 0
    deleted: int = 0
    unpriced: int = 0
    """Batches with answers of which no price is known: nothing is said of them."""


class Money(NamedTuple):
    """Of the batches that were made this month (UTC), and of all."""

    month: MoneySums
    every: MoneySums


def money(
    batches: list[Batch],
    profiles: Mapping[str, Profile],
    limits: Mapping[str, Limits],
    deleted: Mapping[str, Mapping[str, int]],
    now: float,
) -> Money:
    """Of batches that have ended. ``limits`` hold a person's own prices, by the profile's id."""
    month = day_of(now)[:7]
    known: dict[tuple[str, str, str], tuple[TokenRates | None, TokenRates | None]] = {}
    found = {True: MoneySums(), False: MoneySums()}
    for one in batches:
        tally, profile = one.tally, profiles.get(one.lane.profile)
        if one.practice or profile is None or one.state not in pipeline.FETCHED or not (tally.input_tokens or tally.output_tokens):
            continue
        own = limits[profile.id].prices if profile.id in limits else ()
        key = (profile.id, one.lane.model, one.tier)
        if key not in known:
            at = (profile.base_url, one.lane.model)
            known[key] = rates_for(*at, one.tier, own), rates_for(*at, "standard", own)
        price, standard = known[key]
        now_made = day_of(one.created)[:7] == month
        found[now_made] = _with(found[now_made], one, price, standard)
    for days in deleted.values():
        for day, amount in days.items():
            this = day.startswith(month)
            found[this] = found[this]._replace(deleted=found[this].deleted + amount)
    before = found[False]
    return Money(found[True], MoneySums(*(a + b for a, b in zip(found[True], before, strict=True))))


def _with(sums: MoneySums, one: Batch, price: TokenRates | None, standard: TokenRates | None) -> MoneySums:
    if price is None:
        return sums._replace(unpriced=sums.unpriced + 1)
    paid = answers_cost(price, one.tally)
    saved = answers_cost(standard, one.tally) - paid if standard is not None else 0
    return sums._replace(spent=sums.spent + paid, saved=sums.saved + saved, batches=sums.batches + 1)
