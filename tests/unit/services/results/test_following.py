"""Requests that follow answers: made of what was sent and what came, in the queue in one go, and found from either side."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.core.batches.rows import Rows
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.segments import Segment
from app.core.model.sendings import FollowUp, QueuedRows, QueueingRows
from app.core.planning.rowrequests import Unplannable
from app.core.results.annotating import AnnotationEdit
from app.core.results.joining import JoinOrder
from app.core.results.query import TableQuery
from app.services.results.annotating import Annotations
from app.services.results.following import FollowLink, FollowLinks, FollowUps
from app.services.results.table_jobs import ROWS, RowsAsked, TableAsked
from tests.fakes.platform import MemoryLocks
from tests.kit.answered import Shop, failed, said

CSV = b"text\none\ntwo\nthree\n"


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def following(shop: Shop) -> FollowUps:
    return FollowUps(shop.runtime, shop, MemoryLocks())


async def answered(shop: Shop) -> tuple[JoinOrder, dict[str, tuple[int, ...]]]:
    """Three rows, the last of which failed, and all of them as they are chosen."""
    dataset = await shop.bring(CSV)
    await shop.ask(dataset)
    batch = await shop.batch(lambda id: failed(id) if id.endswith("-3") else said(id, f"Reply {id[-1]}"), backwards=True)
    return JoinOrder(dataset=dataset.id), {batch.id: (0, 1, 2)}


async def queued(shop: Shop) -> dict[str, Any]:
    """The bodies that wait, by their ids."""
    found = dict[str, Any]()
    for one in [one.value for one in await shop.records.all(Segment) if keys.in_queue(one.value.owner)]:
        (data,) = await shop.store.load([one.bytes_id])
        lines = [json.loads(line) for line in (data or b"").splitlines()]
        assert one.ids == tuple(line["custom_id"] for line in lines)
        found |= {line["custom_id"]: line["body"] for line in lines}
    return found


async def test_a_further_turn_of_each_chosen_answer_is_queued(shop: Shop, following: FollowUps) -> None:
    """What goes, what stays and what it costs are said before; a correction stands for the answer; nothing is queued by looking."""
    of, rows = await answered(shop)
    await Annotations(shop.records, shop.clock).edit({"b1": [1]}, AnnotationEdit(correction="Better 2"))
    follow = FollowUp("Why is {{text}} “{{Answer}}”?")
    seen = await following.look(of, rows, follow)
    assert (seen.requests, seen.stays, seen.corrected) == (2, {"were not answered": 1}, 1)
    assert (seen.columns, seen.names, seen.first) == (("text",), ("text", "Answer"), ("one", "Reply 1"))
    (lane,) = seen.lanes
    assert (lane.output_tokens, lane.practice) == (8, False)
    assert lane.cost
    assert lane.token
    assert await queued(shop) == {}
    added = await following.add(of, rows, follow)
    made = await queued(shop)
    assert list(made) == [f"{added.record.id}-1~turn-2", f"{added.record.id}-2~turn-2"]
    assert [one["content"] for one in made[f"{added.record.id}-2~turn-2"]["messages"]] == [
        "Sort this: two",
        "Better 2",
        "Why is two “Better 2”?",
    ]
    assert await shop.records.all(QueueingRows) == []


async def test_the_answer_to_a_further_turn_stands_with_its_row(shop: Shop, following: FollowUps) -> None:
    """In the table of answers, in its way; and can be followed again."""
    of, rows = await answered(shop)
    first = (await following.add(of, rows, FollowUp("Why?"))).record
    batch = await shop.batch(lambda id: said(id, "Because"))
    window = (await shop.compute.run(ROWS, RowsAsked(TableAsked(of, "1", TableQuery()), 0, 10, ("variant", "answer")))).value
    assert [one.cells for one in window.rows] == [
        ("", "Reply 1"),
        ("turn-2", "Because"),
        ("", "Reply 2"),
        ("turn-2", "Because"),
        ("", "It was refused."),
    ]
    assert await shop.planning.queued(of.dataset) == [one for one in await added(shop) if one.follow is None]
    second = (await following.add(of, {batch.id: (1,)}, FollowUp("And: {{Answer}}?", alone=True, model="gpt-4o"))).record
    made = await queued(shop)
    assert made == {f"{second.id}-2~step-3": {"model": "gpt-4o", "messages": [{"role": "user", "content": "And: Because?"}]}}
    assert first.id != second.id


async def added(shop: Shop) -> list[QueuedRows]:
    return [one.value for one in await shop.records.all(QueuedRows)]


async def test_requests_of_no_table_are_followed(shop: Shop, following: FollowUps) -> None:
    """Under their own ids behind the addition's."""
    of, rows = await answered(shop)
    loose = JoinOrder(batches=tuple(rows))
    (source,) = [one.id for one in await added(shop)]
    record = (await following.add(loose, rows, FollowUp("Go on. {not a column}"))).record
    assert list(await queued(shop)) == [f"{record.id}-{source}-1~turn-2", f"{record.id}-{source}-2~turn-2"]
    assert (record.dataset, record.file, record.requests) == ("", "", 2)
    batch = await shop.batch(lambda id: said(id, "More"))
    again = (await following.add(JoinOrder(batches=(batch.id,)), {batch.id: (0,)}, FollowUp("Go on."))).record
    assert list(await queued(shop)) == [f"{again.id}-{source}-1~turn-3"]
    assert of.dataset


async def test_nothing_is_left_where_none_can_be_followed(shop: Shop, following: FollowUps) -> None:
    """Nor where the message cannot be sent."""
    of, rows = await answered(shop)
    failed_only: dict[str, tuple[int, ...]] = {"b1": (2,)}
    for follow, chosen, why in (
        (FollowUp("Why?"), failed_only, "None of these can be followed"),
        (FollowUp("{{txt}}"), rows, "no column"),
    ):
        with pytest.raises(Unplannable, match=why):
            await following.add(of, chosen, follow)
    assert await queued(shop) == {}
    assert await shop.records.all(QueueingRows) == []
    assert len(await added(shop)) == 1


async def test_both_sides_know_each_other(shop: Shop, following: FollowUps) -> None:
    """Also while the further turn waits in the queue; an answer that is followed by nothing has no link."""
    of, rows = await answered(shop)
    record = (await following.add(of, rows, FollowUp("Why?"))).record
    links = FollowLinks(shop.records, lambda batch: _rows(shop, batch))
    id = f"{record.id}-2~turn-2"
    assert await links.behind("b1", 1) == [FollowLink(id, "", -1)]
    batch = await shop.batch(None)
    assert await links.behind("b1", 1) == [FollowLink(id, batch.id, 1)]
    assert await links.behind("b1", 2) == []
    assert await links.before(batch, id) == FollowLink("", "b1", 1)
    assert await links.before(batch, "r-other-1") is None


async def _rows(shop: Shop, batch: Batch) -> Rows:
    segments = [one.value for one in await shop.records.all(Segment, keys.batch_owner(batch.id))]
    return Rows([id for one in segments for id in one.ids], segments, certain=True)
