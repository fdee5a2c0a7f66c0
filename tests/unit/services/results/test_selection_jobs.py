"""Rows of a table of answers that were chosen: what they are, what became of all, and how they go again."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from app.core.batches.resend import ResentRows
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.segments import Segment
from app.core.openai import flaws
from app.core.results.joining import JoinOrder
from app.core.results.outcome_report import OutcomeReport
from app.core.results.retrying import RetryChange
from app.ports import Change, PutBytes
from app.services.batches.resend import Resender
from app.services.queue.queue import Queue
from app.services.results.rewriting import Rewriting
from app.services.results.selection_jobs import OUTCOMES, SELECTION, SelectionAsked, SelectionFacts
from app.services.results.table_jobs import ROWS, RowsAsked, TableAsked
from app.services.runtime.records import put
from tests.fakes.platform import SeededRandom
from tests.kit.answered import ASK, Shop, failed, said

CSV = b"n,text\n1,a\n2,b\n3,c\n4,d\n5,e\n"
LIMITED = replace(ASK, fields={**ASK.fields, "max_output_tokens": "40"})


def answers(id: str) -> bytes:
    """A good one, one that was cut off, one that failed, one of which nothing came, and a good one."""
    match int(id.rpartition("-")[2]):
        case 2:
            return said(id, "It bro", finish="length")
        case 3:
            return failed(id, "server_error")
        case 4:
            return b""
        case _:
            return said(id, "Fine.")


@pytest.fixture
async def shop() -> tuple[Shop, JoinOrder]:
    shop = Shop()
    dataset = await shop.bring(CSV)
    await shop.ask(dataset, LIMITED)
    await shop.batch(answers)
    return shop, JoinOrder(dataset=dataset.id)


async def facts(shop: Shop, of: JoinOrder, stamp: str = "1", **more: object) -> SelectionFacts:
    found: SelectionFacts = (await shop.compute.run(SELECTION, SelectionAsked(TableAsked(of, stamp), **more))).value  # type: ignore[arg-type]
    return found


async def test_the_sum_of_a_table_adds_up(shop: tuple[Shop, JoinOrder]) -> None:
    """With each kind of problem, how many, and what it cost."""
    one, of = shop
    report: OutcomeReport = (await one.compute.run(OUTCOMES, TableAsked(of, "1"))).value
    assert report.sums == {"answered": 2, "flawed": 1, "failed": 1, "missing": 1}
    assert report.rows == 5
    assert {(group.outcome, group.code, group.count, group.cost > 0) for group in report.groups} == {
        ("flawed", flaws.CUT, 1, True),
        ("failed", "server_error", 1, False),
        ("missing", "missing", 1, False),
    }


async def test_chosen_rows_are_counted_by_what_can_be_done(shop: tuple[Shop, JoinOrder]) -> None:
    """What is answered is never counted among those that go; the five counts add up; prices are of those that go."""
    one, of = shop
    found = await facts(one, of)
    assert (found.rows, found.free, found.risky, found.answered, found.waiting, found.again) == (5, 2, 1, 2, 0, 0)
    assert (found.limit, found.models) == (40, ("gpt-4o-mini",))
    assert found.free_price.requests == 2
    assert found.free_price.cost
    few = await facts(one, of, rows={"b1": (0, 2), "b-nobody": (1,)})
    assert (few.rows, few.free, few.answered) == (2, 1, 1)
    more = await facts(one, of, change=RetryChange(limit=4_000))
    assert (more.free_price.cost or 0) > (found.free_price.cost or 0)
    unknown = await facts(one, of, change=RetryChange(model="a-model-of-nobody"))
    assert unknown.free_price.cost is None


async def test_what_went_again_is_not_counted_twice(shop: tuple[Shop, JoinOrder]) -> None:
    """Where the batch says that a row was sent again, it is no free one any more."""
    one, _ = shop
    stored = await one.records.get(Batch, "b1")
    assert stored is not None
    gone = ResentRows(5)
    gone.add([2])
    await one.records.commit([PutBytes(keys.again_id("b1"), gone.to_bytes()), put(replace(stored.value, resent=1), stored.rev)])
    found = await facts(one, JoinOrder(batches=("b1",)), "2")
    assert (found.free, found.again) == (1, 1)


async def test_requests_go_again_to_another_model_with_their_fault_told(shop: tuple[Shop, JoinOrder]) -> None:
    """Under their own ids, in the queue of that model; the good answer stays, and each request goes once."""
    one, of = shop

    async def none(_ids: Sequence[str]) -> list[Change]:
        return []

    again = Resender(one.records, Queue(one.records, one.clock, SeededRandom(2), none), one.clock)
    batch = await one.records.get(Batch, "b1")
    assert batch is not None
    change = RetryChange(model="gpt-4o", limit=99, tell=True)
    rewrite = Rewriting(one.store, one.clock, change)
    lane = replace(batch.value.lane, model="gpt-4o")
    assert await again.send("b1", range(5), on_purpose=True, lane=lane, rewrite=rewrite) == 1
    assert await again.send("b1", range(5), on_purpose=True, lane=lane, rewrite=rewrite) == 0
    (segment,) = [each.value for each in await one.records.all(Segment, keys.queue_owner(lane))]
    (data,) = await one.store.load([segment.bytes_id])
    line = json.loads(data or b"")
    assert line["custom_id"] == segment.ids[0]
    assert line["custom_id"].endswith("-2")
    assert (line["body"]["model"], line["body"]["max_completion_tokens"]) == ("gpt-4o", 99)
    assert [turn["content"] for turn in line["body"]["messages"]][1] == "It bro"
    assert "cut off" in line["body"]["messages"][2]["content"]
    found = await facts(one, of, "3")
    assert (found.rows, found.again, found.risky, found.free) == (5, 1, 0, 2)


async def test_answers_to_rows_that_a_table_lacks_now_are_told(shop: tuple[Shop, JoinOrder]) -> None:
    """The table was imported again without them: how many, and in which batches; also in the file."""
    one, of = shop
    dataset = (await one.datasets.all())[0]
    await one.bring(b"n,text\n1,a\n2,b\n", into=dataset)
    window = (await one.compute.run(ROWS, RowsAsked(TableAsked(of, "4"), 0, 9, ("id",)))).value
    assert (window.total, window.rowless.count, window.rowless.batches) == (2, 3, ("b1",))
    _, file = await one.take(of)
    assert any("3 answers of rows that the table lacks" in remark for remark in file.remarks)
