"""The mailbox: messages of programs on the disk, and everything about them that is asynchronous.

A message is durable once :meth:`Mailbox.take_in` has returned. ``Mailbox.pages`` are notified when there is work for them; a program that
waits for an answer is woken when it arrives.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from app.core.programs.protocol import InboxMessage, RefusalDetail, StatusUpdate
from app.gateway.mailbox import messages, posts
from app.gateway.mailbox.database import Database
from app.gateway.mailbox.messages import Counts, New, Order, Stored

DAY = 86_400.0
SETTLED = 3_600.0
"""Seconds after which a removed message that was on its way is forgotten, though its page has said nothing."""
MAINTENANCE = "maintenance"


class MessageWithResult(msgspec.Struct, frozen=True):
    """A message with its output line, if there is one."""

    stored: Stored
    line: bytes | None


class Mailbox:
    """Messages in ``database``. ``clock`` gives unix seconds."""

    def __init__(self, database: Database, keep_days: float = 30.0, clock: Callable[[], float] = time.time) -> None:
        self.database, self.clock = database, clock
        self._keep_days = keep_days
        self.maintenance = False
        """Whether nothing is taken in for the time being."""
        self._stopping = False
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._pruning: asyncio.Task[None] | None = None
        self.on_pending: list[Callable[[], None]] = []
        """Called when there may be something for a page."""
        self.in_transit: Callable[[], Sequence[int] | None] = tuple
        """Says which messages may be in transit to a page; None if it cannot be said now."""
        self.on_status: list[Callable[[Sequence[str]], None]] = []
        """Called with the custom_ids of messages that changed."""

    async def open(self) -> None:
        """Open the database and start pruning."""
        self.database.open()
        self.maintenance = await self.database.read(_maintenance)
        if self._keep_days:
            self._pruning = asyncio.create_task(self._prune())

    def stop(self) -> None:
        """The server begins to stop: programs that wait for an answer get what is known now."""
        self._stopping = True
        for events in self._waiting.values():
            for event in events:
                event.set()

    async def close(self) -> None:
        """Cancel what runs; wait until everything is on the disk."""
        if self._pruning is not None:
            self._pruning.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pruning
        await self.database.close()

    # --- programs

    async def take_in(self, given: Sequence[New]) -> list[int]:
        """Store messages; they are durable when this returns. Returns the positions of those whose custom_id is in use. A caller that is
        cancelled meanwhile cannot know whether they were stored: they are, and the pages are notified of them."""
        now = self.clock()
        storing = self.database.write_with_others(posts.add_all, (given, now))
        storing.add_done_callback(lambda _: self.wake())
        return await asyncio.shield(storing)

    async def find(self, custom_id: str, wait: float = 0.0) -> list[MessageWithResult]:
        """The messages with this custom_id: none, one, or several of the SDK's. With ``wait`` (seconds): wait until one that has not
        ended ends, or the timeout elapses."""
        found = await self._find(custom_id)
        if wait <= 0 or len(found) != 1 or found[0].stored.ended:
            return found
        deadline = time.monotonic() + wait
        with self._waiter(found[0].stored.custom_id) as changed:
            while len(found := await self._find(custom_id)) == 1 and not found[0].stored.ended and not self._stopping:
                try:
                    async with asyncio.timeout(deadline - time.monotonic()):
                        await changed.wait()
                except TimeoutError:
                    break
                changed.clear()
        return found

    async def _find(self, custom_id: str) -> list[MessageWithResult]:
        return await self.database.read(
            lambda db: [MessageWithResult(stored, messages.answer(db, stored.seq)) for stored in messages.find(db, custom_id)]
        )

    async def seen(self, stored: Stored) -> None:
        """A program has read the answer."""
        if stored.seen is None:
            now = self.clock()
            await self.database.write(lambda db: messages.seen(db, stored.seq, now))

    async def page_of(self, state: str, after: int, count: int) -> list[Stored]:
        """The next messages after ``after``, of one state or of all."""
        return await self.database.read(lambda db: messages.page_of(db, state, after, count))

    async def redeliver(self, stored: Stored) -> None:
        """Order one more delivery."""
        now = self.clock()
        await self.database.write(lambda db: messages.redeliver(db, stored, now))
        self.wake()

    async def remove(self, custom_id: str) -> str:
        """``removed``, ``cancelling``, or "" for a message that is not there."""
        now = self.clock()
        came = await self.database.write(lambda db: messages.remove(db, custom_id, now))
        in_transit = self.in_transit()
        if came and in_transit is not None:
            await self.database.write(lambda db: messages.settle(db, in_transit, now - SETTLED))
        self.wake()
        return came

    async def counts(self) -> Counts:
        """How many messages wait, and how many each page has."""
        return await self.database.read(messages.counts)

    async def set_maintenance(self, on: bool) -> None:
        """Stop or resume taking messages; kept over restarts."""
        await self.database.write(lambda db: db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (MAINTENANCE, "1" if on else "")))
        self.maintenance = on

    # --- pages

    async def pending(self, after: int, count: int, size: int) -> list[InboxMessage]:
        """The next messages that no page has committed."""
        return await self.database.read(lambda db: messages.pending(db, after, count, size))

    async def orders(self, page: str, after: int) -> list[Order]:
        """The orders that this page has not carried out."""
        return await self.database.read(lambda db: messages.orders(db, page, after))

    async def taken(self, seqs: Sequence[int], page: str) -> None:
        """A page has committed these."""
        now = self.clock()
        await self.database.write(lambda db: messages.taken(db, seqs, page, now))

    async def rejected(self, seq: int, faults: Sequence[RefusalDetail], page: str) -> None:
        """A page could not make a request of this one."""
        now = self.clock()
        custom_id = await self.database.write(lambda db: messages.rejected(db, seq, faults, page, now))
        self._changed([custom_id] if custom_id else [])

    async def update_status(self, updates: Sequence[StatusUpdate], page: str) -> None:
        """Store statuses of messages; durable when this returns."""
        now = self.clock()
        self._changed(await self.database.write(lambda db: messages.update_status(db, updates, page, now)))

    async def done(self, n: int, page: str) -> None:
        """A page has carried an order out."""
        await self.database.write(lambda db: messages.done(db, n, page))

    def wake(self) -> None:
        """Notify the pages."""
        for call in self.on_pending:
            call()

    def _changed(self, custom_ids: Sequence[str]) -> None:
        for id in custom_ids:
            for event in self._waiting.get(id, ()):
                event.set()
        for call in self.on_status:
            call(custom_ids)

    @contextlib.contextmanager
    def _waiter(self, custom_id: str) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        events = self._waiting.setdefault(custom_id, set())
        events.add(event)
        try:
            yield event
        finally:
            events.discard(event)
            if not events:
                self._waiting.pop(custom_id, None)

    async def _prune(self) -> None:
        while True:
            now = self.clock()
            before = now - self._keep_days * DAY
            try:
                while await self.database.write(partial(messages.prune, before=before, now=now)):
                    self.wake()
            except Exception as error:  # a full disk is reported to programs that post; the next hour tries again
                if not isinstance(error, sqlite3.Error):
                    print(f"Old messages were not removed: {type(error).__name__}.", file=sys.stderr, flush=True)
            await asyncio.sleep(3600)


def _maintenance(db: sqlite3.Connection) -> bool:
    row = db.execute("SELECT value FROM kept WHERE name = ?", (MAINTENANCE,)).fetchone()
    return bool(row and row[0])
