"""What is shown of the charts above a table of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from app.services.results.charts_job import ChartsAsked, ChartsFound


class ReportState(msgspec.Struct):
    """A report that is chosen, or written."""

    rows: int = 100
    """How many it lists."""
    doing: str = ""
    """Not empty: it is being written."""
    share: int = 0
    stop: Callable[[], None] | None = None
    said: tuple[str, str, str] | None = None
    """How the last one ended: tone, title, text."""


class ChartsState(msgspec.Struct):
    """The card with the charts."""

    open: bool = False
    column: str = ""
    """A column that is drawn beside the usual ones; "": none."""
    asked: tuple[float, ChartsAsked] | None = None
    """What was asked for last, and of which table: when that was opened. None: it counts no more."""
    found: ChartsFound | None = None
    counting: bool = False
    report: ReportState = msgspec.field(default_factory=ReportState)
