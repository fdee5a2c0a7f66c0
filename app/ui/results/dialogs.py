"""The question before requests are sent again that may be paid twice; and what file of answers is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from app.core.model.settings import ColumnGroup, TakeAway

if TYPE_CHECKING:
    from app.core.results.joining import JoinOrder


class RiskDialog(msgspec.Struct):
    """Requests that may be paid twice: shall they be sent again? Their ``rows``, and in the words of each code what is known."""

    batch: str
    which: str
    rows: tuple[int, ...]
    reasons: tuple[str, ...]


class TakeAwayDialog(msgspec.Struct):
    """A file of answers that is being chosen, or written."""

    title: str
    """What it is of: the name of a table or of a batch."""
    join: JoinOrder
    choice: TakeAway
    table: bool = False
    """Whether the requests came of a table, so that its columns can be in the file."""
    doing: str = ""
    """Not empty: it is being written."""
    share: int = 0
    """How much of it is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops it."""
    fault: tuple[str, str] | None = None
    """Why there is no file: title and text."""
    said: str = ""
    """What was saved last, as a sentence."""
    remarks: tuple[str, ...] = ()
    """What to know of that file: sentences."""

    @property
    def groups(self) -> tuple[ColumnGroup, ...]:
        """Those groups of columns that are chosen and that there can be."""
        return tuple(one for one in self.choice.parts if one != "table" or self.table)
