"""What is shown of the log and of the whole workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from app.core.activity.log import LogEntry
from app.core.workspace.imports import Import


class LogState(msgspec.Struct):
    """The log as far as it is in sight: all of it, or that of the batch that is open; newest first."""

    which: Literal["all", "problems"] = "all"
    entries: tuple[LogEntry, ...] = ()
    shown: tuple[LogEntry, ...] = ()
    """Those of ``entries`` that ``which`` lets through."""
    read: bool = False
    """Whether it was read since it came into sight."""
    old: bool = False
    """Whether it was added to since."""


class WorkspaceState(msgspec.Struct):
    """Exports and imports of the whole workspace."""

    with_keys: bool = False
    """Whether API keys go out with it, sealed."""
    fault: str = ""
    """What is wrong with the passphrases that were typed."""
    doing: Literal["", "export", "check", "import", "undo", "keep"] = ""
    """What is under way."""
    share: int = 0
    """How much of it is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops it, while that can be."""
    said: tuple[str, str, str] | None = None
    """How the last one ended: tone, title, text."""
    last: Import | None = None
    """The import that can be undone."""
