"""The next step of a batch, and the batch after an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from app.core.base.transitions import NoSuchMove
from app.core.batches.capacity import asks
from app.core.batches.events import (
    AskFile,
    BatchNotFound,
    Bound,
    CallFailed,
    CancelAnswered,
    CancelRemote,
    CancelRequested,
    CapacityReserved,
    CapacityUnavailable,
    Claimed,
    Create,
    CreateBegins,
    Created,
    Downloaded,
    Effect,
    Event,
    FetchAgain,
    FileNotFound,
    FilePending,
    FindBatch,
    FindFile,
    GivenUp,
    Poll,
    Polled,
    Rebuild,
    Rebuilt,
    Reconcile,
    Reconciled,
    Resend,
    Resent,
    ReserveCapacity,
    Returned,
    StopFollowing,
    TryNow,
    Upload,
    UploadBegins,
    Uploaded,
)
from app.core.batches.pipeline.adopt import rebuilt
from app.core.batches.pipeline.changes import must_cancel, next_download, note
from app.core.batches.pipeline.fail import call_failed, cancel_requested, try_now
from app.core.batches.pipeline.fetch import downloaded, fetch_again, reconciled, resent
from app.core.batches.pipeline.follow import cancel_answered, polled, stop_following
from app.core.batches.pipeline.moves import FINAL, HEARD, legal
from app.core.batches.pipeline.room import no_room, room_taken
from app.core.batches.pipeline.send import batch_not_found, create_begins, created, file_not_found, file_pending, upload_begins, uploaded
from app.core.batches.pipeline.ways import bound, claimed, given_up, returned
from app.core.model.batches import Batch, Moment

HANDLERS: Final[dict[type[Event], Callable[[Batch, Any, float, float], Batch]]] = {
    UploadBegins: upload_begins,
    Uploaded: uploaded,
    FileNotFound: file_not_found,
    FilePending: file_pending,
    CapacityReserved: room_taken,
    CapacityUnavailable: no_room,
    CreateBegins: create_begins,
    Created: created,
    BatchNotFound: batch_not_found,
    Rebuilt: rebuilt,
    Polled: polled,
    CancelAnswered: cancel_answered,
    Downloaded: downloaded,
    Reconciled: reconciled,
    Resent: resent,
    CallFailed: call_failed,
    FetchAgain: fetch_again,
    CancelRequested: cancel_requested,
    StopFollowing: stop_following,
    TryNow: try_now,
    Claimed: claimed,
    Returned: returned,
    Bound: bound,
    GivenUp: given_up,
}
"""What each event does to a batch in a state that hears it."""


def due(batch: Batch, now: float) -> Effect | None:
    """The next step, or None: it has ended, must wait until ``Batch.retry_at``, or asks the person. A wait that was stored at a time that
    lies ahead is over: the machine's clock was set back meanwhile, and how much of the wait is left nobody knows."""
    if batch.state in FINAL or batch.updated <= now < batch.retry_at:
        return None
    match batch.state:
        case "adopting":
            return Rebuild()
        case "planned":
            return Upload()
        case "uploading":
            return FindFile() if batch.outcome_unknown else AskFile() if batch.input_file_id else Upload()
        case "uploaded" | "waiting":
            return None if asks(batch) else ReserveCapacity()
        case "creating":
            return FindBatch() if batch.outcome_unknown else Create()
        case "cancelling":
            return CancelRemote() if must_cancel(batch) else Poll()
        case "downloading":
            return next_download(batch) or Reconcile()
        case "reconciling":
            return Resend() if batch.resending else Reconcile()
        case _:
            return Poll()


def intent(effect: Effect) -> Event | None:
    """The event to advance by and store **before** carrying out ``effect``; None if none is needed."""
    if isinstance(effect, Upload):
        return UploadBegins()
    if isinstance(effect, Create):
        return CreateBegins()
    return None


def plan(batch: Batch, now: float, note: str = "") -> Batch:
    """A new batch as it is first stored, with the first entry of its timeline. ``note`` says there what led to it."""
    return replace(batch, state="planned", created=now, updated=now, timeline=(Moment(at=now, state="planned", note=note),))


def advance(batch: Batch, event: Event, now: float, jitter: float = 0.5) -> Batch:
    """The batch after ``event``. ``now`` is unix seconds; ``jitter`` in [0, 1) spreads waits. Raises :class:`NoSuchMove`."""
    name = type(event).__name__
    heard = HEARD.get(type(event), frozenset())
    if batch.state not in heard:
        raise NoSuchMove(batch.state, name)
    new = HANDLERS[type(event)](batch, event, now, jitter)
    if event.account and not new.account:
        new = replace(new, account=event.account)
    if not legal(batch.state, new.state):
        raise NoSuchMove(batch.state, name, new.state)
    if new.state != batch.state:
        new = note(new, now, new.problem.what if new.state in ("withdrawn", "waiting") and new.problem else "")
    return replace(new, updated=now)
