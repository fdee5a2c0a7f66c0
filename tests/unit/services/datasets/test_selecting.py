"""Rows of a table that are looked for, kept as a table of their own, and left as they are where that is stopped."""

from __future__ import annotations

import asyncio

import pytest

from app.core.datasets.selection import WrongSelection
from app.core.datasets.table import UnreadableTable
from app.core.model import keys
from app.core.model.datasets import DatasetImport, Dialect, PlannedRows, RowFilter, RowSelection
from app.core.openai.wire import BytesBlob
from app.services.datasets.datasets import Source
from app.services.datasets.rows import DatasetRows, RowsMissing
from tests.fakes.memory_store import MemoryDisk
from tests.unit.services.datasets.test_datasets import Tab

ROWS = 25_000
MANY = b"id,group,text\n" + b"".join(b"%05d,%d,%s\n" % (n, n % 7, b"needle" if n % 5_000 == 17 else b"hay") for n in range(ROWS))
TURNS = 100_000
"""Of the loop, after which a job should long have stored something."""
NEEDLES = [17, 5_017, 10_017, 15_017, 20_017]


@pytest.fixture
def tab() -> Tab:
    return Tab(MemoryDisk())


@pytest.mark.slow
async def test_rows_are_found_and_shown_by_window(tab: Tab) -> None:
    """Over several runs of bytes, with their places in the table and their numbers in the file."""
    dataset = await tab.bring(MANY)
    moved: list[tuple[int, int]] = []
    found = await tab.datasets.select(dataset, RowSelection("NEEDLE"), lambda *far: moved.append(far))
    assert (list(found.positions), found.matched) == (NEEDLES, 5)
    assert moved
    assert all(0 <= done <= total == ROWS for done, total in moved)
    rows = await DatasetRows(tab.store, dataset).at(found.positions[1:3])
    assert [(one.position, one.number, one.cells) for one in rows] == [
        (5_017, 5_019, ("05017", "5", "needle")),
        (10_017, 10_019, ("10017", "0", "needle")),
    ]
    both = RowSelection("needle", (RowFilter("id", "between", least="6000"), RowFilter("group", "equals", "0")))
    assert list((await tab.datasets.select(dataset, both)).positions) == [10_017]
    nothing = await tab.datasets.select(dataset, RowSelection("haystack"))
    assert (list(nothing.positions), nothing.matched) == ([], 0)


@pytest.mark.slow
async def test_a_sample_is_the_same_for_its_seed(tab: Tab) -> None:
    """Of the rows that match, however many they are."""
    dataset = await tab.bring(MANY)
    some = RowSelection(filters=(RowFilter("group", "equals", "3"),), take="random", count=40, seed=9)
    found = await tab.datasets.select(dataset, some)
    assert (len(found.positions), found.matched) == (40, sum(n % 7 == 3 for n in range(ROWS)))
    assert all(one % 7 == 3 for one in found.positions)
    assert (await tab.datasets.select(dataset, some)).positions == found.positions
    first = await tab.datasets.select(dataset, RowSelection("needle", take="first", count=2))
    assert list(first.positions) == NEEDLES[:2]


@pytest.mark.slow
async def test_found_rows_become_a_table(tab: Tab) -> None:
    """With their cells as they were, their numbers in the file, and the key that says which is which; the other table stays."""
    dataset = await tab.bring(MANY, key="id")
    done = await tab.datasets.keep(dataset, RowSelection("needle", take="first", count=3), "Needles")
    kept = done.dataset
    current = kept.current
    assert current is not None
    assert (kept.name, kept.key, current.rows, current.number) == ("Needles", "id", 3, 1)
    assert current.origin == "people: “needle” in any column · the first 3 rows"
    assert [one.name for one in current.columns] == ["id", "group", "text"]
    rows = await DatasetRows(tab.store, kept).window(0, 9)
    assert [(one.position, one.number, one.cells[0]) for one in rows] == [(0, 19, "00017"), (1, 5_019, "05017"), (2, 10_019, "10017")]
    assert {one.id for one in await tab.datasets.all()} == {dataset.id, kept.id}
    assert await tab.records.all(DatasetImport) == []


async def test_rows_that_python_would_write_otherwise_stay_as_they_are(tab: Tab) -> None:
    """Numbers with their digits, JSON with its spaces: they are shown, found and kept as the file has them."""
    source = Source(BytesBlob(b'{"a":1e40,"b":{"x": [1.10]}}\n{"a":1.10,"b":"x"}\n'), "odd.jsonl")
    dataset = (await tab.datasets.bring(source, Dialect(format="jsonl"))).dataset
    (row, _) = await DatasetRows(tab.store, dataset).window(0, 2)
    assert row.cells == ("1e40", '{"x": [1.10]}')
    found = RowSelection(filters=(RowFilter("a", "between", least="1000"),))
    kept = (await tab.datasets.keep(dataset, found, "Large")).dataset
    assert await DatasetRows(tab.store, kept).cells(0) == ["1e40", '{"x": [1.10]}']


@pytest.mark.slow
async def test_nothing_found_is_no_table(tab: Tab) -> None:
    """And a filter of a column that is not there is said; neither leaves anything behind."""
    dataset = await tab.bring(MANY)
    before = set(tab.store.disk.bytes)
    with pytest.raises(UnreadableTable, match="No row matches"):
        await tab.datasets.keep(dataset, RowSelection("nowhere"), "Nothing")
    with pytest.raises(WrongSelection, match="no column “colour”"):
        await tab.datasets.keep(dataset, RowSelection(filters=(RowFilter("colour", "empty"),)), "Nothing")
    assert set(tab.store.disk.bytes) == before
    assert [one.id for one in await tab.datasets.all()] == [dataset.id]


@pytest.mark.slow
async def test_stopped_it_leaves_nothing_behind(tab: Tab) -> None:
    """Whatever was stored of the new table by then is cleared."""
    dataset = await tab.bring(MANY)
    before = set(tab.store.disk.bytes)
    work = asyncio.ensure_future(tab.datasets.keep(dataset, RowSelection(take="random", count=24_000), "Most"))
    for _ in range(TURNS):
        if set(tab.store.disk.bytes) != before:
            break
        await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert set(tab.store.disk.bytes) == before
    assert await tab.records.all(DatasetImport) == []


@pytest.mark.slow
async def test_lost_rows_are_said(tab: Tab) -> None:
    """Not passed over: whoever looks for a row must not believe that it is not there."""
    dataset = await tab.bring(MANY)
    del tab.store.disk.bytes[keys.dataset_rows_id(dataset.id, 1, 1)]
    with pytest.raises(RowsMissing):
        await tab.datasets.select(dataset, RowSelection("needle"))


@pytest.mark.slow
async def test_a_newer_file_keeps_which_rows_a_plan_takes(tab: Tab) -> None:
    """It is a rule, and no list of rows."""
    dataset = await tab.bring(MANY, key="id")
    planned = PlannedRows(RowSelection("needle"), 1, 5)
    await tab.datasets.plan(dataset.id, planned)
    newer = await tab.bring(MANY + b"99999,1,needle\n", into=dataset.id, key="id")
    assert newer.planned == planned
    assert (await tab.datasets.plan(dataset.id, None)).planned is None  # type: ignore[union-attr]  # it is there
