"""The dialog with one entry of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.core.activity.log import LogEntry

if TYPE_CHECKING:
    pass


class LogDialog(msgspec.Struct):
    """One entry of the log in full."""

    entry: LogEntry
