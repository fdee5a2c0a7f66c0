"""The first rows of many answers, shown before the index of all of them is made: the ledger of the first batch and a few of its segments
are read for them, whatever else there is. A million answers are twenty batches, whose index takes a second and more.

Only what is the same either way is given so: rows in the batches' own order, of which none is hidden and none was sent again. Anything else
is answered from the whole index, which the next question makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.core.batches import pipeline
from app.core.batches.ledger import Ledger, LedgerUnreadable
from app.core.batches.rows import Rows
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.segments import Segment
from app.core.results.joining import JoinOrder, Sendings, Way
from app.ports import Store, Table
from app.ports.compute import Job
from app.services.batches.ledgers import Ledgers
from app.services.results import table_jobs
from app.services.results.annotation_columns import annotations_of
from app.services.results.join import Join
from app.services.results.join_sources import BatchReader, JoinedBatch
from app.services.results.judge_columns import evaluations_of
from app.services.results.table_index import KeptIndex, is_open
from app.services.results.table_jobs import MOST_ROWS, RowsAsked, TableWindow, columns_of, rows_at
from app.services.runtime.records import Records

MANY: Final = 20_000
"""Requests from which on the first rows come by themselves."""
_SEGMENTS: Final = 4
"""That are read of the first batch: of a thousand requests, or a megabyte, each."""
_FIRST: Final = "first"
_SAID: Final = "annotated"


async def rows_in_sight(job: Job, asked: RowsAsked) -> TableWindow:
    """As services.results.table_jobs.rows. Raises NoSuchColumn, RowsMissing."""
    found = None if is_open(job, asked.table.of, asked.table.stamp) else await _first(job, asked)
    return await table_jobs.rows(job, asked) if found is None else found


async def _first(job: Job, asked: RowsAsked) -> TableWindow | None:
    """None where the rows that are asked for are not among the first ones, or would not be the same."""
    table, last = asked.table, min(asked.last, asked.first + MOST_ROWS)
    query = table.query
    if table.of.dataset or query.words.strip() or query.sort or not all(one.empty for one in query.filters):
        return None
    store = await job.store()
    reader = BatchReader(job, Records(store))
    batches = await reader.all(table.of.batches) if table.of.batches else []
    total = sum(one.requests for one in batches)
    if total < MANY or not 0 <= asked.first < last <= batches[0].requests or not _plain(batches):
        return None
    kept = job.kept.get(_FIRST)
    if not isinstance(kept, KeptIndex) or (kept.order, kept.stamp) != (table.of, table.stamp):
        kept = await _index(job, store, reader, batches, table.of, table.stamp)
    if kept is None or any(kept.request_place(row) is None for row in range(asked.first, last)):
        return None
    job.kept[_FIRST] = kept
    return TableWindow(
        total,
        total,
        asked.first,
        await rows_at(kept, range(asked.first, last), asked.columns, ""),
        columns_of(kept, table.expectation),
        annotated=kept.memory[_SAID],
    )


def _plain(batches: Sequence[Batch]) -> bool:
    """Whether their requests stand one after another, each once, and all are seen."""
    ids = {one.id for one in batches}
    return not any(one.hidden or one.input_missing or one.state == "adopting" or ids.intersection(one.previous_batches) for one in batches)


async def _index(job: Job, store: Store, reader: BatchReader, batches: Sequence[Batch], order: JoinOrder, stamp: str) -> KeptIndex | None:
    """Of the first batch, with what can be said of all of them."""
    first, ids = batches[0], [one.id for one in batches]
    ledger = await _ledger(job, reader.records, first)
    if ledger is None:
        return None
    segments = await store.page(Table.SEGMENTS, owner=keys.batch_owner(first.id), limit=_SEGMENTS)
    read = [stored.value for row in segments if (stored := reader.records.read(Segment, row)) is not None]
    one = JoinedBatch(first, ledger, Rows(ledger.ids, read, certain=False), await reader.price_of(first))
    sendings = Sendings(0)
    sendings.whole(0, ledger.outcome.tobytes())
    joined = Join(job, store, (), (), (one,), (sendings,), (Way(-1),), None)
    said = await annotations_of(store, ids)
    kept = KeptIndex(order, stamp, joined, store, said, batches=len(batches))
    kept.memory[_SAID] = any(one.says_something for rows in said.values() for one in rows.values())
    await evaluations_of(kept, ids)
    return kept


async def _ledger(job: Job, records: Records, batch: Batch) -> Ledger | None:
    """None where it cannot be read, which is told when all are, or has other requests than the batch."""
    if batch.state not in pipeline.FETCHED or pipeline.has_no_ledger(batch):
        return None
    try:
        ledger = await Ledgers(records, job.clock).read(batch)
    except LedgerUnreadable:
        return None
    return ledger if len(ledger) == batch.requests else None
