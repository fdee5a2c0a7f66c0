"""The log: what happened, when, to which batch. Never a request's text, an answer, a key, or words that a provider sent.

An entry holds names, numbers and sentences of our own, nothing else: whatever came from outside is either one of the names that this
program knows or left out. The sentences that people read are made from it when they are read (:func:`said`).
"""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.base import text
from app.core.batches.events import (
    AskFile,
    BatchNotFound,
    Bound,
    CallFailed,
    CancelAnswered,
    CancelRemote,
    CancelRequested,
    Claimed,
    Create,
    Created,
    Download,
    Downloaded,
    Effect,
    Event,
    FetchAgain,
    FileNotFound,
    FindBatch,
    FindFile,
    GivenUp,
    Poll,
    Polled,
    Reconcile,
    Reconciled,
    Resend,
    Resent,
    Returned,
    StopFollowing,
    TryNow,
    Upload,
    Uploaded,
)
from app.core.model import stored_names
from app.core.model.batches import Batch
from app.core.model.problem import Problem
from app.core.model.records import Record
from app.core.openai.advice import ADVICE


class LogEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened. Times are unix seconds."""

    id: str
    at: float
    """When."""
    kind: str
    """``state`` (``was`` → ``what``), ``call`` (to the provider; ``what`` is which), ``wish`` (a command of the person), ``lead``,
    ``batch``, ``workspace``, ``setting`` or ``trouble``."""
    batch: str = ""
    """Id of the batch; empty: the whole app."""
    what: str = ""
    was: str = ""
    code: str = ""
    """A problem's code; so are ``words`` and ``status``."""
    words: str = ""
    status: int = 0
    took: float = 0.0
    """Duration in seconds."""
    wait: float = 0.0
    """Seconds after which it is tried again."""
    times: int = 1
    """So many equal things until ``until`` are one entry."""
    until: float = 0.0
    counts: dict[str, int] = {}
    """Figures by name."""

    @property
    def trouble(self) -> bool:
        """Whether it tells of a problem."""
        return bool(self.code)


class LogPage(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Entries that are stored as one record, oldest first."""

    stored = stored_names.LOG_PAGE
    entries: tuple[LogEntry, ...] = ()

    @property
    def index(self) -> tuple[str, str, float]:
        return "", "", self.entries[0].at if self.entries else 0.0


OTHER: Final = "other"
"""Stands for a code of a provider that this program does not know."""
FAILED: Final = frozenset({"failed", "expired"})

_CALLS: Final[dict[type[Effect], str]] = {  # any other effect calls nobody: only what it leads to is told
    Upload: "upload",
    FindFile: "find_file",
    AskFile: "ask_file",
    Create: "create",
    FindBatch: "find_batch",
    Poll: "poll",
    CancelRemote: "cancel",
    Download: "download",
    Reconcile: "ledger",
    Resend: "resend",
}
_WISHES: Final[dict[type[Event], str]] = {
    CancelRequested: "cancel",
    TryNow: "try_now",
    FetchAgain: "fetch_again",
    StopFollowing: "stop_following",
    Claimed: "claimed",
    Returned: "returned",
    Bound: "bound",
    GivenUp: "given_up",
}


def plain(problem: Problem) -> str:
    """What happened in our own words: without the provider's, which may quote a request."""
    words = problem.what
    head, quoted, _ = words.partition("“")
    if quoted:
        cut = max(head.rfind(": "), head.rfind(". "))
        words = head[:cut].rstrip(".: ") + "." if cut > 0 else ""
    return "" if problem.detail and problem.detail in words else words


def draft(kind: str, what: str = "", **facts: object) -> LogEntry:
    """An entry that has no id and time yet. A fact that is 0 is left out: msgspec would write it."""
    some = {name: fact for name, fact in facts.items() if fact}
    return LogEntry(id="", at=0.0, kind=kind, what=what, **some)  # type: ignore[arg-type]  # facts are the struct's own fields


def of_step(before: Batch, after: Batch, event: Event, effect: Effect | None, now: float, took: float = 0.0) -> list[LogEntry]:
    """What is told of one step of a batch's life; ``effect`` is what the event answers, and ``took`` how long it was (seconds)."""
    found: list[LogEntry] = []
    wait = max(0.0, round(after.retry_at - now, 1))
    if isinstance(event, CallFailed):
        one = event.problem
        call = _CALLS.get(type(effect), event.call) if effect else event.call
        found.append(_call(call, took, after, code=one.code, words=plain(one), status=one.status, wait=wait))
    elif type(event) in _WISHES:
        found.append(draft("wish", _WISHES[type(event)], batch=after.id))
    elif effect is not None and type(effect) in _CALLS:
        found.append(_call(_CALLS[type(effect)], took, after, counts=_counts(event, effect, after)))
    if twins := len(getattr(event, "twins", None) or ()):
        found.append(draft("batch", "twins", batch=after.id, counts={"batches": twins}))
    if before.state != after.state:
        found.append(_state(before, after))
    return found


def _call(call: str, took: float, batch: Batch, **facts: object) -> LogEntry:
    return draft("call", call, batch=batch.id, took=round(took, 2), **facts)


def _counts(event: Event, effect: Effect, batch: Batch) -> dict[str, int]:
    match event:
        case Uploaded():
            return {"bytes": batch.size} if isinstance(effect, Upload) else {"found": 1}
        case FileNotFound() | BatchNotFound():
            return {"found": 0}
        case Created() if isinstance(effect, FindBatch):
            return {"found": 1}
        case Created() | Polled() | CancelAnswered():
            return {"answered": event.remote.completed, "failed": event.remote.failed, "total": event.remote.total or batch.requests}
        case Downloaded():
            return {event.file.which: 1, "bytes": event.file.size}
        case Reconciled():
            one = event.tally
            counts = {
                name: getattr(one, name)
                for name in ("answered", "failed", "expired", "cancelled", "missing", "unfound", "flawed", "unread")
            }
            return {name: count for name, count in counts.items() if count}
        case Resent():
            return {"requests": event.resent - event.before}
    return {}


def _state(before: Batch, after: Batch) -> LogEntry:
    """A change of state, with the problem of an ending."""
    entry = draft("state", after.state, was=before.state, batch=after.id)
    problem = after.problem
    if problem is not None and after.state == "withdrawn":
        entry = msgspec.structs.replace(entry, code=problem.code)  # the call that led here has told the rest
    elif problem is not None and after.state in ("failed", "waiting"):
        # the code may be the provider's
        entry = msgspec.structs.replace(entry, code=problem.code if problem.code in ADVICE else OTHER, words=plain(problem))
    elif after.state in FAILED:
        entry = msgspec.structs.replace(entry, code=f"batch_{after.state}")
    return entry


def again(last: LogEntry | None, entry: LogEntry) -> LogEntry | None:
    """One entry for both, where they tell the same again: the provider was asked, and the batch stayed in its state."""
    if last is None or (last.kind, last.what, last.code, last.batch) != ("call", "poll", "", entry.batch):
        return None
    if (entry.kind, entry.what, entry.code) != ("call", "poll", ""):
        return None
    return msgspec.structs.replace(last, times=last.times + 1, until=entry.at, took=round(last.took + entry.took, 2), counts=entry.counts)


# --- in words --------------------------------------------------------------------------------------------------------------------

_STATES: Final = {
    "planned": "Planned",
    "adopting": "Reads its requests",
    "uploading": "Begins to upload",
    "uploaded": "The provider has the file",
    "waiting": "Waits until the provider has capacity for it",
    "creating": "Begins to create the batch",
    "validating": "The provider checks the file",
    "in_progress": "The provider works on it",
    "finalizing": "The provider assembles the answers",
    "cancelling": "The batch is being cancelled",
    "downloading": "Begins to download the answers",
    "reconciling": "Begins to check the answers",
    "done": "Done",
    "failed": "The batch failed",
    "expired": "The batch expired: its completion window ended",
    "cancelled": "The batch is cancelled",
    "withdrawn": "Not sent: its requests are back in the queue",
}
_DONE: Final = {
    "upload": "Uploaded the requests",
    "create": "Created the batch",
    "poll": "Asked the provider",
    "list": "Listed what the provider has",
    "cancel": "Asked the provider to cancel",
    "download": "Fetched the answers",
    "ledger": "Checked the answers",
    "resend": "Returned to the queue, to be sent again",
    "models": "Asked for the models",
    "store": "Stored",
    "find_file": "Looked for the file at the provider",
    "ask_file": "Asked whether the provider has checked the file",
    "find_batch": "Looked for the batch at the provider",
    "sweep": "Cleaned up at the provider",
}
_OTHERS: Final = {
    ("wish", "cancel"): "You asked to cancel",
    ("wish", "try_now"): "Tried at once, without waiting",
    ("wish", "claimed"): "You said that the key belongs to the account of the batch",
    ("wish", "returned"): "You returned the requests to the queue",
    ("wish", "bound"): "You entered the id of the batch at the provider",
    ("wish", "given_up"): "You continued without what did not arrive",
    ("wish", "fetch_again"): "You asked to download the answers again",
    ("wish", "stop_following"): "You stopped following the batch",
    ("lead", "taken"): "A tab took the lead: its engine runs the batches",
    ("lead", "let_go"): "The leading tab gave up the lead",
    ("batch", "submitted"): "Submitted",
    ("batch", "requeued"): "Unanswered requests were returned to the queue",
    ("batch", "followed"): "Follow-up requests were created from answers, and wait in the queue",
    ("batch", "step_planned"): "A step was planned: it is submitted automatically when its answers arrive",
    ("batch", "step_cancelled"): "A step was cancelled",
    ("batch", "step_queued"): "A step queued its requests automatically",
    ("batch", "step_submitted"): "A step submitted its requests automatically",
    ("batch", "step_stopped"): "A step stopped; its table's results say why",
    ("batch", "deleted"): "Deleted from this browser",
    ("batch", "adopted"): "Imported from the provider",
    ("batch", "twins"): "A create call arrived twice: the second batch was cancelled, unless it had ended",
    ("workspace", "merge"): "A workspace was imported: merged with what was here",
    ("workspace", "replace"): "A workspace was imported and replaced this one",
    ("workspace", "undo"): "The import of a workspace was undone",
    ("workspace", "export"): "The workspace was exported",
    ("setting", "key_set"): "A key was entered",
    ("setting", "key_removed"): "A key was removed",
    ("setting", "passphrase_set"): "A passphrase for keys was set",
    ("setting", "passphrase_removed"): "The passphrase for keys was removed",
    ("setting", "provider_saved"): "A provider was saved",
    ("setting", "broker_saved"): "The settings of RabbitMQ were saved",
    ("setting", "provider_removed"): "A provider was removed",
}
_NOUNS: Final = {"requests": "request", "lanes": "lane", "batches": "batch", "files": "file"}


def said(entry: LogEntry) -> str:
    """The entry as one or two sentences."""
    if entry.kind == "state":
        known = _STATES.get(entry.what, entry.what)
        return " ".join(one for one in (f"{known}.", entry.words) if one)
    if entry.kind == "call":
        return _said_call(entry)
    if entry.kind == "trouble":
        return entry.words or f"Nightshift met a problem ({entry.code})."
    if entry.kind == "setting" and (entry.kind, entry.what) not in _OTHERS:
        return f"A setting was changed: {entry.what.replace('_', ' ')}."
    figures = _figures(entry.counts)
    return _OTHERS.get((entry.kind, entry.what), entry.what) + (f": {figures}." if figures else ".")


def _said_call(entry: LogEntry) -> str:
    done = _DONE.get(entry.what, entry.what)
    if entry.trouble:
        what = entry.words or f"{done}: it failed ({entry.code})."
        return what + (f" Tries again in {text.span(entry.wait)}." if entry.wait > 0 else "")
    if "found" in entry.counts:
        return f"{done}: it is {'' if entry.counts['found'] else 'not '}there."
    times = f" {text.number(entry.times)} times" if entry.times > 1 else ""
    figures = _figures(entry.counts)
    return f"{done}{times}" + (f": {figures}." if figures else ".")


_OUTCOMES: Final = {"unfound": "not found", "unread": "not read"}
"""Outcomes whose name is no word for people."""


def _figures(counts: dict[str, int]) -> str:
    parts = []
    total = counts.get("total", 0)
    for name, n in counts.items():
        if name == "bytes":
            parts.append(text.size(n))
        elif name == "answered" and total:
            parts.append(f"{text.number(n)} of {text.number(total)} answered")
        elif name in _NOUNS:
            parts.append(text.count(n, _NOUNS[name]))
        elif name not in ("total", "output", "error") and n:
            parts.append(f"{text.number(n)} {_OUTCOMES.get(name, name)}")
    return ", ".join(parts)
