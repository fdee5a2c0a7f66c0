"""Many selected requests of the queue changed together, and put back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.core.base import text
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut
from app.ui.queue.dialogs import BulkDialog

if TYPE_CHECKING:
    from app.ui.base.state import State


def lane_meant(state: State, lane: str) -> str:
    """The key of the lane that is meant: this, or the first in which requests are selected; "" where none are."""
    if lane:
        return lane if state.queue.chosen(lane) else ""
    return next((one.lane.key for one in state.queue.lanes if state.queue.chosen(one.lane.key)), "")


def _words(state: State, action: AskBulk) -> str:
    return f"Edit {text.number(state.queue.chosen(lane_meant(state, action.lane)))} …"


def _nothing_selected(state: State, action: AskBulk) -> str | None:
    if state.route.view != "queue":
        return "Open the queue first, and select requests."
    if state.queue.work.doing:
        return "Requests are being changed: wait, or stop that."
    return None if lane_meant(state, action.lane) else "No request is selected."


class AskBulk(Action, frozen=True):
    """Open the dialog in which the selected requests of a lane are changed; no ``lane``: of the first that has some."""

    lane: str = ""
    command = Command(
        _words,
        "Edit the selected requests",
        _nothing_selected,
        shortcuts=(Shortcut("e", "queue", "Edit the selected requests", {"lane": ""}),),
        ready=({"lane": ""},),
    )


class ChooseBulk(Action, frozen=True):
    """Which parameter is changed."""


class TypeBulk(Action, frozen=True):
    """What is typed for it."""

    what: Literal["key", "text"]


class SetBulkRemoved(Action, frozen=True):
    """Whether it is taken out, or set."""

    removed: bool


def _change_words(state: State, _action: ApplyBulk) -> str:
    dialog = state.dialog
    if not isinstance(dialog, BulkDialog) or dialog.report is None:
        return "Change the requests"
    return f"Change {text.count(dialog.report.changed, 'request')}"


def _nothing_changes(state: State, _action: ApplyBulk) -> str | None:
    dialog = state.dialog
    if not isinstance(dialog, BulkDialog) or dialog.change is None:
        return "Enter the new value first."
    if dialog.report is None:
        return "The requests are being checked."
    return None if dialog.report.changed else "No request would change."


def _changing(state: State, _action: ApplyBulk) -> bool:
    return bool(state.queue.work.doing)


class ApplyBulk(Action, frozen=True):
    """Change them."""

    command = Command(_change_words, "", _nothing_changes, _changing)


class StopBulk(Action, frozen=True):
    """Stop what is under way."""


class UndoBulk(Action, frozen=True):
    """Put back what an edit changed."""

    id: str


class KeepBulk(Action, frozen=True):
    """What an edit changed stays."""

    id: str


BULK = (AskBulk, ChooseBulk, TypeBulk, SetBulkRemoved, ApplyBulk, StopBulk, UndoBulk, KeepBulk)
"""Their handlers come with the first of them."""
