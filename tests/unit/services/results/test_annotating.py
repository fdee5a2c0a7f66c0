"""What people say of answers, in the store and in the table of answers."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from typing import Any

import pytest

from app.core.model.annotations import AnnotatedRows, Annotation
from app.core.results.annotating import GROUP, AnnotationEdit
from app.core.results.facets import ColumnFacet
from app.core.results.joining import JoinOrder
from app.core.results.query import ColumnFilter, TableQuery
from app.ports import Put, Table
from app.services.batches.delete_batch import Tidy
from app.services.results.annotating import Annotations
from app.services.results.table_jobs import (
    ANNOTATED,
    FACET,
    ROWS,
    STEP,
    AnnotatedAsked,
    FacetAsked,
    RowsAsked,
    StepAsked,
    SteppedTo,
    TableAsked,
    TableWindow,
)
from app.services.runtime.records import Records
from tests.kit.answered import Shop, failed, said

COLUMNS = ("id", "mark", "rating", "tags", "note", "correction")
EVERYTHING = TableQuery()
GOOD, BAD = AnnotationEdit(mark="good"), AnnotationEdit(mark="bad")


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def book(shop: Shop) -> Annotations:
    return Annotations(shop.records, shop.clock)


async def answered(shop: Shop) -> JoinOrder:
    """A table of four rows; the last one failed."""
    dataset = await shop.bring(b"text\none\ntwo\nthree\nfour\n")
    await shop.ask(dataset)
    await shop.batch(lambda id: failed(id) if id.endswith("-4") else said(id, f"Answer to {id[-1]}"))
    return JoinOrder(dataset=dataset.id)


async def rows(shop: Shop, of: JoinOrder, query: TableQuery = EVERYTHING, columns: tuple[str, ...] = COLUMNS[1:]) -> list[tuple[str, ...]]:
    found: TableWindow = (await shop.compute.run(ROWS, RowsAsked(TableAsked(of, "1", query), 0, 100, columns))).value
    return [one.cells for one in found.rows]


async def renewed(shop: Shop, of: JoinOrder, *records: str) -> None:
    await shop.compute.run(ANNOTATED, AnnotatedAsked(TableAsked(of, "1"), records))


async def test_what_is_said_stands_in_columns(shop: Shop, book: Annotations) -> None:
    """Whether it was said before the table was opened or since; rows are filtered and sorted by it, and tags are counted one by one."""
    of = await answered(shop)
    await book.edit({"b1": [0, 2]}, AnnotationEdit(mark="good", add=("short", "formal"), rating=5))
    await book.edit({"b1": [2]}, AnnotationEdit(drop=("formal",), note="why\nso", correction="42", rating=2))
    assert await rows(shop, of) == [
        ("good", "5", "short, formal", "", ""),
        ("", "", "", "", ""),
        ("good", "2", "short", "why so", "42"),
        ("", "", "", "", ""),
    ]
    await book.edit({"b1": [3]}, AnnotationEdit(mark="bad", add=("formal",)))
    await renewed(shop, of, "b1:0")
    bad = TableQuery(filters=(ColumnFilter("mark", ("bad",)),))
    assert await rows(shop, of, bad, ("cell:text", "tags")) == [("four", "formal")]
    assert await rows(shop, of, TableQuery(filters=(ColumnFilter("tags", ("formal",)),)), ("cell:text",)) == [("one",), ("four",)]
    assert await rows(shop, of, TableQuery(filters=(ColumnFilter("mark", specials=("blank",)),)), ("cell:text",)) == [("two",)]
    assert await rows(shop, of, TableQuery(sort="rating"), ("rating",)) == [("2",), ("5",), ("",), ("",)]
    facet: ColumnFacet = (await shop.compute.run(FACET, FacetAsked(TableAsked(of, "1"), "tags"))).value
    assert [(one.value, one.count) for one in facet.values] == [("formal", 2), ("short", 2)]
    assert [(one.special, one.count) for one in facet.specials] == [("blank", 1)]


async def test_a_row_that_leaves_the_filter_is_stepped_on_from(shop: Shop, book: Annotations) -> None:
    """Who looks at unmarked rows and marks one goes on to the next, though the marked one is not among them any more."""
    of = await answered(shop)
    unmarked = TableAsked(of, "1", TableQuery(filters=(ColumnFilter("mark", specials=("blank",)),)))
    await rows(shop, of, unmarked.query)
    await book.edit({"b1": [1]}, GOOD)
    await renewed(shop, of, "b1:0")
    after: SteppedTo = (await shop.compute.run(STEP, StepAsked(unmarked, "b1", 1, 1, 1))).value
    before: SteppedTo = (await shop.compute.run(STEP, StepAsked(unmarked, "b1", 1, -1, 1))).value
    here: SteppedTo = (await shop.compute.run(STEP, StepAsked(unmarked, "b1", 1, 0, 1))).value
    assert (after.row, after.place, before.row, before.place, here.batch) == (2, 1, 0, 0, "")


async def test_a_change_is_taken_back_where_nobody_said_more(shop: Shop, book: Annotations) -> None:
    """Over many records at once; what another tab said since stays as it is."""
    await book.edit({"b1": [1]}, AnnotationEdit(rating=3))
    many = [0, 1, GROUP, 45 * GROUP]
    made = await book.edit({"b1": many, "b2": [7]}, BAD)
    assert made.count == 5
    assert (await book.of("b1", 45 * GROUP)).mark == "bad"
    other = Annotations(Records(shop.store), shop.clock)
    await other.edit({"b1": [GROUP]}, GOOD)
    back = await book.restore(made)
    assert back.count == 4
    assert [(await book.of("b1", row)).mark for row in many] == ["", "", "good", ""]
    assert (await book.of("b1", 1)).rating == 3
    assert (await book.edit({"b1": [1]}, AnnotationEdit(rating=3))).count == 0


async def test_changes_are_stored_in_the_order_in_which_they_were_made(shop: Shop, book: Annotations) -> None:
    """A note that is typed ends as it was typed, also where another tab writes the same record meanwhile."""
    other = Annotations(Records(shop.store), shop.clock)
    typed = [book.edit({"b1": [0]}, AnnotationEdit(note="abcdef"[: n + 1])) for n in range(6)]
    theirs = [other.edit({"b1": [1]}, AnnotationEdit(rating=n)) for n in range(1, 6)]
    await asyncio.gather(*typed, *theirs)
    assert ((await book.of("b1", 0)).note, (await book.of("b1", 1)).rating) == ("abcdef", 5)


async def test_a_damaged_record_keeps_no_other_from_being_shown(shop: Shop, book: Annotations) -> None:
    """It is told; when something is said of its rows it is put aside, not written over."""
    of = await answered(shop)
    await book.edit({"b1": [0]}, GOOD)
    await book.edit({"b2": [0]}, GOOD)
    damaged = Put(Table.SETTINGS, "annotations:b1:0", -1, '{"id":"b1:0","rows":{"0":{"mark":7}}}', owner="annotations")
    await shop.store.commit([damaged])
    assert (await rows(shop, of))[0] == ("", "", "", "", "")
    assert await book.of("b1", 0) == Annotation()
    await book.edit({"b1": [1]}, BAD)
    assert (await book.of("b1", 1)).mark == "bad"
    aside = await shop.store.scan(Table.SETTINGS, owner="quarantined")
    assert [json.loads(one.doc)["row"] for one in aside] == ["annotations:b1:0"]
    assert (await book.of("b2", 0)).mark == "good"


async def test_what_is_said_is_in_the_downloaded_file(shop: Shop, book: Annotations) -> None:
    """In columns of its own, where anything is said; fine-tuning takes corrections, and no answer that is marked bad."""
    of = await answered(shop)
    plain, _ = await shop.take(of, bom=False)
    assert "Mark" not in plain.decode()
    await book.edit({"b1": [0]}, AnnotationEdit(mark="good", rating=4, add=("a", "b")))
    await book.edit({"b1": [1]}, AnnotationEdit(mark="bad", note="no"))
    await book.edit({"b1": [2]}, AnnotationEdit(mark="bad", correction="three, not 3"))
    data, _ = await shop.take(of, bom=False)
    table: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(data.decode())))
    assert [[one[name] for name in ("Mark", "Rating", "Tags", "Note", "Correction")] for one in table] == [
        ["good", "4", "a, b", "", ""],
        ["bad", "", "", "no", ""],
        ["bad", "", "", "", "three, not 3"],
        ["", "", "", "", ""],
    ]
    lines, told = await shop.take(of, format="tuning")
    assert [json.loads(line)["messages"][-1]["content"] for line in lines.splitlines()] == ["Answer to 1", "three, not 3"]
    assert told.remarks == ("2 requests left out: without a good answer, marked bad and not corrected, or not a conversation.",)


async def test_records_stay_small(shop: Shop, book: Annotations) -> None:
    """One answer that is annotated writes one record of its neighbours, whatever else was said."""
    await book.edit({"b1": range(3 * GROUP)}, GOOD)
    before = dict(await shop.store.revisions(Table.SETTINGS, AnnotatedRows.stored.name))
    await book.edit({"b1": [GROUP + 3]}, BAD)
    after = dict(await shop.store.revisions(Table.SETTINGS, AnnotatedRows.stored.name))
    assert [id for id in after if after[id] != before[id]] == ["annotations:b1:1"]


async def test_what_is_said_goes_with_its_batch(shop: Shop, book: Annotations) -> None:
    """A batch that is deleted takes what was said of its answers along, and nothing of a batch whose id begins like its own."""
    await answered(shop)
    await book.edit({"b1": [0, GROUP], "b10": [0]}, GOOD)
    assert await Tidy(shop.records).forget("b1")
    assert [one.value.id for one in await shop.records.all(AnnotatedRows)] == ["b10:0"]
