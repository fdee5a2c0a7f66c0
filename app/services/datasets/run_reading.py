"""The stored runs of a table one after another, the next one on its way out of the browser's storage while the one before is worked on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from app.core.model import keys
from app.ports import Store
from app.services.datasets.rows import MISSING, RowsMissing
from app.services.runtime.eager import begin


async def run_of(store: Store, dataset: str, version: int, n: int, size: int) -> bytes:
    """A run's bytes. Raises RowsMissing."""
    (data,) = await store.load([keys.dataset_rows_id(dataset, version, n)])
    if data is None or len(data) != size:
        raise RowsMissing(MISSING)
    return data


async def each_run(store: Store, dataset: str, version: int, wanted: Sequence[tuple[int, int]]) -> AsyncGenerator[tuple[int, bytes], None]:
    """Some runs of a version, given by their numbers and sizes: each number with its bytes. Raises RowsMissing when it comes to a run that
    is not there."""
    read: list[bytes] = []

    async def take(n: int, size: int) -> None:
        read.append(await run_of(store, dataset, version, n, size))

    reading: asyncio.Task[None] | None = None
    try:
        for at, (n, size) in enumerate(wanted):
            await (reading or begin(take(n, size), "row runs"))
            data = read.pop()
            reading = begin(take(*wanted[at + 1]), "row runs") if at + 1 < len(wanted) else None
            yield n, data
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
