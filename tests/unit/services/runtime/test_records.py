"""Typed records: what is written comes back, and what cannot be read harms nothing else."""

from __future__ import annotations

import pytest

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.model.providers import ModelList, Profile
from app.core.model.segments import Segment
from app.core.model.settings import Preferences
from app.core.model.threads import Thread
from app.ports import Conflict, IllegalMove, Put, Table
from app.services.runtime.records import put, remove
from tests.kit.world import LANE, World

VALUES = [
    Thread(id="t", name="A thread \u2028 😀", created=2.0),
    Segment(id="s", owner="queue:p|e|m", seq=3.0, bytes_id="lines:s", ids=("a", "b"), ends=(5, 9), gone=(1,)),
    Batch(id="b", lane=LANE, state="planned", created=1.0),
    Profile(id="p", name="Mine", base_url="https://example.org/v1"),
    Preferences(id="preferences", theme="dark"),
    ModelList(id="p", models=("m1", "m2"), fetched=9.0),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
async def test_a_record_comes_back_as_it_was_written(world: World, value: Thread) -> None:
    """Each kind of record survives the disk, and is found by its id and among its kind."""
    records = (await world.tab(engine=False)).records
    await records.save(value, 0)
    stored = await records.get(type(value), value.id)
    assert stored is not None
    assert (stored.value, stored.rev) == (value, 1)
    assert [one.value for one in await records.all(type(value))] == [value]


async def test_settings_of_different_kinds_don_t_meet(world: World) -> None:
    """A profile and its model list have the same id and one table, and stay apart."""
    records = (await world.tab(engine=False)).records
    await records.commit([put(VALUES[3], 0), put(VALUES[5], 0)])
    assert [one.value for one in await records.all(Profile)] == [VALUES[3]]
    assert [one.value for one in await records.all(ModelList)] == [VALUES[5]]
    await records.commit([remove(Profile, "p")])
    assert await records.get(Profile, "p") is None
    assert await records.get(ModelList, "p") is not None


DAMAGED = ["not JSON", "[]", '{"id":"bad"}', '{"id":"bad","lane":5}', '{"id":"bad","lane":["a","b","c"],"state":"dreaming"}']


@pytest.mark.parametrize("doc", DAMAGED)
async def test_a_damaged_record_is_counted_and_the_rest_is_read(world: World, doc: str) -> None:
    """A batch that cannot be decoded stays where it is and is counted; the others are carried on."""
    tab = await world.tab()
    await tab.inner.commit([Put(Table.BATCHES, "bad", 0, doc, state="planned")])
    await tab.add(2)
    await tab.submit()
    await world.until(lambda: bool(tab.told) and tab.told[-1].state in pipeline.FINAL)
    assert tab.told[-1].tally.answered == 2
    assert set(tab.records.damaged) == {"bad"}
    assert world.disk.records[Table.BATCHES]["bad"].doc == doc
    assert await tab.records.get(Batch, "bad") is None


async def test_fields_of_a_newer_version_are_no_damage(world: World) -> None:
    """A record with fields that this version does not know is read."""
    tab = await world.tab(engine=False)
    await tab.inner.commit([Put(Table.THREADS, "t", 0, '{"id":"t","name":"x","colour":"green"}')])
    assert [one.name for one in await tab.drafts.all()] == ["x"]


async def test_an_older_revision_is_a_conflict(world: World) -> None:
    """Who writes over what it has not seen is refused, and nothing of its commit is stored."""
    records = (await world.tab(engine=False)).records
    await records.save(VALUES[0], 0)
    await records.save(VALUES[0], 1)
    with pytest.raises(Conflict):
        await records.commit([put(VALUES[1], 0), put(VALUES[0], 1)])
    assert await records.get(Segment, "s") is None


async def test_a_batch_cannot_jump(world: World) -> None:
    """The store refuses a move that the table does not allow."""
    records = (await world.tab(engine=False)).records
    await records.save(VALUES[2], 0)
    with pytest.raises(IllegalMove):
        await records.save(Batch(id="b", lane=LANE, state="done"), 1)


async def test_an_empty_commit_is_nothing(world: World) -> None:
    """Nothing to write is no transaction."""
    tab = await world.tab(engine=False)
    before = tab.inner.commits
    await tab.records.commit([])
    assert tab.inner.commits == before
