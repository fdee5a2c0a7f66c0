"""Finding the rows of a table that a selection means, as a job: a search over a million rows takes seconds."""

from __future__ import annotations

from array import array
from itertools import islice
from typing import Final

import msgspec

from app.core.datasets import selection as selecting
from app.core.datasets import storage
from app.core.datasets.selection import RowMatcher, RowSample, WrongSelection
from app.core.datasets.storage import RowIndex
from app.core.json.jsonread import Unreadable
from app.core.model import keys
from app.core.model.datasets import Dataset, RowSelection
from app.ports import Store
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import MISSING, RowsMissing
from app.services.datasets.run_reading import each_run


class SelectOrder(msgspec.Struct, frozen=True):
    """Which rows of which table: the dataset's id, the version's number and the names of its columns."""

    dataset: str
    version: int
    columns: tuple[str, ...]
    selection: RowSelection


class SelectedRows(msgspec.Struct, frozen=True):
    """``matched`` rows pass the filters, as far as it was looked: where the first ones are taken, no further than these. ``rows`` of them
    are taken."""

    matched: int
    rows: int


SELECT: Final = JobKind("datasets.select", SelectOrder, SelectedRows, (RowsMissing, WrongSelection))


def select_order(dataset: Dataset, selection: RowSelection) -> SelectOrder:
    """Rows of the dataset's current version. ValueError where it has none."""
    current = dataset.current
    if current is None:
        raise ValueError("the dataset has no version")
    return SelectOrder(dataset.id, current.number, tuple(one.name for one in current.columns), selection)


async def select(job: Job, order: SelectOrder) -> SelectedRows:
    """The job's bytes are the positions of the rows (core.datasets.selection). Raises RowsMissing, WrongSelection."""
    store = await job.store()
    taken = await taken_rows(job, store, order, await index_of(store, order.dataset, order.version))
    positions = taken.positions()
    if positions:
        await job.write(selecting.encode_positions(positions))
    return SelectedRows(taken.matched, len(positions))


async def index_of(store: Store, dataset: str, version: int) -> RowIndex:
    """Where the rows of a version stand. Raises RowsMissing."""
    (data,) = await store.load([keys.dataset_index_id(dataset, version)])
    try:
        return storage.decode_index(data or b"")
    except (ValueError, msgspec.MsgspecError):
        raise RowsMissing(MISSING) from None


async def taken_rows(job: Job, store: Store, order: SelectOrder, index: RowIndex, passes: int = 1) -> RowSample:
    """Which rows are meant; the job rests and tells its progress in between. ``passes``: how often the job goes over the rows in all, of
    which this is the first. Raises RowsMissing, WrongSelection, CancelledError."""
    matcher, taken = RowMatcher(order.selection, order.columns), RowSample(order.selection)
    position, total = 0, passes * index.starts()[-1]
    wanted = [] if taken.full else [(n, run.size) for n, run in enumerate(index.runs)]
    async for n, data in each_run(store, order.dataset, order.version, wanted):
        run = index.runs[n]
        ids = list(storage.row_ids(run))
        for begin in range(0, run.count, selecting.STEP):
            try:
                rows = matcher.rows(data, run, begin, min(begin + selecting.STEP, run.count))
            except Unreadable:
                raise RowsMissing(MISSING) from None
            taken.add([position + at for at in rows], [ids[at] for at in rows])
            if job.over(selecting.STEP):
                job.moved(position + begin, total)
                await job.rest()
        position += run.count
        if taken.full:
            break
    return taken


def by_run(index: RowIndex, positions: array[int]) -> list[list[int]]:
    """For each run the places in it of the rows at these positions, which are in their order."""
    found: list[list[int]] = []
    rows = iter(positions)
    row = next(rows, None)
    start = 0
    for run in index.runs:
        here: list[int] = []
        end = start + run.count
        while row is not None and row < end:
            here.append(row - start)
            row = next(rows, None)
        found.append(here)
        start = end
    return found


def groups(rows: list[int]) -> list[list[int]]:
    """Cut into pieces between which a job may rest."""
    each = iter(rows)
    return [*iter(lambda: list(islice(each, selecting.STEP)), [])]
