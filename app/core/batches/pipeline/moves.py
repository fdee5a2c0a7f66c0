"""The table of states: where each may lead, which events it hears, which calls may fail in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.core.base.transitions import arrows
from app.core.batches.events import (
    BatchNotFound,
    Bound,
    CallFailed,
    CancelAnswered,
    CancelRequested,
    CapacityReserved,
    CapacityUnavailable,
    Claimed,
    CreateBegins,
    Created,
    Downloaded,
    Event,
    FetchAgain,
    FileNotFound,
    FilePending,
    GivenUp,
    Polled,
    Rebuilt,
    Reconciled,
    Resent,
    Returned,
    StopFollowing,
    TryNow,
    UploadBegins,
    Uploaded,
)
from app.core.model.batches import BatchState

LIVE: Final[tuple[BatchState, ...]] = ("validating", "in_progress", "finalizing")
FETCHED: Final[frozenset[str]] = frozenset({"done", "failed", "expired", "cancelled"})
FINAL: Final[frozenset[str]] = FETCHED | {"withdrawn"}
ENDINGS: Final[dict[str, BatchState]] = {"completed": "done", "expired": "expired", "cancelled": "cancelled", "failed": "failed"}
"""The provider's final statuses and the state that each one leads to."""

UNFOLLOWED: Final = "unfollowed"
"""The ending of a batch that the person takes for ended whatever the provider says; it leads to ``done``."""
FOLLOWED: Final[frozenset[str]] = frozenset({*LIVE, "cancelling"})
"""States in which the provider is asked about the batch."""

_AFTER: Final = frozenset[str]({"cancelling", "downloading", "reconciling", "failed"})
_BACK: Final = frozenset[str]({"withdrawn"})  # the person returned the requests to the queue
_REFUSED: Final = frozenset[str]({"waiting", "uploading"})  # no room at the provider, or it no longer has the file: nothing ran
_AGAIN: Final = frozenset[str]({"downloading", "reconciling"})  # the person wants the answers fetched again

MOVES: Final[dict[str, frozenset[str]]] = {
    "": frozenset({"planned", "adopting"}),
    "adopting": frozenset({*LIVE, *_AFTER}),
    "planned": frozenset({"uploading", "withdrawn"}),
    "uploading": frozenset({"uploaded", "withdrawn"}),
    "uploaded": frozenset({"waiting", "creating", "withdrawn"}),
    "waiting": frozenset({"creating", "withdrawn"}),
    "creating": frozenset({*LIVE, *_AFTER, *_REFUSED, "withdrawn"}),
    "validating": frozenset({"in_progress", "finalizing", *_AFTER, *_REFUSED, *_BACK}),
    "in_progress": frozenset({"validating", "finalizing", *_AFTER, *_REFUSED, *_BACK}),
    "finalizing": frozenset({"validating", "in_progress", *_AFTER, *_BACK}),
    "cancelling": frozenset({"downloading", "reconciling", "failed", *_BACK}),
    "downloading": frozenset({"reconciling"}),
    "reconciling": frozenset({"done", "expired", "cancelled", "failed"}),
    "done": _AGAIN | {"finalizing"},  # asked about again
    "failed": _AGAIN,
    "expired": _AGAIN,
    "cancelled": _AGAIN,
    "withdrawn": frozenset(),
}
"""From each state (``""``: not there yet) the states that may follow. The store checks every commit against it."""

BEFORE: Final = frozenset[str]({"planned", "uploading", "uploaded", "waiting", "creating"})
"""Before the provider is known to have a batch."""

OPEN: Final = frozenset(MOVES) - FINAL - {""}
"""Every state but the endings."""

CALLS: Final[dict[str, frozenset[str]]] = {
    "upload": frozenset({"planned", "uploading"}),
    "create": frozenset({"creating"}),
    "list": frozenset({"uploading", "creating"}),
    "poll": FOLLOWED,
    "cancel": frozenset({"cancelling"}),
    "download": frozenset({"downloading", "adopting"}),
    "store": OPEN,
}
"""The states in which the failure of a call is heard."""

HEARD: Final[dict[type[Event], frozenset[str]]] = {
    UploadBegins: frozenset({"planned", "uploading"}),
    Uploaded: frozenset({"uploading"}),
    FileNotFound: frozenset({"uploading"}),
    FilePending: frozenset({"uploading"}),
    CapacityReserved: frozenset({"uploaded", "waiting"}),
    CapacityUnavailable: frozenset({"uploaded"}),
    CreateBegins: frozenset({"creating"}),
    Created: frozenset({"creating"}),
    BatchNotFound: frozenset({"creating"}),
    Rebuilt: frozenset({"adopting"}),
    Polled: FOLLOWED,
    CancelAnswered: frozenset({"cancelling"}),
    Downloaded: frozenset({"downloading"}),
    Reconciled: frozenset({"reconciling"}),
    Resent: frozenset({"reconciling"}),
    CallFailed: OPEN,
    Claimed: OPEN,
    Returned: frozenset({"creating", *LIVE, "cancelling"}),
    Bound: frozenset({"creating", *LIVE, "cancelling"}),
    GivenUp: frozenset({"creating", *LIVE, "cancelling", "downloading", "reconciling"}),
    FetchAgain: FETCHED,
    CancelRequested: frozenset({*BEFORE, *LIVE, "cancelling"}),
    StopFollowing: FOLLOWED,
    TryNow: OPEN,
}
"""The states in which each event is heard."""


def legal(old: str, new: str) -> bool:
    """Whether a stored batch may go from state ``old`` (``""``: new) to ``new``. Staying is always legal."""
    return old == new or new in MOVES.get(old, frozenset())


def diagram(moves: Iterable[tuple[str, frozenset[str]]] = MOVES.items()) -> str:
    """The table as a Mermaid state diagram, as ``docs/pipeline.md`` shows it."""
    return arrows(moves, FINAL)
