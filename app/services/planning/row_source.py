"""The stored rows of a table as a job goes over them, and what their requests need beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

import msgspec

from app.core.datasets import storage
from app.core.datasets.selection import WrongSelection
from app.core.datasets.storage import RowIndex
from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.model import keys
from app.core.model.threads import STORED
from app.core.planning.answered import AnsweredBodies
from app.core.planning.rowrequests import PlanOrder, RequestRun, Unplannable
from app.core.planning.wayrequests import WayRequests
from app.core.templates import compiling, content
from app.core.templates.compiling import Row
from app.ports import Store, Table
from app.ports.compute import Job
from app.services.datasets import select_job
from app.services.datasets.rows import MISSING, RowsMissing
from app.services.datasets.run_reading import each_run
from app.services.datasets.select_job import SelectOrder
from app.services.planning.answered import answered_bodies

ROWS: Final = 3_000
"""Rows that are taken at a time, of a run of about 1 MB: some milliseconds' work."""


class StoredRows(NamedTuple):
    """Rows with their positions from 0 and their ids."""

    positions: Sequence[int]
    ids: Sequence[int]
    cells: Sequence[Row]


async def index_of(store: Store, order: PlanOrder) -> RowIndex:
    """Where the rows stand. Raises RowsMissing."""
    return await select_job.index_of(store, order.dataset, order.version)


async def each_rows(
    job: Job, store: Store, order: PlanOrder, index: RowIndex, runs: tuple[int, int] | None = None
) -> AsyncIterator[StoredRows]:
    """The rows that a plan takes, or those of the ``runs`` from one up to another, in their order, some at a time; the job rests and tells
    its progress in between. Raises RowsMissing, Unplannable, CancelledError."""
    starts = index.starts()
    first, last = runs or (0, len(index.runs))
    total = starts[-1]
    chosen = await _chosen(job, store, order, index)
    before, all_passes = (0, total) if chosen is None else (total, 2 * total)
    wanted = [(n, index.runs[n].size) for n in range(first, last) if chosen is None or chosen[n]]
    async for n, data in each_run(store, order.dataset, order.version, wanted):
        run, start = index.runs[n], starts[n]
        places: Sequence[int] = range(run.count) if chosen is None else chosen[n]
        ids, cells = list(storage.row_ids(run)), _texts(data, run, len(order.columns))
        for at in range(0, len(places), ROWS):
            some = places[at : at + ROWS]
            if isinstance(some, range):
                yield StoredRows(range(start + some.start, start + some.stop), ids[some.start : some.stop], cells[some.start : some.stop])
            else:
                yield StoredRows([start + place for place in some], [ids[place] for place in some], [cells[place] for place in some])
            if job.over(len(some)):
                job.moved(before + start + some[-1] + 1, all_passes)
                await job.rest()
    job.moved(all_passes, all_passes)


def _texts(data: bytes, run: storage.RunIndex, width: int) -> Sequence[Row]:
    """The rows of a run, one text for each of ``width`` columns. Raises RowsMissing."""
    texts = storage.decode_texts(data)
    if texts is not None and len(texts) == run.count and min(map(len, texts), default=width) >= width:
        return texts
    try:
        return [compiling.cells(storage.decode_cells(line), width) for line in storage.lines_of(data, run)]
    except Unreadable:
        raise RowsMissing(MISSING) from None


async def _chosen(job: Job, store: Store, order: PlanOrder, index: RowIndex) -> list[list[int]] | None:
    """For each run the rows that are meant; None: all of all runs. Raises RowsMissing, Unplannable."""
    if order.only is None:
        return None
    which = SelectOrder(order.dataset, order.version, order.columns, order.only.selection)
    try:
        return select_job.by_run(index, (await select_job.taken_rows(job, store, which, index, passes=2)).positions())
    except WrongSelection as error:
        raise Unplannable(f"The rows to check can't be found: {error} Choose others in Rows.") from None


async def each_request(
    job: Job,
    store: Store,
    order: PlanOrder,
    index: RowIndex,
    made: WayRequests,
    answered: AnsweredBodies | None = None,
    *,
    runs: tuple[int, int] | None = None,
) -> AsyncIterator[RequestRun]:
    """The requests of all rows that can be sent, or of those of some ``runs``, some at a time, without those that were answered already
    where the order says so. ``answered`` learns which they are. Raises what :func:`each_rows` raises."""
    if answered is None:
        answered = await answered_bodies(job, store, order) if order.reuse else AnsweredBodies()
    async for rows in each_rows(job, store, order, index, runs):
        for run in made.take_rows(*rows):
            if (asked := answered.look(run, leave_out=order.reuse)) is not None:
                yield asked
    for run in made.finish():
        if (asked := answered.look(run, leave_out=order.reuse)) is not None:
            yield asked


async def row_requests(job: Job, store: Store, order: PlanOrder, *, scan: bool = False, unique: bool = True) -> WayRequests:
    """What makes the requests of this order. ``unique``: no other request has their ids. Raises Unplannable."""
    images = await _images(store, order)
    used = await _used(job, store) if unique and order.named else None
    return WayRequests(order, (lambda source: images.get(source, source)) if images else None, used, scan=scan)


async def _images(store: Store, order: PlanOrder) -> dict[str, str]:
    """The images of the prompts that are kept apart, by what stands for them."""
    texts = (one for asked in order.asked for one in content.texts(asked.content))
    named = list(dict.fromkeys(one.text for one in texts if one.field == "images" and one.text.startswith(STORED)))
    if not named:
        return {}
    found = await store.load([keys.image_id(one.removeprefix(STORED)) for one in named])
    if any(data is None for data in found):
        raise Unplannable("An image of the prompt is no longer in this browser. Remove it, or add it again.")
    return {name: data.decode("utf-8", "replace") for name, data in zip(named, found, strict=True) if data is not None}


async def _used(job: Job, store: Store) -> set[str]:
    """The ids of all requests there are, in queues and in batches: an id says for life which request is meant. Of each segment nothing but
    its ids is read, and the texts of one owner's segments at a time are held; one that is damaged is told where it is used."""
    found: set[str] = set()
    for owner in await store.owners(Table.SEGMENTS):
        for row in await store.scan(Table.SEGMENTS, owner=owner):
            try:
                found.update(_ids.decode(row.doc).ids)
            except Unreadable:
                continue
            if job.over():
                await job.rest()
    return found


class _Ids(msgspec.Struct, frozen=True):
    ids: tuple[str, ...] = ()


_ids: Final = jsonread.Decoder[_Ids](_Ids, depth=jsonread.OWN_DEPTH)
