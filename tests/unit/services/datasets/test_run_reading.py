"""Runs of a table, read one ahead."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from app.core.model import keys
from app.ports import PutBytes
from app.services.datasets import run_reading
from app.services.datasets.rows import RowsMissing
from app.services.datasets.run_reading import each_run
from tests.fakes.memory_store import MemoryStore


class WatchedStore(MemoryStore):
    """Says when a run begins to be read, and when it was."""

    def __init__(self) -> None:
        super().__init__({})
        self.told: list[str] = []

    async def load(self, ids: Sequence[str]) -> list[bytes | None]:
        self.told.append(f"begin {ids[0][-1]}")
        found = await super().load(ids)
        self.told.append(f"end {ids[0][-1]}")
        return found


async def stored(runs: int) -> tuple[WatchedStore, list[tuple[int, int]]]:
    store = WatchedStore()
    await store.commit([PutBytes(keys.dataset_rows_id("d", 1, n), b"x" * n) for n in range(runs)])
    return store, [(n, n) for n in range(runs)]


async def test_the_next_run_is_read_while_one_is_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun before the one before is given out; never more than one ahead, and each once."""
    monkeypatch.setattr(run_reading, "TOGETHER", 1)
    store, wanted = await stored(3)
    found: list[tuple[int, int]] = []
    async for n, data in each_run(store, "d", 1, wanted):
        store.told.append(f"given {n}")
        found.append((n, len(data)))
        await asyncio.sleep(0)
    assert found == wanted
    given = {n: store.told.index(f"given {n}") for n in range(3)}
    assert store.told.index("begin 1") < given[0] < store.told.index("begin 2") < given[1]
    assert [one for one in store.told if one.startswith("begin")] == ["begin 0", "begin 1", "begin 2"]


async def test_small_runs_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first by itself, then as many as are worth it."""
    monkeypatch.setattr(run_reading, "TOGETHER", 6)
    store, wanted = await stored(6)
    assert [(n, len(data)) async for n, data in each_run(store, "d", 1, wanted)] == wanted
    assert [one for one in store.told if one.startswith("begin")] == ["begin 0", "begin 1", "begin 4", "begin 5"]


async def test_a_run_that_is_missing_is_told_when_it_comes_to_it() -> None:
    """Those before it are given; so is what has another size than the index says."""
    store, wanted = await stored(2)
    for strange in ((5, 5), (1, 7)):
        reading = each_run(store, "d", 1, [*wanted, strange])
        assert [(await anext(reading))[0] for _ in range(2)] == [0, 1]
        with pytest.raises(RowsMissing):
            await anext(reading)


async def test_nothing_is_read_any_more_when_it_is_left() -> None:
    """In the middle, by an error of the caller's."""
    store, wanted = await stored(3)
    reading = each_run(store, "d", 1, wanted)
    assert (await anext(reading))[0] == 0
    await reading.aclose()
    assert "end 1" not in store.told
    assert len(asyncio.all_tasks()) == 1
    assert [one async for one in each_run(store, "d", 1, [])] == []
