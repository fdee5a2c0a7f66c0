"""Handlers for capacity at the provider: it is reserved, there is none, or the provider refuses for lack of it."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import retry
from app.core.batches import batchproblems
from app.core.batches.events import CapacityReserved, CapacityUnavailable
from app.core.batches.pipeline.changes import fresh, note, ran
from app.core.model.batches import Batch, SupersededBatch
from app.core.model.problem import Problem
from app.core.openai import problems

REFUSABLE = frozenset({"creating", "validating", "in_progress"})
"""States in which the provider may be found to have refused the whole batch for lack of room."""


def room_taken(batch: Batch, _event: CapacityReserved, _now: float, _jitter: float) -> Batch:
    batch = replace(fresh(batch), state="creating", ignore_capacity=False)
    if batch.unproven:  # it may be there already: as after a create without an answer, two listings must not show it first
        return replace(batch, outcome_unknown=True, empty_lookups=0, problem=batchproblems.perhaps_made())
    return batch


def no_room(batch: Batch, _event: CapacityUnavailable, _now: float, _jitter: float) -> Batch:
    return replace(batch, state="waiting")


def refused_for_room(batch: Batch) -> str | None:
    """The provider's words if it refused the whole batch for lack of capacity and ran nothing; else None."""
    remote = batch.remote
    if batch.state not in REFUSABLE or remote is None or remote.status != "failed" or ran(batch):
        return None
    return next((error.message for error in remote.errors if error.code == problems.NO_ROOM), None)


def refused(batch: Batch, said: str, now: float) -> Batch:
    """Back to waiting: the same again after a wait that grows from refusal to refusal, until the person is asked."""
    refusals = batch.refusals + 1
    wait = retry.no_room(refusals, practice=batch.practice)
    problem = batchproblems.no_room(said, refusals, again=wait is not None)
    retry_at = now + wait if wait is not None else 0.0
    return replace(_given_back(batch), state="waiting", refusals=refusals, problem=problem, retry_at=retry_at)


def file_lost(batch: Batch, problem: Problem | None) -> bool:
    """Whether the provider no longer has an input file that an earlier batch was made from."""
    gone = problem is not None and problems.says_file_missing(problem)
    return gone and any(one.file == batch.input_file_id for one in batch.superseded)


def upload_again(batch: Batch, now: float) -> Batch:
    """Nothing ran, and the file has to be uploaded again."""
    batch = note(_given_back(batch), now, "The provider no longer has the input file: it is uploaded again.")
    return replace(batch, state="uploading", input_file_id="")


def _given_back(batch: Batch) -> Batch:
    """As it was before it was made. The batch that failed is remembered, so that it is neither taken for ours again nor for a twin."""
    superseded = batch.superseded
    if batch.remote is not None and batch.remote.id:
        superseded = (*superseded, SupersededBatch(batch.remote.id, batch.input_file_id))
    return replace(
        fresh(batch), superseded=superseded, remote=None, ending="", uniqueness_verified=False, empty_lookups=0, cancel_sent=False
    )
