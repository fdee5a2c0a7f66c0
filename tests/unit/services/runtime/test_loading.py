"""Byte runs, read ahead of whoever works on them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from app.ports import PutBytes, StorageLost
from app.services.runtime.loading import AT_ONCE, loaded
from tests.fakes.memory_store import MemoryStore


class WatchedStore(MemoryStore):
    """Counts what is read, and loses the database on the way where it shall."""

    def __init__(self) -> None:
        super().__init__({})
        self.asked: list[str] = []
        self.lost_at = ""

    async def load(self, ids: Sequence[str]) -> list[bytes | None]:
        self.asked += ids
        if self.lost_at in ids:
            raise StorageLost("gone")
        return await super().load(ids)


async def stored() -> WatchedStore:
    store = WatchedStore()
    await store.commit([PutBytes(f"run:{n}", bytes([n])) for n in range(3 * AT_ONCE) if n != 5])
    return store


IDS = [f"run:{n}" for n in range(3 * AT_ONCE)]


async def test_the_next_runs_are_read_while_some_are_worked_on() -> None:
    """Each once and in their order; one that is not there is said to be none."""
    store, found = await stored(), list[tuple[str, bytes | None]]()
    async for id, data in loaded(store, IDS):
        found.append((id, data))
        assert len(store.asked) <= min(len(IDS), (2 + (len(found) - 1) // AT_ONCE) * AT_ONCE)
        assert len(store.asked) > len(found) or len(found) > 2 * AT_ONCE
    assert found == [(f"run:{n}", bytes([n]) if n != 5 else None) for n in range(3 * AT_ONCE)]
    assert store.asked == IDS
    assert [one async for one in loaded(store, [])] == []


async def test_what_fails_is_told_behind_what_was_read_before() -> None:
    """And nothing is read any more."""
    store, found = await stored(), list[str]()
    store.lost_at = IDS[AT_ONCE]

    async def read() -> None:
        async for id, _ in loaded(store, IDS):
            found.append(id)
            await asyncio.sleep(0)

    with pytest.raises(StorageLost):
        await read()
    assert found == IDS[:AT_ONCE]
    assert store.asked == IDS[: 2 * AT_ONCE]


async def test_who_leaves_stops_the_reading() -> None:
    """No task of it goes on."""
    runs = loaded(await stored(), IDS)
    await anext(runs)
    await runs.aclose()
    assert len(asyncio.all_tasks()) == 1
