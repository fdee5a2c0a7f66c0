"""A store under pressure: it refuses, is lost, or the page dies, at a moment that the test names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.ports import Change
from app.services.runtime.moves import STORED_MOVES
from tests.fakes.memory_store import MemoryDisk, MemoryStore


class PressedStore(MemoryStore):
    """A memory store that raises what ``fails`` says for the n-th use (commits only, or every use with ``reads``), counted from 0."""

    def __init__(self, disk: MemoryDisk | None = None, *, reads: bool = False) -> None:
        super().__init__(STORED_MOVES, disk)
        self.reads = reads
        self.used = 0
        self.raised = 0
        self.fails: Callable[[int], Exception | None] = lambda _n: None

    def _use(self) -> None:
        n, self.used = self.used, self.used + 1
        if (error := self.fails(n)) is not None:
            self.raised += 1
            raise error

    async def commit(self, changes: Sequence[Change]) -> None:
        self._use()
        await super().commit(changes)

    async def get(self, *given: Any, **named: Any) -> Any:
        return await self._read(super().get, given, named)

    async def scan(self, *given: Any, **named: Any) -> Any:
        return await self._read(super().scan, given, named)

    async def owners(self, *given: Any, **named: Any) -> Any:
        return await self._read(super().owners, given, named)

    async def revisions(self, *given: Any, **named: Any) -> Any:
        return await self._read(super().revisions, given, named)

    async def get_many(self, *given: Any, **named: Any) -> Any:
        return await self._read(super().get_many, given, named)

    async def load(self, *given: Any, **named: Any) -> Any:
        return await self._read(super().load, given, named)

    async def blob(self, *given: Any, **named: Any) -> Any:
        return await self._read(super().blob, given, named)

    async def _read(self, read: Any, given: Any, named: Any) -> Any:
        if self.reads:
            self._use()
        return await read(*given, **named)
