"""A table's rows beside their answers, or the requests of batches beside theirs, streamed from what is stored; for jobs.

:func:`open_join` reads which request went where: a few bytes for each. :meth:`Join.each` gives the rows in their order, some thousands at a
time: of each time only the byte runs are loaded that hold its lines, and of these only the lines are kept. Core rules:
core.results.joining.

What is damaged or not here any more keeps nothing else back: it is reported as a fault of the job, and the row is there without it. Only a
table whose index of rows is lost cannot be joined (RowsMissing).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import msgspec

from app.core.batches import pipeline
from app.core.batches.rows import Rows
from app.core.datasets import storage
from app.core.json.jsonread import Unreadable
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.datasets import Dataset
from app.core.model.segments import Segment
from app.core.model.sendings import QueuedRows
from app.core.results.joining import (
    JoinedRequest,
    JoinedRow,
    JoinOrder,
    RowlessRequests,
    RowPositions,
    RunRequests,
    Sendings,
    Way,
    decode_names,
    outcome_of,
    usage_of,
    ways_of,
)
from app.core.results.lineplaces import LinePlace, came_place, request_place
from app.ports import Store, Table
from app.ports.compute import Job
from app.services.datasets.rows import RowsMissing
from app.services.results.join_sources import STEP, BatchReader, JoinedBatch, StoredTable
from app.services.runtime.loading import loaded
from app.services.runtime.records import Records

WINDOW_BYTES: Final = 96_000_000
"""Bytes of lines that are held at a time. Answers come in another order than requests, so each time may need every byte run there is."""
_WINDOW_ROWS: Final = 25_000
_CLOCKS: Final = 86_400.0
"""Seconds by which a machine's clock may have been set back between an addition to the queue and its batch."""
_NO_INDEX: Final = "Rows of this table are missing from the browser's storage. Import the file again."
NO_LINE: Final = (
    "The line of its response is missing from the browser's storage. Its answers can be downloaded again while the provider has them."
)


async def open_join(job: Job, order: JoinOrder) -> Join:
    """Read which request of which row went where. Raises RowsMissing, and what the store raises."""
    store = await job.store()
    records = Records(store)
    reader = BatchReader(job, records)
    if not order.dataset:
        return await _of_batches(job, store, reader, order)
    return await _of_table(job, store, reader, order)


class Join:
    """Rows beside their answers. ``runs`` are the additions to the queue that the rows' requests came of, oldest first; ``batches`` those
    that hold them, likewise."""

    def __init__(
        self,
        job: Job,
        store: Store,
        columns: tuple[str, ...],
        runs: tuple[QueuedRows, ...],
        batches: tuple[JoinedBatch, ...],
        sendings: tuple[Sendings, ...],
        ways: tuple[Way, ...],
        table: StoredTable | None,
        *,
        asked: bool = False,
        rowless: RowlessRequests | None = None,
    ) -> None:
        self._job, self.store, self.table = job, store, table
        self.columns, self.runs = columns, runs
        self.parts, self.sendings = batches, sendings
        self.asked_only = asked
        """Rows of which no request was made are left out."""
        self.only: list[frozenset[int]] | None = None
        """By batch, the rows that were chosen; None: all."""
        self.ways = ways
        self.rowless = rowless or RowlessRequests()
        """Requests of rows that the table as it is now lacks."""
        self.batches = tuple(one.batch for one in batches)
        self.rows = table.index.starts()[-1] if table is not None else len(sendings[0])

    def choose(self, rows: Mapping[str, Sequence[int]]) -> None:
        """From now on only these requests, by the ids of their batches, and only rows that have one of them."""
        self.only = [frozenset(rows.get(one.batch.id, ())) for one in self.parts]

    def schema(self) -> bool:
        """Whether any of the requests may have asked for an answer of a certain form."""
        return any(segment.asks is not False for one in self.parts for _, segment in one.rows.each())

    async def each(self, first: int = 0, last: int | None = None, *, lines: bool = True, asked: bool = False) -> AsyncIterator[JoinedRow]:
        """The rows from position ``first`` to ``last`` (exclusive), one by one. As :meth:`portions`."""
        async for rows in self.portions(first, last, lines=lines, asked=asked):
            for row in rows:
                yield row

    async def portions(
        self, first: int = 0, last: int | None = None, *, lines: bool = True, asked: bool = False
    ) -> AsyncIterator[list[JoinedRow]]:
        """The rows from position ``first`` to ``last`` (exclusive), some at a time. ``lines``: with what came; ``asked``: with the requests
        as they were sent. The job gives way in between. Raises CancelledError, and what the store raises."""
        waiting: list[JoinedRow] = []
        held = 0
        async for rows in self._bare(first, self.rows if last is None else min(last, self.rows)):
            chosen = rows if self.only is None else self._chosen(rows, self.only)
            waiting += chosen
            held += sum(self._held(one, lines, asked) for row in chosen for one in row.requests)
            if held > WINDOW_BYTES or len(waiting) >= _WINDOW_ROWS:
                yield await self._filled(waiting, lines, asked)
                waiting, held = [], 0
        if waiting:
            yield await self._filled(waiting, lines, asked)

    def _chosen(self, rows: list[JoinedRow], only: list[frozenset[int]]) -> list[JoinedRow]:
        found = [row._replace(requests=tuple(one for one in row.requests if one.batch >= 0 and one.row in only[one.batch])) for row in rows]
        return [row for row in found if row.requests]

    def _held(self, request: JoinedRequest, lines: bool, asked: bool) -> int:
        place, request_place = request.place, self._asked(request) if asked else None
        size = place.end - place.begin if place is not None and lines else 0
        return size + (request_place.end - request_place.begin if request_place is not None else 0)

    # --- rows without their lines

    async def _bare(self, first: int, last: int) -> AsyncIterator[list[JoinedRow]]:
        if self.table is None:
            for start in range(first, last, STEP):
                positions = range(start, min(start + STEP, last))
                yield [JoinedRow(at, at + 1, at + 1, (), (self._request(0, at, 0),)) for at in positions]
                if self._job.over():
                    await self._job.rest()
            return
        runs = list(enumerate(self.sendings))
        async for rows in self.table.each(self._job, self.store, first, last):
            found = []
            for at, id, number, cells in rows:
                requests = tuple([self._request(n, at, id) for n, sendings in runs if sendings.known(at)])
                if requests or not self.asked_only:
                    found.append(JoinedRow(at, id, number, cells, requests))
            yield found

    def _request(self, n: int, request: int, row_id: int) -> JoinedRequest:
        """A request of the n-th way, as its sending says that counts."""
        sendings, way = self.sendings[n], self.ways[n]
        run, tag, sample = way
        number, row = sendings.batch[request], sendings.row[request]
        outcome, attempts = sendings.outcome(request), sendings.attempts[request]
        if number < 0:
            id = f"{self.runs[run].id}-{row_id}{way.suffix}"
            return JoinedRequest(id, run, -1, 0, outcome, attempts=attempts, tag=tag, sample=sample)
        one = self.parts[number]
        id = one.rows.ids[row]
        if one.ledger is None:
            return JoinedRequest(id, run, number, row, outcome, attempts=attempts, tag=tag, sample=sample)
        usage, found = usage_of(one.ledger, row), one.ledger.place_of(row)
        return JoinedRequest(
            id,
            run,
            number,
            row,
            outcome,
            one.ledger.code_of(row),
            one.ledger.status[row],
            attempts,
            usage,
            one.price(usage) if one.price is not None and (usage.input or usage.output) else None,
            place=came_place(one.batch.id, found) if found is not None else None,
            tag=tag,
            sample=sample,
        )

    # --- lines

    def _asked(self, request: JoinedRequest) -> LinePlace | None:
        """Where the request itself is."""
        return request_place(self.parts[request.batch].rows, request.row) if request.batch >= 0 else None

    async def _filled(self, rows: list[JoinedRow], lines: bool, asked: bool) -> list[JoinedRow]:
        wanted: set[LinePlace] = set()
        for row in rows:
            for one in row.requests:
                if lines and one.place is not None:
                    wanted.add(one.place)
                if asked and (place := self._asked(one)) is not None:
                    wanted.add(place)
        if not wanted:
            return rows
        found = await self._load(wanted)
        return [row._replace(requests=tuple([self._with_lines(one, found, lines, asked) for one in row.requests])) for row in rows]

    def _with_lines(self, one: JoinedRequest, found: dict[LinePlace, bytes], lines: bool, asked: bool) -> JoinedRequest:
        line = found.get(one.place) if lines and one.place is not None else None
        if lines and one.place is not None and line is None:
            self._job.fault(one.id, NO_LINE)
        at = self._asked(one) if asked else None
        return one._replace(line=line, asked=found.get(at) if at is not None else None)

    async def _load(self, wanted: set[LinePlace]) -> dict[LinePlace, bytes]:
        by_run: dict[str, list[LinePlace]] = {}
        for place in wanted:
            by_run.setdefault(place.bytes_id, []).append(place)
        found = dict[LinePlace, bytes]()
        async for id, data in loaded(self.store, list(by_run)):
            if data is not None:
                found.update((place, data[place.begin : place.end]) for place in by_run[id] if place.end <= len(data))
            if self._job.over():
                await self._job.rest()
        return found


# --- of batches


async def _of_batches(job: Job, store: Store, reader: BatchReader, order: JoinOrder) -> Join:
    """All requests of the batches; one that was sent again stands where it was first."""
    chosen = await reader.all(order.batches) if order.batches else []
    followed = {id for one in chosen for id in one.previous_batches}
    places: dict[str, dict[str, int]] = {}
    sendings, read = Sendings(0), list[JoinedBatch]()
    for n, batch in enumerate(chosen):
        one = await reader.read(batch)
        read.append(one)
        if not batch.previous_batches and batch.id not in followed:  # the usual one, of a million requests perhaps
            sendings.whole(n, _outcomes(one))
            continue
        known = places.setdefault(batch.id, {}) if batch.id in followed else None
        for row in range(len(one.rows)):
            request = _earlier(places, one.rows, row) if batch.previous_batches else None
            if request is None:
                request = len(sendings)
                sendings.grow(1)
            if known is not None:
                known[one.rows.ids[row]] = request
            sendings.sent(request, n, row, _outcome(one, row))
            if job.over():
                await job.rest()
    return Join(job, store, (), (), tuple(read), (sendings,), (Way(-1),), None)


def _earlier(places: dict[str, dict[str, int]], rows: Rows, row: int) -> int | None:
    """The same request in an earlier one of the batches."""
    stands = rows.at(row)
    found = [places[id].get(rows.ids[row]) for id in stands[0].previous_batches if id in places] if stands is not None else []
    return next((one for one in found if one is not None), None)


def _outcomes(one: JoinedBatch) -> bytes:
    return one.ledger.outcome.tobytes() if one.ledger is not None else bytes([_outcome(one, 0)]) * len(one.rows)


def _outcome(one: JoinedBatch, row: int) -> int:
    return outcome_of(one.ledger, row, ended=one.batch.state in pipeline.FINAL, failed=one.batch.state == "failed")


# --- of a table


async def _of_table(job: Job, store: Store, reader: BatchReader, order: JoinOrder) -> Join:
    stored = await reader.records.get(Dataset, order.dataset)
    versions = {one.number: one for one in stored.value.versions} if stored is not None else {}
    version = versions.get(order.version or max(versions, default=0))
    if version is None:
        raise RowsMissing("This table is no longer here.")
    (data,) = await store.load([keys.dataset_index_id(order.dataset, version.number)])
    try:
        index = storage.decode_index(data or b"")
    except (ValueError, msgspec.MsgspecError):
        raise RowsMissing(_NO_INDEX) from None
    positions = RowPositions(index)
    runs = sorted(
        (one.value for one in await reader.records.all(QueuedRows) if one.value.dataset == order.dataset), key=lambda one: (one.at, one.id)
    )
    tellers: list[RunRequests] = []
    ways: list[Way] = []
    firsts: list[int] = []
    for n, run in enumerate(runs):
        found = ways_of(n, run)
        firsts.append(len(ways))
        ways += found
        tellers.append(await _teller(job, store, run, found, positions))
    sendings = [Sendings(positions.count) for _ in ways]
    read: list[JoinedBatch] = []
    rowless = RowlessRequests()
    for batch in await _batches_of(reader, runs, order):
        one = await reader.read(batch)
        met, without = False, 0
        for row, id in enumerate(one.rows.ids):
            for first, teller in zip(firsts, tellers, strict=True):
                if (place := teller.place_of(id)) is not None:
                    sendings[first + place[1]].sent(place[0], len(read), row, _outcome(one, row))
                    met = True
                    break
            else:
                without += any(teller.lacks_row(id) for teller in tellers)
            if job.over():
                await job.rest()
        if without:
            rowless = RowlessRequests(rowless.count + without, (*rowless.batches, batch.id))
        if met:
            read.append(one)
    if not order.batches:
        await _queued(job, reader.records, list(zip(firsts, tellers, strict=True)), sendings)
    asked = [n for n, one in enumerate(sendings) if one.any()]
    used = sorted({ways[n].run for n in asked})
    table = StoredTable(order.dataset, version.number, index)
    return Join(
        job,
        store,
        tuple(one.name for one in version.columns),
        tuple(runs[n] for n in used),
        tuple(read),
        tuple(sendings[n] for n in asked),
        tuple(ways[n]._replace(run=used.index(ways[n].run)) for n in asked),
        table,
        asked=order.asked,
        rowless=rowless,
    )


async def _teller(job: Job, store: Store, run: QueuedRows, ways: list[Way], positions: RowPositions) -> RunRequests:
    if not run.named:
        return RunRequests(run.id, ways, positions)
    (data,) = await store.load([keys.sent_rows_id(run.id)])
    named: dict[str, int] = {}
    rowless: set[str] = set()
    try:
        for row, id in decode_names(data or b"[]"):
            if (position := positions.get(row)) is not None:
                named[id] = position
            else:
                rowless.add(id)
    except Unreadable:
        job.fault(run.id, "It can no longer be read which rows these requests belong to, so their answers are next to no row.")
    return RunRequests(run.id, ways, positions, named, rowless)


async def _batches_of(reader: BatchReader, runs: list[QueuedRows], order: JoinOrder) -> list[Batch]:
    """Those that may hold requests of these additions: none that is older than the first of them."""
    if not runs:
        return []
    prefixes = tuple(f"{one.id}-".encode() for one in runs)
    named = any(one.named for one in runs)
    found = [one for one in await reader.all(order.batches) if one.created >= runs[0].at - _CLOCKS]
    return [one for one in found if named or await reader.may_hold(one, prefixes)]


async def _queued(job: Job, records: Records, tellers: list[tuple[int, RunRequests]], sendings: list[Sendings]) -> None:
    """Enter what waits in queues."""
    for owner in await records.store.owners(Table.SEGMENTS):
        for segment in [one.value for one in await records.all(Segment, owner)] if keys.in_queue(owner) else ():
            gone = frozenset(segment.gone)
            for i, id in enumerate(segment.ids):
                for first, teller in tellers:
                    if i not in gone and (place := teller.place_of(id)) is not None:
                        sendings[first + place[1]].queued(place[0])
                if job.over():
                    await job.rest()
