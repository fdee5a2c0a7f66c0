"""What a person knows better of prices: fields for one model of a provider."""

from __future__ import annotations

from typing import Final, Literal

from simple_html import details, div, input_, p, summary

from app.core.base import text
from app.core.model.providers import OwnPrice, Profile
from app.core.prices import rates
from app.core.prices.rates import TokenPrice, TokenRates
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import field
from app.ui.base.state import State
from app.ui.provider.actions import PriceModel, SetPrice

Part = Literal["input", "cached", "output"]
_TIERS: Final[tuple[tuple[Literal["standard", "batch"], str], ...]] = (("batch", "in a batch"), ("standard", "at once"))
_PARTS: Final[tuple[tuple[Part, str], ...]] = (("input", "Input"), ("cached", "Cached input"), ("output", "Output"))


def model_prices(state: State, profile: Profile, model: str, id: str) -> Node:
    """The fields for a model, below its name; open where any is set. ``id`` begins the ids of the fields."""
    own = {one.tier: one for one in _own(state, profile) if one.model == model}
    name = text.head(model, 60)
    said = f"Your price of {name}" if own else f"Enter your own price of {name}"
    return details(
        at(open=bool(own) or any(one[:2] == (profile.id, model) for one in state.provider.price_faults)),
        summary({}, said),
        div(
            at("stack tight"),
            p(
                at("dim"),
                f"In dollars for a million tokens, for models that begin with {name}. Empty prices are as published; without a published "
                "price, input and output are both needed (0 for a model that writes nothing).",
            ),
            div(
                at("strip-fields"),
                [
                    _field(state, profile, model, tier, part, f"{words} {when}", own.get(tier), f"{id}-{tier}-{part}")
                    for tier, when in _TIERS
                    for part, words in _PARTS
                ],
            ),
        ),
    )


def provider_prices(state: State, profile: Profile) -> Node:
    """All of a provider, for its card in the settings. Practice bills nothing."""
    if profile.practice:
        return NOTHING
    typed = state.provider.price_models.get(profile.id, "")
    known = sorted({one.model for one in _own(state, profile)} | ({typed} if typed else set()))
    return details(
        at(open=bool(known)),
        summary({}, "Your prices"),
        div(
            at("stack tight"),
            [model_prices(state, profile, one, f"price-{profile.id}-{n}") for n, one in enumerate(known)],
            field(
                f"price-model-{profile.id}",
                "Price of models that begin with",
                lambda **tied: input_(
                    at(id=f"price-model-{profile.id}", value=typed, change=PriceModel(profile.id), autocomplete="off", **tied)
                ),
                hint="Then enter the price of its tokens.",
            ),
        ),
    )


def _own(state: State, profile: Profile) -> tuple[OwnPrice, ...]:
    limits = state.provider.limits.get(profile.id)
    return limits.prices if limits is not None else ()


def _field(
    state: State,
    profile: Profile,
    model: str,
    tier: Literal["standard", "batch"],
    part: Part,
    words: str,
    own: OwnPrice | None,
    id: str,
) -> Node:
    amount: float | None = getattr(own, part) if own is not None else None
    typed, fault = state.provider.price_faults.get((profile.id, model, tier, part), ("", ""))
    given = at(
        id=id,
        value=typed if fault else "" if amount is None else f"{amount:.6f}".rstrip("0").rstrip("."),
        change=SetPrice(profile.id, model, tier, part),
        inputmode="decimal",
        autocomplete="off",
        placeholder=_published(rates.rates_of(rates.provider_of(profile.base_url), model, tier), part),
    )
    return field(id, words, lambda **tied: input_({**given, **at(**tied)}), faults=[fault] if fault else [])


def _published(known: TokenRates | None, part: Part) -> str:
    price: TokenPrice | None = getattr(known, part) if known is not None else None
    return f"{price.base / rates.PER_MILLION:g}" if price is not None else "not known"
