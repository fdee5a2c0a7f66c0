"""The messages table and every change to it: functions over one connection, to be run by ``Database``.

A message moves along the table of stages (stages.py); only one that is ``here`` may be sent to a page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from app.core.json import jsonread
from app.core.programs import intake
from app.core.programs.protocol import (
    NO_ANSWER,
    Forget,
    InboxMessage,
    MessageState,
    Redeliver,
    RefusalDetail,
    Result,
    Source,
    StatusUpdate,
    Try,
)
from app.core.programs.protocol import Drop as DropOrder
from app.gateway.mailbox.stages import Stage, move

STATES: Final = (
    "pending",
    "openai_processing",
    "openai_processed",
    "delivering",
    "delivered",
    "delivery_failed",
    "failed",
    "expired",
    "cancelled",
)
"""A request's states as OpenAI Batch Manager names them, so that its programs can go on asking for them."""

Order = Redeliver | DropOrder | Forget
_ORDERS: Final[dict[str, type[Order]]] = {"redeliver": Redeliver, "drop": DropOrder, "forget": Forget}


class New(msgspec.Struct, frozen=True):
    """A message that has been checked. ``data`` is its JSON; ``job``, ``line`` and ``caller_id`` are set for the SDK's."""

    custom_id: str
    url: str
    model: str
    data: bytes
    target: bytes | None = None
    source: Source = "http"
    job: str = ""
    line: int = 0
    caller_id: str = ""


class Stored(msgspec.Struct, frozen=True):
    """A message without its body. Times are unix seconds, ``size`` is bytes."""

    seq: int
    custom_id: str
    source: str
    stage: Stage
    state: str
    at: float
    changed: float
    url: str
    model: str
    target: str | None
    size: int
    page: str
    handed: str
    outcome: str
    batch: str
    error: str
    faults: str | None
    attempts: str | None
    seen: float | None
    job: str
    line: int
    caller_id: str

    @property
    def ended(self) -> bool:
        """Whether it is known what became of the request."""
        return self.outcome != ""

    def tries(self) -> list[Try]:
        """Its attempts, oldest first."""
        try:
            return jsonread.typed(self.attempts, list[Try]) if self.attempts else []
        except jsonread.Unreadable:  # damaged on the disk: the message is shown without them
            return []


_COLUMNS: Final = ", ".join(Stored.__struct_fields__)
_SELECT: Final = f"SELECT {_COLUMNS} FROM messages"  # noqa: S608 — names of this module only
_OLD: Final = """WHERE changed < ? AND stage IN ('taken', 'refused') AND outcome <> '' AND (
  handed = 'delivered' OR seen IS NOT NULL OR job IN (SELECT id FROM jobs WHERE status IN ('completed', 'cancelled')))"""


def new(data: bytes, message: intake.Message, source: Source = "http") -> New:
    """A checked message, ready to be kept."""
    config = message.delivery_config
    return New(message.custom_id, message.url, message.model, data, msgspec.json.encode(config) if config else None, source)


def public_state(handed: MessageState, outcome: Result, batch: str, tried: bool) -> str:
    """The page's state of a message in the words of :data:`STATES`."""
    if handed == "waiting" or not outcome:
        return "openai_processing" if batch else "pending"
    if handed == "due":
        return "delivering" if tried else "openai_processed"
    if handed in ("delivered", "failed"):
        return "delivered" if handed == "delivered" else "delivery_failed"
    if outcome in ("expired", "cancelled"):
        return outcome
    return "openai_processed" if outcome in ("answered", "unfound") else "failed"  # unfound: it may be paid, so it is no failure


def models(db: sqlite3.Connection, most: int) -> list[str]:
    """The models that messages named."""
    return [row[0] for row in db.execute("SELECT DISTINCT model FROM messages WHERE model <> '' LIMIT ?", (most,))]


# --- to the page ------------------------------------------------------------------------------------------------------------------


def pending(db: sqlite3.Connection, after: int, count: int, size: int) -> list[InboxMessage]:
    """The next messages that no page has committed, in order: at most ``count``, and ``size`` bytes, but at least one."""
    found: list[InboxMessage] = []
    left = size
    rows = db.execute(
        "SELECT m.seq, m.source, m.at, m.size, b.message, CASE WHEN json_valid(j.batch) THEN json_extract(j.batch, '$.metadata') END "
        "FROM messages m JOIN bodies b ON b.seq = m.seq LEFT JOIN jobs j ON j.id = m.job "
        "WHERE m.stage = 'here' AND m.seq > ? ORDER BY m.seq LIMIT ?",
        (after, count),
    )
    for seq, source, at, length, message, given in rows:
        size_now = length + len(given or "")
        if found and size_now > left:
            break
        left -= size_now
        found.append(InboxMessage(seq, source, at, msgspec.Raw(message), _metadata(given)))
    rows.close()
    return found


@lru_cache(maxsize=64)
def _metadata(given: str | None) -> dict[str, str]:
    """A batch's metadata, of its JSON text; none where that is damaged. Callers do not change what is returned."""
    try:
        return jsonread.typed(given, dict[str, str]) if given else {}
    except jsonread.Unreadable:
        return {}


def taken(db: sqlite3.Connection, seqs: Iterable[int], page: str, now: float) -> None:
    """A page has committed these. One that ended or was removed meanwhile is to be dropped there again."""
    for seq in seqs:
        if move(db, "committed", seq, page=page, changed=now):
            continue
        late = db.execute("SELECT custom_id, stage FROM messages WHERE seq = ? AND stage IN ('refused', 'leaving') AND page = ''", (seq,))
        for custom_id, stage in late.fetchall():
            db.execute("UPDATE messages SET page = ? WHERE seq = ?", (page, seq))
            order(db, "drop", page, [custom_id])
            if stage == "leaving":
                order(db, "forget", page, [custom_id])


def rejected(db: sqlite3.Connection, seq: int, faults: Sequence[RefusalDetail], page: str, now: float) -> str:
    """A page could not make a request of this one. It ends as failed, with an answer that says why. Returns its custom_id, or nothing."""
    row = db.execute("SELECT custom_id FROM messages WHERE seq = ? AND stage = 'here'", (seq,)).fetchone()
    if row is None:
        return ""
    said = " ".join(fault.detail for fault in faults) or "The page could not make a request of this message."
    code = faults[0].code if faults else "invalid_request"
    listed = msgspec.json.encode(faults).decode()
    move(db, "page_refused", seq, state="failed", outcome="failed", page=page, changed=now, error=said, faults=listed)
    _answer(db, seq, failure(row[0], code, said))
    return str(row[0])


def end(db: sqlite3.Connection, seq: int, outcome: Result, line: bytes, said: str, now: float) -> None:
    """End a message that no page has; any other stays as it is."""
    if move(db, "ended_unsent", seq, state=public_state("kept", outcome, "", False), outcome=outcome, error=said, changed=now):
        _answer(db, seq, line)


def failure(custom_id: str, code: str, said: str) -> bytes:
    """The line of a request that has no answer, in the shape of the provider's own lines."""
    return msgspec.json.encode({"id": None, "custom_id": custom_id, "response": None, "error": {"code": code, "message": said}})


def update_status(db: sqlite3.Connection, updates: Iterable[StatusUpdate], page: str, now: float) -> list[str]:
    """Store statuses of messages. Returns the custom_ids of those that are known."""
    known = []
    for update in updates:
        row = db.execute("SELECT seq FROM messages WHERE custom_id = ? AND stage IN ('here', 'taken')", (update.custom_id,)).fetchone()
        if row is None:
            continue
        tries = {"attempts": msgspec.json.encode(update.attempts).decode()} if update.attempts else {}
        state = public_state(update.state, update.outcome, update.batch, bool(update.attempts))
        now_said = {"handed": update.state, "outcome": update.outcome, "batch": update.batch, "error": update.error}
        move(db, "reported", row[0], page=page, changed=now, state=state, **now_said, **tries)
        if update.answer != NO_ANSWER:
            _answer(db, row[0], bytes(update.answer))
        elif update.outcome and update.outcome != "answered":
            line = failure(update.custom_id, f"request_{update.outcome}", update.error or f"The request ended as {update.outcome}.")
            db.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", (row[0], line))
        known.append(update.custom_id)
    return known


def _answer(db: sqlite3.Connection, seq: int, line: bytes) -> None:
    db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (seq, line))


# --- to programs ------------------------------------------------------------------------------------------------------------------


def find(db: sqlite3.Connection, custom_id: str) -> list[Stored]:
    """The message of this custom_id; or those that the SDK's callers gave this name, which may be several."""
    rows = db.execute(f"{_SELECT} WHERE custom_id = ? AND stage <> 'leaving'", (custom_id,)).fetchall()
    rows = rows or db.execute(f"{_SELECT} WHERE caller_id = ? AND stage <> 'leaving' LIMIT 2", (custom_id,)).fetchall()
    return [Stored(*row) for row in rows]


def page_of(db: sqlite3.Connection, state: str, after: int, count: int) -> list[Stored]:
    """The next messages after ``after`` (a ``seq``), of one state or of all (""), in the order in which they came."""
    where, values = ("AND state = ?", (after, state, count)) if state else ("", (after, count))
    rows = db.execute(f"{_SELECT} WHERE seq > ? {where} AND stage <> 'leaving' ORDER BY seq LIMIT ?", values)
    return [Stored(*row) for row in rows]


def answer(db: sqlite3.Connection, seq: int) -> bytes | None:
    """A message's output line, byte for byte as it arrived."""
    row = db.execute("SELECT line FROM answers WHERE seq = ?", (seq,)).fetchone()
    return bytes(row[0]) if row else None


def seen(db: sqlite3.Connection, seq: int, now: float) -> None:
    """A program has read the answer."""
    db.execute("UPDATE messages SET seen = ? WHERE seq = ? AND seen IS NULL", (now, seq))


class Counts(msgspec.Struct, frozen=True):
    """How many messages there are: that no page has, the oldest of them since when; that have not ended, by the page that has them."""

    waiting: int
    oldest: float | None
    held: dict[str, int]


def counts(db: sqlite3.Connection) -> Counts:
    """What ``/health`` says."""
    (waiting,) = db.execute("SELECT COUNT(*) FROM messages WHERE stage = 'here'").fetchone()
    first = db.execute("SELECT at FROM messages WHERE stage = 'here' ORDER BY seq LIMIT 1").fetchone()
    held = db.execute("SELECT page, COUNT(*) FROM messages WHERE stage = 'taken' AND outcome = '' GROUP BY page").fetchall()
    return Counts(waiting, first[0] if first else None, dict(held))


# --- orders -----------------------------------------------------------------------------------------------------------------------


def order(db: sqlite3.Connection, kind: str, page: str, custom_ids: Sequence[str]) -> None:
    """Store an order for the page that has these messages."""
    db.execute("INSERT INTO orders (page, kind, custom_ids) VALUES (?, ?, ?)", (page, kind, msgspec.json.encode(custom_ids).decode()))


def orders(db: sqlite3.Connection, page: str, after: int) -> list[Order]:
    """What this page has still to do."""
    rows = db.execute("SELECT n, kind, custom_ids FROM orders WHERE page = ? AND n > ? ORDER BY n LIMIT 100", (page, after))
    found: list[Order] = []
    for n, kind, custom_ids in rows:
        try:
            found.append(_ORDERS[kind](n, tuple(jsonread.typed(custom_ids, list[str]))))
        except (jsonread.Unreadable, LookupError):  # damaged on the disk: the others are carried out
            continue
    return found


def done(db: sqlite3.Connection, n: int, page: str) -> None:
    """A page has carried an order out; what it forgot is gone from here too."""
    row = db.execute("SELECT kind, custom_ids FROM orders WHERE n = ? AND page = ?", (n, page)).fetchone()
    if row is None:
        return
    db.execute("DELETE FROM orders WHERE n = ?", (n,))
    if row[0] == "forget":
        ids = jsonread.typed(row[1], list[str])
        found = [db.execute("SELECT seq FROM messages WHERE custom_id = ? AND stage = 'leaving'", (id,)).fetchone() for id in ids]
        erase(db, [row[0] for row in found if row])


def redeliver(db: sqlite3.Connection, message: Stored, now: float) -> None:
    """Order a delivery again."""
    order(db, "redeliver", message.page, [message.custom_id])
    db.execute("UPDATE messages SET state = 'delivering', changed = ? WHERE seq = ?", (now, message.seq))


def remove(db: sqlite3.Connection, custom_id: str, now: float) -> str:
    """A program wants this message no more. ``removed``: it is gone; ``cancelling``: its page has been asked to stop it; "": not known."""
    row = db.execute(f"{_SELECT} WHERE custom_id = ? AND stage <> 'leaving'", (custom_id,)).fetchone()
    if row is None:
        return ""
    message = Stored(*row)
    if message.stage == "here":  # perhaps on its way to a page: ``settle`` or ``taken`` end it
        move(db, "removed", message.seq, changed=now)
        return "removed"
    if message.stage == "refused":
        erase(db, [message.seq])
        return "removed"
    if message.ended:
        leave(db, [message], now)
        return "removed"
    order(db, "drop", message.page, [custom_id])
    return "cancelling"


def settle(db: sqlite3.Connection, in_transit: Sequence[int], before: float) -> None:
    """Forget what was removed before a page had it, unless it is on its way to one; after a time (unix seconds) that too."""
    rows = db.execute("SELECT seq, changed FROM messages WHERE stage = 'leaving' AND page = ''").fetchall()
    erase(db, [seq for seq, changed in rows if seq not in in_transit or changed < before])


def leave(db: sqlite3.Connection, ended: Sequence[Stored], now: float) -> None:
    """Hide messages that have ended; they go when the page that had them has forgotten them."""
    for message in ended:
        move(db, "removed", message.seq, changed=now)
    for page in sorted({message.page for message in ended}):
        order(db, "forget", page, [message.custom_id for message in ended if message.page == page])


def erase(db: sqlite3.Connection, seqs: Iterable[int]) -> None:
    """Forget messages with everything that belongs to them."""
    keys: list[Any] = [(seq,) for seq in seqs]
    for table in ("messages", "bodies", "answers"):
        db.executemany(f"DELETE FROM {table} WHERE seq = ?", keys)  # noqa: S608 — names of this module only


def prune(db: sqlite3.Connection, before: float, now: float) -> int:
    """Let go of messages that ended before a time (unix seconds) and whose result has reached someone: delivered, or read by GET.
    A result that nobody has had stays, however old; those of the SDK's batches are in their files. Returns how many; at most 1,000 at a
    time."""
    rows = db.execute(f"{_SELECT} {_OLD} LIMIT 1000", (before,)).fetchall()
    old = [Stored(*row) for row in rows]
    erase(db, [message.seq for message in old if message.stage == "refused"])
    leave(db, [message for message in old if message.stage == "taken"], now)
    return len(old)
