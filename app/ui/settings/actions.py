"""How the page looks, what the browser keeps, and the practice provider's behaviour."""

from __future__ import annotations

from app.ui.base.actions_base import Action


class SetTheme(Action, frozen=True):
    theme: str


class AskPersist(Action, frozen=True):
    pass


class SetSpeed(Action, frozen=True):
    pass


class ToggleTrap(Action, frozen=True):
    trap: str


class SetKeeping(Action, frozen=True):
    """How many days ended batches are kept: the field's value."""
