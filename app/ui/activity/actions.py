"""The log, and desktop notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.actions_base import Action
from app.ui.base.commands import PLAIN, Command

if TYPE_CHECKING:
    from app.ui.base.state import State


class ShowLog(Action, frozen=True):
    """``all`` or ``problems``."""

    which: str


class FilterLog(Action, frozen=True):
    """The value is a batch's id, or nothing."""


class ScrollLog(Action, frozen=True):
    pass


class OpenLogEntry(Action, frozen=True):
    id: str


def _nothing_shown(state: State, _action: ExportLog) -> str | None:
    return None if state.log.shown else "No entry is shown."


class ExportLog(Action, frozen=True):
    command = Command("Export ↓", "Export the log that is shown", _nothing_shown, ready=PLAIN)


def _debug(state: State, _action: ToggleDebug) -> str:
    return "Open the debug panel" if state.debug is None else "Close the debug panel"


class ToggleDebug(Action, frozen=True):
    """Open the debug panel, or close it."""

    command = Command(_debug, ready=PLAIN)


class ClearDebug(Action, frozen=True):
    """Begin the debug panel again."""

    command = Command("Start over")


class SetNotify(Action, frozen=True):
    on: bool
