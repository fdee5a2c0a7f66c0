"""Answers that a model is to judge: what is chosen in the dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.core.base import text
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command
from app.ui.results.dialogs import JudgeDialog

if TYPE_CHECKING:
    from app.ui.base.state import State


class AskJudge(Action, frozen=True):
    """Open the dialog: for the answers that are ticked, or all that the table of answers lets through."""

    command = Command("Judge …", "Judge answers with a model")


class TypeJudge(Action, frozen=True):
    """One thing of it, as typed or chosen."""

    what: Literal["name", "scale", "criteria", "labels", "expected"]


def _prepare_words(state: State, _action: PrepareJudge) -> str:
    dialog = state.dialog
    return f"Prepare {text.count(dialog.count, 'request')}" if isinstance(dialog, JudgeDialog) else "Prepare"


def _cannot_prepare(state: State, _action: PrepareJudge) -> str | None:
    dialog = state.dialog
    if not isinstance(dialog, JudgeDialog):
        return "Nothing is chosen."
    if not dialog.count:
        return "There are no answers."
    from app.core.results.judge_prompt import labels_of  # with what it needs of templates, which the first view does not

    return "Enter at least two labels." if dialog.scale == "labels" and len(labels_of(dialog.labels)) < 2 else None


def _preparing(state: State, _action: PrepareJudge) -> bool:
    return isinstance(state.dialog, JudgeDialog) and bool(state.dialog.doing)


class PrepareJudge(Action, frozen=True):
    """Make the table of them with the prompt of a judge, and open that. Nothing is sent."""

    command = Command(_prepare_words, "", _cannot_prepare, _preparing)


class StopJudge(Action, frozen=True):
    """Stop making the table."""


JUDGING = (AskJudge, TypeJudge, PrepareJudge, StopJudge)
"""Their handlers come with the first of them."""
