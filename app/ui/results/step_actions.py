"""Steps: what is asked by itself when answers are there; the dialog, and what is done in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command
from app.ui.results.dialogs import StepDialog

if TYPE_CHECKING:
    from app.ui.base.state import State


def _ask_words(_state: State, action: AskStep) -> str:
    return "Plan …" if action.proposed else "Next step …"


class AskStep(Action, frozen=True):
    """Open the dialog; with ``proposed`` for the step of this id, which a recipe proposes."""

    proposed: str = ""
    command = Command(_ask_words, "Ask something when the answers arrive")


class TypeStep(Action, frozen=True):
    """One thing of it, as typed, chosen or ticked."""

    field: Literal["after", "message", "alone", "model", "system", "form", "schema", "limit", "submit"]


def _cannot_plan(state: State, _action: PlanStep) -> str | None:
    dialog = state.dialog
    if not isinstance(dialog, StepDialog):
        return "Nothing is planned."
    if dialog.source is None:
        return "Choose what it waits for."
    if dialog.every_fault:
        return dialog.every_fault[0]
    if not dialog.practice and (dialog.expected is None or dialog.expected.cost is None):
        return "No price is known for this model, so no limit can be enforced."
    return dialog.limit_fault or None


class PlanStep(Action, frozen=True):
    """Accept it, with its limit: from now on it goes by itself."""

    command = Command("Plan this step", "", _cannot_plan)


class CancelStep(Action, frozen=True):
    """It does nothing else automatically."""

    id: str

    command = Command("Cancel")


class ClearSteps(Action, frozen=True):
    """Take those out of sight of which nothing is left to be done."""

    command = Command("Clear ended steps")


STEPPING = (AskStep, TypeStep, PlanStep, CancelStep, ClearSteps)
"""Their handlers come with the first of them."""
