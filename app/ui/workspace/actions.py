"""The whole workspace as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.actions_base import Action
from app.ui.base.commands import PLAIN, UNDER_WAY, Command

if TYPE_CHECKING:
    from app.ui.base.state import State


def _at_work(state: State, _action: Action) -> str | None:
    return UNDER_WAY if state.workspace.doing else None


class WithKeys(Action, frozen=True):
    """Export the API keys too, or not."""


class TypePassphrase(Action, frozen=True):
    """``which``: ``first`` and ``again`` for an export, ``import`` for the file that was chosen."""

    which: str


class ExportWorkspace(Action, frozen=True):
    command = Command("Export", "Export the workspace", _at_work, ready=PLAIN)


class ChooseWorkspace(Action, frozen=True):
    """Read the file that was chosen; nothing is imported yet."""


def _bring(_state: State, action: BringWorkspace) -> str:
    return "Replace what is here" if action.mode == "replace" else "Merge with what is here"


class BringWorkspace(Action, frozen=True):
    """Import the file that was read: ``merge`` or ``replace``."""

    mode: str
    command = Command(_bring, "", _at_work)


def _too_late(state: State, _action: StopWorkspace) -> str | None:
    return "It can no longer be cancelled." if state.workspace.doing and state.workspace.stop is None else None


class StopWorkspace(Action, frozen=True):
    """Stop an export, a check or an import."""

    command = Command("Cancel", "", _too_late)


class UndoImport(Action, frozen=True):
    pass


class KeepImport(Action, frozen=True):
    """Give up the undo of the last import."""
