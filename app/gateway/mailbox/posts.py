"""Posts that wait for the disk at the same time are stored together: one transaction and one run of statements for all of them.

The database groups writes into transactions by itself. But each statement of the writer thread gives the interpreter's lock away and waits
to have it back from the thread that reads requests, so that many small writes wait longer than they work. A group costs the same few
statements whatever number of posts is in it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from app.gateway.mailbox.messages import New

MESSAGES: Final = 512
"""Messages of one group at most, as long as one post does not have more."""
SIZE: Final = 16_000_000
"""Bytes of one group at most, likewise."""
_ROWS: Final = 64
"""Rows of one statement: SQLite before 3.32 takes 999 parameters at most (SQLITE_MAX_VARIABLE_NUMBER)."""


def add(db: sqlite3.Connection, given: Sequence[New], now: float) -> list[int]:
    """Store messages in the order given. Returns the positions of those whose custom_id is in use, by an earlier one of these too; they
    change nothing."""
    duplicates: list[int] = []
    for start in range(0, len(given), _ROWS):
        part = given[start : start + _ROWS]
        known = {id for (id,) in db.execute(_known(len(part)), [one.custom_id for one in part]).fetchall()}
        fresh: list[New] = []
        for position, one in enumerate(part, start):
            if one.custom_id in known:
                duplicates.append(position)
            else:
                known.add(one.custom_id)
                fresh.append(one)
        if fresh:
            _insert(db, fresh, now)
    return duplicates


def _insert(db: sqlite3.Connection, fresh: Sequence[New], now: float) -> None:
    """Store messages whose custom_ids are free. The numbers are those that AUTOINCREMENT would give; this thread is the only writer."""
    last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'messages'").fetchone()
    first = (last[0] if last else 0) + 1
    rows: list[Any] = []
    bodies: list[Any] = []
    for seq, one in enumerate(fresh, first):
        target = one.target.decode() if one.target else None
        rows += (seq, one.custom_id, one.source, now, now, one.url, one.model, target, len(one.data), one.job, one.line, one.caller_id)
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


class _Post(NamedTuple):
    given: Sequence[New]
    duplicates: asyncio.Future[list[int]]


class Posts:
    """``store`` keeps messages and returns the positions of those whose custom_id is in use; they are durable when it returns."""

    def __init__(self, store: Callable[[Sequence[New]], Awaitable[list[int]]]) -> None:
        self._store = store
        self._waiting: deque[_Post] = deque()
        self._work: asyncio.Task[None] | None = None

    async def take_in(self, given: Sequence[New]) -> list[int]:
        """Keep these with all others that wait now, in the order in which they came. Durable when this returns, with the positions of those
        whose custom_id is in use. Raises what ``store`` raises for these alone."""
        post = _Post(given, asyncio.get_running_loop().create_future())
        self._waiting.append(post)
        if self._work is None:
            self._work = asyncio.create_task(self._work_off())
        return await post.duplicates

    async def close(self) -> None:
        """Return when everything that was given is stored."""
        while self._work is not None:
            await self._work

    async def _work_off(self) -> None:
        try:
            while self._waiting:
                await self._together(self._next())
        finally:
            self._work = None

    def _next(self) -> list[_Post]:
        """The posts that come next; one is never parted."""
        group: list[_Post] = []
        count = size = 0
        while self._waiting:
            given = self._waiting[0].given
            count += len(given)
            size += sum(len(one.data) for one in given)
            if group and (count > MESSAGES or size > SIZE):
                break
            group.append(self._waiting.popleft())
        return group

    async def _together(self, group: Sequence[_Post]) -> None:
        """Store a group. Where that fails each post is stored by itself, so that one takes no other with it."""
        try:
            duplicates = await self._store([one for post in group for one in post.given])
        except Exception as error:
            if len(group) > 1:
                await asyncio.gather(*(self._together([post]) for post in group))
            elif not group[0].duplicates.done():  # else whoever asked has gone
                group[0].duplicates.set_exception(error)
            return
        start = 0
        for post in group:
            end = start + len(post.given)
            if not post.duplicates.done():
                post.duplicates.set_result([at - start for at in duplicates if start <= at < end])
            start = end
