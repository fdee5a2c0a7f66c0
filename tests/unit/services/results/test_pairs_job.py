"""Preference pairs out of what people said of several answers to the same row."""

from __future__ import annotations

import json

import pytest

from app.core.model.annotations import AnnotatedRows, Annotation
from app.core.model.votes import BlindVotes
from app.core.results.joining import JoinOrder
from app.core.templates.variants import Variant, tagged
from tests.kit.answered import ASK, Shop, said

CSV = b"n,text\n1,one\n2,two\n3,three\n4,four\n"


@pytest.fixture
async def shop() -> Shop:
    """Four rows, asked in two ways."""
    shop = Shop()
    table = await shop.bring(CSV)
    await shop.ask(table, ASK, tagged([Variant("mini", ASK), Variant("other", ASK)]))
    await shop.batch(lambda id: said(id, f"answer {id.partition('-')[2]}"))
    return shop


async def lines(shop: Shop, join: JoinOrder, format: str) -> tuple[list[dict[str, object]], tuple[str, ...]]:
    data, done = await shop.take(join, format=format)
    found = [json.loads(line) for line in data.splitlines()]
    assert len(found) == done.rows
    return found, done.remarks


async def judged(shop: Shop) -> tuple[JoinOrder, list[str]]:
    """Row 1 is voted on, row 2 rated, row 3 tied, row 4 marked on one side only and corrected."""
    (table,) = await shop.datasets.all()
    run = (await shop.take(JoinOrder(table.id), format="jsonl", parts=("request",)))[0]
    ids = [json.loads(line)["Request id"] for line in run.splitlines()]
    prefix = ids[0].rpartition("-")[0]
    arms = (f"{prefix}|mini", f"{prefix}|other")
    await shop.records.save(BlindVotes(id="|".join(arms), first=arms[0], second=arms[1], votes={ids[0]: "second", ids[4]: "tie"}))
    rows = await batch_rows(shop)
    said_of = {ids[2]: Annotation(rating=5), ids[3]: Annotation(rating=2), ids[6]: Annotation(mark="good", correction="the right one")}
    await shop.records.save(AnnotatedRows(id="b1:0", rows={rows[id]: one for id, one in said_of.items()}))
    return JoinOrder(table.id), ids


async def batch_rows(shop: Shop) -> dict[str, int]:
    """By the id of a request its row in the batch."""
    data, _ = await shop.take(JoinOrder(batches=("b1",)), format="jsonl", parts=("request",))
    return {json.loads(line)["Request id"]: n for n, line in enumerate(data.splitlines())}


async def test_votes_ratings_and_corrections_become_pairs(shop: Shop) -> None:
    """In the order of the rows; ties are left out and counted; a mark on one side alone is no preference."""
    join, ids = await judged(shop)
    text = [f"answer {id.partition('-')[2]}" for id in ids]
    found, remarks = await lines(shop, join, "pairs")
    assert found == [
        {"prompt": "Sort this: one", "chosen": text[1], "rejected": text[0]},
        {"prompt": "Sort this: two", "chosen": text[2], "rejected": text[3]},
        {"prompt": "Sort this: four", "chosen": "the right one", "rejected": text[6]},
    ]
    assert remarks == ("1 pair left out: both answers were judged equal.",)
    (first, *_), _ = await lines(shop, join, "dpo")
    assert first["input"] == {"messages": [{"role": "user", "content": "Sort this: one"}]}


async def test_without_a_table_the_ids_say_what_belongs_together(shop: Shop) -> None:
    """Ratings and corrections of a batch's variants make the same pairs."""
    join, _ = await judged(shop)
    of_table, _ = await lines(shop, join, "pairs")
    of_batch, _ = await lines(shop, JoinOrder(batches=("b1",)), "pairs")
    assert [one["prompt"] for one in of_batch] == [one["prompt"] for one in of_table[1:]]


async def test_that_nobody_preferred_anything_is_said(shop: Shop) -> None:
    """An empty file is no answer."""
    (table,) = await shop.datasets.all()
    found, remarks = await lines(shop, JoinOrder(table.id), "dpo")
    assert found == []
    assert "vote blind" in remarks[0]
