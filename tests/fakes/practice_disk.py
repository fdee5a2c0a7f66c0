"""The practice provider's contents in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

from app.practice.disk import Lost


class MemoryDisk:
    """Contents in memory."""

    def __init__(self) -> None:
        self.contents: dict[str, list[bytes]] = {}

    async def put(self, id: str, chunks: AsyncIterator[bytes]) -> int:
        kept = [chunk async for chunk in chunks]
        self.contents[id] = kept
        return sum(map(len, kept))

    async def read(self, id: str) -> AsyncIterator[bytes]:
        if id not in self.contents:
            raise Lost(id)
        for chunk in self.contents[id]:
            yield chunk

    async def drop(self, id: str) -> None:
        self.contents.pop(id, None)
