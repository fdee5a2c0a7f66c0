"""Handlers while the provider works: what it says about the batch is taken over."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import retry
from app.core.batches import batchproblems
from app.core.batches.events import CancelAnswered, Polled, StopFollowing
from app.core.batches.pipeline.changes import fresh, must_cancel, next_download, note
from app.core.batches.pipeline.fetch import ended
from app.core.batches.pipeline.moves import ENDINGS, LIVE, UNFOLLOWED
from app.core.batches.pipeline.room import refused_for_room
from app.core.model.batches import Batch, BatchState, SupersededBatch
from app.core.model.remote import Remote


def polled(batch: Batch, event: Polled, now: float, jitter: float) -> Batch:
    return follow(told_of_twins(fresh(batch, cancel_sent=False), event.twins, now), event.remote, now, jitter)


def cancel_answered(batch: Batch, event: CancelAnswered, now: float, jitter: float) -> Batch:
    return follow(fresh(batch, cancel_sent=True), event.remote, now, jitter)


def stop_following(batch: Batch, _event: StopFollowing, now: float, _jitter: float) -> Batch:
    called = f" while the provider called it “{batch.remote.status}”" if batch.remote and batch.remote.status else ""
    batch = note(fresh(batch, unknown_status_since=0.0, empty_lookups=0), now, f"You stopped following this batch{called}.")
    return ended(replace(batch, ending=UNFOLLOWED), now)


def told_of_twins(batch: Batch, twins: tuple[str, ...] | None, now: float) -> Batch:
    """Note second batches that were made by the same call; None: nobody could look yet."""
    if twins is None:
        return batch
    batch = replace(
        batch, uniqueness_verified=True, superseded=(*batch.superseded, *(SupersededBatch(twin, batch.input_file_id) for twin in twins))
    )
    for twin in twins:
        words = f"The second batch, {twin}, was cancelled, unless it had ended by then; what it answered is billed too."
        batch = note(batch, now, f"The call that created this batch arrived twice. {words}")
    return batch


_FORGOTTEN = "The provider named an {} file of this batch before and does not now. It is requested anyway."


def _with_named(before: Remote | None, remote: Remote) -> Remote:
    """What the provider says now, with the answer files that it named before: what was in them may have been paid for."""
    if before is None or before.id != remote.id:
        return remote
    if before.output_file_id and not remote.output_file_id:
        remote = replace(remote, output_file_id=before.output_file_id, remarks=(*remote.remarks, _FORGOTTEN.format("output")))
    if before.error_file_id and not remote.error_file_id:
        remote = replace(remote, error_file_id=before.error_file_id, remarks=(*remote.remarks, _FORGOTTEN.format("error")))
    return remote


def follow(batch: Batch, remote: Remote, now: float, jitter: float) -> Batch:
    """Take over what the provider says about the batch."""
    before = batch.remote.status if batch.remote else ""
    remote = _with_named(batch.remote, remote)
    batch = replace(batch, remote=remote)
    if refused_for_room(batch) is not None and not (batch.uniqueness_verified or batch.practice):
        # The call that made it may have arrived twice, and the other one may run: nothing is sent again before that was looked for.
        return replace(batch, state="validating" if batch.state == "creating" else batch.state, retry_at=now + retry.LISTING)
    known = remote.status in ENDINGS or remote.status in LIVE or remote.status in ("", "cancelling")
    batch = replace(batch, unknown_status_since=0.0 if known else batch.unknown_status_since or now)
    if remote.status in ENDINGS:
        batch = replace(batch, ending=remote.status)
        whole = remote.completed + remote.failed == 0 or next_download(batch) or batch.empty_lookups >= retry.LATE_FILES
        uniqueness_verified = batch.uniqueness_verified or batch.practice
        if whole and uniqueness_verified:
            return ended(batch, now)
        if whole and batch.empty_lookups >= retry.TWIN_LOOKS:
            return ended(
                note(batch, now, "The provider's list could not be read: perhaps the call that created this batch arrived twice."), now
            )
        # It counts answers and names no file: the file may come a moment later, and with it what was paid for. Or nobody could look yet
        # whether the call that made it arrived twice: a second batch would run on unseen, and be paid.
        state: BatchState = "cancelling" if batch.state == "cancelling" else "finalizing"
        return replace(batch, state=state, empty_lookups=batch.empty_lookups + 1, retry_at=now + retry.POLL_FIRST)
    if batch.ending == UNFOLLOWED:  # the person ended following: asked again, which is all that was wanted
        called = f"“{remote.status}”" if remote.status else "nothing that is an ending"
        return ended(note(replace(batch, unknown_status_since=0.0), now, f"The provider was asked once more, and calls it {called}."), now)
    # By this machine's clock, where it made the batch: by a clock that is a week ahead of the provider's no batch is ever young.
    age = max(0.0, now - (batch.create_began_at or remote.created_at or batch.created))
    wait = 0.0 if batch.live else retry.poll_interval(age, jitter, practice=batch.practice)  # nobody else works on it
    batch = replace(batch, retry_at=now + wait)
    if not known:
        wait = max(batch.retry_at - now, retry.strange(now - batch.unknown_status_since, jitter, practice=batch.practice))
        batch = replace(batch, retry_at=now + wait, problem=batchproblems.unknown_status(remote.status))
    if batch.cancel_requested or remote.status == "cancelling" or batch.state == "cancelling":
        # A cancel that was asked for and not sent yet goes out at once.
        return replace(batch, state="cancelling", retry_at=0.0 if must_cancel(batch) and not before else batch.retry_at)
    if remote.status in LIVE:
        return replace(batch, state=remote.status)
    if batch.state in ("creating", "adopting"):
        batch = replace(batch, state="validating")
    return batch if remote.status == before else note(batch, now, f"The provider calls it “{remote.status}”.")
