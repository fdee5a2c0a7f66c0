"""When a batch has ended, the results of its messages become due for delivery, portion by portion.

``Batch.delivery_cursor`` counts the rows done and moves in the same commit, so a page that dies in between goes on from there. Requests
that were sent again are delivered with the batch that they are in next.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from app.core.base import ids
from app.core.batches import pipeline
from app.core.batches.ledger import Ledger
from app.core.batches.rows import Rows
from app.core.model import quoting
from app.core.model.batches import Batch
from app.core.programs import delivery
from app.core.programs.message import DeliveryAttempt, OutboxEntry, ProgramMessage, Programs
from app.core.programs.protocol import Result
from app.ports import Change, Conflict, Table
from app.services.batches.resend import Resender
from app.services.programs.result_lines import Results
from app.services.runtime.isolation import Isolation, bisected, reason
from app.services.runtime.records import Stored, put
from app.services.runtime.runtime import Runtime
from app.services.runtime.slices import Slicer

PORTION: Final = 500
"""Rows of one commit at most."""
TOLD: Final = ("http", "sdk")
"""Sources whose programs ask the local server: it is told of every change."""


def untold(one: ProgramMessage, now: float) -> list[Change]:
    """What makes the local server be told of a message, to be committed with its change."""
    return [put(OutboxEntry(id=one.id, at=now), -1)] if one.source in TOLD else []


class DeliveryScheduler:
    """Works in the tab that leads. Raises the store's errors."""

    def __init__(self, runtime: Runtime, again: Resender, results: Results, notify: Callable[[], None]) -> None:
        self._records, self._clock, self._random = runtime.records, runtime.clock, runtime.random
        self._again, self._results, self._notify = again, results, notify
        self._batches, self._rows = Isolation(runtime.tasks, "posting"), Isolation(runtime.tasks, "results")

    async def turn(self, chosen: Programs) -> None:
        """Make due what has its outcome by now."""
        for stored in await self._records.all(Batch):
            if is_open(stored.value):
                await self._batches.run(stored.value.name or stored.value.id, self._post(stored.value.id, chosen))

    async def _post(self, id: str, chosen: Programs) -> None:
        """One batch, to its end; whoever else changes it comes first."""
        stored = await self._records.get(Batch, id)
        if stored is None or not is_open(stored.value):
            return
        batch = stored.value
        known = await self._again.rows(batch)
        if not known.lost and not any(one.from_program for _, one in known.each()):
            await self._done(stored, [], batch.requests)
            return
        ledger = await self._results.ledger(batch)
        if ledger is None and not pipeline.has_no_ledger(batch):
            return  # it cannot be read at the moment: the person is told, and can have it made again
        if ledger is not None and ledger.ids != known.ids:
            return  # it was made while a part of the requests could not be read; likewise
        if not known.certain and ledger is None:
            return  # its rows are not known until the damaged record is back: one could be taken for another
        resent_rows = await self._again.resent_rows(batch)
        rows = _rows(known)
        while stored is not None and is_open(stored.value):
            begin = _begun(stored.value)
            some = [(row, id) for row, id in rows[begin : begin + PORTION] if id and row not in resent_rows]
            end = begin + PORTION
            await self._portion(stored, some, ledger, chosen, end if end < len(rows) else max(batch.requests, len(rows)))
            stored = await self._records.get(Batch, id)
            if stored is not None and len(stored.value.timeline) != len(batch.timeline):
                return  # its answers are being fetched again: another turn

    async def _portion(
        self, stored: Stored[Batch], some: list[tuple[int, str]], ledger: Ledger | None, chosen: Programs, delivery_cursor: int
    ) -> None:
        """Make some rows due and move on, in one commit. Where that fails through one of them: the others by themselves, then move on."""

        async def work(rows: Sequence[tuple[int, str]]) -> None:
            changes = await self._due(stored.value, rows, ledger, chosen)
            if len(rows) == len(some):
                if await self._done(stored, changes, delivery_cursor) and changes:
                    self._notify()
            else:
                await self._records.commit(changes)
                self._notify()

        def put_aside(row: tuple[int, str], error: Exception) -> None:
            bad.append(row[1])
            self._rows.put(row[1], error)

        bad: list[str] = []
        with contextlib.suppress(Conflict):  # someone else was faster: another round
            if some:
                await bisected(some, work, put_aside)
            if bad or not some:
                await self._done(stored, [], delivery_cursor)

    async def _due(self, batch: Batch, some: Sequence[tuple[int, str]], ledger: Ledger | None, chosen: Programs) -> list[Change]:
        now = self._clock.now()
        keys = dict(zip((id for _, id in some), ids.series("d", now, self._random.token(12), len(some)), strict=True))
        known = {row.id: row for row in await self._records.store.get_many(Table.HANDED, [id for _, id in some])}
        changes: list[Change] = []
        slicer = Slicer(self._clock)
        for row, id in some:
            found = self._records.read(ProgramMessage, known[id]) if id in known else None
            if found is not None:
                try:
                    outcome: Result = "failed" if ledger is None else delivery.result_of(ledger.outcome_of(row))
                    after = delivery.ended(found.value, batch.id, row, outcome, chosen, keys[id], now) if outcome else None
                except Exception as error:  # the boundary of one result: its message is marked failed, with the reason
                    after = self._unread(found.value, batch.id, row, now, error)
                if after is not None:
                    changes += [put(after, found.rev), *untold(after, now)]
            if slicer.over():
                await slicer.rest()
        await slicer.rest()  # the commit is a slice of its own
        return changes

    def _unread(self, one: ProgramMessage, batch: str, row: int, now: float, error: Exception) -> ProgramMessage:
        self._rows.put(one.id, error)
        why = "Its result could not be read here. Open its batch and choose “Download the answers again”, which is free."
        attempt = DeliveryAttempt(now, one.where, "other", error=quoting.quote(f"{why} ({reason(error)})"))
        return delivery.broken(replace(one, batch=batch, row=row), attempt)

    async def _done(self, stored: Stored[Batch], changes: list[Change], delivery_cursor: int) -> bool:
        batch = replace(stored.value, delivery_cursor=delivery_cursor, delivery_timeline_length=len(stored.value.timeline))
        try:
            await self._records.commit([*changes, put(batch, stored.rev)])
        except Conflict:
            return False
        return True


def is_open(batch: Batch) -> bool:
    """Whether a batch has ended and not all results were made due since."""
    return batch.state in pipeline.FETCHED and not batch.resending and _begun(batch) < batch.requests


def _begun(batch: Batch) -> int:
    return batch.delivery_cursor if batch.delivery_timeline_length == len(batch.timeline) else 0


def _rows(known: Rows) -> list[tuple[int, str]]:
    """Every row with its id; nothing for those that no program handed in. Of one whose segment cannot be read that is not known: there is
    a message under its id, or there is none."""
    ids = list(known.ids)
    for start, one in known.each():
        if not one.from_program:
            ids[start : start + len(one.ids)] = [""] * len(one.ids)
    return list(enumerate(ids))
