"""What a provider asks for a token, by model and by the way in which a request is processed.

A batch is not always half the price: of a third of the models no batch price is published (embeddings among them). Where none is known,
none is given; half of another price would be invented. Prices are whole numbers of 10^-12 dollars for a token, so sums are exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from app.core.base.locale import money
from app.core.json import jsonread
from app.core.model.providers import OwnPrice
from app.core.prices import table

ProcessingTier = Literal["standard", "batch", "flex", "priority"]
PER_DOLLAR: Final = 10**12
PER_MILLION: Final = 10**6
"""So many of the table's units for a token are a dollar for a million tokens."""
DATE: Final = table.DATE
"""The day on which the prices held, as YYYY-MM-DD."""
SOURCE: Final = table.SOURCE
SHOWN_FOR_PRACTICE: Final = "https://api.openai.com/v1"
"""The practice provider bills nothing; what is shown is what the same would cost here."""
_LONGEST: Final = 300
"""Characters of a model's name: no provider has a longer one."""
_HOSTS: Final = (
    ("api.openai.com", "openai"),
    ("api.anthropic.com", "anthropic"),
    ("api.groq.com", "groq"),
    ("api.mistral.ai", "mistral"),
    ("googleapis.com", "google"),
    ("openai.azure.com", "azure"),
    ("services.ai.azure.com", "azure"),
    ("cognitiveservices.azure.com", "azure"),
)


class TokenPrice(msgspec.Struct, frozen=True):
    """10^-12 dollars for one token; ``above``: (input tokens, price) from which on another price holds for all tokens of the request."""

    base: int
    above: tuple[tuple[int, int], ...] = ()

    def at(self, input_tokens: int) -> int:
        """For a request with so many input tokens."""
        return next((price for start, price in sorted(self.above, reverse=True) if input_tokens > start), self.base)


class TokenRates(msgspec.Struct, frozen=True):
    """The prices of one model in one tier. Where ``cached`` or ``written`` is None, such tokens cost what other input does; where
    ``output`` is None, the model makes no tokens."""

    tier: ProcessingTier
    input: TokenPrice
    output: TokenPrice | None = None
    cached: TokenPrice | None = None
    written: TokenPrice | None = None
    own: bool = False
    """Whether the person set them."""


class TokenCounts(msgspec.Struct, frozen=True):
    """The tokens of one request. ``input`` are all of the prompt, of which some were read from a cache and some written to it; ``output``
    are all that the model made, its reasoning among them: no provider has a price of its own for that."""

    input: int
    output: int = 0
    cached: int = 0
    written: int = 0


def cost(rates: TokenRates, counts: TokenCounts, at: int | None = None) -> int:
    """What one request costs, in 10^-12 dollars. Many requests together: ``counts`` are their sums, and ``at`` is the input of one of them,
    between the same :func:`starts` as those of all."""
    at = counts.input if at is None else at
    plain = max(0, counts.input - counts.cached - counts.written)
    cached, written = rates.cached or rates.input, rates.written or rates.input
    output = rates.output.at(at) if rates.output is not None else 0
    return plain * rates.input.at(at) + counts.cached * cached.at(at) + counts.written * written.at(at) + counts.output * output


def starts(rates: TokenRates) -> list[int]:
    """The input tokens of a request above which another price holds, by size."""
    prices = (rates.input, rates.output, rates.cached, rates.written)
    return sorted({start for one in prices if one is not None for start, _ in one.above})


def dollars(amount: int) -> str:
    """An amount for people: cents, and below a dollar as many digits as say something."""
    value = amount / PER_DOLLAR
    if amount == 0 or value >= 1:
        return money(f"{value:,.2f}")
    return f"less than {money('0.0001')}" if value < 0.0001 else money(f"{value:.4f}")


def about(amount: int) -> str:
    """An estimated amount within a sentence."""
    said = dollars(amount)
    return said if said.startswith("less") else f"about {said}"


# --- the table


def provider_of(base_url: str) -> str:
    """The provider at an address, as the table calls it; "" for one that it does not know."""
    host = urlsplit(base_url).hostname or ""
    return next((name for end, name in _HOSTS if host == end or host.endswith(f".{end}")), "")


def rates_of(provider: str, model: str, tier: ProcessingTier) -> TokenRates | None:
    """The published prices of a model; None where none is known for this tier."""
    if len(model) > _LONGEST:
        return None
    name = model.lower()
    found = next((ways for clauses, ways in _models().get(provider, ()) if any(_fits(one, name) for one in clauses)), None)
    ways = found.get(tier) if found is not None else None
    return None if ways is None or "in" not in ways else _rates(tier, ways)


def _rates(tier: ProcessingTier, ways: Mapping[str, Any]) -> TokenRates:
    def price(name: str) -> TokenPrice | None:
        return _price(ways[name]) if name in ways else None

    return TokenRates(tier, _price(ways["in"]), price("out"), price("cached"), price("write"))


def _price(stored: Any) -> TokenPrice:
    if isinstance(stored, int):
        return TokenPrice(stored)
    base, *above = stored
    return TokenPrice(base, tuple((start, value) for start, value in above))


@cache
def _models() -> dict[str, list[tuple[Sequence[Any], dict[str, Any]]]]:
    """By provider, in the order in which a name is looked for. Read when a price is first asked for."""
    found: dict[str, list[tuple[Sequence[Any], dict[str, Any]]]] = {}
    for line in table.ROWS.strip().splitlines():
        provider, _id, clauses, ways = jsonread.value(line)
        found.setdefault(provider, []).append((clauses, ways))
    return found


def _fits(clause: Any, model: str) -> bool:
    if isinstance(clause, list):
        return all(_fits(one, model) for one in clause)
    sign, text = clause[0], clause[1:]
    match sign:
        case "=":
            return bool(model == text)
        case "^":
            return model.startswith(text)
        case "$":
            return model.endswith(text)
        case "*":
            return text in model
        case _:
            return re.search(text, model) is not None


# --- what the person knows better


def rates_for(base_url: str, model: str, tier: ProcessingTier, own: Iterable[OwnPrice] = ()) -> TokenRates | None:
    """The prices that hold for a person. ``own``: what they say of this provider's prices, of which the longest beginning of a model's name
    counts; each part that they do not say is as published. None where no price of input is known, or none of output: nobody may take what
    a model writes for free because only half of its price was entered."""
    published = rates_of(provider_of(base_url), model, tier)
    mine = [one for one in own if one.tier == tier and model.startswith(one.model)]
    if not mine:
        return published
    one = max(mine, key=lambda each: len(each.model))
    known = published if published is not None else _UNKNOWN
    input = _own(one.input, known.input if published is not None else None)
    if input is None or (published is None and one.output is None and not _wordless(base_url, model)):
        return None
    return TokenRates(tier, input, _own(one.output, known.output), _own(one.cached, known.cached), known.written, own=True)


def _wordless(base_url: str, model: str) -> bool:
    """Whether a model is known to write nothing, so that it has no price of output: embeddings."""
    known = rates_of(provider_of(base_url), model, "standard")
    return known is not None and known.output is None


_UNKNOWN: Final = TokenRates("standard", TokenPrice(0))
"""Nothing is published of it."""


def _own(price: float | None, published: TokenPrice | None) -> TokenPrice | None:
    return published if price is None else TokenPrice(round(price * PER_MILLION))
