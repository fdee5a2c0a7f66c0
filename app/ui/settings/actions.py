"""How the page looks, what the browser keeps, and the practice provider's behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command

if TYPE_CHECKING:
    from app.ui.base.state import State

FIGURES = (("browser", "As the browser's language"), ("en-US", "English (United States)"), ("iso", "ISO"))
"""Choices of how figures are written, and words for them."""
THEMES = {"system": "same as system", "light": "light", "dark": "dark"}


def _colours(_state: State, action: SetTheme) -> str:
    return f"Colours: {THEMES.get(action.theme, action.theme)}"


def _has_colours(state: State, action: SetTheme) -> str | None:
    return "Already set." if state.preferences.theme == action.theme else None


class SetTheme(Action, frozen=True):
    theme: str
    command = Command(_colours, "", _has_colours, ready=tuple({"theme": one} for one in THEMES))


class SetFigures(Action, frozen=True):
    """How figures and times are written: the field's value."""


class AskPersist(Action, frozen=True):
    pass


class SetSpeed(Action, frozen=True):
    pass


class ToggleTrap(Action, frozen=True):
    trap: str


class SetKeeping(Action, frozen=True):
    """How many days ended batches are kept: the field's value."""
