"""Batches: on their way, stuck, and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.batches.pipeline import Way
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, while_busy
from app.ui.batches.dialogs import SettleDialog

if TYPE_CHECKING:
    from app.ui.base.state import State


class CancelBatch(Action, frozen=True):
    id: str


class AskCancel(Action, frozen=True):
    id: str


class TryNow(Action, frozen=True):
    id: str


class AskSettle(Action, frozen=True):
    """Ask what a way on from where a batch is stuck does and may cost."""

    id: str
    way: Way


class TypeBatchId(Action, frozen=True):
    """The id of a batch at the provider."""


def _settled_by(state: State, action: Settle) -> str:
    """What taking a way is called by its dialog; giving up has a word of its own for each state of the batch (settling_view)."""
    match action.way:
        case "claim":
            return "It is the same account"
        case "return":
            return "I checked: return them"
        case "bind":
            found = state.dialog.found if isinstance(state.dialog, SettleDialog) else None
            return "It is this one anyway" if found is not None and found.against else "Look at it"
        case _:
            return "Give it up"


def _no_id_typed(state: State, action: Settle) -> str | None:
    typed = isinstance(state.dialog, SettleDialog) and state.dialog.typed.strip()
    return "Enter the batch's id first." if action.way == "bind" and not typed else None


class Settle(Action, frozen=True):
    """Take that way."""

    command = Command(_settled_by, "", _no_id_typed, while_busy("settle"))

    id: str
    way: Way


class StopFollowing(Action, frozen=True):
    """Take a batch for ended whatever the provider calls it."""

    id: str


class AskForget(Action, frozen=True):
    id: str


class ForgetBatch(Action, frozen=True):
    """Delete an ended batch from this browser."""

    id: str


class RemovalRead(Action, frozen=True):
    """The note about batches that left this browser by themselves was read."""
