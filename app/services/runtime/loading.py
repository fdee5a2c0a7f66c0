"""Byte runs out of the store one after another, the next ones on their way while those before are worked on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from app.ports import Store
from app.services.runtime.eager import begin

AT_ONCE: Final = 4
"""Runs of about a megabyte that are read at a time: twice as many may be held."""


async def loaded(store: Store, ids: Sequence[str]) -> AsyncGenerator[tuple[str, bytes | None], None]:
    """Each of these runs with its bytes; None where it is not there. Raises what the store raises."""
    read: list[list[bytes | None]] = []

    async def take(some: Sequence[str]) -> None:
        read.append(await store.load(some))

    reading: asyncio.Task[None] | None = None
    try:
        for at in range(0, len(ids), AT_ONCE):
            some, then = ids[at : at + AT_ONCE], ids[at + AT_ONCE : at + 2 * AT_ONCE]
            await (reading or begin(take(some), "byte runs"))
            found = read.pop()
            reading = begin(take(then), "byte runs") if then else None
            for one in zip(some, found, strict=True):
                yield one
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
