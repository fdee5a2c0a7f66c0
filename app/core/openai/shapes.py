"""Answers of batch servers as they arrive, read into one shape.

Servers that call themselves compatible differ in small things: the case and the names of statuses, an envelope around the object, times as
ISO 8601 text, where the counts stand, and what errors look like. Each reader here takes every form that was seen (OpenAI, Azure, Mistral,
Together, Fireworks, Groq and open servers: their API references and public reports), knows nothing of the network, and never raises: what
cannot be read has its default. A status that no table knows is kept as it was said, so that it can be quoted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from app.core.base.patterns import pattern
from app.core.model.remote import Remote, RemoteError

STATUS_CHARACTERS: Final = 80
"""An unknown status is kept up to this length."""
_MOST: Final = 10**15
"""No count and no size is larger; a larger figure is not one."""
_LATEST: Final = 1e11
"""Unix seconds up to the year 5138. A larger number counts milliseconds, microseconds or nanoseconds."""

_ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "validating": (
        *(
            "validating",
            "pending",
            "queued",
            "created",
            "creating",
            "submitted",
            "accepted",
            "scheduled",
            "notstarted",
            "notrunning",
            "waiting",
        ),
        *("enqueued", "initializing", "new", "open", "received", "creatinginputdataset", "inqueue", "submitting", "registered"),
        *("validatinginput", "preparing"),
    ),
    "in_progress": (
        "inprogress",
        "running",
        "processing",
        "started",
        "active",
        "executing",
        "ongoing",
        "working",
        "inprocess",
        "generating",
    ),
    "finalizing": (
        "finalizing",
        "finalising",
        "postprocessing",
        "completing",
        "writing",
        "writingresults",
        "uploadingresults",
        "finishing",
    ),
    "completed": (
        *("completed", "complete", "succeeded", "success", "successful", "done", "finished", "partiallysucceeded", "partiallycompleted"),
        *("completedwitherrors", "completedwithfailures", "succeededwitherrors", "partialsuccess", "ended", "endedwitherrors"),
    ),
    "failed": ("failed", "failure", "error", "errored", "validationfailed", "rejected", "invalid", "validationerror"),
    "expired": ("expired", "timeout", "timedout", "timeoutexceeded", "deadlineexceeded"),
    "cancelling": (
        *("cancelling", "canceling", "cancellationrequested", "cancelationrequested", "cancelrequested", "cancelpending", "stopping"),
        *("aborting", "pendingcancellation"),
    ),
    "cancelled": ("cancelled", "canceled", "aborted", "stopped", "terminated", "cancelledbyuser", "canceledbyuser"),
}
STATUSES: Final[dict[str, str]] = {alias: status for status, aliases in _ALIASES.items() for alias in aliases}
"""The batch API's own status by each name that stands for it, written in small letters and nothing else."""
_HOW_ENDED: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("cancelled", ("cancelled_at", "canceled_at", "cancelling_at", "canceling_at", "cancel_initiated_at")),
    ("failed", ("failed_at",)),
    ("expired", ("expired_at",)),
)
"""What a word that says only that it is over (“ended”) stands for, by the first time that the batch gives; without one its lines say it."""
_PREFIXES: Final = ("jobstate", "batchstate", "jobstatus", "batchstatus", "batch", "job", "state", "status")
_NO_LETTER: Final = pattern(r"[^a-z]+")

_BATCH_ID: Final = ("id", "batch_id", "batchId", "job_id", "jobId", "uuid")
_FILE_ID: Final = ("id", "file_id", "fileId")
_ENVELOPES: Final = ("job", "batch", "batch_job", "file")
_LOOSE_ENVELOPES: Final = ("data", "result", "response", "object", "item")
_LISTS: Final = ("data", "batches", "jobs", "files", "models", "items", "results", "value")
_NO_ROOM: Final = pattern(r"token_limit_exceeded|enqueued[ _]tokens?|tokens? enqueued", re.I)


# --- one value ---------------------------------------------------------------------------------------------------------------------


def text(found: dict[str, Any], *names: str) -> str:
    """The first of these fields that holds text."""
    for name in names:
        value = found.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def ident(found: dict[str, Any], *names: str) -> str:
    """A code: text, or a whole number as text."""
    for name in names:
        value = found.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST:
            return str(value)
    return ""


def number(value: Any) -> float:
    """A number, also one written as text; 0 for anything else, negative or not finite."""
    if isinstance(value, str):
        if len(value) > 40:
            return 0.0
        try:
            value = float(value)
        except ValueError:
            return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    try:
        found = float(value)
    except OverflowError:
        return 0.0
    return found if math.isfinite(found) and found > 0 else 0.0


def whole(found: dict[str, Any], *names: str) -> int:
    """The first of these fields that holds a count; 0 where none does."""
    for name in names:
        if 0 < (value := number(found.get(name))) <= _MOST:
            return int(value)
    return 0


def moment(found: dict[str, Any], *names: str) -> float:
    """The first of these fields that holds a time, as unix seconds; 0 where none does. It may be a number of seconds, milliseconds or less,
    the same as text, or ISO 8601 (without a zone: UTC)."""
    for name in names:
        if value := _moment(found.get(name)):
            return value
    return 0.0


def _moment(value: Any) -> float:
    if seconds := number(value):
        for _ in range(3):
            if seconds <= _LATEST:
                return seconds
            seconds /= 1_000
        return seconds if seconds <= _LATEST else 0.0
    if not isinstance(value, str) or not 10 <= len(value) <= 40:
        return 0.0
    try:
        at = datetime.fromisoformat(value.strip())
        seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
    return seconds if 0 < seconds <= _LATEST else 0.0


def inner(found: dict[str, Any], *names: str) -> dict[str, Any]:
    """The first of these fields that holds an object; an empty one where none does."""
    return next((value for name in names if isinstance(value := found.get(name), dict)), {})


def status(value: Any) -> str:
    """The batch API's status that this stands for: whatever the case and the separators, and by any name of :data:`STATUSES`. An unknown
    one comes back as it was said, shortened."""
    if isinstance(value, dict):
        value = text(value, "state", "status", "name", "value")
    if not isinstance(value, str):
        return ""
    said = " ".join(value.split())[:STATUS_CHARACTERS]
    letters = _NO_LETTER.sub("", said.lower())
    if letters in STATUSES:
        return STATUSES[letters]
    for prefix in _PREFIXES:
        if letters.startswith(prefix) and (known := STATUSES.get(letters.removeprefix(prefix))):
            return known
    return said


# --- envelopes ---------------------------------------------------------------------------------------------------------------------


def opened(value: Any) -> dict[str, Any] | None:
    """The object that an answer is about, out of any envelope around it; None where it has no id."""
    for _ in range(5):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict):
            return None
        has_id = bool(text(value, *_BATCH_ID, *_FILE_ID))
        around = next((value[name] for name in _ENVELOPES if isinstance(value.get(name), dict)), None)
        if around is not None and not (has_id and text(value, "status", "filename")):
            value = around
            continue
        if has_id:
            return value
        value = next((value[name] for name in _LOOSE_ENVELOPES if isinstance(value.get(name), dict | list)), None)
    return None


def listed(value: Any) -> list[Any] | None:
    """The items of a listing: under one of several names, or the answer itself; None where it is none."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    for name in _LISTS:
        if isinstance(found := value.get(name), list):
            return found
        if isinstance(found, dict) and isinstance(deeper := next((found[each] for each in _LISTS if each in found), None), list):
            return deeper
    return [] if any(name in value and value[name] is None for name in _LISTS) else None


def strange(value: Any) -> str:
    """What an answer is that is not part of the batch API's, as the end of a sentence; nothing where that cannot be said."""
    if isinstance(value, list):
        return "a list where one object is expected"
    if not isinstance(value, dict):
        return ""
    if value.get("type") == "message_batch" or "processing_status" in value:
        return "it is one of Anthropic's message batches, which is another API"
    if text(value, "name").startswith(("batches/", "operations/", "projects/")):
        return "it is a Google batch job, which is another API"
    if "jobArn" in value:
        return "it is an Amazon Bedrock job, which is another API"
    names = [" ".join(str(name).split())[:40] for name in list(value)[:6]]
    more = f" and {len(value) - 6:,} more" if len(value) > 6 else ""
    return f"an object without an id that has {', '.join(f'“{name}”' for name in names)}{more}" if names else "an empty object"


# --- a file ------------------------------------------------------------------------------------------------------------------------


def file_id(found: dict[str, Any]) -> str:
    """The id of a file object."""
    return text(found, *_FILE_ID)


def _file_named(found: dict[str, Any], *names: str) -> tuple[str, int]:
    """The id of a file that a batch names, and how many it names there: as an id, an object or a list of either."""
    for name in names:
        value = found.get(name)
        many = value if isinstance(value, list) else [value]
        ids = [file if isinstance(file, str) else file_id(file) if isinstance(file, dict) else "" for file in many]
        if ids := [file for file in ids if file]:
            return ids[0], len(ids)
    return "", 0


# --- a batch -----------------------------------------------------------------------------------------------------------------------


def batch_id(found: dict[str, Any]) -> str:
    """The id of a batch object."""
    return text(found, *_BATCH_ID)


def batch(found: dict[str, Any], raw: bytes) -> Remote:
    """A batch object of any known form. ``raw`` is kept as it arrived."""
    counts = inner(found, "request_counts", "requestCounts", "counts", "progress", "stats")
    usage, meta = inner(found, "usage"), inner(found, "metadata")
    output, outputs = _file_named(found, "output_file_id", "output_file_ids", "output_file", "output_files", "results_file_id")
    error, errors = _file_named(found, "error_file_id", "error_file_ids", "error_file", "error_files")
    remarks = [
        f"The provider names {many:,} {which} files; Nightshift reads the first. The others are at the provider."
        for which, many in (("output", outputs), ("error", errors))
        if many > 1
    ]
    return Remote(
        id=batch_id(found),
        status=_status(found),
        input_file_id=_file_named(found, "input_file_id", "input_file", "input_files", "input_file_ids")[0],
        output_file_id=output,
        error_file_id=error,
        endpoint=text(found, "endpoint", "url"),
        total=whole(counts, "total", "total_requests", "requests") or whole(found, "total_requests", "request_count", "total"),
        completed=whole(counts, "succeeded", "success", "completed", "succeeded_requests", "completed_requests")
        or whole(found, "succeeded_requests", "completed_requests", "succeeded", "completed"),
        failed=whole(counts, "failed", "errored", "failed_requests") or whole(found, "failed_requests", "failed", "errored"),
        progress=_percent(found.get("progress")) or _percent(found.get("percent_complete")),
        input_tokens=whole(usage, "input_tokens", "prompt_tokens"),
        cached_tokens=whole(inner(usage, "input_tokens_details", "prompt_tokens_details"), "cached_tokens"),
        output_tokens=whole(usage, "output_tokens", "completion_tokens"),
        reasoning_tokens=whole(inner(usage, "output_tokens_details", "completion_tokens_details"), "reasoning_tokens"),
        created_at=moment(found, "created_at", "createdAt", "created", "create_time", "createTime"),
        expires_at=moment(found, "expires_at", "expiresAt", "expire_time", "job_deadline", "deadline"),
        errors=tuple(_errors(found)),
        metadata={name: value for name, value in meta.items() if isinstance(value, str)},
        remarks=tuple(remarks),
        raw=raw.decode("utf-8", "replace"),
    )


def _status(found: dict[str, Any]) -> str:
    """The batch's status. A word that says only that it is over is read with the times that the batch gives: what was cancelled is not sent
    again by rule, what did not run in time is."""
    said = found.get("status") or found.get("state") or found.get("job_status") or found.get("batch_status")
    meant = status(said)
    word = said.get("state") or said.get("status") or said.get("name") or said.get("value") if isinstance(said, dict) else said
    if meant == "completed" and "ended" in str(word)[: STATUS_CHARACTERS * 2].lower():
        return next((ending for ending, times in _HOW_ENDED if moment(found, *times)), meant)
    return meant


def _percent(value: Any) -> float:
    """How much is done in percent, as the provider says it: a number, or text such as “40 %”; 0 for anything else."""
    if isinstance(value, str):
        value = value.strip().removesuffix("%").strip()
    return min(100.0, number(value))


def _errors(found: dict[str, Any]) -> Iterator[RemoteError]:
    """What a batch says went wrong: a list, ``{"data": [...]}``, one object or text; each entry an object or text."""
    for name in ("errors", "error", "failure_reason", "detail"):
        value = found.get(name)
        if isinstance(value, dict):
            value = next(
                (value[each] for each in ("data", "errors", "detail") if isinstance(value.get(each), list)), [value] if value else []
            )
        entries = value if isinstance(value, list) else [value]
        read = [_error(entry) for entry in entries if isinstance(entry, dict) or (isinstance(entry, str) and entry.strip())]
        if read:
            yield from read
            return


def _error(found: dict[str, Any] | str) -> RemoteError:
    if isinstance(found, str):
        return RemoteError(code=_code_in(found), message=found)
    deeper = found.get("error")
    if isinstance(deeper, dict) and not text(found, "message", "msg"):
        found = {**deeper, "line": found.get("line")}
    message = text(found, "message", "msg", "detail", "error", "reason", "description")
    loc = found.get("loc")
    where = text(found, "param", "field") or (".".join(str(step) for step in loc[:20]) if isinstance(loc, list) else "")
    code = ident(found, "code", "error_code") or _code_in(message) or text(found, "type")
    return RemoteError(code=code, message=message, param=where, line=whole(found, "line", "line_number", "lineNumber"))


def _code_in(message: str) -> str:
    """The code that a message without one stands for, where something follows from it (room at the provider)."""
    return "token_limit_exceeded" if _NO_ROOM.search(message) else ""
