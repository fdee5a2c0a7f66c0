"""What a person types as a limit of batches: requests, megabytes, tokens that may be enqueued. Never more than the provider's own."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from app.core.base import text
from app.core.base.patterns import pattern
from app.core.batches import capacity
from app.core.model.providers import Limits, Profile
from app.core.openai import kinds
from app.core.queue.lanes import MAX_BYTES

LimitPart = Literal["requests", "size", "tokens"]
MEGABYTE: Final = 1_000_000
LEAST_BYTES: Final = 1_000
_OPENAI: Final = 50_000
"""Requests of a batch (OpenAI, batch guide)."""
_ANY: Final = 1_000_000
_DECIMAL: Final = pattern(r"([0-9]{1,6})(?:\.([0-9]{1,3}))?")


class TypedLimit(NamedTuple):
    """``amount`` in requests, bytes or tokens; None: nothing was typed, so what is usual holds. ``fault``: why it cannot be, as a
    sentence."""

    amount: int | None = None
    fault: str = ""


def most_requests(profile: Profile) -> int:
    """Requests that the provider takes in a batch, as far as that is known."""
    return _OPENAI if kinds.kind_of(profile) == "openai" and "api.openai.com" in profile.base_url else _ANY


def read(part: LimitPart, typed: str, profile: Profile, limits: Limits | None, model: str = "") -> TypedLimit:
    """Understand it. ``limits``: what the provider stated; ``model``: whose tokens."""
    typed = text.ungrouped(typed)
    if not typed:
        return TypedLimit()
    match part:
        case "requests":
            return _whole(typed, most_requests(profile), f"{profile.name} takes {{most}} requests in a batch at most.")
        case "size":
            return _bytes(typed, profile)
        case "tokens":
            stated = limits.stated.get(capacity.family(model)) if limits is not None else None
            words = f"{profile.name} said that {{most}} tokens may be enqueued for this model." if stated else "At most {most}."
            return _whole(typed, stated.tokens if stated else capacity.MOST, words)


def _whole(typed: str, most: int, words: str) -> TypedLimit:
    amount = text.whole_number(typed, 1, most)
    return TypedLimit(amount) if amount is not None else TypedLimit(fault=f"A whole number from 1. {words.format(most=text.number(most))}")


def _bytes(typed: str, profile: Profile) -> TypedLimit:
    match = _DECIMAL.fullmatch(typed)
    amount = int(match[1]) * MEGABYTE + int((match[2] or "").ljust(3, "0")) * 1_000 if match else 0
    if LEAST_BYTES <= amount <= MAX_BYTES:
        return TypedLimit(amount)
    return TypedLimit(fault=f"Megabytes from 0.001 to {MAX_BYTES // MEGABYTE}, for example 80: {profile.name} takes no larger file.")


def megabytes(size: int) -> str:
    """As it is shown to be edited."""
    return f"{size / MEGABYTE:.3f}".rstrip("0").rstrip(".")
