"""What is shown of a table on its way into the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec

from app.core.model.ways import Ways

if TYPE_CHECKING:
    from app.core.model.providers import OwnPrice
    from app.core.model.sendings import QueuedRows
    from app.services.planning.planning import CheckedPlan
    from app.services.planning.pricing import LanePrice
    from app.services.planning.queue_job import AddedRows


class ShownRow(msgspec.Struct, frozen=True):
    """A row at fault, opened below its finding: its position from 0, and the columns' names with their cells."""

    position: int
    cells: tuple[tuple[str, str], ...] = ()
    lost: str = ""
    """Why it cannot be shown: a sentence."""


class Counting(msgspec.Struct):
    """Tokens of all requests being counted, beside whatever else is done with the plan."""

    doing: str = ""
    share: int = 0
    stop: Callable[[], None] | None = None
    said: str = ""
    """Why only a sample was counted: a sentence."""


class PlanState(msgspec.Struct):
    """The plan of the table that is open."""

    dataset: str = ""
    """Id of the table."""
    doing: Literal["", "check", "queue", "file"] = ""
    share: int = 0
    """How much of it is done, 0 to 100."""
    stop: Callable[[], None] | None = None
    """Stops what is under way."""
    fault: tuple[str, str] | None = None
    """What went wrong last: title and text."""
    ways: Ways = Ways()
    """In which ways each row is asked."""
    reuse: bool = False
    """Requests that were answered already are left out."""
    spared: int | None = None
    """What these would cost again, in 10^-12 dollars; None: not known."""
    checked: CheckedPlan | None = None
    """What the last look over all rows found."""
    checked_ways: Ways = Ways()
    """Those in which rows were asked then."""
    remedies: dict[str, str] = {}
    """By the key of a finding what fixes all rows of its kind, in words."""
    counting: Counting = msgspec.field(default_factory=Counting)
    prices: tuple[LanePrice, ...] = ()
    own_prices: tuple[OwnPrice, ...] = ()
    """The person's own by which it is priced."""
    outputs: dict[tuple[str, str], tuple[int, ...]] = {}
    """Output tokens of the tries of these very prompts, by a variant's tag and its model."""
    output: str = ""
    """Tokens of an answer, as typed; empty: as assumed."""
    limit_faults: dict[tuple[str, str], tuple[str, str]] = {}
    """By part and model: what was typed as a limit that is none, and why."""
    may_fit: bool = False
    """A limit was raised since rows were left out as too large."""
    opened: str = ""
    """Key of the finding whose rows are looked at."""
    row: ShownRow | None = None
    added: AddedRows | None = None
    """What was added to the queue in this visit."""
    before: tuple[QueuedRows, ...] = ()
    """What was added of this table's rows, newest first."""
