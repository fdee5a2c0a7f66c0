"""Runs of bytes on their way into the store, several in one transaction, each transaction while the next runs are being made.

A transaction of 4 MB takes little longer than one of 1 MB, and the browser writes it beside Python. What is stored is said in the very
commit that stores it, so whoever finds it after a stop knows how many runs there may be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from app.ports import Change, PutBytes
from app.services.runtime.eager import begin
from app.services.runtime.records import Records

TOGETHER: Final = 4_000_000
"""Bytes that are worth a transaction."""


class ByteRunWriter:
    """Writes runs in their order, within ``async with``. ``note(n)`` is the change that says that n runs are stored. Raises what the store
    raises, also for runs that were given before. When the block has ended, nothing is being written any more."""

    def __init__(self, records: Records, note: Callable[[int], Change]) -> None:
        self._records, self._note = records, note
        self._gathered: list[Change] = []
        self._size = 0
        self._writing: asyncio.Task[None] | None = None
        self.count = 0
        """Runs that were given."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            await self.end()
        elif self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)  # the block's own error is the one that counts

    async def add(self, id: str, data: bytes) -> None:
        """One more run."""
        self._gathered.append(PutBytes(id, data))
        self._size += len(data)
        self.count += 1
        if self._size >= TOGETHER:
            await self._write()

    async def end(self) -> None:
        """All that were given are stored."""
        if self._gathered:
            await self._write()
        await self._written()

    async def _write(self) -> None:
        changes = [*self._gathered, self._note(self.count)]
        self._gathered, self._size = [], 0
        await self._written()
        self._writing = begin(self._records.commit(changes), "byte runs")

    async def _written(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            await writing
