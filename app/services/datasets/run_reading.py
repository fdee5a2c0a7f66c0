"""The stored runs of a table one after another, the next one on its way out of the browser's storage while the one before is worked on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from app.core.model import keys
from app.ports import Store
from app.services.datasets.rows import MISSING, RowsMissing
from app.services.runtime.eager import begin

TOGETHER: Final = 4_000_000
"""Bytes that are read at a time: a reading waits until what is being written in between is written, and so shall be worth it."""


async def each_run(store: Store, dataset: str, version: int, wanted: Sequence[tuple[int, int]]) -> AsyncGenerator[tuple[int, bytes], None]:
    """Some runs of a version, given by their numbers and sizes: each number with its bytes. Raises RowsMissing when it comes to a run that
    is not there."""
    read: list[list[bytes | None]] = []

    async def take(some: Sequence[tuple[int, int]]) -> None:
        read.append(await store.load([keys.dataset_rows_id(dataset, version, n) for n, _ in some]))

    groups = _together(wanted)

    reading: asyncio.Task[None] | None = None
    try:
        for at, some in enumerate(groups):
            await (reading or begin(take(some), "row runs"))
            found = read.pop()
            reading = begin(take(groups[at + 1]), "row runs") if at + 1 < len(groups) else None
            for (n, size), data in zip(some, found, strict=True):
                if data is None or len(data) != size:
                    raise RowsMissing(MISSING)
                yield n, data
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


def _together(wanted: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """What is read at a time: the first run by itself, so that there is something to do."""
    groups: list[list[tuple[int, int]]] = []
    held = 0
    for n, size in wanted:
        if len(groups) < 2 or held + size > TOGETHER:
            groups.append([])
            held = 0
        groups[-1].append((n, size))
        held += size
    return groups
