"""In which ways the rest of a batch can be sent, and what each costs, before anything is done; and when a rescue is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from app.core.base.patterns import pattern
from app.core.batches import capacity
from app.core.batches.rescue import left
from app.core.model.batches import Batch
from app.core.model.providers import OwnPrice, Profile
from app.core.model.rescues import RescueWay
from app.core.openai.streaming import ASKABLE
from app.core.prices.estimates import ASSUMED
from app.core.prices.rates import SHOWN_FOR_PRACTICE, ProcessingTier, TokenCounts, cost, rates_for

MOST_HOURS: Final = 24.0 * 30
_CLOCK: Final = pattern(r"([01]?\d|2[0-3]):([0-5]\d)")
_TIERS: Final[dict[RescueWay, ProcessingTier]] = {"batch": "batch", "flex": "flex", "standard": "standard"}


class RescueOffer(msgspec.Struct, frozen=True):
    """One way. ``cost`` in 10^-12 dollars for all that is left; None: no price is known."""

    way: RescueWay
    cost: int | None = None


class RescuePrices(msgspec.Struct, frozen=True):
    """What is left of a batch by the provider's count, the tokens of each request on average, and the ways."""

    left: int
    input_tokens: int
    output_tokens: int
    assumed: bool
    """Whether nobody knows how long the answers are."""
    offers: tuple[RescueOffer, ...]


def prices(batch: Batch, profile: Profile, own: tuple[OwnPrice, ...] = ()) -> RescuePrices:
    """Each request as the average one. A way without a published price is offered anyway, but for flex: without a price the provider
    has none for the model."""
    requests = max(1, batch.requests)
    known = batch.foreseen if batch.foreseen is not None and batch.foreseen.learnt else None
    tokens, output = -(-capacity.need(batch) // requests), known.output_tokens // requests if known is not None else ASSUMED
    count = left(batch)
    found: list[RescueOffer] = []
    base_url = SHOWN_FOR_PRACTICE if profile.practice else profile.base_url
    for way, tier in _TIERS.items():
        rates = rates_for(base_url, batch.lane.model, tier, own)
        if (way != "batch" and batch.lane.endpoint not in ASKABLE) or (way == "flex" and rates is None):
            continue
        found.append(RescueOffer(way, None if rates is None else cost(rates, TokenCounts(tokens, output)) * count))
    return RescuePrices(count, tokens, output, known is None, (*found, RescueOffer("queue", 0)))


class WrongTime(ValueError):
    """What was typed is no time. The text is a sentence."""


def after_hours(typed: str, now: float) -> float:
    """The moment so many hours from now (unix seconds). Raises WrongTime."""
    try:
        hours = float(typed.strip().replace(",", "."))
    except ValueError:
        hours = 0.0
    if not 0 < hours <= MOST_HOURS:
        raise WrongTime(f"Write a number of hours, {MOST_HOURS:.0f} at most.")
    return now + hours * 3_600


def at_clock(typed: str, now: float, zone: float) -> float:
    """The next moment at which clocks show this time (unix seconds). ``zone``: seconds that they are ahead of UTC. Raises WrongTime."""
    match = _CLOCK.fullmatch(typed.strip())
    if match is None:
        raise WrongTime("Write a time as 18:00.")
    here = datetime.fromtimestamp(now + zone, UTC)
    there = here.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    if there <= here:
        there += timedelta(days=1)
    return there.timestamp() - zone
