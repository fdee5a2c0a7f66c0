"""Asking again only those rows of a table that need it: the dialog, and what is done in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base import text
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command
from app.ui.results.dialogs import RerunDialog

if TYPE_CHECKING:
    from app.ui.base.state import State


class AskRerun(Action, frozen=True):
    """Count the rows of the table that need to be asked again."""

    command = Command("Rerun …", "Ask again what is stale, failed or empty")


def _rerun_words(state: State, _action: PlanRerun) -> str:
    dialog = state.dialog
    if not isinstance(dialog, RerunDialog) or dialog.facts is None:
        return "Check and price them"
    return f"Check and price {text.count(dialog.facts.again, 'row')}"


def _cannot_rerun(state: State, _action: PlanRerun) -> str | None:
    dialog = state.dialog
    if not isinstance(dialog, RerunDialog) or dialog.facts is None:
        return "The rows are being counted."
    if state.plan.stop is not None:
        return "Rows of a table are being checked or queued: wait, or stop that."
    return None if dialog.facts.again else "Every row has a good answer to the current prompt, or is waiting for one."


class PlanRerun(Action, frozen=True):
    """Go to the plan of the table, from which what is answered already is left out."""

    command = Command(_rerun_words, "", _cannot_rerun)


RERUNNING = (AskRerun, PlanRerun)
"""Their handlers come with the first of them."""
