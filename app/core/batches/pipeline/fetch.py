"""Handlers after the provider's end: files are fetched, then reconciled; an ended batch may have them fetched again."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base.transitions import NoSuchMove
from app.core.batches import batchproblems
from app.core.batches.events import Downloaded, FetchAgain, Reconciled, Resent
from app.core.batches.pipeline.changes import fresh, next_download, note, ran
from app.core.batches.pipeline.moves import ENDINGS, FETCHED, UNFOLLOWED
from app.core.batches.pipeline.room import REFUSABLE, file_lost, refused, refused_for_room, upload_again
from app.core.model.batches import Batch, Fetched, Tally


def ended(batch: Batch, now: float) -> Batch:
    """The provider has finished it: what comes next."""
    if next_download(batch) is not None:
        return replace(batch, state="downloading", retry_at=0.0, empty_lookups=0)
    if batch.ending == "failed" and not ran(batch):
        if (said := refused_for_room(batch)) is not None and not batch.cancel_requested:
            return refused(batch, said, now)
        problem = batchproblems.from_errors(batch.remote.errors if batch.remote else ())
        if batch.state in REFUSABLE and not batch.cancel_requested and file_lost(batch, problem):
            return upload_again(batch, now)
        return replace(batch, state="failed", retry_at=0.0, tally=Tally(failed=batch.requests), problem=problem)
    return replace(batch, state="reconciling", retry_at=0.0)


def downloaded(batch: Batch, event: Downloaded, now: float, _jitter: float) -> Batch:
    others = tuple(file for file in batch.fetched if file.which != event.file.which)
    file = replace(event.file, problem=event.problem or event.file.problem)
    batch = replace(fresh(batch), fetched=(*others, file), problem=file.problem, empty_lookups=0)
    if file.problem is not None:
        batch = note(batch, now, file.problem.what)
    return batch if next_download(batch) else replace(batch, state="reconciling")


def reconciled(batch: Batch, event: Reconciled, _now: float, _jitter: float) -> Batch:
    fetched = tuple(replace(file, lost=file.which in event.lost) for file in batch.fetched)
    batch = replace(
        fresh(batch), fetched=fetched, tally=event.tally, resend_exhausted=event.resend_exhausted, resent=event.resent, risked=event.risked
    )
    if batch.input_missing:
        batch = replace(batch, requests=requests_of(event.tally))
    return replace(batch, resending=True) if event.again else through(batch)


def requests_of(tally: Tally) -> int:
    """How many requests the sums of a ledger are of."""
    return tally.answered + tally.failed + tally.expired + tally.cancelled + tally.missing + tally.unread + tally.unfound + tally.flawed


def resent(batch: Batch, event: Resent, _now: float, _jitter: float) -> Batch:
    if not batch.resending or event.before != batch.resent:
        raise NoSuchMove(batch.state, "Resent")  # another tab was faster: this portion, or a part of it, went already
    batch = replace(fresh(batch), resent=event.resent, risked=event.risked)
    return batch if event.more else through(batch)


def through(batch: Batch) -> Batch:
    """Everything that a batch leaves behind is done."""
    problem = next((file.problem for file in batch.fetched if file.problem), None)
    if problem is None and batch.ending == "failed":
        problem = batchproblems.from_errors(batch.remote.errors if batch.remote else (), ran=ran(batch))
    if problem is None and batch.ending == UNFOLLOWED:
        problem = batchproblems.unfollowed(batch.remote.status if batch.remote else "")
    return replace(batch, state=ENDINGS.get(batch.ending, "done"), resending=False, problem=problem)


def can_fetch_again(batch: Batch) -> bool:
    """Whether an ended batch has an answer file that is known not to be here: gone at the provider when it was asked for, or lost here; or
    may have one by now, for nobody followed it to its end."""
    if (batch.ending == UNFOLLOWED and batch.state == "done") or (batch.state in FETCHED and batch.tally.unfound):
        return True
    return batch.state in FETCHED and (any(file.gone or file.lost for file in batch.fetched) or next_download(batch) is not None)


def _not_named(files: tuple[Fetched, ...], batch: Batch) -> tuple[Fetched, ...]:
    """The files that the provider does not name any more. The others are fetched again, for they may have grown."""
    named = {"output": batch.remote.output_file_id, "error": batch.remote.error_file_id} if batch.remote else {}
    return tuple(file for file in files if not named.get(file.which))


def fetch_again(batch: Batch, event: FetchAgain, _now: float, _jitter: float) -> Batch:
    kept = tuple(file for file in batch.fetched if not (file.gone or file.lost or file.which in event.files))
    again = replace(fresh(batch), fetched=kept, empty_lookups=0)
    if event.remote is not None and batch.remote is not None and event.remote.id == batch.remote.id:
        again = replace(again, remote=event.remote)
    if batch.ending == UNFOLLOWED and batch.state == "done":
        # The provider is asked once: its ending stays, so that the batch is followed no further (pipeline.follow).
        return replace(again, state="finalizing", cancel_sent=False, fetched=_not_named(kept, batch))
    if next_download(again):
        return replace(again, state="downloading")
    if event.ledger and (kept or batch.state != "failed" or ran(again)):
        return replace(again, state="reconciling")
    raise NoSuchMove(batch.state, "FetchAgain")
