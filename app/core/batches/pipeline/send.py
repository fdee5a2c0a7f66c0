"""Handlers before there is a batch: upload, create, and what listings show."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import retry
from app.core.batches import batchproblems
from app.core.batches.events import BatchNotFound, CreateBegins, Created, FileNotFound, FilePending, UploadBegins, Uploaded
from app.core.batches.pipeline.changes import fresh, given_up, withdraw
from app.core.batches.pipeline.follow import follow, told_of_twins
from app.core.model.batches import Batch


def upload_begins(batch: Batch, event: UploadBegins, _now: float, _jitter: float) -> Batch:
    # Nothing of it that matters is anywhere else: it belongs to the account that gets it now.
    return replace(batch, state="uploading", outcome_unknown=True, account=event.account or batch.account)


def uploaded(batch: Batch, event: Uploaded, _now: float, _jitter: float) -> Batch:
    return fresh(batch, state="uploaded", input_file_id=event.file_id)


def file_pending(batch: Batch, event: FilePending, now: float, jitter: float) -> Batch:
    tries = batch.tries + 1
    waits = replace(fresh(batch, input_file_id=event.file_id), tries=tries, problem=batchproblems.file_pending(event.status))
    return replace(waits, retry_at=now + retry.pending(tries, jitter))


def file_not_found(batch: Batch, _event: FileNotFound, _now: float, _jitter: float) -> Batch:
    certain = replace(batch, outcome_unknown=False, retry_at=0.0)
    return withdraw(certain, batch.problem) if given_up(batch) else certain


def create_begins(batch: Batch, _event: CreateBegins, now: float, _jitter: float) -> Batch:
    return replace(batch, state="creating", outcome_unknown=True, empty_lookups=0, create_began_at=now)


def batch_not_found(batch: Batch, _event: BatchNotFound, now: float, _jitter: float) -> Batch:
    certain_at = retry.certain_at(batch.create_began_at, practice=batch.practice)
    looks = batch.empty_lookups
    if looks == 0 or now < certain_at:
        # Looking more often than needed finds a batch soon after it was made. The last look is not before the moment that makes it certain.
        at = max(now + retry.LOOK_AGAIN, min(now + retry.look_again(looks), certain_at))
        return replace(
            batch, empty_lookups=looks + 1, retry_at=at, lookup_problem=None, problem=batch.problem or batchproblems.create_unanswered()
        )
    certain = replace(batch, outcome_unknown=False, empty_lookups=0, retry_at=0.0, lookup_problem=None)
    if batch.problem is not None and batch.problem.code in (batchproblems.UNANSWERED, batchproblems.PERHAPS_MADE):
        certain = replace(certain, problem=None)
    return withdraw(certain, certain.problem) if batch.cancel_requested or given_up(batch) else certain


def created(batch: Batch, event: Created, now: float, jitter: float) -> Batch:
    batch = fresh(batch, empty_lookups=0, input_file_id=event.remote.input_file_id or batch.input_file_id)
    return follow(told_of_twins(batch, event.twins, now), event.remote, now, jitter)
