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


class SetNotify(Action, frozen=True):
    on: bool
