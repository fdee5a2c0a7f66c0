"""The search in the guide."""

from __future__ import annotations

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command


class TypeHelp(Action, frozen=True):
    """What is looked for."""


class ReadGuideAgain(Action, frozen=True):
    """Read the guide again, after that failed."""

    command = Command("Try again")


HELPING = (TypeHelp, ReadGuideAgain)
"""Their handlers come with the first of them."""
