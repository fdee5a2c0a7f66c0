"""The queue: requests, and when they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base import text
from app.core.queue.auto_submit import Origin
from app.ui.base.actions_base import Action
from app.ui.base.commands import PLAIN, Command, Shortcut, while_busy
from app.ui.queue.dialogs import RequestDialog

if TYPE_CHECKING:
    from app.ui.base.state import State

_SUBMITTING = while_busy("submit")


def _requests(state: State, lane: str) -> int:
    """How many requests wait in a lane."""
    return next((one.requests for one in state.queue.lanes if one.lane.key == lane), 0)


def _chosen(state: State, lane: str) -> int:
    return state.queue.chosen(lane)


class ScrollLane(Action, frozen=True):
    lane: str


class SearchLane(Action, frozen=True):
    """List only the requests of a lane that hold the words which are typed."""

    lane: str


class SelectRequest(Action, frozen=True):
    lane: str
    id: str


class SelectLane(Action, frozen=True):
    lane: str


class ClearSelection(Action, frozen=True):
    lane: str


class DeleteRequest(Action, frozen=True):
    lane: str
    id: str


def _delete_chosen(state: State, action: DeleteSelected) -> str:
    return f"Delete {text.number(_chosen(state, action.lane))}"


class DeleteSelected(Action, frozen=True):
    lane: str
    command = Command(_delete_chosen)


class RestoreRequests(Action, frozen=True):
    lane: str


class ForgetRequests(Action, frozen=True):
    lane: str


class OpenRequest(Action, frozen=True):
    lane: str
    id: str


class EditRequest(Action, frozen=True):
    pass


class TidyRequest(Action, frozen=True):
    """Indent the JSON of the request that is open."""


def _save(state: State, _action: SaveRequest) -> str:
    return "Overwrite with mine" if isinstance(state.dialog, RequestDialog) and state.dialog.theirs else "Save"


def _unchanged(state: State, _action: SaveRequest) -> str | None:
    dialog = state.dialog
    return None if isinstance(dialog, RequestDialog) and dialog.text != dialog.before else "Nothing was changed."


def _being_saved(state: State, _action: SaveRequest) -> bool:
    return isinstance(state.dialog, RequestDialog) and state.dialog.saving


class SaveRequest(Action, frozen=True):
    command = Command(_save, "", _unchanged, _being_saved)


class TakeTheirRequest(Action, frozen=True):
    """Show what another tab made of the request, in place of what was typed here."""


def _being_made(state: State, _action: RequestAsThread) -> bool:
    return isinstance(state.dialog, RequestDialog) and state.dialog.making


class RequestAsThread(Action, frozen=True):
    command = Command("Open as a prompt", "", busy=_being_made)


def _submit(state: State, action: Submit) -> str:
    if action.selected:
        return f"Submit {text.number(_chosen(state, action.lane))} selected"
    return f"Submit {text.number(_requests(state, action.lane))}"


def _nothing_in_lane(state: State, action: Submit) -> str | None:
    if action.selected:
        return None if _chosen(state, action.lane) else "No request is selected."
    return None if _requests(state, action.lane) else "Nothing is queued here."


class Submit(Action, frozen=True):
    """Submit the requests of one lane: all, or the selected ones."""

    lane: str
    selected: bool = False
    command = Command(_submit, "", _nothing_in_lane, _SUBMITTING)


def _submit_all(state: State, _action: SubmitAll) -> str:
    waiting = sum(lane.requests for lane in state.queue.lanes)
    return f"Submit all {text.number(waiting)}" if waiting else "Submit all"


def _nothing_waits(state: State, _action: SubmitAll) -> str | None:
    if state.route.view != "queue":
        return "Open the queue first, and see what is sent."
    return None if any(lane.requests for lane in state.queue.lanes) else "The queue is empty."


class SubmitAll(Action, frozen=True):
    command = Command(_submit_all, "", _nothing_waits, _SUBMITTING, shortcuts=(Shortcut("Ctrl+Enter", "queue"),), ready=PLAIN)


class HoldLane(Action, frozen=True):
    """Keep a lane's requests from going out by themselves."""

    lane: str


class ReleaseLane(Action, frozen=True):
    """Let them go by themselves again."""

    lane: str


class SetAfter(Action, frozen=True):
    """How long requests of one origin wait for a provider before they go out by themselves, as chosen from the list."""

    profile: str
    kind: Origin


class TypeMinutes(Action, frozen=True):
    """The same, typed in minutes."""

    profile: str
    kind: Origin


class ReadOtherwise(Action, frozen=True):
    """The person read that requests made by hand wait for them now."""

    profile: str
