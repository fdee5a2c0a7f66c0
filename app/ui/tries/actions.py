"""Tries: what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.core.base import text
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command
from app.ui.base.try_state import TryCount, TryWhich

if TYPE_CHECKING:
    from app.ui.base.state import State


class ChooseTryCount(Action, frozen=True):
    """How many rows."""

    count: TryCount


class ChooseTryWhich(Action, frozen=True):
    """Which rows."""

    which: TryWhich


class DragTry(Action, frozen=True):
    """The handle below the tries is drawn over further rows."""


class TypeTry(Action, frozen=True):
    """What is typed about the rows or the ways of asking."""

    field: Literal["typed", "rows", "models", "samples", "parameter", "values"]


def _words(state: State, _action: TryRows) -> str:
    """What it asks, and what that costs."""
    offer = state.tries.offer
    if offer is None or not offer.requests:
        return "Try rows"
    count = len(offer.positions)
    what = f"Try {text.count(count, 'row')}"
    if offer.requests != count:
        what += f", {text.count(offer.requests, 'request')}"
    return f"{what} · {_price(state, offer.cost)}"


def _price(state: State, cost: int | None) -> str:
    if answering(state) == "practice":
        return "free, practice"
    if cost is None:
        return "price not known"
    from app.core.prices import rates  # the table of prices is for those who try rows

    return rates.about(cost)


def answering(state: State) -> str:
    """The id of the provider that would answer: the one that is chosen, or without its key the practice provider."""
    profile = state.profile
    key = state.provider.keys.get(profile.id)
    return profile.id if profile.practice or (key is not None and (key.present or key.locked)) else "practice"


def _hinders(state: State, _action: TryRows) -> str | None:
    if state.tries.left:
        return "Tries are still running."
    if not state.engine.online and answering(state) != "practice":
        return "This machine is offline."
    if (key := state.provider.keys.get(answering(state))) is not None and key.locked:
        return "The key is locked: enter its passphrase first."
    offer = state.tries.offer
    if offer is None:
        return "Working out which requests this would send."
    return offer.fault or None


class CompareWith(Action, frozen=True):
    """Ask this version of the prompt beside what stands in it, or no more."""

    version: str


class TryRows(Action, frozen=True):
    """Have these rows answered now."""

    command = Command(_words, hinders=_hinders)


class TryAgain(Action, frozen=True):
    """Have one row answered again, by the prompt as it is now."""

    command = Command("Try again", hinders=lambda state, _action: "Tries are still running." if state.tries.left else None)
    id: str


class StopTries(Action, frozen=True):
    """Stop what is on its way."""


class ClearTries(Action, frozen=True):
    """Clear a try away; without an id all of them."""

    id: str = ""


class RestoreTries(Action, frozen=True):
    """Have back what was cleared away last."""


class DismissTryFault(Action, frozen=True):
    """The note why nothing was asked was read."""


TRIES = (
    ChooseTryCount,
    ChooseTryWhich,
    DragTry,
    TypeTry,
    CompareWith,
    TryRows,
    TryAgain,
    StopTries,
    ClearTries,
    RestoreTries,
    DismissTryFault,
)
"""Their handlers come with the first of them."""
