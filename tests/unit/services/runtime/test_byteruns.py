"""Runs of bytes are stored in their order, several at a time, and what says so is never behind them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.core.model.datasets import DatasetImport
from app.ports import PutBytes, StorageFull
from app.services.runtime import byteruns
from app.services.runtime.byteruns import ByteRunWriter
from app.services.runtime.records import Records, put
from tests.fakes.memory_store import MemoryStore


def note(runs: int) -> Any:
    return put(DatasetImport(id="d", version=1, runs=runs, at=1.0), -1)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore({})


@pytest.mark.parametrize("together", [1, 25, 1_000])
async def test_every_run_is_stored_and_counted(store: MemoryStore, monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    """In the commit that says so, whatever their number; few commits are made."""
    monkeypatch.setattr(byteruns, "TOGETHER", together)
    known: list[int] = []

    def look(changes: Any) -> None:
        count = sum(isinstance(one, PutBytes) for one in changes)
        known.append(count)

    store.on_commit = look
    async with ByteRunWriter(Records(store), note) as writer:
        for n in range(10):
            await writer.add(f"run {n}", b"0123456789")
    assert writer.count == 10 == len(store.disk.bytes)
    assert known == {1: [1] * 10, 25: [3, 3, 3, 1], 1_000: [10]}[together]
    stored = await Records(store).get(DatasetImport, "d")
    assert stored is not None
    assert stored.value.runs == 10


async def write(writer: ByteRunWriter, name: str, runs: int, error: BaseException | None = None) -> None:
    """So many runs, some of them while others are written; then ``error``."""
    async with writer:
        for n in range(runs):
            await writer.add(f"{name} {n}", b"0123456789")
            await asyncio.sleep(0)
        if error is not None:
            raise error


async def test_nothing_is_written_any_more_when_it_is_left(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it failed itself, its block failed, or it was called off: so what is there can be cleared."""
    monkeypatch.setattr(byteruns, "TOGETHER", 1)
    writer = ByteRunWriter(Records(store), note)
    store.quota = 200
    with pytest.raises(StorageFull):
        await write(writer, "full", 50)
    store.quota = 0
    with pytest.raises(LookupError):
        await write(ByteRunWriter(Records(store), note), "wrong", 1, LookupError())
    twenty = asyncio.Event()
    store.on_commit = lambda _changes: twenty.set() if store.commits >= 20 else None
    task = asyncio.ensure_future(write(ByteRunWriter(Records(store), note), "stopped", 1_000))
    await asyncio.wait([task, asyncio.ensure_future(twenty.wait())], return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    before = store.commits
    for _ in range(10):
        await asyncio.sleep(0)
    assert store.commits == before
