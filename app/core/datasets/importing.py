"""An import as it goes: groups of rows in, byte runs for the store out, and at the end the dataset with its new version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from app.core.base.text import shorten
from app.core.datasets import storage
from app.core.datasets.identity import RowIdentity, RowWithoutIdentity, column_order
from app.core.datasets.statistics import ColumnStatistics
from app.core.datasets.storage import RunBuilder, RunIndex, StoredRun, Unstorable
from app.core.datasets.table import Cell, RowGroup, Table, UnreadableTable, cell_text
from app.core.model import keys
from app.core.model.datasets import Dataset, DatasetVersion


class ByteRun(NamedTuple):
    """Bytes for the store, under their id."""

    id: str
    data: bytes


class ImportedTable(NamedTuple):
    """What is to be stored at the end: the last runs, and in the same commit or after it the record. ``gone``: ids of rows of the version
    before that are not in this one."""

    runs: list[ByteRun]
    dataset: Dataset
    gone: tuple[int, ...]


class TableImport:
    """Imports one file into a dataset, which may be new. ``version``: what is known of the import beforehand (its number is given here);
    ``table``: the reader, whose first rows were read: its columns are known. Raises UnreadableTable: there is no such key column."""

    def __init__(self, dataset: Dataset, version: DatasetVersion, table: Table) -> None:
        self._dataset, self._table = dataset, table
        before = dataset.current
        self._version = replace(version, number=before.number + 1 if before else 1)
        names = list(table.columns)
        if dataset.key and dataset.key not in names:
            shown = shorten(", ".join(names), 300)
            raise UnreadableTable(f"There is no column “{dataset.key}”, which says which row is which. The columns are: {shown}.")
        self._order = column_order(names, [one.name for one in before.columns]) if before else None
        self._identity = RowIdentity(names.index(dataset.key) if dataset.key else None, dataset.next_row)
        self._statistics = ColumnStatistics()
        self._runs = RunBuilder()
        self._given = self._stored = 0

    def know(self, data: bytes, run: RunIndex) -> None:
        """A run of the version before, with its part of that version's index. All of them are given before the first rows are."""
        self._identity.know(storage.lines_of(data, run), storage.row_ids(run), self._order)

    def take(self, group: RowGroup) -> Iterator[ByteRun]:
        """Take rows; gives the runs that are full. A row that cannot be kept is entered in the reader's faults."""
        whole = storage.encode_rows(group.cells) if self._identity.is_fresh else None
        if whole is not None:
            self._statistics.add(group)
            yield from map(self._named, self._runs.add(whole, self._identity.fresh(len(whole)), group.numbers))
            return
        numbers: list[int] = []
        cells: list[Sequence[Cell]] = []
        lines: list[bytes] = []
        ids: list[int] = []
        for number, row in zip(group.numbers, group.cells, strict=True):
            try:
                line = storage.encode_row(row)
                id = self._identity.of(row, line, number)
            except (Unstorable, RowWithoutIdentity) as error:
                shown = ", ".join(cell_text(cell) for cell in row[:20]).encode("utf-8", "replace").decode()
                self._table.faults.add(number, 0, str(error), shown)
                continue
            numbers.append(number)
            cells.append(row)
            lines.append(line)
            ids.append(id)
        self._statistics.add(RowGroup(numbers, cells))
        yield from map(self._named, self._runs.add(lines, ids, numbers))

    def finish(self) -> ImportedTable:
        """When all rows were taken."""
        runs = [self._named(run) for run in self._runs.last()]
        id, number = self._dataset.id, self._version.number
        runs.append(ByteRun(keys.dataset_index_id(id, number), storage.encode_index(self._runs.index())))
        if self._table.faults.kept:
            runs.append(ByteRun(keys.dataset_faults_id(id, number), storage.encode_faults(self._table.faults.kept)))
        changes = self._identity.changes()
        version = replace(
            self._version,
            columns=self._statistics.columns(self._table.columns),
            rows=self._statistics.rows,
            runs=self._given,
            stored=self._stored,
            blank=self._table.blank,
            faults=self._table.faults.count,
            added=changes.added,
            changed=changes.changed,
            removed=len(changes.gone),
            same=changes.same,
        )
        versions = (*self._dataset.versions, version)
        made = replace(self._dataset, versions=versions, next_row=self._identity.next_row, updated=version.at)
        return ImportedTable(runs, made, changes.gone)

    def _named(self, run: StoredRun) -> ByteRun:
        id = keys.dataset_rows_id(self._dataset.id, self._version.number, self._given)
        self._given += 1
        self._stored += len(run.data)
        return ByteRun(id, run.data)
