"""Rows that a person takes out of the tables of answers, and brings back."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.core.model import keys
from app.core.model.batches import Batch
from app.core.results.facets import ColumnSummary
from app.core.results.joining import JoinOrder
from app.core.results.query import TableQuery
from app.ports import PutBytes
from app.services.results.hiding import HiddenRows
from app.services.results.selection_jobs import OUTCOMES
from app.services.results.table_jobs import CHOSEN, ROWS, SUMMARIES, RowsAsked, SummariesAsked, TableAsked, TableWindow
from app.services.runtime.records import put
from tests.kit.answered import Shop, said

CSV = b"text\na\nb\nc\n"


@pytest.fixture
async def shop() -> Shop:
    shop = Shop()
    await shop.ask(await shop.bring(CSV))
    await shop.batch(lambda id: said(id, f"answer {id[-1]}"))
    return shop


async def rows(shop: Shop, stamp: str, query: TableQuery | None = None) -> TableWindow:
    asked = RowsAsked(TableAsked(JoinOrder(batches=("b1",)), stamp, query or TableQuery()), 0, 9, ("answer",))
    found: TableWindow = (await shop.compute.run(ROWS, asked)).value
    return found


async def test_rows_are_taken_out_and_brought_back(shop: Shop) -> None:
    """Of rows, counts, searches, headers and selections; the sum of all requests keeps them, and so does the batch."""
    hiding = HiddenRows(shop.records, shop.clock)
    assert await hiding.hide({"b1": (1, 7), "b-none": (0,)}) == 1
    assert await hiding.hide({"b1": (1,)}) == 0
    found = await rows(shop, "1")
    assert [one.cells[0] for one in found.rows] == ["answer 1", "answer 3"]
    assert (found.total, found.found) == (2, 2)
    searched = await rows(shop, "1", TableQuery("ANSWER"))
    assert searched.found == 2
    assert [one.cells[0] for one in (await rows(shop, "1", TableQuery(sort="-answer"))).rows] == ["answer 3", "answer 1"]
    asked = TableAsked(JoinOrder(batches=("b1",)), "1")
    assert (await shop.compute.run(CHOSEN, asked)).value == {"b1": (0, 2)}
    (summary,) = (await shop.compute.run(SUMMARIES, SummariesAsked(asked, ("answer",)))).value
    assert isinstance(summary, ColumnSummary)
    assert (summary.rows, summary.distinct) == (2, 2)
    assert (await shop.compute.run(OUTCOMES, asked)).value.rows == 3
    assert await hiding.show({"b1": None}) == 1
    assert (await rows(shop, "2")).total == 3
    stored = await shop.records.get(Batch, "b1")
    assert stored is not None
    assert stored.value.hidden == 0
    assert keys.hidden_id("b1") not in shop.disk.bytes


async def test_a_damaged_note_hides_nothing(shop: Shop) -> None:
    """What is taken out is forgotten sooner than an answer."""
    stored = await shop.records.get(Batch, "b1")
    assert stored is not None
    await shop.records.commit([PutBytes(keys.hidden_id("b1"), b"\1"), put(replace(stored.value, hidden=1), stored.rev)])
    assert (await rows(shop, "1")).total == 3
    assert await HiddenRows(shop.records, shop.clock).hide({"b1": (0,)}) == 1
    assert (await rows(shop, "2")).total == 2
