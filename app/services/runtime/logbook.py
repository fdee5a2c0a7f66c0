"""Reading the log whole, binding its pages together, and its file.

A page is one record of the table ``events``. Steps write pages of one or two entries; the leading tab binds what is old into pages of
:data:`BOUND`, because a thousand small records cost more to read, export and import than twenty large ones. The newest :data:`KEPT`
entries are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from app.core.activity.log import LogEntry, LogPage, said
from app.ports import Change, Clock, Conflict, Table
from app.services.runtime.isolation import reason
from app.services.runtime.log import Log
from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.records import Records, Stored, put, remove
from app.services.runtime.slices import Slicer
from app.services.runtime.tasks import Tasks

BOUND: Final = 200
"""Entries of a page that is bound."""
LOOSE: Final = 64
"""Pages that may be loose before they are bound together."""
KEPT: Final = 20_000
"""Entries that are kept: a month of 50 batches a day. A batch tells about a dozen things of itself."""
EVERY: Final = 60.0
"""Seconds between two looks of the leading tab at what can be bound."""


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry in the file: what happened in words, and all that is known of it. ``time`` is UTC."""

    time: str
    batch: str = ""
    said: str
    kind: str
    what: str = ""
    was: str = ""
    code: str = ""
    status: int = 0
    took: float = 0.0
    wait: float = 0.0
    times: int = 1
    until: str = ""
    counts: dict[str, int] = {}


_ALIKE: Final = ("batch", "kind", "what", "was", "code", "status", "took", "wait", "times", "counts")


class Logbook:
    """The log of all tabs. Raises the store's errors."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock

    async def entries(self, batch: str = "") -> list[LogEntry]:
        """Every entry (of one batch), oldest first; each once, as it was written last."""
        found: dict[str, LogEntry] = {}
        for page in await self._pages():
            for one in page.value.entries:
                if not batch or one.batch == batch:
                    before = found.get(one.id)
                    found[one.id] = one if before is None or one.times >= before.times else before
        return sorted(found.values(), key=lambda one: (one.at, one.id))

    async def _pages(self) -> list[Stored[LogPage]]:
        slicer = Slicer(self._clock)
        pages: list[Stored[LogPage]] = []
        for row in await self._records.store.scan(Table.EVENTS):
            if (page := self._records.read(LogPage, row)) is not None:
                pages.append(page)
            if slicer.over():
                await slicer.rest()
        return pages

    async def bind(self, log: Log) -> bool:
        """Bind loose pages together and drop the oldest entries beyond :data:`KEPT`; False when there was nothing to do, or someone wrote
        meanwhile. For the leading tab, with its writer."""
        pages = await self._pages()
        loose = [one for one in pages if len(one.value.entries) < BOUND // 2]
        drop = _beyond([one for one in pages if one not in loose])
        if len(loose) < LOOSE and not drop:
            return False
        changes: list[Change] = [remove(LogPage, one.value.id, one.rev) for one in drop]
        if len(loose) >= LOOSE:
            log.bound()
            entries = sorted((each for one in loose for each in one.value.entries), key=lambda each: (each.at, each.id))
            for start in range(0, len(entries), BOUND):
                some = tuple(entries[start : start + BOUND])
                changes.append(put(LogPage(id=f"{some[0].id}-{len(some)}", entries=some), -1))
            changes += [remove(LogPage, one.value.id, one.rev) for one in loose]
        try:
            await self._records.commit(changes)
        except Conflict:
            return False
        return True

    async def keep(self, log: Log, tasks: Tasks, leads: Callable[[], bool]) -> None:
        """Bind what can be bound, now and then, for as long as the page lives."""

        async def look() -> None:
            if leads():
                await self.bind(log)

        await PeriodicWorker(self._clock, tasks, "log", look, EVERY).run()

    async def file(self, entries: list[LogEntry]) -> bytes:
        """The entries as JSON lines, in their order."""
        slicer = Slicer(self._clock)
        encoder = msgspec.json.Encoder()
        lines: list[bytes] = []
        for one in entries:
            try:
                lines.append(encoder.encode(line(one)))
            except Exception as error:  # the boundary of one entry: it is in the file, and why it says no more
                lines.append(encoder.encode(Line(time=utc(one.at), batch=one.batch, said=f"Not told: {reason(error)}", kind=one.kind)))
            if slicer.over():
                await slicer.rest()
        return b"".join(each + b"\n" for each in lines)


def _beyond(bound: list[Stored[LogPage]]) -> list[Stored[LogPage]]:
    """The oldest of these pages, which are in order, that are not among the newest :data:`KEPT` entries."""
    count, found = 0, list[Stored[LogPage]]()
    for one in reversed(bound):
        if count >= KEPT:
            found.append(one)
        count += len(one.value.entries)
    return found


def line(entry: LogEntry) -> Line:
    """The entry as the file has it."""
    facts = {name: fact for name in _ALIKE if (fact := getattr(entry, name))}
    return Line(time=utc(entry.at), said=said(entry), until=utc(entry.until) if entry.until else "", **facts)


def utc(at: float) -> str:
    """``2026-08-14T09:05:00Z``; nothing for a time that no calendar has."""
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return ""
