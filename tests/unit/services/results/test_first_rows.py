"""The first rows of many answers: the same as the whole index gives, from less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.segments import Segment
from app.core.results.joining import JoinOrder
from app.core.results.query import TableQuery
from app.ports import DropBytes, PutBytes
from app.ports.compute import Finished
from app.services.results import first_rows
from app.services.results.table_jobs import PLACE, ROWS, RowsAsked, TableAsked
from app.services.runtime.records import put, remove
from tests.kit.answered import Shop, failed, said

CSV = b"sku,text\nA1,red shoes\nA2,blue hat\nA3,heels\nA4,socks\n"
COLUMNS = ("id", "prompt", "answer", "batch", "outcome", "output_tokens", "attempts")


@pytest.fixture
def shop() -> Shop:
    return Shop()


def answers(id: str) -> bytes:
    return failed(id) if id.endswith("-3") else said(id, f"for {id[-1]}")


async def batches(shop: Shop) -> list[Batch]:
    """Three of them, one after the other."""
    dataset = await shop.bring(CSV)
    found = []
    for _ in range(3):
        await shop.ask(dataset)
        found.append(await shop.batch(answers, pieces=2, backwards=True))
    return found


async def ask(shop: Shop, of: Sequence[Batch], first: int, last: int, sort: str = "") -> Finished[Any]:
    order = JoinOrder(batches=tuple(one.id for one in of))
    return await shop.compute.run(ROWS, RowsAsked(TableAsked(order, "1", TableQuery(sort=sort)), first, last, COLUMNS))


async def test_they_are_those_of_the_whole_index(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the columns and the number of all rows; also where only one batch is open."""
    every = await batches(shop)
    for some in (every, every[:1]):
        whole = (await ask(shop, some, 0, 3)).value
        shop.compute.leave(PLACE)
        monkeypatch.setattr(first_rows, "MANY", 2)
        first = (await ask(shop, some, 0, 3)).value
        assert (first.total, len(first.rows), first.rows[2].outcome) == (4 * len(some), 3, "failed")
        assert first == whole
        shop.compute.leave(PLACE)
        monkeypatch.undo()


async def test_other_batches_are_not_read_for_them(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing of those is told when they are read: rows further down, or another order."""
    monkeypatch.setattr(first_rows, "MANY", 2)
    every = await batches(shop)
    await shop.records.commit([DropBytes(keys.ledger_id(every[2].id))])
    first = await ask(shop, every, 0, 4)
    assert (first.faults, first.value.found) == ((), 12)
    assert (await ask(shop, every, 1, 3)).value.rows == first.value.rows[1:3]
    further = await ask(shop, every, 2, 6)
    assert ([one.number for one in further.value.rows], len(further.faults)) == ([3, 4, 1, 2], 1)
    shop.compute.leave(PLACE)
    assert len((await ask(shop, every, 0, 4, "-output_tokens")).faults) == 1


@pytest.mark.parametrize("change", ["hidden", "again", "segment", "ledger"])
async def test_what_would_not_be_the_same_is_read_whole(shop: Shop, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """Hidden rows, requests that were sent again, lines or a ledger that are missing."""
    every = await batches(shop)
    first, last = every[0], every[-1]
    (segment,) = await shop.records.all(Segment, keys.batch_owner(first.id))
    match change:
        case "hidden":
            stored = await shop.records.get(Batch, first.id)
            assert stored is not None
            mask = PutBytes(keys.hidden_id(first.id), b"\0\1\0\0")
            await shop.records.commit([mask, put(replace(stored.value, hidden=1), stored.rev)])
        case "again":
            await shop.again(first, [segment.value.ids[2]])
            last = await shop.batch(answers)
        case "segment":
            await shop.records.commit([remove(Segment, segment.value.id)])
        case _:
            await shop.records.commit([DropBytes(keys.ledger_id(first.id))])
    some = [first, last]
    whole = await ask(shop, some, 0, 3)
    shop.compute.leave(PLACE)
    monkeypatch.setattr(first_rows, "MANY", 2)
    assert (await ask(shop, some, 0, 3)) == whole
