"""Good answers as examples in the prompt of their table: the dialog, and what is done in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base import text
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command
from app.ui.results.dialogs import ExamplesDialog

if TYPE_CHECKING:
    from app.ui.base.state import State

MAX_EXAMPLES = 20
"""Pairs that are added at a time; each is paid with every request."""


class AskExamples(Action, frozen=True):
    """Open the dialog: for the answers that are ticked, or those that are marked good."""

    command = Command("Use as examples …", "Use good answers as examples in the prompt")


def _add_words(state: State, _action: UseExamples) -> str:
    dialog = state.dialog
    if not isinstance(dialog, ExamplesDialog) or dialog.examples is None:
        return "Add to the prompt"
    return f"Add {text.count(len(dialog.examples), 'example')} to the prompt"


def _cannot_add(state: State, _action: UseExamples) -> str | None:
    dialog = state.dialog
    if not isinstance(dialog, ExamplesDialog) or dialog.examples is None:
        return "The answers are being read."
    return None if dialog.examples else "None of them can be used as an example."


class UseExamples(Action, frozen=True):
    """Put them into the prompt of the table. It can be undone."""

    command = Command(_add_words, "", _cannot_add)


EXEMPLIFYING = (AskExamples, UseExamples)
"""Their handlers come with the first of them."""
