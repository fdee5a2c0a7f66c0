"""The whole workspace as a file."""

from __future__ import annotations

from app.ui.base.actions_base import Action


class WithKeys(Action, frozen=True):
    """Export the API keys too, or not."""


class TypePassphrase(Action, frozen=True):
    """``which``: ``first`` and ``again`` for an export, ``import`` for the file that was chosen."""

    which: str


class ExportWorkspace(Action, frozen=True):
    pass


class ChooseWorkspace(Action, frozen=True):
    """Read the file that was chosen; nothing is imported yet."""


class BringWorkspace(Action, frozen=True):
    """Import the file that was read: ``merge`` or ``replace``."""

    mode: str


class StopWorkspace(Action, frozen=True):
    """Stop an export, a check or an import."""


class UndoImport(Action, frozen=True):
    pass


class KeepImport(Action, frozen=True):
    """Give up the undo of the last import."""
