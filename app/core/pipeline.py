"""A batch's life. Nothing here calls anybody: the engine asks :func:`due` what to do, does it, and tells :func:`advance` what came of it.

The rules:

1. What to do next follows from the stored record alone (:func:`due`). A reload is therefore nothing special.
2. ``state`` moves only along :data:`MOVES`; an event is heard only in the states of :data:`HEARD`. Anything else is
   :class:`NoSuchMove`, and the batch stays as it was. Staying in a state is always allowed.
3. Before an upload or a create, its intent is stored (:func:`intent`): that sets ``doubt``. ``doubt`` ends only by an answer: success, a
   certain refusal, or listings that don't show it. While there is doubt, the next step is to look, never to call again.
4. A second create needs two listings without our batch, at least 5 s apart, the last of them when the first create can no longer arrive
   (``retry.certain_at``: its timeout and a margin after it began). Until then the state stays ``creating`` and says why.
5. Until a batch can exist at the provider, the requests can go back to the queue: ``withdrawn``. A refusal that only a person can mend
   leads there, and so do used-up tries. The engine commits the move to ``withdrawn`` and the segments' way back in one transaction.
6. Once a batch may exist, no failure of a call ends it: the problem is kept and shown, and the call is made again after a growing wait.
7. Being offline uses up no tries.
8. Asking to cancel is kept over everything; what the provider finishes first counts.
9. Nothing leads out of an ending by itself. The person can have answers fetched again that are not here (``FetchAgain``): it is free.
10. Whatever the ending, there is a ledger: files are fetched, then reconciled. Only a batch that failed before it began has none.
11. An unknown status of the provider is kept, noted once, and asked about again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from msgspec.structs import replace

from app.core import problems, retry
from app.core.records import Batch, BatchState, Fetched, Moment, Problem, Remote, Tally
from app.core.steps import (
    BatchNotFound,
    CallFailed,
    CancelAnswered,
    CancelAsked,
    CancelRemote,
    Create,
    CreateBegins,
    Created,
    Download,
    Downloaded,
    Effect,
    Event,
    FetchAgain,
    FileKind,
    FileNotFound,
    FindBatch,
    FindFile,
    Poll,
    Polled,
    Reconcile,
    Reconciled,
    TryNow,
    Upload,
    UploadBegins,
    Uploaded,
)

__all__ = [
    "BEFORE",
    "CALLS",
    "ENDINGS",
    "FETCHED",
    "FINAL",
    "HEARD",
    "LIVE",
    "MOVES",
    "BatchNotFound",
    "CallFailed",
    "CancelAnswered",
    "CancelAsked",
    "CancelRemote",
    "Create",
    "CreateBegins",
    "Created",
    "Download",
    "Downloaded",
    "Effect",
    "Event",
    "FetchAgain",
    "FileKind",
    "FileNotFound",
    "FindBatch",
    "FindFile",
    "NoSuchMove",
    "Poll",
    "Polled",
    "Reconcile",
    "Reconciled",
    "TryNow",
    "Upload",
    "UploadBegins",
    "Uploaded",
    "advance",
    "can_fetch_again",
    "diagram",
    "due",
    "intent",
    "legal",
    "plan",
]

LIVE: Final[tuple[BatchState, ...]] = ("validating", "in_progress", "finalizing")
FETCHED: Final[frozenset[str]] = frozenset({"done", "failed", "expired", "cancelled"})
FINAL: Final[frozenset[str]] = FETCHED | {"withdrawn"}
ENDINGS: Final[dict[str, BatchState]] = {"completed": "done", "expired": "expired", "cancelled": "cancelled", "failed": "failed"}
"""The provider's final statuses and the state that each one leads to."""

_AFTER: Final = frozenset[str]({"cancelling", "downloading", "reconciling", "failed"})
_AGAIN: Final = frozenset[str]({"downloading", "reconciling"})  # the person wants the answers fetched again

MOVES: Final[dict[str, frozenset[str]]] = {
    "": frozenset({"planned"}),
    "planned": frozenset({"uploading", "withdrawn"}),
    "uploading": frozenset({"uploaded", "withdrawn"}),
    "uploaded": frozenset({"creating", "withdrawn"}),
    "creating": frozenset({*LIVE, *_AFTER, "withdrawn"}),
    "validating": frozenset({"in_progress", "finalizing", *_AFTER}),
    "in_progress": frozenset({"validating", "finalizing", *_AFTER}),
    "finalizing": frozenset({"validating", "in_progress", *_AFTER}),
    "cancelling": frozenset({"downloading", "reconciling", "failed"}),
    "downloading": frozenset({"reconciling"}),
    "reconciling": frozenset({"done", "expired", "cancelled", "failed"}),
    "done": _AGAIN,
    "failed": _AGAIN,
    "expired": _AGAIN,
    "cancelled": _AGAIN,
    "withdrawn": frozenset(),
}
"""From each state (``""``: not there yet) the states that may follow. The store checks every commit against it."""


class NoSuchMove(Exception):
    """The batch is not in a state for this event. Nothing was changed."""

    def __init__(self, state: str, event: str, wanted: str = "") -> None:
        super().__init__(f"{event} in state {state!r}" + (f" would lead to {wanted!r}" if wanted else " is not heard"))
        self.state, self.event, self.wanted = state, event, wanted


def legal(old: str, new: str) -> bool:
    """Whether a stored batch may go from state ``old`` (``""``: new) to ``new``. Staying is always legal."""
    return old == new or new in MOVES.get(old, frozenset())


def due(batch: Batch, now: float) -> Effect | None:
    """The next step, or None: it has ended, or must wait until ``Batch.retry_at``."""
    if batch.state in FINAL or now < batch.retry_at:
        return None
    match batch.state:
        case "planned":
            return Upload()
        case "uploading":
            return FindFile() if batch.doubt else Upload()
        case "uploaded":
            return Create()
        case "creating":
            return FindBatch() if batch.doubt else Create()
        case "cancelling":
            return CancelRemote() if _must_cancel(batch) else Poll()
        case "downloading":
            return _next_download(batch) or Reconcile()
        case "reconciling":
            return Reconcile()
        case _:
            return Poll()


def intent(effect: Effect) -> Event | None:
    """The event to advance by and store **before** carrying out ``effect``; None if none is needed."""
    if isinstance(effect, Upload):
        return UploadBegins()
    if isinstance(effect, Create):
        return CreateBegins()
    return None


def plan(batch: Batch, now: float) -> Batch:
    """A new batch as it is first stored, with the first entry of its timeline."""
    return replace(batch, state="planned", created=now, updated=now, timeline=(Moment(at=now, state="planned"),))


def advance(batch: Batch, event: Event, now: float, jitter: float = 0.5) -> Batch:
    """The batch after ``event``. ``now`` is unix seconds; ``jitter`` in [0, 1) spreads waits. Raises :class:`NoSuchMove`."""
    name = type(event).__name__
    heard = HEARD.get(type(event), frozenset())
    if batch.state not in heard:
        raise NoSuchMove(batch.state, name)
    new = _HANDLERS[type(event)](batch, event, now, jitter)
    if not legal(batch.state, new.state):
        raise NoSuchMove(batch.state, name, new.state)
    if new.state != batch.state:
        new = _note(new, now, new.problem.what if new.state == "withdrawn" and new.problem else "")
    return replace(new, updated=now)


# --- before there is a batch -----------------------------------------------------------------------------------------------------


def _upload_begins(batch: Batch, _event: UploadBegins, _now: float, _jitter: float) -> Batch:
    return replace(batch, state="uploading", doubt=True)


def _uploaded(batch: Batch, event: Uploaded, _now: float, _jitter: float) -> Batch:
    return _fresh(batch, state="uploaded", input_file_id=event.file_id)


def _file_not_found(batch: Batch, _event: FileNotFound, _now: float, _jitter: float) -> Batch:
    certain = replace(batch, doubt=False, retry_at=0.0)
    return _withdraw(certain, batch.problem) if _given_up(batch) else certain


def _create_begins(batch: Batch, _event: CreateBegins, now: float, _jitter: float) -> Batch:
    return replace(batch, state="creating", doubt=True, found_nothing=0, asked_at=now)


def _batch_not_found(batch: Batch, _event: BatchNotFound, now: float, _jitter: float) -> Batch:
    certain_at = retry.certain_at(batch.asked_at, practice=batch.practice)
    looks = batch.found_nothing
    if looks == 0 or now < certain_at:
        # Looking more often than needed finds a batch soon after it was made. The last look is not before the moment that makes it certain.
        at = max(now + retry.LOOK_AGAIN, min(now + retry.look_again(looks), certain_at))
        return replace(batch, found_nothing=looks + 1, retry_at=at, problem=batch.problem or problems.create_unanswered())
    certain = replace(batch, doubt=False, found_nothing=0, retry_at=0.0)
    if batch.problem is not None and batch.problem.code == problems.UNANSWERED:
        certain = replace(certain, problem=None)
    return _withdraw(certain, certain.problem) if batch.cancel_asked or _given_up(batch) else certain


def _given_up(batch: Batch) -> bool:
    """Whether calling again is pointless although the last call left doubt."""
    problem = batch.problem
    return problem is not None and ((problem.doubtful and not problem.retry) or batch.tries > len(retry.CALM))


def _created(batch: Batch, event: Created, now: float, jitter: float) -> Batch:
    batch = _fresh(batch, found_nothing=0, input_file_id=event.remote.input_file_id or batch.input_file_id)
    return _follow(_told_of_twins(batch, event.twins, now), event.remote, now, jitter)


def _withdraw(batch: Batch, problem: Problem | None) -> Batch:
    return replace(batch, state="withdrawn", problem=problem, retry_at=0.0, doubt=False)


# --- while the provider works ----------------------------------------------------------------------------------------------------


def _polled(batch: Batch, event: Polled, now: float, jitter: float) -> Batch:
    return _follow(_told_of_twins(_fresh(batch, cancel_sent=False), event.twins, now), event.remote, now, jitter)


def _told_of_twins(batch: Batch, twins: tuple[str, ...] | None, now: float) -> Batch:
    if twins is None:
        return batch
    batch = replace(batch, alone=True)
    for twin in twins:
        batch = _note(batch, now, f"The call that made this batch arrived twice. The second batch was cancelled: {twin}.")
    return batch


def _cancel_answered(batch: Batch, event: CancelAnswered, now: float, jitter: float) -> Batch:
    return _follow(_fresh(batch, cancel_sent=True), event.remote, now, jitter)


def _follow(batch: Batch, remote: Remote, now: float, jitter: float) -> Batch:
    """Take over what the provider says about the batch."""
    before = batch.remote.status if batch.remote else ""
    batch = replace(batch, remote=remote)
    if remote.status in ENDINGS:
        batch = replace(batch, ending=remote.status)
        if remote.completed + remote.failed == 0 or _next_download(batch) or batch.found_nothing >= retry.LATE_FILES:
            return _ended(batch)
        # It counts answers and names no file: the file may come a moment later, and with it what was paid for.
        state: BatchState = "cancelling" if batch.state == "cancelling" else "finalizing"
        return replace(batch, state=state, found_nothing=batch.found_nothing + 1, retry_at=now + retry.POLL_FIRST)
    age = max(0.0, now - (remote.created_at or batch.created))
    batch = replace(batch, retry_at=now + retry.poll_interval(age, jitter, practice=batch.practice))
    if batch.cancel_asked or remote.status == "cancelling" or batch.state == "cancelling":
        # A cancel that was asked for and not sent yet goes out at once.
        return replace(batch, state="cancelling", retry_at=0.0 if _must_cancel(batch) and not before else batch.retry_at)
    if remote.status in LIVE:
        return replace(batch, state=remote.status)
    if batch.state == "creating":
        batch = replace(batch, state="validating")
    return batch if remote.status == before else _note(batch, now, f"The provider calls it “{remote.status}”.")


def _must_cancel(batch: Batch) -> bool:
    told = batch.remote is not None and batch.remote.status == "cancelling"
    return batch.cancel_asked and not batch.cancel_sent and not told


# --- after the provider's end ----------------------------------------------------------------------------------------------------


def _ended(batch: Batch) -> Batch:
    if _next_download(batch) is not None:
        return replace(batch, state="downloading", retry_at=0.0, found_nothing=0)
    if batch.ending == "failed":
        problem = problems.from_errors(batch.remote.errors if batch.remote else ())
        return replace(batch, state="failed", retry_at=0.0, tally=Tally(failed=batch.requests), problem=problem)
    return replace(batch, state="reconciling", retry_at=0.0)


def _next_download(batch: Batch) -> Download | None:
    here = {file.which for file in batch.fetched}
    remote = batch.remote or Remote(id="")
    files: tuple[tuple[FileKind, str], ...] = (("output", remote.output_file_id), ("error", remote.error_file_id))
    for which, file_id in files:
        if file_id and which not in here:
            return Download(which=which, file_id=file_id)
    return None


def _downloaded(batch: Batch, event: Downloaded, now: float, _jitter: float) -> Batch:
    others = tuple(file for file in batch.fetched if file.which != event.file.which)
    file = replace(event.file, problem=event.problem or event.file.problem)
    batch = replace(_fresh(batch), fetched=(*others, file), problem=file.problem, found_nothing=0)
    if file.problem is not None:
        batch = _note(batch, now, file.problem.what)
    return batch if _next_download(batch) else replace(batch, state="reconciling")


def _reconciled(batch: Batch, event: Reconciled, _now: float, _jitter: float) -> Batch:
    fetched = tuple(replace(file, lost=file.which in event.lost) for file in batch.fetched)
    batch = replace(batch, fetched=fetched)
    problem = next((file.problem for file in batch.fetched if file.problem), None)
    if problem is None and batch.ending == "failed":
        problem = problems.from_errors(batch.remote.errors if batch.remote else ())
    return replace(_fresh(batch), state=ENDINGS.get(batch.ending, "done"), tally=event.tally, problem=problem)


def can_fetch_again(batch: Batch) -> bool:
    """Whether an ended batch has an answer file that is known not to be here: gone at the provider when it was asked for, or lost here."""
    return batch.state in FETCHED and (any(file.gone or file.lost for file in batch.fetched) or _next_download(batch) is not None)


def _fetch_again(batch: Batch, event: FetchAgain, _now: float, _jitter: float) -> Batch:
    kept = tuple(file for file in batch.fetched if not (file.gone or file.lost or file.which in event.files))
    again = replace(_fresh(batch), fetched=kept, found_nothing=0)
    if _next_download(again):
        return replace(again, state="downloading")
    if event.ledger and (kept or batch.state != "failed"):
        return replace(again, state="reconciling")
    raise NoSuchMove(batch.state, "FetchAgain")


# --- failures and wishes ---------------------------------------------------------------------------------------------------------

BEFORE: Final = frozenset[str]({"planned", "uploading", "uploaded", "creating"})
CALLS: Final[dict[str, frozenset[str]]] = {
    "upload": frozenset({"planned", "uploading"}),
    "create": frozenset({"uploaded", "creating"}),
    "list": frozenset({"uploading", "creating"}),
    "poll": frozenset({*LIVE, "cancelling"}),
    "cancel": frozenset({"cancelling"}),
    "download": frozenset({"downloading"}),
    "store": frozenset(MOVES) - FINAL - {""},
}
"""The states in which the failure of a call is heard."""


def _call_failed(batch: Batch, event: CallFailed, now: float, jitter: float) -> Batch:
    problem = event.problem
    if batch.state not in CALLS[event.call]:
        raise NoSuchMove(batch.state, f"CallFailed({event.call})")
    ours = event.call in ("upload", "create")
    batch = replace(batch, problem=problem, doubt=batch.doubt and (problem.doubtful or not ours))
    if batch.cancel_asked and batch.state in BEFORE and not _may_exist(batch):
        return _withdraw(batch, problem)
    if problem.code == "offline":
        return replace(batch, retry_at=now + retry.spread(retry.OFFLINE, jitter))
    if event.call == "list" and _may_exist(batch):
        return replace(batch, retry_at=now + retry.spread(retry.LISTING, jitter))
    if problem.code == "file_gone":
        batch = replace(batch, found_nothing=batch.found_nothing + 1)
        missing = _next_download(batch)
        if missing is not None and batch.found_nothing >= retry.MISSING_FILE:
            return _downloaded(batch, Downloaded(Fetched(which=missing.which, gone=True), problem), now, jitter)
    tries = batch.tries + 1
    batch = replace(batch, tries=tries)
    if event.call == "cancel" and not problem.retry:
        batch = replace(batch, cancel_sent=True)  # it may have ended already: ask about it before cancelling again
    if batch.state not in BEFORE or event.call == "store" or _may_exist(batch):
        return replace(batch, retry_at=now + retry.patient(tries, jitter))
    wait = retry.calm(tries, jitter) if problem.retry or problem.doubtful else None
    return _withdraw(batch, problem) if wait is None else replace(batch, retry_at=now + wait)


def _may_exist(batch: Batch) -> bool:
    """Whether the provider may have the batch although we don't know it."""
    return batch.state == "creating" and batch.doubt


def _cancel_asked(batch: Batch, _event: CancelAsked, now: float, _jitter: float) -> Batch:
    batch = replace(batch, cancel_asked=True)
    if batch.state in BEFORE:
        return batch if _may_exist(batch) else _withdraw(batch, None)
    return replace(batch, state="cancelling", tries=0, retry_at=0.0 if _must_cancel(batch) else batch.retry_at)


def _try_now(batch: Batch, _event: TryNow, _now: float, _jitter: float) -> Batch:
    # Two empty listings stay apart, whoever is in a hurry.
    return replace(batch, tries=0, retry_at=batch.retry_at if batch.found_nothing else 0.0)


def _fresh(batch: Batch, **changes: Any) -> Batch:
    """A step succeeded: no failures, no doubt, no wait."""
    return replace(batch, tries=0, retry_at=0.0, doubt=False, problem=None, **changes)


def _note(batch: Batch, now: float, note: str) -> Batch:
    return replace(batch, timeline=(*batch.timeline, Moment(at=now, state=batch.state, note=note)))


_OPEN: Final = frozenset(MOVES) - FINAL - {""}

HEARD: Final[dict[type[Event], frozenset[str]]] = {
    UploadBegins: frozenset({"planned", "uploading"}),
    Uploaded: frozenset({"uploading"}),
    FileNotFound: frozenset({"uploading"}),
    CreateBegins: frozenset({"uploaded", "creating"}),
    Created: frozenset({"creating"}),
    BatchNotFound: frozenset({"creating"}),
    Polled: frozenset({*LIVE, "cancelling"}),
    CancelAnswered: frozenset({"cancelling"}),
    Downloaded: frozenset({"downloading"}),
    Reconciled: frozenset({"reconciling"}),
    CallFailed: _OPEN,
    FetchAgain: FETCHED,
    CancelAsked: frozenset({*BEFORE, *LIVE, "cancelling"}),
    TryNow: _OPEN,
}
"""The states in which each event is heard."""

_HANDLERS: Final[dict[type[Event], Callable[[Batch, Any, float, float], Batch]]] = {
    UploadBegins: _upload_begins,
    Uploaded: _uploaded,
    FileNotFound: _file_not_found,
    CreateBegins: _create_begins,
    Created: _created,
    BatchNotFound: _batch_not_found,
    Polled: _polled,
    CancelAnswered: _cancel_answered,
    Downloaded: _downloaded,
    Reconciled: _reconciled,
    CallFailed: _call_failed,
    FetchAgain: _fetch_again,
    CancelAsked: _cancel_asked,
    TryNow: _try_now,
}


def diagram(moves: Iterable[tuple[str, frozenset[str]]] = MOVES.items()) -> str:
    """The table as a Mermaid state diagram, as ``docs/pipeline.md`` shows it."""
    lines = ["stateDiagram-v2"]
    for old, news in moves:
        lines += [f"    {old or '[*]'} --> {new}" for new in sorted(news)]
        if old in FINAL:
            lines.append(f"    {old} --> [*]")
    return "\n".join(lines)
