"""What is shown of requests that wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from app.core.model.settings import Automatic
from app.core.queue.auto_submit import Origin
from app.core.queue.lanes import LineRefusal
from app.core.queue.selection import Selection
from app.core.queue.summaries import Forecast
from app.services.queue.lane import LaneQueue, QueueRow
from app.services.queue.search import Matches

if TYPE_CHECKING:
    from app.core.batches.spending import BudgetVerdict
    from app.core.model.queue_edits import QueueEdit


class EditingWork(msgspec.Struct):
    """A change of many requests, or its undoing, under way (ui.base.stoppable). ``lane``: the key of theirs."""

    doing: str = ""
    share: int = 0
    stop: Callable[[], None] | None = None
    requests: int = 0
    lane: str = ""


class QueueState(msgspec.Struct):
    """Requests that wait, by lane, and when they go out by themselves."""

    lanes: list[LaneQueue] = msgspec.field(default_factory=list)
    lines: dict[str, tuple[int, list[QueueRow]]] = msgspec.field(default_factory=dict)
    """By the lane's key: the rows in sight and the place of the first."""
    selected: dict[str, Selection] = msgspec.field(default_factory=dict)
    """By the lane's key."""
    words: dict[str, str] = msgspec.field(default_factory=dict)
    """What a lane is searched for, by its key."""
    found: dict[str, Matches] = msgspec.field(default_factory=dict)
    """What was found, by the lane's key; the list shows that alone."""
    searched: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    """How many segments of a lane are searched, and of how many, while that is under way."""
    plans: dict[tuple[str, Origin], Forecast] = msgspec.field(default_factory=dict)
    """How each lane's requests would go, by the lane's key and their origin."""
    stuck: dict[tuple[str, Origin], tuple[LineRefusal, ...]] = msgspec.field(default_factory=dict)
    """Those that could not go out by themselves, by the same."""
    stopped: dict[tuple[str, Origin], BudgetVerdict] = msgspec.field(default_factory=dict)
    """Why a budget keeps them from going out by themselves, as it was told last; by the same."""
    automatic: dict[str, Automatic] = msgspec.field(default_factory=dict)
    """What was chosen about requests that go out by themselves, by profile."""
    notices: dict[str, float] = msgspec.field(default_factory=dict)
    """Since when the person knows of it, by profile, unix seconds."""
    otherwise: frozenset[str] = frozenset()
    """Profiles of which an older version said that requests made by hand go by themselves too."""
    minutes: dict[tuple[str, Origin], str] = msgspec.field(default_factory=dict)
    """Minutes as typed, by profile and origin."""
    editing: tuple[str, float] = ("", 0.0)
    """The key of the lane of which the other tabs were told that a request of it is open here, and when (ui.queue.editing)."""

    edits: list[QueueEdit] = msgspec.field(default_factory=list)
    """Changes of many requests that can be undone, the newest first."""
    work: EditingWork = msgspec.field(default_factory=EditingWork)

    def listed(self, lane: str) -> int:
        """How many requests a lane's list has: all, or those that were found."""
        found = self.found.get(lane)
        return sum(one.requests for one in self.lanes if one.lane.key == lane) if found is None else found.requests

    def chosen(self, lane: str) -> int:
        """How many of them are selected."""
        selection = self.selected.get(lane)
        return selection.count(self.listed(lane)) if selection is not None else 0
