"""Single columns of a file of answers, and the columns that a table of answers shows, in its order."""

from __future__ import annotations

import csv
import io
import json

import pytest

from app.core.model.judging import Expectation
from app.core.model.settings import COLUMN_GROUPS, TakeAway
from app.core.results.joining import JoinOrder
from app.core.results.writing import Unwritable
from app.services.results.answers_job import LIST_COLUMNS, AnswerFileOrder
from tests.kit.answered import Shop, failed, said

CSV = b"n,text,wanted\n007,one,good\n8,two,good\n9,three,\n10,four,bad\n"
LABELS = ("good", "bad", "good")


@pytest.fixture
async def shop() -> Shop:
    """A table whose rows were answered with objects, but for the last one, which failed."""
    shop = Shop()
    dataset = await shop.bring(CSV)
    await shop.ask(dataset)
    await shop.batch(answers)
    await shop.records.save(Expectation(id=dataset.id, column="wanted", field="label"))
    return shop


def answers(id: str) -> bytes:
    n = int(id.rpartition("-")[2])
    return failed(id) if n == 4 else said(id, json.dumps({"label": LABELS[n - 1], "more": {"why": {"deep": n}}}))


async def order(shop: Shop) -> JoinOrder:
    (table,) = await shop.datasets.all()
    return JoinOrder(table.id)


async def cells(shop: Shop, shown: tuple[str, ...] = (), **choice: object) -> tuple[list[list[str]], tuple[str, ...]]:
    data, done = await shop.take(await order(shop), shown=shown, format="csv", bom=False, **choice)
    return list(csv.reader(io.StringIO(data.decode(), newline=""))), done.remarks


async def test_single_columns_stay_away(shop: Shop) -> None:
    """By their ids, whatever group they are of; the others keep their names and their order."""
    found, _ = await cells(
        shop, parts=("table", "answer", "fields", "outcome"), left_out=("cell:text", "answer", "json", "finish", "no such")
    )
    assert found[0] == ["n", "wanted", "label", "more.why.deep", "Outcome", "Error"]
    assert found[1] == ["007", "good", "good", "1", "answered", ""]
    assert found[4][:4] == ["10", "bad", "", ""]


async def test_the_columns_that_are_shown_in_their_order(shop: Shop) -> None:
    """Whatever groups are chosen; a field stands for those within it, and what was held against a column is there as well."""
    shown = ("outcome", "field:more.why", "cell:n", "matches", "length", "cell:n", "python:mine")
    found, remarks = await cells(shop, shown, parts=("usage",))
    assert found == [
        ["Outcome", "more.why.deep", "n", "As expected", "Characters"],
        ["answered", "1", "007", "match", "47"],
        ["answered", "2", "8", "differs", "46"],
        ["answered", "3", "9", "", "47"],
        ["failed", "", "10", "", ""],
    ]
    assert any(one.startswith("1 column that the table shows") for one in remarks)


async def test_every_column_is_listed(shop: Shop) -> None:
    """With its id, its name and its group, so that each can be chosen by itself."""
    done = await shop.run(LIST_COLUMNS, AnswerFileOrder(await order(shop), TakeAway("csv", COLUMN_GROUPS)))
    listed = {one.id: (one.title, one.group) for one in done.value}
    assert listed["cell:n"] == ("n", "table")
    assert listed["field:label"] == ("label", "fields")
    assert listed["code"] == ("Error", "outcome")
    assert done.blob is None
    found, _ = await cells(shop, parts=COLUMN_GROUPS, left_out=tuple(id for id in listed if id != "cell:n"))
    assert found == [["n"], ["007"], ["8"], ["9"], ["10"]]


async def test_no_column_at_all_is_no_file(shop: Shop) -> None:
    """A sentence instead of empty lines."""
    with pytest.raises(Unwritable, match="None of the chosen columns"):
        await cells(shop, ("python:mine",))


async def test_several_answers_side_by_side_have_the_chosen_columns_each(shop: Shop) -> None:
    """A row that was asked twice has the columns twice, in the order of the answers or of what is shown."""
    (table,) = await shop.datasets.all()
    await shop.ask(table)
    await shop.batch(lambda id: said(id, '{"label": "new"}'))
    found, _ = await cells(
        shop, parts=("table", "fields"), side_by_side=True, left_out=("cell:text", "cell:wanted", "json", "field:more.why.deep")
    )
    assert found[:2] == [["n", "label 1", "label 2"], ["007", "good", "new"]]
    found, _ = await cells(shop, ("field:label", "cell:n"), side_by_side=True)
    assert found[:2] == [["label 1", "label 2", "n"], ["good", "new", "007"]]
