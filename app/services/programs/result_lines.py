"""The lines that programs are sent: read from the answers of their batches, in the order in which they lie there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from app.core.base.lru import Lru
from app.core.batches import pipeline
from app.core.batches.ledger import Ledger, LedgerUnreadable
from app.core.model import keys, quoting
from app.core.model.batches import Batch
from app.core.programs import delivery
from app.core.programs.message import ProgramMessage
from app.ports import Clock
from app.services.batches.ledgers import Ledgers
from app.services.runtime.isolation import PASSES
from app.services.runtime.records import Records

_LEDGERS: Final = 2
_PIECES: Final = 6
"""Pieces of answer files of about 1 MB that are at hand."""


class Contents(msgspec.Struct, frozen=True):
    """What is delivered, by custom_id; and why of some there is nothing that could be, as a sentence."""

    bodies: dict[str, bytes]
    faults: dict[str, str]


class Results:
    """Reads what became of messages. Raises the store's errors."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock
        self._ledgers: Lru[tuple[str, int], Ledger | None] = Lru(_LEDGERS)
        self._pieces: Lru[str, bytes | None] = Lru(_PIECES)

    async def ledger(self, batch: Batch) -> Ledger | None:
        """A batch's ledger; None where there is none, because it failed as a whole or its ledger is not readable."""

        async def read() -> Ledger | None:
            self._pieces.clear()  # the answers may have been fetched again
            try:
                found = await Ledgers(self._records, self._clock).read(batch)
            except LedgerUnreadable:
                found = None
            await self._clock.sleep(0)
            return found

        return await self._ledgers.got((batch.id, len(batch.timeline)), read)

    async def contents(self, wanted: Sequence[ProgramMessage]) -> Contents:
        """The body of each one's delivery, or why it has none: each is in one of the two. Those of one batch are best asked for
        together."""
        found = Contents({}, {})
        by_batch: dict[str, list[ProgramMessage]] = {}
        for one in wanted:
            by_batch.setdefault(one.batch, []).append(one)
        for id, ones in by_batch.items():
            try:
                await self._of_batch(id, ones, found)
            except PASSES:
                raise
            except Exception as error:  # the boundary of one batch: the results of the others are read
                found.faults.update((one.id, _fault(error)) for one in ones if one.id not in found.bodies)
        return found

    async def _of_batch(self, id: str, ones: Sequence[ProgramMessage], found: Contents) -> None:
        stored = await self._records.get(Batch, id) if id else None
        batch = stored.value if stored else None
        ledger = await self.ledger(batch) if batch else None
        said = _said(batch)
        places = {
            one.id: ledger.place_of(one.row) for one in ones if ledger and 0 <= one.row < len(ledger) and ledger.ids[one.row] == one.id
        }
        for one in sorted(ones, key=lambda each: (place.file, place.segment) if (place := places.get(each.id)) else ("", 0)):
            place = places.get(one.id)
            piece = await self._piece(keys.answer_id(id, place.file, place.segment)) if place else None
            line = piece[place.offset : place.offset + place.length] if place and piece else None
            try:
                body = delivery.content(one, line or None, "" if line else said)
                fault = delivery.unreadable(body)
            except Exception as error:  # the boundary of one result
                body, fault = b"", _fault(error)
            if fault:
                found.faults[one.id] = fault
            else:
                found.bodies[one.id] = body

    async def _piece(self, id: str) -> bytes | None:
        async def load() -> bytes | None:
            return (await self._records.store.load([id]))[0]

        return await self._pieces.got(id, load)


def _fault(error: Exception) -> str:
    return f"Nightshift itself could not read this result ({quoting.quote(f'{type(error).__name__}: {error}')}). It is kept in its batch."


def _said(batch: Batch | None) -> str:
    """Why the requests of a batch that failed as a whole have no lines, with the provider's code where it gave one; nothing of another."""
    if batch is None or batch.state != "failed" or batch.remote is None:
        return ""
    code = next((f" ({one.code})" for one in batch.remote.errors if one.code), "")
    if pipeline.ran(batch):
        return f"The batch failed{code} after some of its requests had run, and the provider's files say nothing about this one."
    return f"The batch failed before this request ran{code}. It was not billed." if batch.remote.errors else ""
