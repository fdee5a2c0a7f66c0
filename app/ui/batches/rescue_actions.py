"""Rescuing a batch that takes too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.core.model.batches import Batch
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, while_busy
from app.ui.batches.dialogs import RescueDialog

if TYPE_CHECKING:
    from app.ui.base.state import State

RESCUABLE = frozenset({"planned", "uploading", "uploaded", "waiting", "creating", "validating", "in_progress", "finalizing"})
"""States of a batch in which it can be cancelled, and may yet take long."""


def can_rescue(batch: Batch) -> bool:
    """Whether a rescue is offered."""
    return batch.state in RESCUABLE and not batch.cancel_requested and not batch.live and not batch.unproven and not batch.input_missing


class AskRescue(Action, frozen=True):
    """Open the dialog."""

    id: str
    command = Command("Rescue …", "")


class ChooseRescue(Action, frozen=True):
    """When, or how what is left is sent, as chosen."""

    field: Literal["when", "way"]


class TypeRescue(Action, frozen=True):
    """The hours, or the time, are being typed."""

    field: Literal["hours", "clock"]


def _words(state: State, _action: SetRescue) -> str:
    now = isinstance(state.dialog, RescueDialog) and state.dialog.when == "now"
    return "Rescue it now" if now else "Schedule the rescue"


class SetRescue(Action, frozen=True):
    """Do it, or have it done at its time."""

    command = Command(_words, "", busy=while_busy("rescue"))


class DropRescue(Action, frozen=True):
    """Take off a rescue that has not begun, or the note of one that has ended."""

    id: str


RESCUING = (AskRescue, ChooseRescue, TypeRescue, SetRescue, DropRescue)
"""Their handlers come with the first of them."""
