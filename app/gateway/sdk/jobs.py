"""Batches that the official SDK makes under ``/v1``: their records, and what leads them from a file to a result.

A batch here is a file whose lines become messages of the mailbox, each with an id of its own (``<batch id>-<line>``), because a custom_id
is unique in its file only. The page packs them into batches of its own at the provider. When every line has ended, the answers are put
together into an output and an error file, under the callers' ids. Each step looks at what is on the disk and can be repeated.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from app.core.base.transitions import NoSuchMove
from app.core.json import jsonread
from app.core.openai import objects
from app.core.programs import intake
from app.core.programs.intake import MessageRefusal
from app.gateway.mailbox import messages, posts
from app.gateway.mailbox.messages import New
from app.gateway.sdk.states import JOB_STATES, JobEvent, JobState

MAX_PROBLEMS: Final = 100
"""Faults of a file that a failed batch names."""
FINAL: Final = tuple(name for name, one in JOB_STATES.states.items() if not one.leads)


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a line, in the provider's shape; ``line`` counts from 1."""

    code: str
    message: str
    line: int | None = None
    param: str | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A batch. ``status`` moves as :data:`app.gateway.sdk.states.JOB_STATES` says (:func:`moved`); in a damaged record it may be any text.
    Times are unix seconds; ``total`` is None until its file has been read through."""

    id: str
    created_at: float
    input_file_id: str
    endpoint: str
    completion_window: str
    metadata: dict[str, str] | None = None
    status: str = JOB_STATES.first
    total: int | None = None
    in_progress_at: float | None = None
    finalizing_at: float | None = None
    completed_at: float | None = None
    failed_at: float | None = None
    cancelling_at: float | None = None
    cancelled_at: float | None = None
    faults: tuple[Fault, ...] = ()
    output_file_id: str | None = None
    error_file_id: str | None = None
    dropped: bool = False

    @property
    def open(self) -> bool:
        """Whether there is still something to do."""
        return self.status not in FINAL


def moved(job: Job, event: JobEvent, **changes: Any) -> Job:
    """The batch after an event, with what else it changes. Raises NoSuchMove where its state does not hear it."""
    return msgspec.structs.replace(job, status=JOB_STATES.after(cast(JobState, job.status), event), **changes)


class Progress(msgspec.Struct, frozen=True):
    """How far a batch is: lines that have become messages, that were answered, that ended otherwise."""

    lines: int = 0
    completed: int = 0
    failed: int = 0


class StoredFile(msgspec.Struct, frozen=True):
    """A file that was uploaded or made here. Its content is a file next to the database, named by its id."""

    id: str
    at: float
    bytes: int
    filename: str
    purpose: str
    expires_at: float | None = None


# --- records ----------------------------------------------------------------------------------------------------------------------


def put(db: sqlite3.Connection, job: Job) -> None:
    """Keep a new batch. Raises NoSuchMove for one that is in another state than the first."""
    if job.status != JOB_STATES.first:
        raise NoSuchMove("", "create", job.status)
    db.execute("INSERT INTO jobs (id, at, batch, status) VALUES (?, ?, ?, ?)", (job.id, job.created_at, _text(job), job.status))


def load(db: sqlite3.Connection, id: str) -> tuple[Job, Progress] | None:
    """A batch and how far it is."""
    row = db.execute("SELECT batch, lines FROM jobs WHERE id = ?", (id,)).fetchone()
    return (jsonread.typed(row[0], Job), _progress(db, id, row[1])) if row else None


def change(db: sqlite3.Connection, id: str, how: Callable[[Job], Job]) -> Job | None:
    """Change a batch as it is now; None when there is none. Raises NoSuchMove, also where ``how`` would move it in a way that the table of
    states does not have: the row is only written from a state that may lead there."""
    row = db.execute("SELECT batch, status FROM jobs WHERE id = ?", (id,)).fetchone()
    if row is None:
        return None
    job = how(jsonread.typed(row[0], Job))
    before = JOB_STATES.before(cast(JobState, job.status))
    marks = ", ".join("?" * len(before))
    update = f"UPDATE jobs SET batch = ?, status = ? WHERE id = ? AND status IN ({marks})"  # noqa: S608 — marks only
    if db.execute(update, (_text(job), job.status, id, *before)).rowcount == 0:
        raise NoSuchMove(row[1], "change", job.status)
    return job


def listed(db: sqlite3.Connection) -> list[str]:
    """The ids of all batches, newest first."""
    return [row[0] for row in db.execute("SELECT id FROM jobs ORDER BY at DESC, rowid DESC")]


def unfinished(db: sqlite3.Connection) -> list[str]:
    """The ids of batches with something to do, oldest first."""
    marks = ", ".join("?" * len(FINAL))
    found = db.execute(f"SELECT id FROM jobs WHERE status NOT IN ({marks}) ORDER BY at, rowid", FINAL)  # noqa: S608 — marks only
    return [row[0] for row in found]


def inputs(db: sqlite3.Connection) -> set[str]:
    """The ids of files that unfinished batches are made from: their contents stay, also after they have expired."""
    found = [load(db, id) for id in unfinished(db)]
    return {entry[0].input_file_id for entry in found if entry}


def _progress(db: sqlite3.Connection, id: str, lines: int) -> Progress:
    rows = db.execute("SELECT outcome = 'answered', COUNT(*) FROM messages WHERE job = ? AND outcome <> '' GROUP BY 1", (id,))
    found = dict(rows.fetchall())
    return Progress(lines, found.get(1, 0), found.get(0, 0))


def _text(job: Job) -> str:
    return msgspec.json.encode(job).decode()


def put_file(db: sqlite3.Connection, file: StoredFile) -> None:
    """Keep a file's record."""
    db.execute("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?)", msgspec.structs.astuple(file))


def find_file(db: sqlite3.Connection, id: str, now: float) -> StoredFile | None:
    """A file that has not expired."""
    row = db.execute("SELECT * FROM files WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)", (id, now)).fetchone()
    return StoredFile(*row) if row else None


def files(db: sqlite3.Connection, now: float) -> list[StoredFile]:
    """All files that have not expired, oldest first."""
    rows = db.execute("SELECT * FROM files WHERE expires_at IS NULL OR expires_at > ? ORDER BY at, rowid", (now,))
    return [StoredFile(*row) for row in rows]


def drop_file(db: sqlite3.Connection, id: str) -> None:
    """Forget a file's record."""
    db.execute("DELETE FROM files WHERE id = ?", (id,))


# --- lines ------------------------------------------------------------------------------------------------------------------------


class _Head(msgspec.Struct):
    custom_id: str


def numbered(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers from 1, without empty ones."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line := line.strip():
                yield number, line


def check(path: Path, endpoint: str) -> tuple[int, list[Fault]]:
    """How many requests a file has, and what is wrong with them, in the provider's codes. Reads the whole file."""
    total, faults, seen = 0, [], set[str]()
    for number, line in numbered(path):
        total += 1
        found = intake.decode(line)
        if isinstance(found, MessageRefusal):
            code = "invalid_json_line" if found.code == "invalid_json" else "invalid_request"
            faults.append(Fault(code, found.detail, number, found.pointer.strip("/").replace("/", ".") or None))
        elif found.url != endpoint:
            faults.append(Fault("url_mismatch", f"The line's url is {found.url}; the batch is for {endpoint}.", number, "url"))
        elif found.delivery_config is not None:
            faults.append(Fault("invalid_request", "delivery_config is not allowed in a batch's file.", number, "delivery_config"))
        elif found.custom_id in seen:
            faults.append(Fault("duplicate_custom_id", f"The custom_id {found.custom_id!r} is in this file twice.", number, "custom_id"))
        else:
            seen.add(found.custom_id)
        if len(faults) >= MAX_PROBLEMS:
            break
    if not total:
        faults.append(Fault("empty_file", "The file has no requests."))
    return total, faults


def as_message(job: Job, number: int, line: bytes) -> New:
    """A line as a message under an id of its own. One that is none any more (the file was read through before, by another version perhaps)
    has no ``url``: it ends as failed."""
    message = intake.decode(line)
    id = f"{job.id}-{number}"
    if isinstance(message, MessageRefusal):
        said = msgspec.json.encode(message.detail)
        return New(id, "", "", said, source="sdk", job=job.id, line=number, caller_id=message.custom_id)
    data = msgspec.json.encode({**jsonread.typed(line, dict[str, msgspec.Raw]), "custom_id": id})
    return New(id, message.url, message.model, data, source="sdk", job=job.id, line=number, caller_id=message.custom_id)


def add(db: sqlite3.Connection, job: Job, given: list[New], lines: int, now: float) -> None:
    """Make lines into messages; ``lines`` of the file are done then. Should another message have the id of one, it gets the next that is
    free: a line that was skipped would never end."""
    bad = [message for message in given if not message.url]
    for attempt in range(2, 100):
        taken = posts.add(db, given, now)
        if not taken:
            break
        given = [_renamed(given[i], f"{job.id}-{given[i].line}.{attempt}") for i in taken]
    for one in bad:
        (seq,) = db.execute("SELECT seq FROM messages WHERE job = ? AND line = ?", (job.id, one.line)).fetchone()
        said = jsonread.typed(one.data, str)
        messages.end(db, seq, "failed", messages.failure(one.caller_id, "invalid_request", said), said, now)
    db.execute("UPDATE jobs SET lines = ? WHERE id = ?", (lines, job.id))


def _renamed(message: New, id: str) -> New:
    """The same under another id."""
    data = msgspec.json.encode({**jsonread.typed(message.data, dict[str, msgspec.Raw]), "custom_id": id}) if message.url else message.data
    return msgspec.structs.replace(message, custom_id=id, data=data)


def cut_off(db: sqlite3.Connection, id: str, fault: Fault) -> None:
    """No more lines of a batch come than have become messages; ``fault`` says why."""
    (lines,) = db.execute("SELECT lines FROM jobs WHERE id = ?", (id,)).fetchone()
    change(db, id, lambda stored: moved(stored, "cut_off", total=lines, faults=(*stored.faults, fault)))


def drop(db: sqlite3.Connection, job: Job, now: float) -> None:
    """The batch was cancelled: messages that no page has end as cancelled, pages that have others are asked to stop them."""
    said = "The batch was cancelled before this request was sent."
    for seq, caller_id in db.execute("SELECT seq, caller_id FROM messages WHERE job = ? AND stage = 'here'", (job.id,)).fetchall():
        messages.end(db, seq, "cancelled", messages.failure(caller_id, "batch_cancelled", said), said, now)
    held = db.execute("SELECT page, custom_id FROM messages WHERE job = ? AND stage = 'taken' AND outcome = ''", (job.id,)).fetchall()
    for page in sorted({row[0] for row in held}):
        ids = [row[1] for row in held if row[0] == page]
        for start in range(0, len(ids), 1_000):
            messages.order(db, "drop", page, ids[start : start + 1_000])
    change(db, job.id, lambda stored: moved(stored, "dropped", dropped=True))


def results(db: sqlite3.Connection, id: str, after: int, count: int) -> list[tuple[int, str, bytes]]:
    """The next ended lines of a batch after line ``after``: number, outcome, and the output line under the caller's custom_id."""
    rows = db.execute(
        "SELECT m.line, m.outcome, m.caller_id, a.line FROM messages m LEFT JOIN answers a ON a.seq = m.seq "
        "WHERE m.job = ? AND m.line > ? AND m.outcome <> '' ORDER BY m.line LIMIT ?",
        (id, after, count),
    )
    return [(line, outcome, _under(caller_id, outcome, answer)) for line, outcome, caller_id, answer in rows]


def _under(caller_id: str, outcome: str, answer: bytes | None) -> bytes:
    """An output line with the caller's custom_id in place of ours; every other byte of a value stays."""
    try:
        found = jsonread.typed(answer or b"", dict[str, msgspec.Raw], depth=jsonread.OWN_DEPTH)
    except jsonread.Unreadable:
        return messages.failure(caller_id, "no_answer", f"The request ended as {outcome or 'unknown'}, and has no line.")
    given: dict[str, Any] = {**found, "custom_id": caller_id}
    return msgspec.json.encode(given)


# --- as the provider shows them -----------------------------------------------------------------------------------------------------


def file_object(file: StoredFile) -> dict[str, Any]:
    """A file in the provider's shape."""
    return objects.file_object(
        id=file.id, purpose=file.purpose, filename=file.filename, size=file.bytes, created_at=file.at, expires_at=file.expires_at
    )


def batch_object(job: Job, progress: Progress) -> dict[str, Any]:
    """A batch in the provider's shape. ``expires_at`` is what the caller asked for; here nothing is discarded then."""
    return objects.batch_object(
        id=job.id,
        endpoint=job.endpoint,
        problems=job.faults,
        input_file_id=job.input_file_id,
        completion_window=job.completion_window,
        status=job.status,
        output_file_id=job.output_file_id,
        error_file_id=job.error_file_id,
        created_at=job.created_at,
        times=job,
        counts=(job.total or 0, progress.completed, progress.failed),
        metadata=job.metadata,
    )
