"""Inserts new messages, many with one statement.

Each statement of the writer thread releases the interpreter's lock and waits to have it back from the thread that reads requests, so a body
of many messages, and posts that wait at the same time (``Database.write_with_others``), are stored by few statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from app.gateway.mailbox.messages import New

Post = tuple[Sequence[New], float]
"""Messages that came together, and when (unix seconds)."""

_ROWS: Final = 64
"""Rows of one statement: SQLite before 3.32 takes 999 parameters at most (SQLITE_MAX_VARIABLE_NUMBER)."""


def add(db: sqlite3.Connection, given: Sequence[New], now: float) -> list[int]:
    """Store messages in the order given. Returns the positions of those whose custom_id is in use, by an earlier one of these too; they
    change nothing."""
    (duplicates,) = add_all(db, [(given, now)])
    return duplicates


def add_all(db: sqlite3.Connection, posts: Sequence[Post]) -> list[list[int]]:
    """:func:`add` for several posts, one after the other; a result for each."""
    duplicates: list[list[int]] = [[] for _ in posts]
    each = [(one, at, position, known) for (given, at), known in zip(posts, duplicates, strict=True) for position, one in enumerate(given)]
    for start in range(0, len(each), _ROWS):
        part = each[start : start + _ROWS]
        known = {id for (id,) in db.execute(_known(len(part)), [message.custom_id for message, *_ in part]).fetchall()}
        fresh: list[tuple[New, float]] = []
        for one, at, position, found in part:
            if one.custom_id in known:
                found.append(position)
            else:
                known.add(one.custom_id)
                fresh.append((one, at))
        if fresh:
            _insert(db, fresh)
    return duplicates


def _insert(db: sqlite3.Connection, fresh: Sequence[tuple[New, float]]) -> None:
    """Store messages whose custom_ids are free. The numbers are those that AUTOINCREMENT would give; this thread is the only writer."""
    last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'messages'").fetchone()
    first = (last[0] if last else 0) + 1
    rows: list[Any] = []
    bodies: list[Any] = []
    for seq, (one, at) in enumerate(fresh, first):
        target = one.target.decode() if one.target else None
        rows += (seq, one.custom_id, one.source, at, at, one.url, one.model, target, len(one.data), one.job, one.line, one.caller_id)
        bodies += (seq, one.data)
    db.execute(_messages(len(fresh)), rows)
    db.execute(_bodies(len(fresh)), bodies)


@cache
def _known(count: int) -> str:
    return f"SELECT custom_id FROM messages WHERE custom_id IN ({', '.join('?' * count)})"  # noqa: S608 — question marks only


@cache
def _messages(count: int) -> str:
    columns = "seq, custom_id, source, stage, state, at, changed, url, model, target, size, job, line, caller_id"
    rows = ", ".join(["(?, ?, ?, 'here', 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?)"] * count)
    return f"INSERT INTO messages ({columns}) VALUES {rows}"  # noqa: S608 — names of this module only


@cache
def _bodies(count: int) -> str:
    return f"INSERT INTO bodies VALUES {', '.join(['(?, ?)'] * count)}"  # noqa: S608 — question marks only
