"""The ways on that a person has where a batch does not get on by itself, and what each does to it.

Whatever call fails forever, there is a way that leads out: :func:`ways` names those that are offered, and an event that is not offered is
not heard.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec.structs import replace

from app.core.base import retry
from app.core.base.transitions import NoSuchMove
from app.core.batches.events import Bound, Claimed, Downloaded, GivenUp, Returned, StopFollowing
from app.core.batches.pipeline.changes import fresh, may_exist, next_download, note, withdraw
from app.core.batches.pipeline.fetch import downloaded, requests_of, through
from app.core.batches.pipeline.follow import follow, stop_following
from app.core.batches.pipeline.moves import BEFORE, FINAL, FOLLOWED
from app.core.model.batches import Batch, Fetched, Tally
from app.core.model.problem import Problem
from app.core.openai import accounts

Way = Literal["claim", "cancel", "return", "bind", "give_up", "delete"]
"""``claim``: say that the key is of the batch's account; ``return``: its requests go back to the queue; ``bind``: enter its id at the
provider; ``give_up``: go on without what does not come; ``delete``: from this browser."""

STUBBORN: Final = 3
"""So many failures in a row are more than a passing fault."""
CANCELLING_LONG: Final = 900.0
"""Seconds after which a batch that is being cancelled does not end by itself; a provider takes up to ten minutes (OpenAI batch guide)."""
CANCELLING_LONG_PRACTICE: Final = 30.0

LOST: Final = "given_up"
RETURNED: Final = "returned"


def ways(batch: Batch, now: float) -> tuple[Way, ...]:
    """The ways on that lead out of where the batch is, beside trying again."""
    if batch.state in FINAL:
        return ()
    problem = batch.lookup_problem or batch.problem
    other = problem is not None and problem.code == accounts.OTHER
    claim: tuple[Way, ...] = ("claim",) if other else ()
    if batch.state in BEFORE and not may_exist(batch):
        return (*claim, "cancel")
    if batch.state == "adopting":
        return (*claim, "delete")
    if batch.state == "creating":
        if batch.lookup_problem is None and batch.tries < STUBBORN:
            return ("cancel",)  # the look decides: it finds the batch, or it is certain that there is none
        if now < retry.certain_at(batch.create_began_at, practice=batch.practice):
            return (*claim, "bind")  # the call may still arrive
        return (*claim, "bind", "return", "give_up")
    stuck = other or (problem is not None and (not problem.retry or batch.tries >= STUBBORN))
    if batch.state in ("downloading", "reconciling"):
        return (*claim, "give_up") if stuck else ()
    cancel: tuple[Way, ...] = () if batch.state == "cancelling" else ("cancel",)
    if stuck:
        return (*claim, *cancel, "bind", "return", "give_up")
    if batch.state == "cancelling" and now >= _cancelling_since(batch) + (CANCELLING_LONG_PRACTICE if batch.practice else CANCELLING_LONG):
        return ("give_up",)
    return cancel


def _cancelling_since(batch: Batch) -> float:
    return next((one.at for one in reversed(batch.timeline) if one.state == "cancelling" and not one.note), batch.updated)


def _offered(batch: Batch, way: Way, event: str, now: float) -> None:
    if way not in ways(batch, now):
        raise NoSuchMove(batch.state, event)


def claimed(batch: Batch, event: Claimed, now: float, _jitter: float) -> Batch:
    """The person says that this account is the batch's: look at once, with the key that is here."""
    batch = replace(batch, account=event.account, lookup_problem=None, retry_at=0.0)
    if batch.problem is not None and batch.problem.code == accounts.OTHER:
        batch = replace(batch, problem=None)
    return note(batch, now, "You said that the current key belongs to the account of this batch.")


def returned(batch: Batch, _event: Returned, now: float, _jitter: float) -> Batch:
    """The person looked at the provider: the requests go back to the queue, where they stay until they are submitted."""
    _offered(batch, "return", "Returned", now)
    return replace(withdraw(batch, _returned(batch)), lookup_problem=None)


def _returned(batch: Batch) -> Problem:
    known = f" {batch.remote.id}" if batch.remote is not None and batch.remote.id else ""
    return Problem(
        code=RETURNED,
        what=f"You returned the requests to the queue without knowing what became of the batch{known} at the provider.",
        means="If that batch exists there, what it answers is billed; submitted again, the requests are billed a second time.",
        do="Submit them again when you want to. If the batch turns up, its answers can be imported from “At the provider”.",
        blame="person",
    )


def given_up(batch: Batch, _event: GivenUp, now: float, jitter: float) -> Batch:
    """The person goes on without what does not come: an answer file, the ledger, or the batch. One that the provider is known to have is
    followed no longer, and can be asked about again; one that may never have been made has failed."""
    _offered(batch, "give_up", "GivenUp", now)
    if batch.state == "downloading" and (missing := next_download(batch)) is not None:
        return downloaded(batch, Downloaded(Fetched(which=missing.which, gone=True), _without(batch)), now, jitter)
    if batch.state in FOLLOWED:
        return stop_following(batch, StopFollowing(), now, jitter)
    if batch.state == "reconciling" and batch.resending:
        return through(fresh(batch))
    tally = batch.tally if batch.state == "reconciling" else Tally()
    left = batch.requests - requests_of(replace(tally, missing=0))
    return replace(
        batch,
        state="failed",
        retry_at=0.0,
        outcome_unknown=False,
        lookup_problem=None,
        tally=replace(tally, missing=left),
        problem=_lost(batch),
    )


def _lost(batch: Batch) -> Problem:
    why = f" The last message: {batch.problem.what}" if batch.problem is not None else ""
    return Problem(
        code=LOST,
        what=f"You ended this batch here without the rest of its answers.{why}",
        means="What the provider answered is billed anyway, and is not here.",
        do="Queue its requests again if you want them answered, which is billed again; or delete the batch from this browser.",
        blame="person",
    )


def _without(batch: Batch) -> Problem:
    why = f" {batch.problem.what}" if batch.problem is not None else ""
    return Problem(
        code="without_file",
        what=f"You continued without an answer file.{why}",
        means="What is in it was answered and billed; its requests count as missing here.",
        do="Choose “Download the answers again” later; it is free.",
        blame="person",
    )


def bound(batch: Batch, event: Bound, now: float, jitter: float) -> Batch:
    """The person named the batch at the provider. One that does not carry our id has no twins that would be ours to cancel."""
    _offered(batch, "bind", "Bound", now)
    file = event.remote.input_file_id or batch.input_file_id
    batch = fresh(
        batch,
        lookup_problem=None,
        empty_lookups=0,
        cancel_sent=False,
        input_file_id=file,
        uniqueness_verified=batch.uniqueness_verified or not event.ours,
    )
    batch = replace(batch, remote=None, unproven=batch.unproven or not event.ours)  # what was known before says nothing about this one
    return follow(note(batch, now, f"You entered its id at the provider: {event.remote.id}."), event.remote, now, jitter)
