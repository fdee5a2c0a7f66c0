"""Handlers of failures and of commands by the person, which are heard in many states."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import retry
from app.core.base.transitions import NoSuchMove
from app.core.batches import batchproblems
from app.core.batches.capacity import asks
from app.core.batches.events import CallFailed, CancelRequested, Downloaded, TryNow
from app.core.batches.pipeline.changes import may_exist, must_cancel, next_download, withdraw
from app.core.batches.pipeline.fetch import downloaded
from app.core.batches.pipeline.moves import BEFORE, CALLS
from app.core.batches.pipeline.room import file_lost, refused, upload_again
from app.core.model.batches import Batch, Fetched
from app.core.openai import accounts, problems


def call_failed(batch: Batch, event: CallFailed, now: float, jitter: float) -> Batch:
    problem = event.problem
    if batch.state not in CALLS[event.call]:
        raise NoSuchMove(batch.state, f"CallFailed({event.call})")
    if event.call == "list" and may_exist(batch):
        # What became of the create stays in sight, and with it why the look for its batch fails.
        at = retry.OFFLINE if problem.code == "offline" else retry.LISTING
        known = batch.problem or batchproblems.create_unanswered()
        return replace(batch, problem=known, lookup_problem=problem, retry_at=now + retry.spread(at, jitter))
    ours = event.call in ("upload", "create")
    batch = replace(batch, problem=problem, outcome_unknown=batch.outcome_unknown and (problem.doubtful or not ours))
    if batch.cancel_requested and batch.state in BEFORE and not may_exist(batch):
        return withdraw(batch, problem)
    if event.call == "create" and problem.code == problems.NO_ROOM:
        return refused(batch, problem.detail, now)
    if event.call == "create" and file_lost(batch, problem):
        return upload_again(batch, now)
    if problem.code in ("offline", problems.LOCKED):
        return replace(batch, retry_at=now + retry.spread(retry.OFFLINE, jitter))
    if problem.code == accounts.OTHER:
        return replace(batch, retry_at=now + retry.spread(retry.LISTING, jitter))
    if problem.code in ("file_gone", "file_size"):
        batch = replace(batch, empty_lookups=batch.empty_lookups + 1)
        missing = next_download(batch) if batch.state == "downloading" else None
        if problem.code == "file_gone" and missing is not None and batch.empty_lookups >= retry.MISSING_FILE:
            return downloaded(batch, Downloaded(Fetched(which=missing.which, gone=True), problem), now, jitter)
    tries = batch.tries + 1
    batch = replace(batch, tries=tries)
    asks = batch.state == "uploading" and batch.input_file_id and event.call == "list" and problem.retry
    if asks or (event.call == "create" and problem.code == problems.FILE_PENDING):
        return replace(batch, retry_at=now + retry.pending(tries, jitter))  # nothing is made and nothing is in doubt: it only takes time
    if event.call == "cancel" and not problem.retry:
        batch = replace(batch, cancel_sent=True)  # it may have ended already: ask about it before cancelling again
    if batch.state not in BEFORE or event.call == "store" or may_exist(batch):
        return replace(batch, retry_at=now + retry.patient(tries, jitter))
    wait = retry.calm(tries, jitter) if problem.retry or problem.doubtful else None
    return withdraw(batch, problem) if wait is None else replace(batch, retry_at=now + wait)


def cancel_requested(batch: Batch, _event: CancelRequested, now: float, _jitter: float) -> Batch:
    batch = replace(batch, cancel_requested=True)
    if batch.state in BEFORE:
        return batch if may_exist(batch) else withdraw(batch, None)
    return replace(batch, state="cancelling", tries=0, retry_at=0.0 if must_cancel(batch) else batch.retry_at)


def try_now(batch: Batch, _event: TryNow, _now: float, _jitter: float) -> Batch:
    if batch.state == "waiting":
        return replace(batch, ignore_capacity=True, retry_at=0.0, refusals=0 if asks(batch) else batch.refusals)
    # Two empty listings stay apart, whoever is in a hurry.
    return replace(
        batch, tries=0, retry_at=batch.retry_at if batch.empty_lookups and batch.state not in ("downloading", "adopting") else 0.0
    )
