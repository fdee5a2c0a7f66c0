"""Questions about a table of answers, asked as jobs: what they find in what is stored."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from app.core.model.batches import Batch, BatchState
from app.core.model.segments import Segment
from app.core.results.answerindex import NoSuchColumn
from app.core.results.facets import ColumnFacet, ColumnSummary
from app.core.results.joining import JoinOrder
from app.core.results.query import ColumnFilter, TableQuery
from app.ports.compute import JobKind
from app.services.results.table_jobs import (
    CHOSEN,
    FACET,
    ROWS,
    STEP,
    SUMMARIES,
    FacetAsked,
    ResultRow,
    RowsAsked,
    StepAsked,
    SteppedTo,
    SummariesAsked,
    TableAsked,
    TableWindow,
)
from tests.kit.answered import Shop, failed, said

CSV = 'n,text\n007,Äpfel\n8,"two\nlines"\n9,plain\n10,last\n'.encode()
EVERYTHING = TableQuery()
LABELS = ("good", "bad", "good")


@pytest.fixture
def shop() -> Shop:
    return Shop()


def answers(id: str) -> bytes:
    """Structured answers, but for the last row, which failed."""
    n = int(id.rpartition("-")[2])
    if n == 4:
        return failed(id)
    text = json.dumps({"label": LABELS[n - 1], "score": n * 1.5, "more": {"why": f"„Größe {n}“"}}, ensure_ascii=False)
    return said(id, text, finish="stop")


async def asked(shop: Shop) -> JoinOrder:
    """A table whose rows were answered."""
    dataset = await shop.bring(CSV)
    await shop.ask(dataset)
    await shop.batch(answers, pieces=2, backwards=True)
    return JoinOrder(dataset=dataset.id)


async def ask(shop: Shop, kind: JobKind[Any, Any], arguments: object) -> Any:
    return (await shop.compute.run(kind, arguments)).value


async def rows(
    shop: Shop, of: JoinOrder, query: TableQuery = EVERYTHING, columns: tuple[str, ...] = ("cell:n",), **more: Any
) -> TableWindow:
    found: TableWindow = await ask(shop, ROWS, RowsAsked(TableAsked(of, "1", query), more.get("first", 0), more.get("last", 100), columns))
    return found


def shown(found: TableWindow) -> list[tuple[str, ...]]:
    return [one.cells for one in found.rows]


async def test_rows_of_a_table_stand_beside_their_answers(shop: Shop) -> None:
    """In the table's order, whatever the order of the answers; with cells, fields of structured answers and what a request asked."""
    found = await rows(shop, await asked(shop), columns=("cell:n", "cell:text", "field:label", "field:more.why", "prompt", "length"))
    assert shown(found) == [
        ("007", "Äpfel", "good", "„Größe 1“", "Sort this: Äpfel", "61"),
        ("8", "two lines", "bad", "„Größe 2“", "Sort this: two lines", "60"),
        ("9", "plain", "good", "„Größe 3“", "Sort this: plain", "61"),
        ("10", "last", "", "", "Sort this: last", ""),
    ]
    assert [one.outcome for one in found.rows] == ["answered", "answered", "answered", "failed"]
    assert [one.number for one in found.rows] == [1, 2, 3, 4]
    assert (found.total, found.found) == (4, 4)


async def test_any_column_sorts_and_filters(shop: Shop) -> None:
    """Fields as what they are: numbers by size, words by letters; cells of the table as well; what failed is a choice of its own."""
    of = await asked(shop)
    assert shown(await rows(shop, of, TableQuery(sort="-field:score"))) == [("9",), ("8",), ("007",), ("10",)]
    assert shown(await rows(shop, of, TableQuery(sort="cell:n"))) == [("007",), ("8",), ("9",), ("10",)]
    good = ColumnFilter("field:label", ("good",))
    assert shown(await rows(shop, of, TableQuery(filters=(good,)))) == [("007",), ("9",)]
    both = ColumnFilter("field:label", ("good",), ("error",))
    assert shown(await rows(shop, of, TableQuery(filters=(both, ColumnFilter("field:score", low=2.0, specials=("error",)))))) == [
        ("9",),
        ("10",),
    ]
    with pytest.raises(NoSuchColumn, match="field:none"):
        await rows(shop, of, TableQuery(sort="field:none"))
    names = {one.name: one.number for one in (await rows(shop, of)).columns}
    assert names["field:score"]
    assert not names["field:label"]
    assert {"cell:n", "cell:text", "answer", "output_tokens"} <= names.keys()


async def test_values_and_headers_count_what_is_there(shop: Shop) -> None:
    """A facet leaves its own filter out and keeps the others; a header says mean and spread of numbers."""
    of = await asked(shop)
    query = TableQuery(filters=(ColumnFilter("field:label", ("bad",)), ColumnFilter("outcome", ("answered",))))
    facet: ColumnFacet = await ask(shop, FACET, FacetAsked(TableAsked(of, "1", query), "field:label"))
    assert [(one.value, one.count) for one in facet.values] == [("good", 2), ("bad", 1)]
    assert facet.specials == ()
    open_facet: ColumnFacet = await ask(shop, FACET, FacetAsked(TableAsked(of, "1"), "field:label"))
    assert [(one.special, one.count) for one in open_facet.specials] == [("error", 1)]
    score, label = await ask(shop, SUMMARIES, SummariesAsked(TableAsked(of, "1"), ("field:score", "field:label", "field:none")))
    assert isinstance(score, ColumnSummary)
    assert (score.rows, score.blank, score.mean, score.low, score.high) == (4, 1, 3.0, 1.5, 4.5)
    assert (label.distinct, label.blank, label.top[0].value) == (2, 1, "good")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("größe 2", ["8"]),
        ("two\nlines", ["8"]),
        ("ÄPFEL", ["007"]),
        ('"label": "bad"', ["8"]),
        ("refused", ["10"]),
        ("custom_id", []),
        ("finish_reason", []),
        ("sort this", ["007", "8", "9", "10"]),
        ("   ", ["007", "8", "9", "10"]),
    ],
)
async def test_words_are_looked_for_in_texts_and_not_in_their_json(shop: Shop, words: str, wanted: list[str]) -> None:
    """Prompts and answers, whatever their case and script; what stands in a line beside them is not found."""
    of = await asked(shop)
    found = await rows(shop, of, TableQuery(words))
    while found.searched < found.to_search:
        found = await rows(shop, of, TableQuery(words))
    assert [one[0] for one in shown(found)] == wanted


async def test_a_search_shows_where_it_found_something(shop: Shop) -> None:
    """A long text is shown from the words on."""
    dataset = await shop.bring(b"text\n" + b"word " * 200 + b"needle " + b"word " * 200 + b"\n")
    await shop.ask(dataset)
    await shop.batch(lambda id: said(id, "hay " * 200 + "Needle " + "hay " * 200))
    found = await rows(shop, JoinOrder(dataset=dataset.id), TableQuery("needle"), ("cell:text", "answer"))
    assert all("needle" in cell.lower() and cell.startswith("… ") and len(cell) < 310 for cell in found.rows[0].cells)


async def test_one_steps_through_the_rows_in_their_order(shop: Shop) -> None:
    """From one request to the next under the query, and no further than the ends."""
    of = await asked(shop)
    query = TableQuery(sort="-field:score")
    first: ResultRow = (await rows(shop, of, query)).rows[0]
    to: SteppedTo = await ask(shop, STEP, StepAsked(TableAsked(of, "1", query), first.batch, first.row, 1))
    assert (to.batch, to.row, to.place) == (first.batch, 1, 1)
    assert await ask(shop, STEP, StepAsked(TableAsked(of, "1", query), first.batch, first.row, -1)) == SteppedTo()
    assert await ask(shop, STEP, StepAsked(TableAsked(of, "1", query), "b-nobody", 0, 0)) == SteppedTo()


async def test_rows_are_chosen_by_their_batches(shop: Shop) -> None:
    """All that a query lets through, for what is done with them."""
    of = await asked(shop)
    assert await ask(shop, CHOSEN, TableAsked(of, "1", TableQuery(filters=(ColumnFilter("outcome", ("failed",)),)))) == {"b1": (3,)}


async def test_two_runs_of_a_table_are_stacked(shop: Shop) -> None:
    """Each row's answers stand under one another; a request that waits in the queue is there as well."""
    dataset = await shop.bring(CSV)
    await shop.ask(dataset)
    await shop.batch(answers)
    await shop.ask(dataset)
    of = JoinOrder(dataset=dataset.id)
    found = await rows(shop, of, columns=("cell:n",))
    assert [(one.cells[0], one.outcome, bool(one.batch)) for one in found.rows[:4]] == [
        ("007", "answered", True),
        ("007", "queued", False),
        ("8", "answered", True),
        ("8", "queued", False),
    ]


async def test_what_waits_to_be_sent_again_is_queued_and_failed_no_more(shop: Shop) -> None:
    """Also where every request of the only batch waits; and no such row stands for a request of a batch that is not there."""
    dataset = await shop.bring(CSV)
    await shop.ask(dataset)
    batch = await shop.batch(failed)
    ids = [one.id for one in (await rows(shop, JoinOrder(dataset=dataset.id))).rows]
    await shop.again(batch, ids)
    of = JoinOrder(dataset=dataset.id)
    found: TableWindow = await ask(shop, ROWS, RowsAsked(TableAsked(of, "2"), 0, 9, ("outcome",)))
    assert {(one.outcome, one.batch) for one in found.rows} == {("queued", "")}
    facet: ColumnFacet = await ask(shop, FACET, FacetAsked(TableAsked(of, "2"), "answer"))
    assert [(one.special, one.count) for one in facet.specials] == [("pending", 4)]
    assert await ask(shop, STEP, StepAsked(TableAsked(of, "2"), "b-nobody", 0, 0)) == SteppedTo()


@pytest.mark.parametrize(("state", "word"), [("failed", "failed"), ("in_progress", "pending")])
async def test_a_batch_without_answers_says_why(shop: Shop, state: BatchState, word: str) -> None:
    """It failed as a whole, or is under way: nothing of it is missing here."""
    dataset = await shop.bring(CSV)
    await shop.ask(dataset)
    await shop.batch(None, state=state)
    done = await shop.compute.run(ROWS, RowsAsked(TableAsked(JoinOrder(dataset=dataset.id), "1"), 0, 9, ("outcome",)))
    assert [one.outcome for one in done.value.rows] == [word] * 4
    assert (done.faulty, done.faults) == (0, ())


async def test_what_a_request_cost_is_written_without_an_exponent(shop: Shop) -> None:
    """A request costs a few millionths of a dollar."""
    (first, *_) = shown(await rows(shop, await asked(shop), columns=("cost",)))
    assert first[0].startswith("0.00000")


async def test_the_index_is_made_anew_when_answers_changed(shop: Shop) -> None:
    """The same stamp asks the same index; another one a new one; it is there when it was given back."""
    of = await asked(shop)
    await rows(shop, of)
    index = shop.compute._kept["results"][1]["index"]
    await rows(shop, of)
    assert shop.compute._kept["results"][1]["index"] is index
    await ask(shop, ROWS, RowsAsked(TableAsked(of, "2"), 0, 9, ("id",)))
    assert shop.compute._kept["results"][1]["index"] is not index
    shop.compute.leave("results")
    assert (await rows(shop, of)).found == 4


async def test_reading_is_stopped_and_gone_on_with() -> None:
    """A question that comes in between stops what reads all answers; what was read is not read again."""
    shop = Shop(slice=0.0)
    dataset = await shop.bring(b"text\n" + b"".join(b"row %d\n" % n for n in range(300)))
    await shop.ask(dataset)
    await shop.batch(lambda id: said(id, f"answer {id}"), pieces=30)
    of = JoinOrder(dataset=dataset.id)
    await rows(shop, of)
    started = asyncio.Event()
    task = asyncio.ensure_future(
        shop.compute.run(SUMMARIES, SummariesAsked(TableAsked(of, "1"), ("length",)), moved=lambda done, _: started.set())
    )
    await started.wait()
    task.cancel()
    await asyncio.wait({task})
    reading = shop.compute._kept["results"][1]["index"].memory["reading"]
    assert 0 < reading.done < 30
    assert (await rows(shop, of, columns=("answer",))).rows[0].cells[0].startswith("answer ")
    (length,) = await ask(shop, SUMMARIES, SummariesAsked(TableAsked(of, "1"), ("length",)))
    assert (length.rows, length.blank) == (300, 0)


@pytest.mark.parametrize("again", [(), (1, 2)])
async def test_a_cell_in_sight_says_what_its_column_says(shop: Shop, again: tuple[int, ...]) -> None:
    """Before any column was made of all rows, and after, of several batches one after the other, of a batch that failed, and where
    requests were sent again."""
    await asked(shop)
    if again:
        (first,) = [one.value for one in await shop.records.all(Batch)]
        segments = [one.value for one in await shop.records.all(Segment)]
        await shop.again(first, [segments[0].ids[n] for n in again])
        await shop.batch(lambda id: said(id, "better"))
    await asked(shop)
    dataset = await shop.bring(CSV, "other.csv")
    await shop.ask(dataset)
    await shop.batch(None, state="failed")
    batches = tuple(one.value.id for one in await shop.records.all(Batch))
    of = JoinOrder(batches=batches)
    names = ("id", "outcome", "code", "input_tokens", "output_tokens", "batch", "model", "attempts")
    before = shown(await rows(shop, of, columns=names))
    for name in names:
        await ask(shop, FACET, FacetAsked(TableAsked(of, "1"), name))
    assert shown(await rows(shop, of, columns=names)) == before
    assert {row[1] for row in before} == {"answered", "failed"}
    assert len({row[5] for row in before}) == len(batches)


async def test_short_answers_are_shown_from_their_column(shop: Shop) -> None:
    """Once it is there: the same cells as from the lines, also of what failed, and no line of them is read any more."""
    of = await asked(shop)
    columns = ("answer", "finish", "length", "outcome")
    before = await rows(shop, of, columns=columns)
    await ask(shop, SUMMARIES, SummariesAsked(TableAsked(of, "1"), ("answer",)))
    assert shown(await rows(shop, of, columns=columns)) == shown(before)
    assert [cells[2] for cells in shown(before)] == ["61", "60", "61", ""]
