"""The queue: requests, and when they go."""

from __future__ import annotations

from app.core.queue.auto_submit import Origin
from app.ui.base.actions_base import Action


class ScrollLane(Action, frozen=True):
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


class DeleteSelected(Action, frozen=True):
    lane: str


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


class SaveRequest(Action, frozen=True):
    pass


class TakeTheirRequest(Action, frozen=True):
    """Show what another tab made of the request, in the place of what was typed here."""


class RequestAsThread(Action, frozen=True):
    pass


class Submit(Action, frozen=True):
    """Submit the requests of one lane: all, or the selected ones."""

    lane: str
    selected: bool = False


class SubmitAll(Action, frozen=True):
    pass


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
