"""The attempts of one request over several batches, looked up when someone asks for them.

A segment names the batches in which its lines were before, and a batch those of its segments. So the way back is written down, the way on
leads only through batches that name this one, and no search goes through everything that is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from app.core.base.lru import Lru
from app.core.batches import pipeline
from app.core.batches.ledger import Ledger, LedgerUnreadable
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.segments import Segment
from app.core.openai.outcomes import Outcome
from app.ports import Clock
from app.services.runtime import passed_over
from app.services.runtime.records import Records

_LEDGERS: Final = 3
"""Ledgers that are kept at hand, for a person who goes from request to request. One of 50,000 rows takes some megabytes."""


class Attempt(msgspec.Struct, frozen=True):
    """One sending of a request. ``outcome`` is a word as in ``services.results.shown.AnswerRow``; ``batch`` is None where the batch
    was deleted from this browser."""

    id: str
    batch: Batch | None = None
    outcome: str = "unread"
    code: str = ""


class RequestHistory(msgspec.Struct, frozen=True):
    """A request's attempts, newest first. ``waits``: it is in the queue for another one; ``deleted``: there, but deleted and not yet for
    good."""

    attempts: tuple[Attempt, ...]
    waits: bool = False
    deleted: bool = False

    @property
    def newest(self) -> str:
        """The id of the batch of the last attempt that is known."""
        return next((one.id for one in self.attempts if one.batch is not None), "")


class Attempts:
    """Raises the store's errors."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock
        self._ledgers: Lru[tuple[str, int], Ledger] = Lru(_LEDGERS)

    async def of(self, batch: Batch, custom_id: str, previous_batches: tuple[str, ...], waiting: Iterable[Segment]) -> RequestHistory:
        """All attempts of the request with this id in ``batch``, whose earlier attempts were in ``previous_batches``. ``waiting``: the
        segments of the queues."""
        known = {one.value.id: one.value for one in await self._records.all(Batch)}
        ids = [*previous_batches, batch.id]
        ids += [one.id for one in await self._later(known.values(), batch.id, custom_id)]
        found = [await self._attempt(id, known.get(id), custom_id) for id in ids]
        places = [(one, one.ids.index(custom_id)) for one in waiting if batch.id in one.previous_batches and custom_id in one.ids]
        waits = any(i not in one.gone for one, i in places)
        return RequestHistory(tuple(reversed(found)), waits, deleted=bool(places) and not waits)

    async def _later(self, batches: Iterable[Batch], batch_id: str, custom_id: str) -> list[Batch]:
        """The batches in which the request was after this one, in order."""
        found: list[tuple[int, Batch]] = []
        for one in batches:
            if batch_id not in one.previous_batches or one.state == "withdrawn":
                continue
            for stored in await self._records.all(Segment, keys.batch_owner(one.id)):
                if batch_id in stored.value.previous_batches and custom_id in stored.value.ids:
                    found.append((len(stored.value.previous_batches), one))
                    break
            await self._clock.sleep(0)  # the index of 50,000 requests is a slice of its own
        return [one for _, one in sorted(found, key=lambda pair: pair[0])]

    async def _attempt(self, id: str, batch: Batch | None, custom_id: str) -> Attempt:
        if batch is None or batch.state not in pipeline.FETCHED:
            return Attempt(id, batch)
        ledger = await self._ledger(batch)
        if ledger is None:
            failed = pipeline.has_no_ledger(batch)
            return Attempt(id, batch, "failed", "batch_failed") if failed else Attempt(id, batch)
        try:
            row = ledger.ids.index(custom_id)
        except ValueError:
            return Attempt(id, batch)
        outcome = ledger.outcome_of(row)
        return Attempt(id, batch, "unread" if outcome is Outcome.UNREAD else outcome.name.lower(), ledger.code_of(row))

    async def _ledger(self, batch: Batch) -> Ledger | None:
        key = (batch.id, len(batch.timeline))  # answers can be fetched again
        ledger = self._ledgers.get(key)
        if ledger is None:
            (data,) = await self._records.store.load([keys.ledger_id(batch.id)])
            await self._clock.sleep(0)
            try:
                if data is None:
                    return None
                ledger = self._ledgers.put(key, passed_over.ledger(keys.ledger_id(batch.id), data))
            except LedgerUnreadable:
                return None
        return ledger
