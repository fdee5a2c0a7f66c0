"""What is shown of batches, and of the one that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.core.batches.durations import History
from app.core.batches.matching import Match
from app.core.model.batches import Batch
from app.core.model.settings import RetentionNotice
from app.services.batches.attempts import RequestHistory
from app.services.results.shown import AnswerRow, Group

if TYPE_CHECKING:
    from app.services.planning.planning import RowsOrigin


KEEPING = [("0", "until I delete them"), ("30", "30 days, if exported"), ("90", "90 days, if exported")]
"""How long ended batches may be kept: days, and the words for it."""


class BatchesState(msgspec.Struct):
    """The batches that are stored."""

    all: list[Batch] = msgspec.field(default_factory=list)
    progress: dict[str, tuple[str, int, int]] = msgspec.field(default_factory=dict)
    """By id: what is under way (``uploaded``, ``checking`` …), how much of it is done, and of how much; bytes, or lines."""
    histories: dict[str, History] = msgspec.field(default_factory=dict)
    """How long batches took, by lane key."""
    removed: RetentionNotice | None = None
    """Batches that left this browser by themselves, until that was read."""
    search: str = ""
    """The words that the list is searched for."""


class BatchState(msgspec.Struct):
    """The batch that is open: its rows in sight and what it is filtered by."""

    id: str = ""
    which: str = "all"
    """The filter: ``all``, an outcome, ``code:<error code>``, ``differing`` or ``resent``."""
    total: int = 0
    """Rows under the filter."""
    first: int = 0
    """Place of the first row in sight."""
    rows: tuple[AnswerRow, ...] = ()
    steps: tuple[bool, bool] = (False, False)
    """Whether there is a row before and after the one that is open."""
    groups: tuple[Group, ...] = ()
    """What was not answered, by error code."""
    match: Match | None = None
    """How answers under other ids can be matched to requests, where they can."""
    origins: tuple[RowsOrigin, ...] = ()
    """Of which tables its requests are, and which versions of their prompts asked."""
    whose: str = ""
    """The id that was typed for the unexpected answer that is open."""
    whose_fault: str = ""
    """What is wrong with it."""
    groups_of: tuple[str, int, int] = ("", 0, 0)
    """What the groups were made of: a batch, the length of its timeline, how many of its requests went again."""
    picked: set[int] = msgspec.field(default_factory=set)
    """Rows that were chosen."""
    sending: tuple[int, int] | None = None
    """How many requests a sending by hand has put into the queue, and how many it will."""
    stop: bool = False
    """Whether that sending shall stop."""
    story: RequestHistory | None = None
    """The attempts of the request that is open."""
