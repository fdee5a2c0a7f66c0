"""Tables from a file to rows that are listed, with what can go wrong on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest

from app.core.datasets import limits, storage
from app.core.datasets.csvtable import CsvTable
from app.core.datasets.table import RowGroup, UnreadableTable
from app.core.model.datasets import Dataset, DatasetImport, Dialect
from app.core.openai.wire import Blob, BytesBlob
from app.ports import DropBytes, StorageFull
from app.ports.compute import Finished, JobKind, unheard
from app.services.compute.carrier import JobPlace
from app.services.compute.in_page import PageCompute
from app.services.compute.jobs import JOBS
from app.services.datasets.datasets import Datasets, Source, name_for
from app.services.datasets.rows import DatasetRows, RowsMissing
from app.services.runtime import byteruns
from app.services.runtime.records import put
from app.services.runtime.runtime import Runtime
from app.services.runtime.tasks import Tasks
from app.wiring.ports import InstalledLibraries
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.platform import FakeClock, MemoryFiles, MemoryLocks, SeededRandom

CSV = 'id;name;text\r\n007;Jürgen;"two\nlines; and ""quotes"""\r\n008;Åsa;short\r\n009;odd\r\n010;;\r\n'.encode()


class LinesAsParquet:
    """The Parquet port over files of the fake's own: a mark, the columns, then a JSON array a row."""

    def __init__(self) -> None:
        self.open_files = 0

    async def open(self, blob: Blob) -> LinesFile:
        mark, _, rest = (await blob.read()).partition(b"\n")
        head, *lines = rest.split(b"\n")
        if mark != b"PAR1" or not head:
            raise UnreadableTable("This Parquet file is damaged.")
        self.open_files += 1
        return LinesFile(self, msgspec.json.decode(head, type=list[str]), lines[:-1])


class LinesFile:
    def __init__(self, readers: LinesAsParquet, columns: list[str], lines: list[bytes]) -> None:
        self._readers, self.columns, self._lines = readers, columns, lines
        self.rows = len(lines)

    async def read(self, start: int, stop: int) -> bytes:
        found = self._lines[start:stop]
        if b"broken" in found:
            raise UnreadableTable("This Parquet file is damaged.")
        return b"".join(line + b"\n" for line in found)

    def close(self) -> None:
        self._readers.open_files -= 1


class Readers(InstalledLibraries):
    """The Libraries port with a reader of such files."""

    def __init__(self) -> None:
        self.lines = LinesAsParquet()

    def parquet(self) -> LinesAsParquet:
        return self.lines


class PageDiedError(BaseException):
    """Nothing more of this page runs."""


class Tab:
    """A tab with nothing but datasets. ``held``: its jobs wait for it."""

    def __init__(self, disk: MemoryDisk, locks: MemoryLocks | None = None, seed: int = 1) -> None:
        self.store = MemoryStore({}, disk)
        clock, random = FakeClock(auto=True), SeededRandom(seed)
        self.told: list[BaseException] = []
        self.readers = Readers()
        runtime = Runtime.over(self.store, clock, random, Tasks(lambda _name, error: self.told.append(error)))
        self.records = runtime.records

        async def opened() -> MemoryStore:
            return self.store

        self.here = PageCompute(JOBS, JobPlace(opened, MemoryFiles(), self.readers, clock, random, 0.0))
        self.held: asyncio.Event | None = None
        self.moved: list[tuple[int, int]] = []
        self.datasets = Datasets(runtime, self, locks or MemoryLocks())

    async def run(
        self, kind: JobKind[Any, Any], arguments: object, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = unheard
    ) -> Finished[Any]:
        """The Compute port."""
        if self.held is not None:
            await self.held.wait()
        return await self.here.run(kind, arguments, files=files, moved=moved)

    async def bring(self, data: bytes, name: str = "people.csv", **more: Any) -> Dataset:
        source = Source(BytesBlob(data), name)
        found = await self.datasets.examine(source)
        done = await self.datasets.bring(source, found.dialect, moved=lambda *far: self.moved.append(far), **more)
        return done.dataset


@pytest.fixture
def disk() -> MemoryDisk:
    return MemoryDisk()


@pytest.fixture
def tab(disk: MemoryDisk) -> Tab:
    return Tab(disk)


async def shown(tab: Tab, dataset: Dataset) -> list[tuple[int, int, tuple[str, ...]]]:
    rows = await DatasetRows(tab.store, dataset).window(0, 1_000)
    return [(row.id, row.number, row.cells) for row in rows]


async def test_a_file_whose_rows_are_all_at_fault_is_not_read_to_its_end(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> None:
    """With another delimiter they may be good, and it may have gigabytes. Where one is good it is found behind as many."""
    monkeypatch.setattr(limits, "PIECE", 1_000)
    fed: list[int] = []
    feed = CsvTable.feed

    def recorded(table: CsvTable, piece: bytes, *, last: bool = False) -> Iterator[RowGroup]:
        fed.append(len(piece))
        return feed(table, piece, last=last)

    monkeypatch.setattr(CsvTable, "feed", recorded)
    for odd in (b"1,2,3\n", b'"x"y,z\n'):
        fed.clear()
        data = b"a,b\n" + odd * 5_000
        seen = await tab.datasets.examine(Source(BytesBlob(data), "x.csv"), Dialect())
        assert (seen.columns, seen.rows, len(seen.faults)) == (("a", "b"), (), 30)
        assert 1_000 * len(odd) <= sum(fed) < 1_000 * len(odd) + 3_000
    seen = await tab.datasets.examine(Source(BytesBlob(b"a,b\n" + b"1,2,3\n" * 900 + b"1,2\n"), "x.csv"), Dialect())
    assert seen.rows == (("1", "2"),)


async def test_a_file_is_examined_before_it_is_imported(tab: Tab, disk: MemoryDisk) -> None:
    """Dialect, columns and first rows as it seems, and as it is corrected; nothing is stored."""
    source = Source(BytesBlob(CSV), "people.csv")
    seen = await tab.datasets.examine(source)
    assert (seen.dialect.delimiter, seen.dialect.encoding, seen.columns) == (";", "utf-8", ("id", "name", "text"))
    assert seen.rows[0] == ("007", "Jürgen", 'two lines; and "quotes"')
    assert [one.row for one in seen.faults] == [4]
    other = await tab.datasets.examine(source, Dialect(delimiter=";", header=False))
    assert other.columns == ("column 1", "column 2", "column 3")
    assert other.rows[0] == ("id", "name", "text")
    refused = await tab.datasets.examine(source, Dialect(delimiter=";;"))
    assert "one character" in refused.refused
    assert not disk.bytes


async def test_other_tabs_hear_of_an_import_at_its_begin_and_its_end(tab: Tab, disk: MemoryDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each word has a page look through its settings, and an import of 60 MB has fifteen commits."""
    monkeypatch.setattr(byteruns, "TOGETHER", 1)
    monkeypatch.setattr(storage, "RUN_ROWS", 1)
    heard: list[frozenset[str]] = []
    Tab(disk).store.watch(heard.append)
    before = tab.store.commits
    await tab.bring(CSV)
    assert tab.store.commits >= before + 4
    assert len(heard) == 2


async def test_a_parquet_file_is_read_row_group_by_row_group(tab: Tab, disk: MemoryDisk) -> None:
    """Its rows are the table's, its reader is closed whatever comes of it, and one that breaks off leaves nothing."""
    rows = b"".join(b'["%05d",%d]\n' % (n, n) for n in range(2_500))
    dataset = await tab.bring(b'PAR1\n["id","n"]\n' + rows, "rows.parquet", key="id")
    assert dataset.current is not None
    assert (dataset.current.rows, [one.kind for one in dataset.current.columns]) == (2_500, ["text", "integer"])
    assert (await DatasetRows(tab.store, dataset).window(2_499, 2_500))[0].cells == ("02499", "2499")
    kept = dict(disk.bytes)
    with pytest.raises(UnreadableTable, match="damaged"):
        await tab.bring(b'PAR1\n["id"]\n' + b"[1]\n" * 2_000 + b"broken\n", "rows.parquet")
    with pytest.raises(UnreadableTable, match="no rows"):
        await tab.bring(b'PAR1\n["id"]\n', "none.parquet")
    assert tab.readers.lines.open_files == 0
    assert disk.bytes == kept


async def test_what_is_no_utf8_is_asked_about(tab: Tab) -> None:
    """What each encoding makes of it, likeliest first; with the answer the umlauts are right."""
    source = Source(BytesBlob("name,ort\nJürgen,Köln\nBärbel,Düsseldorf\n".encode("cp1252")), "leute.csv")
    seen = await tab.datasets.examine(source)
    assert "windows-1252" in [one.encoding for one in seen.candidates]
    assert not seen.dialect.chosen
    answered = Dialect(encoding="windows-1252", chosen=True)
    assert (await tab.datasets.examine(source, answered)).candidates == ()
    done = await tab.datasets.bring(source, answered)
    assert (await shown(tab, done.dataset))[0][2] == ("Jürgen", "Köln")


async def test_a_table_is_stored_with_its_columns_and_faults(tab: Tab) -> None:
    """Values are as the file has them; a row that was not taken is listed by its number, and the good ones stay."""
    dataset = await tab.bring(CSV)
    assert (dataset.name, [one.id for one in await tab.datasets.all()]) == ("people", [dataset.id])
    assert [(one.name, one.kind, one.empty) for one in dataset.current.columns] == [  # type: ignore[union-attr]
        ("id", "text", 0),
        ("name", "text", 1),
        ("text", "text", 1),
    ]
    assert await shown(tab, dataset) == [
        (1, 2, ("007", "Jürgen", 'two lines; and "quotes"')),
        (2, 3, ("008", "Åsa", "short")),
        (3, 5, ("010", "", "")),
    ]
    assert await DatasetRows(tab.store, dataset).cells(0) == ["007", "Jürgen", 'two\nlines; and "quotes"']
    assert [(one.row, one.sentence) for one in await tab.datasets.faults(dataset)] == [(4, "It has 2 cells, the table has 3 columns.")]
    assert tab.moved[-1] == (len(CSV), len(CSV))
    assert await tab.records.all(DatasetImport) == []


async def test_windows_read_the_runs_that_hold_them(tab: Tab, disk: MemoryDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows far apart, in columns far apart; and words where a run is gone."""
    monkeypatch.setattr(storage, "RUN_ROWS", 10)
    data = b"a,b,c\n" + b"".join(b"%d,x%d,y\n" % (n, n) for n in range(100))
    dataset = await tab.bring(data)
    rows = DatasetRows(tab.store, dataset)
    assert [one.cells for one in await rows.window(8, 12, 1, 1)] == [("x8",), ("x9",), ("x10",), ("x11",)]
    assert [one.position for one in await rows.window(97, 200)] == [97, 98, 99]
    del disk.bytes[f"dataset:{dataset.id}:1:5"]
    with pytest.raises(RowsMissing, match="Import the file again"):
        await rows.window(50, 51)
    assert (await rows.window(60, 61))[0].cells == ("60", "x60", "y")


async def test_a_newer_file_keeps_the_rows_that_have_their_key(tab: Tab) -> None:
    """Ids follow the key column; the name that the table was given since stays, and it is no longer deleted."""
    first = await tab.bring(b"id,price\na,1\nb,2\n", key="id")
    await tab.datasets.rename(first.id, "Prices 2026.v2")
    await tab.datasets.delete(first.id)
    second = await tab.bring(b"id,price\nc,3\nb,5\n", key="id", into=first.id)
    assert (second.name, second.deleted, len(second.versions)) == ("Prices 2026.v2", 0.0, 2)
    assert [(id, cells) for id, _, cells in await shown(tab, second)] == [(3, ("c", "3")), (2, ("b", "5"))]
    with pytest.raises(UnreadableTable, match="no column “id”"):
        await tab.bring(b"x,y\n1,2\n", key="id", into=first.id)
    assert (await tab.datasets.get(first.id)) == second


async def test_a_rename_meanwhile_is_kept(tab: Tab) -> None:
    """Another tab may rename a table while a newer file is read."""
    first = await tab.bring(b"id,price\na,1\n")
    tab.held = asyncio.Event()
    task = asyncio.ensure_future(tab.datasets.bring(Source(BytesBlob(b"id,price\na,2\n"), "x.csv"), Dialect(), into=first.id))
    await asyncio.sleep(0)
    await tab.datasets.rename(first.id, "Renamed")
    tab.held.set()
    assert (await task).dataset.name == "Renamed"


@pytest.mark.slow
@pytest.mark.parametrize("how", ["stopped", "full", "unreadable"])
async def test_an_import_that_does_not_end_leaves_nothing(tab: Tab, disk: MemoryDisk, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """It was stopped, the disk is full, or the rest of the file cannot be read: no record and no byte of it is there."""
    monkeypatch.setattr(storage, "RUN_ROWS", 1_000)
    monkeypatch.setattr(limits, "PIECE", 20_000)
    monkeypatch.setattr(byteruns, "TOGETHER", 1)
    data = b"a,b\n" + b"1,2\n" * 20_000
    if how == "unreadable":
        data += b'"' + b"x" * 100 + b"\xff\n"
    commit, seen = tab.store.commit, 0

    async def failing(changes: Sequence[Any]) -> None:
        nonlocal seen
        seen += 1
        if seen == 5 and how == "stopped":
            task.cancel()
        if seen == 5 and how == "full":
            raise StorageFull("no room")
        await commit(changes)

    monkeypatch.setattr(tab.store, "commit", failing)
    task = asyncio.ensure_future(tab.datasets.bring(Source(BytesBlob(data), "big.csv"), Dialect()))
    expected = {"stopped": asyncio.CancelledError, "full": StorageFull, "unreadable": UnreadableTable}[how]
    with pytest.raises(expected):
        await task
    assert seen > 5
    assert not disk.bytes
    assert await tab.datasets.all() == []
    assert await tab.records.all(DatasetImport) == []


async def test_what_a_page_left_that_died_is_cleared_at_the_next_start(disk: MemoryDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import of another tab that still runs is let be: its lock is held until it ends."""
    monkeypatch.setattr(storage, "RUN_ROWS", 1)
    locks = MemoryLocks()
    dying, running = Tab(disk), Tab(disk, locks, seed=2)
    commit = dying.store.commit

    async def dead(changes: Sequence[Any]) -> None:
        if any(isinstance(one, DropBytes) for one in changes):
            raise PageDiedError
        await commit(changes)

    kept = await dying.bring(b"a\n1\n2\n", "kept.csv")
    monkeypatch.setattr(dying.store, "commit", dead)
    with pytest.raises(PageDiedError):
        await dying.datasets.bring(Source(BytesBlob(b"a,b\n1,2\n3,4\n5,6\n"), "died.csv"), Dialect())
    assert len(await running.records.all(DatasetImport)) == 1
    running.held = asyncio.Event()
    task = asyncio.ensure_future(running.datasets.bring(Source(BytesBlob(b"a\n3\n"), "slow.csv"), Dialect()))
    await asyncio.sleep(0)
    tidying = asyncio.ensure_future(Tab(disk, locks).datasets.tidy())
    for _ in range(50):
        await asyncio.sleep(0)
    assert not tidying.done()
    running.held.set()
    done = (await task).dataset
    await tidying
    assert await running.records.all(DatasetImport) == []
    assert {one.split(":")[1] for one in disk.bytes} == {kept.id, done.id}
    assert await shown(running, done) == [(1, 2, ("3",))]


async def test_an_import_that_cannot_be_cleared_keeps_no_other(disk: MemoryDisk) -> None:
    """It is told, and stays for the next start; the others are cleared now."""

    class OddLocks(MemoryLocks):
        async def hold(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
            if name.endswith("-odd"):
                raise ValueError("odd")
            await super().hold(name, work)

    tab = Tab(disk, OddLocks())
    await tab.records.commit([put(DatasetImport(id=id, version=1, at=1.0), 0) for id in ("a", "odd", "z")])
    await tab.datasets.tidy()
    assert [one.value.id for one in await tab.records.all(DatasetImport)] == ["odd"]
    (told,) = tab.told
    assert "“odd”" in str(told)


async def test_delete_restore_and_delete_permanently(tab: Tab, disk: MemoryDisk) -> None:
    """Only what is among the deleted ones goes, with every run of every version."""
    one, two = await tab.bring(b"a\n1\n", "one.csv"), await tab.bring(b"a\n2\n", "two.csv")
    await tab.bring(b"a\n3\n", "two.csv", into=two.id)
    await tab.datasets.delete(one.id)
    await tab.datasets.restore(one.id)
    await tab.datasets.delete(two.id)
    assert await tab.datasets.forget([one.id, two.id, "gone"]) == 1
    assert [each.id for each in await tab.datasets.all()] == [one.id]
    assert {run.split(":")[1] for run in disk.bytes} == {one.id}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\x1f\x8b\x08\0\0\0\0", "an archive"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PAR1" + b"\0" * 100, "Parquet file is damaged"),
        (b"a,b\n", "no rows"),
    ],
)
async def test_what_is_no_table_is_refused_in_a_sentence(tab: Tab, disk: MemoryDisk, data: bytes, words: str) -> None:
    with pytest.raises(UnreadableTable, match=words):
        await tab.bring(data)
    assert not disk.bytes


def test_names() -> None:
    """A file's name without folder and ending; a name that a person gave is kept."""
    assert name_for("C:\\tables\\my  table.v2.csv") == "my table.v2"
    assert name_for("Version 1.2", ending=True) == "Version 1.2"
    assert name_for("") == "Pasted table"
    assert name_for(".csv") == ".csv"
