"""Datasets as people use them: brought, listed, renamed, deleted and had back.

An import stores that it is under way before it stores rows, and holds a lock of its own as long as it runs. What it left when it was
stopped, failed or died with its page is cleared: at once, or at the next start. Until its last commit nothing belongs to a dataset.
"""

from __future__ import annotations

import asyncio
import os.path
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from app.core.base.ids import new_id
from app.core.base.locale import plainly
from app.core.base.text import shorten
from app.core.datasets import selection as selecting
from app.core.datasets import storage
from app.core.datasets.filerows import GivenFile
from app.core.datasets.table import RowFault, UnreadableTable
from app.core.model import keys
from app.core.model.datasets import Dataset, DatasetImport, DatasetVersion, Dialect, PlannedRows, RowSelection
from app.core.model.judging import Evaluation, Expectation
from app.core.model.tries import DatasetTries
from app.core.openai.wire import Blob
from app.ports import Change, Conflict, DropBytes, Locks
from app.ports.compute import Compute, Finished, unheard
from app.services.datasets.examine_job import EXAMINE, ExamineOrder, FirstRows
from app.services.datasets.import_job import IMPORT, ImportedRows, ImportOrder
from app.services.datasets.keep_job import KEEP, KeepOrder
from app.services.datasets.select_job import SELECT, select_order
from app.services.runtime.isolation import Isolation
from app.services.runtime.records import put, remove
from app.services.runtime.runtime import Runtime

MAX_NAME: Final = 200
"""Characters of a dataset's name."""
_ORIGIN: Final = 300
"""Characters of the words on where a table's rows are from."""
_DROPPED: Final = 100
"""Runs that are dropped in one commit."""


class Source(msgspec.Struct, frozen=True):
    """A file that a person chose, dropped or pasted. ``name`` is empty where it was pasted; ``modified``: unix milliseconds, 0: not
    known. ``files``: they are several, a row each, one after another in ``blob``."""

    blob: Blob
    name: str = ""
    modified: float = 0.0
    files: tuple[GivenFile, ...] = ()


class ChosenRows(NamedTuple):
    """The rows that a selection means, by position from 0. ``matched``: as in SelectedRows."""

    selection: RowSelection
    positions: Sequence[int]
    matched: int


class Datasets:
    """Raises what the store raises."""

    def __init__(self, runtime: Runtime, compute: Compute, locks: Locks) -> None:
        self._records, self._clock, self._random = runtime.records, runtime.clock, runtime.random
        self._compute, self._locks = compute, locks
        self._broken_off = Isolation(runtime.tasks, "imports")

    # --- bringing

    async def examine(self, source: Source, dialect: Dialect | None = None) -> FirstRows:
        """What a file seems to be, and its first rows; read by ``dialect``, or as it seems. Raises UnreadableTable, JobFailed,
        FileUnreadable, LibraryMissing."""
        done = await self._compute.run(EXAMINE, ExamineOrder(source.name or "pasted", dialect, source.files), files=[source.blob])
        return done.value

    async def bring(
        self,
        source: Source,
        dialect: Dialect,
        *,
        name: str = "",
        key: str = "",
        into: str = "",
        moved: Callable[[int, int], None] = unheard,
    ) -> ImportedRows:
        """Import a file: as a new dataset, or as a new version of the one with the id ``into``, which keeps its name and its rows' ids.
        ``key``: the column that says which row is which. Cancelling it leaves nothing behind.

        Raises UnreadableTable (nothing was stored), JobFailed, FileUnreadable, LibraryMissing, Conflict where another tab changed the
        dataset meanwhile."""
        now = self._clock.now()
        stored = await self._records.get(Dataset, into) if into else None
        if into and stored is None:
            raise UnreadableTable("The table that this file should go into was deleted. Import it as a new one.")
        if stored is not None:
            dataset, rev = replace(stored.value, key=key, deleted=0.0), stored.rev
        else:
            id = new_id("d", now, self._random.token(8))
            dataset, rev = Dataset(id=id, name=name_for(name or source.name), created=now, key=key), 0
        version = DatasetVersion(0, now, source.name, source.blob.size, source.modified, dialect)
        order = ImportOrder(dataset, rev, version, source.files)
        return await self._apart(order, lambda: self._compute.run(IMPORT, order, files=[source.blob], moved=moved))

    async def keep(self, dataset: Dataset, selection: RowSelection, name: str, moved: Callable[[int, int], None] = unheard) -> ImportedRows:
        """Make a new table of the rows that are meant. Cancelling it leaves nothing behind. Raises RowsMissing, WrongSelection,
        UnreadableTable (no row is meant), JobFailed."""
        now = self._clock.now()
        id = new_id("d", now, self._random.token(8))
        origin = f"{dataset.name}: {plainly(selecting.words)(selection)}"
        made = Dataset(id=id, name=name_for(name, ending=True), created=now, key=dataset.key)
        into = ImportOrder(made, 0, DatasetVersion(0, now, origin=shorten(origin, _ORIGIN)))
        order = KeepOrder(select_order(dataset, selection), into)
        return await self._apart(into, lambda: self._compute.run(KEEP, order, moved=moved))

    async def _apart(self, order: ImportOrder, carry_out: Callable[[], Awaitable[Finished[ImportedRows]]]) -> ImportedRows:
        """The job under its lock, and what it left where it did not come to its end."""
        found: list[ImportedRows] = []
        id = order.dataset.id

        async def work() -> None:
            if await self._records.get(DatasetImport, id) is not None:
                await self._clear(id)  # left by a page that died
            current = order.dataset.current
            number = current.number + 1 if current else 1
            await self._records.commit([put(DatasetImport(id=id, version=number, at=order.version.at), 0)])
            try:
                found.append((await carry_out()).value)
            except BaseException:
                await asyncio.shield(self._clear(id))
                raise

        await self._locks.hold(_lock(id), work)
        return found[0]

    async def _clear(self, id: str) -> None:
        """Forget what an import of this dataset left. Its note goes last."""
        note = await self._records.get(DatasetImport, id)
        if note is None:
            return
        number, runs = note.value.version, note.value.runs
        stored = await self._records.get(Dataset, id)
        ended = stored is not None and any(one.number == number for one in stored.value.versions)
        drops: list[Change] = [] if ended else [DropBytes(one) for one in _runs(id, number, runs)]
        for at in range(0, len(drops), _DROPPED):
            await self._records.commit(drops[at : at + _DROPPED])
        await self._records.commit([remove(DatasetImport, id, note.rev)])

    async def tidy(self) -> None:
        """At a start: clear what imports left that died with their page. Those that run in another tab hold their lock, and are looked at
        when they have ended."""
        for note in await self._records.all(DatasetImport):
            id = note.value.id
            work = self._locks.hold(_lock(id), lambda id=id: self._clear(id))  # type: ignore[misc]  # mypy cannot infer such a lambda
            await self._broken_off.run(id, work)

    # --- what is there

    async def all(self) -> list[Dataset]:
        """Newest first, deleted ones among them."""
        found = [one.value for one in await self._records.all(Dataset)]
        return sorted((one for one in found if one.current is not None), key=lambda one: (one.updated, one.id), reverse=True)

    async def get(self, id: str) -> Dataset | None:
        stored = await self._records.get(Dataset, id)
        return stored.value if stored else None

    async def faults(self, dataset: Dataset) -> list[RowFault]:
        """The rows of the current version's file that were not taken: the first of them."""
        current = dataset.current
        if current is None or not current.faults:
            return []
        (data,) = await self._records.store.load([keys.dataset_faults_id(dataset.id, current.number)])
        return storage.decode_faults(data) if data else []

    # --- some of the rows

    async def select(self, dataset: Dataset, selection: RowSelection, moved: Callable[[int, int], None] = unheard) -> ChosenRows:
        """The rows that are meant. Raises RowsMissing, WrongSelection, JobFailed."""
        done = await self._compute.run(SELECT, select_order(dataset, selection), moved=moved)
        positions = selecting.decode_positions(await done.blob.read()) if done.blob is not None else selecting.decode_positions(b"")
        return ChosenRows(selection, positions, done.value.matched)

    async def plan(self, id: str, planned: PlannedRows | None) -> Dataset | None:
        """Which rows a plan takes; None: all. None where the dataset is gone."""
        return await self._records.amend(Dataset, id, lambda one: replace(one, planned=planned))

    # --- changing

    async def rename(self, id: str, name: str) -> Dataset | None:
        """None where it is gone. A name of nothing but spaces changes nothing."""
        if not name.strip():
            return await self.get(id)
        return await self._records.amend(Dataset, id, lambda one: replace(one, name=name_for(name, ending=True)))

    async def delete(self, id: str) -> Dataset | None:
        """Put it among the deleted ones; its rows stay until it is deleted permanently."""
        return await self._records.amend(Dataset, id, lambda one: replace(one, deleted=self._clock.now()))

    async def restore(self, id: str) -> Dataset | None:
        """Have it back; None where it was deleted permanently."""
        return await self._records.amend(Dataset, id, lambda one: replace(one, deleted=0.0))

    async def forget(self, ids: Collection[str]) -> int:
        """Delete these permanently, as far as they are still among the deleted ones; how many went. One that another tab had back stays."""
        gone = 0
        for id in ids:
            stored = await self._records.get(Dataset, id)
            if stored is None or not stored.value.deleted:
                continue
            runs = [run for one in stored.value.versions for run in _runs(id, one.number, one.runs)]
            tries: list[Change] = [remove(Expectation, id), remove(Evaluation, id)]
            if (tried := await self._records.get(DatasetTries, id)) is not None:
                tries.append(remove(DatasetTries, id, tried.rev))
                runs += [run for one in tried.value.rows for run in (keys.try_asked_id(id, one.id), keys.try_answer_id(id, one.id))]
            try:
                await self._records.commit([remove(Dataset, id, stored.rev), *tries, *map(DropBytes, runs)])
            except Conflict:
                continue
            gone += 1
        return gone


def name_for(text: str, *, ending: bool = False) -> str:
    """A dataset's name from a file's: without folder and ending, unless that is part of a name which a person gave (``ending``)."""
    name = " ".join(text.split())
    if not ending:
        name = os.path.splitext(name.replace("\\", "/").rpartition("/")[2])[0] or name
    return shorten(name, MAX_NAME) or "Pasted table"


def _lock(id: str) -> str:
    return f"nightshift-dataset-{id}"


def _runs(id: str, number: int, runs: int) -> list[str]:
    """Every run that a version may have."""
    rows = [keys.dataset_rows_id(id, number, n) for n in range(runs)]
    return [*rows, keys.dataset_index_id(id, number), keys.dataset_faults_id(id, number)]
