"""What a join reads: batches with their ledgers and prices, and the rows of a version of a table; for jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import islice, repeat
from typing import Final, NamedTuple

import msgspec

from app.core.batches import pipeline
from app.core.batches.ledger import Ledger, LedgerUnreadable
from app.core.batches.rows import Rows
from app.core.datasets import storage
from app.core.datasets.table import Cell
from app.core.json.jsonread import Unreadable
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.providers import OPENAI, Limits, Profile
from app.core.prices.rates import rates_for
from app.core.results.answers import Usage
from app.core.results.joining import pricer
from app.ports import Store
from app.ports.compute import Job
from app.services.batches.ledgers import Ledgers
from app.services.runtime.records import Records

STEP: Final = 200
"""Rows that are read at a stretch."""
_NO_CELLS: Final = "The cells of this row are missing from the browser's storage, or damaged. Import the file again."


class JoinedBatch(NamedTuple):
    """A batch of a join, with its ledger where there is one. ``rows`` and ``ids`` are of all its requests."""

    batch: Batch
    ledger: Ledger | None
    rows: Rows
    price: Callable[[Usage], int] | None
    """The cost of a request by its tokens, in 10^-12 dollars; None: it is not known, or nothing is billed."""


async def address_of(records: Records, profile: str) -> str:
    """The base URL of a provider; "" where it is not here any more, or cannot be read: then nobody knows what it asks."""
    stored = await records.get(Profile, profile)
    if stored is not None:
        return stored.value.base_url
    return OPENAI.base_url if profile == OPENAI.id and profile not in records.damage.settings("profile") else ""


class BatchReader:
    """Reads what is needed of batches."""

    def __init__(self, job: Job, records: Records) -> None:
        self._job, self.records = job, records
        self._ledgers = Ledgers(records, job.clock)
        self._prices: dict[tuple[str, str, str], Callable[[Usage], int] | None] = {}

    async def all(self, ids: Iterable[str]) -> list[Batch]:
        """Those that were submitted, oldest first; where ids are given, only these."""
        wanted = frozenset(ids)
        found = [one.value for one in await self.records.all(Batch)]
        found = [one for one in found if (not wanted or one.id in wanted) and one.state != "withdrawn"]
        return sorted(found, key=lambda one: (one.created, one.id))

    async def read(self, batch: Batch) -> JoinedBatch:
        """A ledger that cannot be read, or has other requests than the batch, is as good as none: its answers count as not read."""
        ledger: Ledger | None = None
        if batch.state in pipeline.FETCHED and not pipeline.has_no_ledger(batch):
            try:
                ledger = await self._ledgers.read(batch)
            except LedgerUnreadable as error:
                self._job.fault(batch.name or batch.id, f"{error} Its answers can be read again on the page of the batch.")
        rows = await self._ledgers.rows(batch, ledger)
        if ledger is not None and rows.ids != ledger.ids:
            ledger = None
        return JoinedBatch(batch, ledger, rows, await self.price_of(batch))

    async def price_of(self, batch: Batch) -> Callable[[Usage], int] | None:
        """The cost of a request by its tokens (:class:`JoinedBatch`)."""
        if batch.practice:
            return None
        key = (batch.lane.profile, batch.lane.model, batch.tier)
        if key not in self._prices:
            base_url = await address_of(self.records, batch.lane.profile)
            limits = await self.records.get(Limits, batch.lane.profile)
            own = limits.value.prices if limits is not None else ()
            rates = rates_for(base_url, batch.lane.model, batch.tier, own) if base_url else None
            self._prices[key] = pricer(rates) if rates is not None else None
        return self._prices[key]

    async def may_hold(self, batch: Batch, prefixes: tuple[bytes, ...]) -> bool:
        """Whether a batch may have requests whose ids begin so: told by the bytes of its ids, which are not decoded."""
        (data,) = await self.records.store.load([keys.rows_id(batch.id)])
        if data is None:
            (data,) = await self.records.store.load([keys.ledger_id(batch.id)])
        return data is None or any(one in data for one in prefixes)


class StoredTable(msgspec.Struct, frozen=True):
    """A version of a table."""

    dataset: str
    version: int
    index: storage.RowIndex

    async def each(self, job: Job, store: Store, first: int, last: int) -> AsyncIterator[list[tuple[int, int, int, list[Cell]]]]:
        """The rows some at a time: position, id, number in the file, cells."""
        start = 0
        for n, run in enumerate(self.index.runs):
            begin, end = max(first - start, 0), min(last - start, run.count)
            if begin < end:
                (data,) = await store.load([keys.dataset_rows_id(self.dataset, self.version, n)])
                here = data if data is not None and len(data) == run.size else None
                lines = storage.lines_of(here, run, begin, end) if here is not None else repeat(b"", end - begin)
                ids, numbers = _from(storage.row_ids(run), begin), _from(storage.row_numbers(run), begin)
                places = zip(range(start + begin, start + end), ids, numbers, lines, strict=False)
                while some := list(islice(places, STEP)):
                    yield [(at, id, number, _cells(job, number, line)) for at, id, number, line in some]
                    if job.over():
                        await job.rest()
            start += run.count


def _from(numbers: Iterator[int], begin: int) -> Iterator[int]:
    for _ in range(begin):
        next(numbers)
    return numbers


def _cells(job: Job, number: int, line: bytes) -> list[Cell]:
    try:
        return storage.decode_cells(line)
    except Unreadable:
        job.fault(number, _NO_CELLS)
        return []
