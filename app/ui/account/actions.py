"""What lies at the provider, and what is kept there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base import text
from app.ui.account.dialogs import SweepDialog
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command

if TYPE_CHECKING:
    from app.ui.base.state import State

_DELETING = "Files are being deleted."


def _deleting(state: State, _action: Action) -> str | None:
    return _DELETING if state.account.deleting is not None else None


def _reading(state: State, _action: Action) -> bool:
    return state.account.reading is not None


class LookAtAccount(Action, frozen=True):
    """List what is at the provider."""

    command = Command("Refresh", "", _deleting, _reading)


class ChooseAccount(Action, frozen=True):
    """Look at another provider's account: the field's value."""


class ScrollAccount(Action, frozen=True):
    pass


class ChooseFile(Action, frozen=True):
    id: str


class ChooseFiles(Action, frozen=True):
    """Choose all files of one kind (core.batches.remote_files.What), or none."""

    what: str = ""


class ShowAccount(Action, frozen=True):
    """Show the account's files or its batches."""

    tab: str


class AdoptBatch(Action, frozen=True):
    """Bring a batch here that was created elsewhere. ``id`` is the provider's."""

    id: str


def _nothing_to_delete(state: State, action: AskSweep) -> str | None:
    return _deleting(state, action) or (None if state.account.chosen else "No file is chosen.")


def _delete_chosen(state: State, _action: AskSweep) -> str:
    account = state.account
    size = sum(file.file.size for file in account.files if file.file.id in account.chosen)
    return f"Delete {text.count(len(account.chosen), 'file')} ({text.size(size)})"


class AskSweep(Action, frozen=True):
    command = Command(_delete_chosen, "", _nothing_to_delete)


def _delete_asked(state: State, _action: SweepFiles) -> str:
    return f"Delete {text.count(state.dialog.files if isinstance(state.dialog, SweepDialog) else 0, 'file')}"


class SweepFiles(Action, frozen=True):
    """Delete the chosen files at the provider."""

    command = Command(_delete_asked, "", _deleting)


def _stops_already(state: State, _action: StopSweep) -> str | None:
    return "It stops after the current file." if state.account.stop else None


class StopSweep(Action, frozen=True):
    command = Command("Stop", "Stop deleting files", _stops_already)


class ToggleClear(Action, frozen=True):
    """Whether a provider's files are deleted once the answers are here."""

    profile: str
