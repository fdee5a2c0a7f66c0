"""What stopped Python before is passed over wherever it would be read, and everything else goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.core.batches import pipeline
from app.core.model import keys, trail
from app.core.model.batches import Batch
from app.core.model.trail import Stop
from app.ports import Table
from app.services.batches.ledgers import Ledgers
from tests.kit.world import LANE, World
from tests.unit.services.programs.test_result_lines import finished


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """No test leaves a suspect behind."""
    yield
    trail.avoid(())


async def test_an_answer_is_not_shown_and_can_be_had_as_it_came(world: World) -> None:
    """In the list and in full it says that it is not shown; the raw line is there to be saved. Others are shown."""
    tab, batch = await finished(world, 3)
    _total, rows = await tab.review.rows(batch, "all", 0, 3)
    whole = await tab.review.line(batch, 1)
    opened = await tab.review.open(batch, 1)
    assert whole.decode() == opened.line
    held = await tab.review._hold(batch)
    assert held.ledger is not None
    place = held.ledger.place_of(1)
    assert place is not None
    trail.avoid([Stop(item=trail.line(f"answer:{batch.id}:output:{place.segment}", place.offset))])
    _total, spared = await tab.review.rows(batch, "all", 0, 3)
    assert trail.NOT_READ in spared[1].answered
    assert [spared[0], spared[2]] == [rows[0], rows[2]]
    opened = await tab.review.open(batch, 1)
    assert opened.unread
    assert opened.line == ""
    assert await tab.review.line(batch, 1) == whole


async def test_a_request_is_not_read_for_the_list(world: World) -> None:
    """A queued request that stopped Python stands in the queue under its id, unread; the others as ever."""
    tab = await world.tab(engine=False)
    await tab.add(3)
    (queued,) = await tab.queue.lanes()
    segment = await tab.queue.segment(queued.segments[0])
    assert segment is not None
    trail.avoid([Stop(item=trail.line(segment.bytes_id, segment.ends[0]))])
    rows = await tab.queue.rows(queued, 0, 3)
    assert [row.preview.fault for row in rows] == ["", trail.NOT_READ, ""]
    assert rows[1].id == segment.ids[1]


async def test_a_record_is_passed_over(world: World) -> None:
    """It counts as damaged with the reason, and stays where it is."""
    tab = await world.tab(engine=False)
    one, two = (Batch(id=id, lane=LANE, state="planned", created=1.0) for id in "ab")
    await tab.records.save(one, 0)
    await tab.records.save(two, 0)
    trail.avoid([Stop(item=trail.record(Table.BATCHES, "a"))])
    assert [stored.value for stored in await tab.records.all(Batch)] == [two]
    assert tab.records.damaged == {"a": trail.NOT_READ}
    assert "a" in world.disk.records[Table.BATCHES]


async def test_a_batch_whose_work_stopped_python_rests(world: World) -> None:
    """The engine leaves it alone and carries the others; once it is forgiven it goes on."""
    tab = await world.tab(engine=False)
    await tab.add(2)
    await tab.submit()
    resting = world.batch()
    trail.avoid([Stop(task=f"batch {resting.id}")])
    carrying = await world.tab()
    await carrying.add(1)
    await carrying.submit()
    other = next(one for one in world.batches() if one.id != resting.id)
    await world.until(lambda: next(one for one in world.batches() if one.id == other.id).state in pipeline.FINAL)
    assert next(one for one in world.batches() if one.id == resting.id) == resting
    trail.avoid(())
    await world.ended()
    assert all(one.state in pipeline.FINAL for one in world.batches())


async def test_a_line_that_may_be_read_again_is_read(world: World) -> None:
    """A ledger that was made without a line is made anew once the person wants that line read."""
    tab, batch = await finished(world, 3)
    held = await tab.review._hold(batch)
    assert held.ledger is not None
    place = held.ledger.place_of(1)
    assert place is not None
    trail.avoid([Stop(item=trail.line(f"answer:{batch.id}:output:{place.segment}", place.offset))])
    ledgers = Ledgers(tab.records, world.clock)
    await tab.inner.commit((await ledgers.make(batch)).changes)
    assert await ledgers.lacking(batch) is None
    trail.avoid(())
    assert await ledgers.lacking(batch) == pipeline.FetchAgain((), ledger=True)


async def test_a_ledger_is_passed_over(world: World) -> None:
    """A batch whose ledger stopped Python is shown without its answers; its files are kept, and it can be read again."""
    _tab, batch = await finished(world, 2)
    trail.avoid([Stop(item=trail.run(keys.ledger_id(batch.id)))])
    other = await world.tab(engine=False)
    _total, rows = await other.review.rows(batch, "all", 0, 2)
    assert {row.outcome for row in rows} == {"unread"}
    trail.avoid(())
    again = await world.tab(engine=False)
    _total, rows = await again.review.rows(batch, "all", 0, 2)
    assert {row.outcome for row in rows} == {"answered"}
