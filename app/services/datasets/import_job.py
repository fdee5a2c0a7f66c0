"""Importing a file as a job: rows are stored as they are read, the dataset when the last one was."""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.datasets import storage
from app.core.datasets.filerows import GivenFile
from app.core.datasets.importing import ByteRun, TableImport
from app.core.datasets.table import UnreadableTable
from app.core.model import keys
from app.core.model.datasets import Dataset, DatasetImport, DatasetVersion
from app.ports import Change, Conflict, DropBytes, PutBytes
from app.ports.compute import Job, JobKind
from app.services.datasets.reading import open_table, row_groups
from app.services.runtime.byteruns import ByteRunWriter
from app.services.runtime.records import Records, put, remove


class ImportOrder(msgspec.Struct, frozen=True):
    """Into which dataset the job's file goes, as it was read at revision ``rev`` (0: it is new), and what is known of the import
    beforehand. That it is under way (DatasetImport) was stored before."""

    dataset: Dataset
    rev: int
    version: DatasetVersion
    files: tuple[GivenFile, ...] = ()
    """What is in the job's file, where it is several of which each is a row."""


class ImportedRows(msgspec.Struct, frozen=True):
    """The dataset as it is stored now, and what to know of how the file was read."""

    dataset: Dataset
    remarks: tuple[str, ...] = ()


IMPORT: Final = JobKind("datasets.import", ImportOrder, ImportedRows, (UnreadableTable,))


async def bring(job: Job, order: ImportOrder) -> ImportedRows:
    """The job's file is the table. Raises UnreadableTable, what reading raises, and what the store raises: Conflict where another tab
    changed the dataset meanwhile. Then nothing of it belongs to the dataset, and what was stored is to be cleared."""
    records = Records(await job.store())
    opened = await open_table(job, order.version.dialect, order.files)
    storing = ImportStoring(records, order)
    made: TableImport | None = None
    try:
        async with storing.runs:
            async for group in row_groups(job, opened):
                if not group.numbers:
                    continue
                if made is None:
                    made = TableImport(order.dataset, order.version, opened.table)
                    await _know(job, records, order.dataset, made)
                for run in made.take(group):
                    await storing.row_run(run)
                job.moved(opened.table.done, opened.table.size)
    finally:
        opened.close()
    if made is None:
        raise UnreadableTable(_no_rows(opened.table.faults.kept[0].sentence if opened.table.faults.kept else ""))
    done = made.finish()
    return ImportedRows(await storing.end(done.runs, done.dataset), tuple(opened.table.remarks))


def _no_rows(first: str) -> str:
    if first:
        return f"No row of this file could be read. The first one: {first} Check the delimiter, the quote and the encoding."
    return "There are no rows in this file, or nothing below its first row."


async def _know(job: Job, records: Records, dataset: Dataset, made: TableImport) -> None:
    """Give the import the rows of the version before."""
    before = dataset.current
    if before is None:
        return
    (data,) = await records.store.load([keys.dataset_index_id(dataset.id, before.number)])
    try:
        index = storage.decode_index(data or b"")
    except (ValueError, msgspec.MsgspecError):
        raise UnreadableTable(_LOST) from None
    for n, run in enumerate(index.runs):
        (data,) = await records.store.load([keys.dataset_rows_id(dataset.id, before.number, n)])
        if data is None:
            raise UnreadableTable(_LOST)
        made.know(data, run)
        if job.over():
            await job.rest()


_LOST: Final = "Some of this table's rows are missing from the browser's storage, so new ones can't be matched with them. Import it as new."


class ImportStoring:
    """What an import has stored is said in the very commit that stores it."""

    def __init__(self, records: Records, order: ImportOrder) -> None:
        self._records, self._order = records, order
        dataset = order.dataset
        self._number = dataset.current.number + 1 if dataset.current else 1
        self.runs = ByteRunWriter(records, self._intent)

    async def row_run(self, run: ByteRun) -> None:
        """A run of rows, within ``async with`` of ``runs``."""
        await self.runs.add(run.id, run.data)

    def _intent(self, runs: int) -> Change:
        return put(DatasetImport(id=self._order.dataset.id, version=self._number, runs=runs, at=self._order.version.at), -1, quiet=True)

    async def end(self, runs: list[ByteRun], dataset: Dataset) -> Dataset:
        """The last runs, the dataset's record and the end of the intent, in one commit; the dataset as it is stored. What else of it was
        changed meanwhile (its name, which rows a plan takes) stays. Raises Conflict where it has another version now, or was deleted
        permanently."""
        await self.runs.end()
        last = [change for run in runs for change in (DropBytes(run.id), PutBytes(run.id, run.data))]

        async def decide() -> tuple[list[Change], Dataset]:
            stored = await self._records.get(Dataset, dataset.id)
            rev = stored.rev if stored else 0
            if (stored.value.versions if stored else ()) != self._order.dataset.versions:
                raise Conflict(dataset.stored.table, dataset.id, self._order.rev, rev)
            made = msgspec.structs.replace(dataset, name=stored.value.name, planned=stored.value.planned) if stored else dataset
            return [*last, put(made, rev), remove(DatasetImport, dataset.id)], made

        return await self._records.transact(decide)
