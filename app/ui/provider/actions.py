"""Providers: which is in use, what is stored of each, its key, its models and its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.ui.base.actions_base import Action
from app.ui.base.commands import PLAIN, Command, Shortcut

if TYPE_CHECKING:
    from app.ui.base.state import State


class ChooseProfile(Action, frozen=True):
    pass


class UseProfile(Action, frozen=True):
    id: str


class AddProfile(Action, frozen=True):
    command = Command("+ Add a provider", "Add a provider", ready=PLAIN)


class OpenProfile(Action, frozen=True):
    id: str


class TypeProfile(Action, frozen=True):
    """Set one field of the profile being edited."""

    name: str


class AllowRedirect(Action, frozen=True):
    """Let redirects of a provider lead to another origin."""

    id: str
    origin: str


class ExpireFiles(Action, frozen=True):
    """Let the files that are uploaded to a provider from now on expire by themselves."""

    id: str


class SaveProfile(Action, frozen=True):
    pass


class RemoveProfile(Action, frozen=True):
    id: str


class TypeKey(Action, frozen=True):
    profile: str


class RememberKey(Action, frozen=True):
    profile: str


def _no_key_typed(state: State, action: SaveKey) -> str | None:
    return None if state.provider.typed_keys.get(action.profile, "").strip() else "Enter the key first."


def remembers(state: State, profile: str) -> bool:
    """Whether a key that is entered is kept on this machine: as chosen, else where nobody but this page can open it."""
    return state.provider.remember.get(profile, state.browser.setting == "served" or state.lock.guard == "open")


class ReplaceKey(Action, frozen=True):
    """Show the field for another key, or put it away."""

    profile: str


class SaveKey(Action, frozen=True):
    """Keep the key that was typed, and test it at once."""

    profile: str
    command = Command("Save the key", "", _no_key_typed, shortcuts=(Shortcut("Enter", "key"),))


class RemoveKey(Action, frozen=True):
    profile: str


def _tested(state: State, action: TestKey) -> bool:
    return f"test:{action.profile}" in state.busy


class TestKey(Action, frozen=True):
    profile: str
    command = Command("Test the key", "", busy=_tested)


class RefreshModels(Action, frozen=True):
    command = Command("Refresh models", "Ask the provider for its models", ready=PLAIN)


class TypeLimit(Action, frozen=True):
    """``which``: ``name`` or ``tokens``."""

    profile: str
    which: str


def _limit_half_typed(state: State, action: SaveLimit) -> str | None:
    name, tokens = state.provider.typed_limits.get(action.profile, ("", ""))
    return None if name.strip() and tokens.strip() else "Enter the model prefix and the tokens first."


class SaveLimit(Action, frozen=True):
    profile: str
    command = Command("Save the limit", "", _limit_half_typed, shortcuts=(Shortcut("Enter", "limit"),))


class RemoveLimit(Action, frozen=True):
    """An own limit, or (``told``) one that the provider named."""

    profile: str
    name: str
    stated: bool = False


class SetPrice(Action, frozen=True):
    """A part of a person's own price of a model, as typed."""

    profile: str
    model: str
    tier: Literal["standard", "batch"]
    part: Literal["input", "cached", "output"]


class PriceModel(Action, frozen=True):
    """The beginning of a model's name for which prices are to be entered."""

    profile: str


class SetBudget(Action, frozen=True):
    """What a ``batch``, a ``day`` or a ``month`` may cost, as typed."""

    profile: str
    which: Literal["batch", "day", "month"]
