"""Making a new table of some rows of another, as a job: stored as an import is, so that a stop or a failure leaves nothing behind."""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.datasets import storage
from app.core.datasets.importing import TableImport
from app.core.datasets.selection import WrongSelection
from app.core.datasets.table import Cell, RowGroup, TableSoFar, UnreadableTable
from app.core.json.jsonread import Unreadable
from app.ports.compute import Job, JobKind
from app.services.datasets.import_job import ImportedRows, ImportOrder, ImportStoring
from app.services.datasets.rows import MISSING, RowsMissing
from app.services.datasets.run_reading import each_run
from app.services.datasets.select_job import SelectOrder, by_run, groups, index_of, taken_rows
from app.services.runtime.records import Records


class KeepOrder(msgspec.Struct, frozen=True):
    """Which rows become which table. That it is under way (DatasetImport) was stored before."""

    rows: SelectOrder
    into: ImportOrder


KEEP: Final = JobKind("datasets.keep", KeepOrder, ImportedRows, (RowsMissing, WrongSelection, UnreadableTable))


class _Columns(TableSoFar):
    """The columns of the table that the rows are from."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(0)
        self._given = list(names)

    @property
    def columns(self) -> list[str]:
        return self._given


async def keep(job: Job, order: KeepOrder) -> ImportedRows:
    """Raises RowsMissing, WrongSelection, UnreadableTable (no row is meant), and what the store raises. Then what was stored is to be
    cleared."""
    store, rows = await job.store(), order.rows
    index = await index_of(store, rows.dataset, rows.version)
    positions = (await taken_rows(job, store, rows, index, passes=2)).positions()
    if not positions:
        raise UnreadableTable("No row matches, so there is nothing to keep.")
    made = TableImport(order.into.dataset, order.into.version, _Columns(rows.columns))
    storing = ImportStoring(Records(store), order.into)
    starts = index.starts()
    total = starts[-1]
    async with storing.runs:
        chosen = by_run(index, positions)
        async for n, data in each_run(store, rows.dataset, rows.version, [(n, run.size) for n, run in enumerate(index.runs) if chosen[n]]):
            run = index.runs[n]
            lines, numbers = list(storage.lines_of(data, run)), list(storage.row_numbers(run))
            for group in groups(chosen[n]):
                for part in made.take(RowGroup([numbers[at] for at in group], [_cells(lines[at]) for at in group])):
                    await storing.row_run(part)
                if job.over(len(group)):
                    job.moved(total + starts[n], 2 * total)
                    await job.rest()
    finished = made.finish()
    return ImportedRows(await storing.end(finished.runs, finished.dataset))


def _cells(line: bytes) -> list[Cell]:
    try:
        return storage.decode_cells(line)
    except Unreadable:
        raise RowsMissing(MISSING) from None
