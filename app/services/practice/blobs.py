"""Files of the practice provider in the page, kept in the store so that a reload loses none. (The practice provider's ``Disk``.)"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection

import msgspec

from app.core.json import jsonread
from app.core.model import keys
from app.ports import DropBytes, Put, PutBytes, Remove, Table
from app.services.runtime.records import Records

_BRAIN = "brain"


class BlobManifest(msgspec.Struct, frozen=True):
    """What is noted of a content: how many pieces it has, and its size in bytes."""

    pieces: int
    size: int


class BlobStore:
    """Contents by file id, in pieces of the size they come in; and the brain's own memory. ``lost`` makes the error for what is missing."""

    def __init__(self, records: Records, lost: type[Exception]) -> None:
        self._records, self._store, self._lost = records, records.store, lost

    async def put(self, id: str, chunks: AsyncIterator[bytes]) -> int:
        """Keep a content in place of what is there; returns its size in bytes. It is noted as it grows, so that one that breaks off can be
        dropped."""
        pieces = size = 0
        await self.drop(id)
        async for chunk in chunks:
            pieces, size = pieces + 1, size + len(chunk)
            await self._records.commit([PutBytes(keys.practice_id(id, pieces - 1), bytes(chunk)), _note(id, pieces, size)])
        if not pieces:
            await self._records.commit([_note(id, 0, 0)])
        return size

    async def read(self, id: str) -> AsyncIterator[bytes]:
        """The content in pieces. Raises what ``lost`` is when there is none."""
        for n in range((await self._shelved(id)).pieces):
            (data,) = await self._store.load([keys.practice_id(id, n)])
            if data is None:
                raise self._lost(id)
            yield data

    async def drop(self, id: str) -> None:
        try:
            shelved = await self._shelved(id)
        except self._lost:
            return
        await self._store.commit([Remove(Table.PRACTICE, id), *(DropBytes(keys.practice_id(id, n)) for n in range(shelved.pieces))])

    async def sweep(self, known: Collection[str]) -> None:
        """Drop the contents that nobody knows: what a page left that was closed in the middle of an upload."""
        for row in await self._store.scan(Table.PRACTICE):
            if row.id != _BRAIN and row.id not in known:
                await self.drop(row.id)

    async def _shelved(self, id: str) -> BlobManifest:
        row = await self._store.get(Table.PRACTICE, id)
        if row is None:
            raise self._lost(id)
        try:
            return jsonread.typed(row.doc, BlobManifest)
        except jsonread.Unreadable as error:
            self._records.damage.add(Table.PRACTICE, row, str(error))
            raise self._lost(id) from None

    # --- the brain's memory

    async def remember(self, data: bytes) -> None:
        await self._records.commit([Put(Table.PRACTICE, _BRAIN, -1, data.decode())])

    async def recall(self) -> bytes | None:
        row = await self._store.get(Table.PRACTICE, _BRAIN)
        return None if row is None else row.doc.encode()

    async def unreadable(self) -> None:
        """The brain cannot read what it remembers: told, and put aside before it is written over."""
        if (row := await self._store.get(Table.PRACTICE, _BRAIN)) is not None:
            self._records.damage.add(Table.PRACTICE, row, "the practice provider cannot read it")


def _note(id: str, pieces: int, size: int) -> Put:
    return Put(Table.PRACTICE, id, -1, msgspec.json.encode(BlobManifest(pieces, size)).decode())
