"""The log, and desktop notices."""

from __future__ import annotations

from app.ui.base.actions_base import Action


class ShowLog(Action, frozen=True):
    """``all`` or ``problems``."""

    which: str


class FilterLog(Action, frozen=True):
    """The value is a batch's id, or nothing."""


class ScrollLog(Action, frozen=True):
    pass


class OpenLogEntry(Action, frozen=True):
    id: str


class ExportLog(Action, frozen=True):
    pass


class SetNotify(Action, frozen=True):
    on: bool
