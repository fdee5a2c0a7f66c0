"""Going on from answers: what is chosen in the dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.core.base import text
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command
from app.ui.results.dialogs import FollowDialog

if TYPE_CHECKING:
    from app.ui.base.state import State


class ToggleCarryOn(Action, frozen=True):
    """List the ways of going on from answers, or no more."""

    command = Command("Carry on", "Continue from answers")


class AskFollow(Action, frozen=True):
    """Open the dialog: for the request that is named, else for the answers that are ticked, or all that the table lets through."""

    batch: str = ""
    row: int = 0

    command = Command("Follow up …", "Ask follow-up questions")


class TypeFollow(Action, frozen=True):
    """One thing of it, as typed or ticked."""

    field: Literal["message", "alone", "model", "system", "form", "schema"]


def _queue_words(state: State, _action: QueueFollow) -> str:
    dialog = state.dialog
    return (
        f"Queue {text.count(dialog.count, 'request')}" if isinstance(dialog, FollowDialog) and dialog.report is not None else "Queue them"
    )


def _cannot_queue(state: State, _action: QueueFollow) -> str | None:
    dialog = state.dialog
    if not isinstance(dialog, FollowDialog):
        return "Nothing is chosen."
    if dialog.report is not None and not dialog.count:
        return "None of these answers can be followed up."
    return next(iter(dialog.every_fault), None)


def _queueing(state: State, _action: QueueFollow) -> bool:
    return isinstance(state.dialog, FollowDialog) and bool(state.dialog.doing)


class QueueFollow(Action, frozen=True):
    """Add the requests to the queue. Nothing is sent."""

    command = Command(_queue_words, "", _cannot_queue, _queueing)


class StopFollow(Action, frozen=True):
    """Stop looking at the answers, or queueing what follows them."""


FOLLOWING = (ToggleCarryOn, AskFollow, TypeFollow, QueueFollow, StopFollow)
"""Their handlers come with the first of them."""
