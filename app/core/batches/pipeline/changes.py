"""What several handlers ask of a batch or change in it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from app.core.base import retry
from app.core.batches.events import Download, FileKind
from app.core.model.batches import Batch, Moment
from app.core.model.problem import Problem
from app.core.model.remote import Remote


def fresh(batch: Batch, **changes: Any) -> Batch:
    """A step succeeded: no failures, no doubt, no wait."""
    return replace(batch, **{"tries": 0, "retry_at": 0.0, "outcome_unknown": False, "problem": None, "lookup_problem": None, **changes})


def note(batch: Batch, now: float, words: str) -> Batch:
    """An entry in the timeline, in the state it is in."""
    return replace(batch, timeline=(*batch.timeline, Moment(at=now, state=batch.state, note=words)))


def withdraw(batch: Batch, problem: Problem | None) -> Batch:
    """The requests go back to the queue."""
    return replace(batch, state="withdrawn", problem=problem, retry_at=0.0, outcome_unknown=False, lookup_problem=None)


def may_exist(batch: Batch) -> bool:
    """Whether the provider may have the batch although we don't know it."""
    return batch.state == "creating" and batch.outcome_unknown


def given_up(batch: Batch) -> bool:
    """Whether calling again is pointless although the last call left doubt."""
    problem = batch.problem
    return problem is not None and ((problem.doubtful and not problem.retry) or batch.tries > len(retry.CALM))


def must_cancel(batch: Batch) -> bool:
    """Whether a cancel that was asked for has still to be sent."""
    cancelling = batch.remote is not None and batch.remote.status == "cancelling"
    return batch.cancel_requested and not batch.cancel_sent and not cancelling


def ran(batch: Batch) -> bool:
    """Whether anything says that requests of the batch ran. The provider does: it counts them or their tokens, or did so before, says how
    much is done, or names a file of answers. Or what is here does: such a file, fetched or asked for, and how its lines were read."""
    remote, tally = batch.remote, batch.tally
    if batch.fetched or any(sample.done for sample in batch.samples):
        return True
    if tally.answered or tally.flawed or tally.unfound or tally.unreadable or tally.input_tokens or tally.output_tokens:
        return True
    if remote is None:
        return False
    counts = remote.completed + remote.failed + remote.input_tokens + remote.output_tokens
    return counts > 0 or remote.progress > 0 or bool(remote.output_file_id or remote.error_file_id)


def has_no_ledger(batch: Batch) -> bool:
    """Whether an ended batch has no ledger because it failed before anything ran."""
    return batch.state == "failed" and not ran(batch)


def next_download(batch: Batch) -> Download | None:
    """The first answer file that the provider names and that is not here."""
    here = {file.which for file in batch.fetched}
    remote = batch.remote or Remote(id="")
    files: tuple[tuple[FileKind, str], ...] = (("output", remote.output_file_id), ("error", remote.error_file_id))
    for which, file_id in files:
        if file_id and which not in here:
            return Download(which=which, file_id=file_id)
    return None
