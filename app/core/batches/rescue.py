"""A rescue: a slow batch is cancelled, its answers are kept, and the rest is sent in another way.

Nothing is sent before the batch has ended with every request accounted for. So a request that was under way when the batch was cancelled,
and was answered, is an answer like any other, and what may have been answered is not sent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from app.core.base import text
from app.core.batches import pipeline
from app.core.batches.ledger import Ledger
from app.core.batches.pipeline.changes import next_download
from app.core.batches.resend import deserving
from app.core.model.batches import Batch
from app.core.model.problem import Problem
from app.core.model.rescues import Rescue
from app.core.openai.outcomes import Outcome

Step = Literal["nothing", "too_late", "cancel", "follow", "returned", "send"]
IN_TIME = frozenset({*pipeline.BEFORE, *pipeline.LIVE, "cancelling"})
"""States of a batch that can still be cancelled."""


def step(rescue: Rescue, batch: Batch, now: float) -> Step:
    """What is to be done now. ``too_late``: it ended by itself before its time; ``follow``: it is being cancelled; ``returned``: the
    provider never had it, so its requests are in the queue again."""
    match rescue.stage:
        case "ended":
            return "nothing"
        case "set":
            if batch.state not in IN_TIME:
                return "too_late"
            return "cancel" if now >= rescue.at else "nothing"
        case _:
            if batch.state == "withdrawn":
                return "returned"
            if batch.state in pipeline.FETCHED:
                return "send"
            return "follow" if batch.cancel_requested or batch.state not in IN_TIME else "cancel"


def left(batch: Batch) -> int:
    """How many requests of a batch are not answered yet, as far as the provider has said."""
    done = batch.remote.completed + batch.remote.failed if batch.remote is not None else 0
    return max(0, batch.requests - done)


def rest(ledger: Ledger) -> Iterator[int]:
    """The rows that a rescue sends, in order: those that the provider did not run because the batch was cancelled, and those that the rule
    would send again (core.batches.resend). Never what was answered, or may have been, nor what would fail in the same way again."""
    sent = set(deserving(ledger))
    return (row for row in range(len(ledger)) if row in sent or ledger.outcome_of(row) is Outcome.CANCELLED)


def hindrance(batch: Batch) -> Problem | None:
    """Why nothing of an ended batch is sent by itself; None where every request is accounted for."""
    if batch.ending == pipeline.UNFOLLOWED:
        return _stays("It was not followed to its end at the provider, so what is left may still be answered there.")
    if batch.unproven or batch.input_missing:
        return _stays("Another browser may have this batch as well, or its requests are not here.")
    if any(file.gone or file.lost or file.short for file in batch.fetched) or next_download(batch) is not None:
        return _stays("Not all of its answers are here, so what is left may have been answered.")
    if batch.remote is not None and batch.remote.completed and not any(file.which == "output" for file in batch.fetched):
        return _stays("The provider counts answers but lists no file with them.")
    if pipeline.has_no_ledger(batch):
        return _stays("The provider refused the whole batch before any of it ran.")
    return None


def unreadable(said: str) -> Problem:
    """The ledger cannot be read."""
    return _stays(f"It is not known which of its requests were answered. {said}")


def gone() -> Problem:
    """The provider that it was for is not known any more."""
    return _stays("Its provider is no longer in the settings.")


def _stays(why: str) -> Problem:
    return Problem(
        code="rescue_stopped",
        what=f"Nothing was sent again. {why}",
        means="What arrived is kept and billed; nothing is paid twice.",
        do="Check the batch, and queue by hand what you want to have answered.",
        blame="person",
    )


def too_large(refused: int) -> Problem:
    """No batch holds some of them."""
    return Problem(
        code="rescue_too_large",
        what=f"{text.count(refused, 'request')} are too large for a batch of this provider.",
        means="They are in the queue; none of them was sent.",
        do="Check them in the queue.",
        blame="person",
    )
