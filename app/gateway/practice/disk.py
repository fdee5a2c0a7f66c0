"""The practice provider's disk on a server: one file a content in a temporary folder, written and read in pieces."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from app.practice.disk import CHUNK, Lost

BLOCK: Final = 4_096
"""Bytes that a content takes on a disk at least, and so of the quota: many small ones, and empty ones, fill it as well."""


class Full(Exception):
    """The contents together would be larger than they may; this one was not kept. The message is a sentence."""


class FolderDisk:
    """Contents in a folder of their own that :meth:`close` removes. It is made with the first content. ``quota``: bytes that they may have
    together, None without a limit."""

    def __init__(self, quota: int | None = None) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._quota = quota
        self._sizes: dict[str, int] = {}
        self._taken = 0

    def _path(self, id: str) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="nightshift-practice-")
        return Path(self._folder.name) / id

    async def put(self, id: str, chunks: AsyncIterator[bytes]) -> int:
        """Raises Full, after all was read (so that the refusal reaches the sender) and nothing is kept."""
        path, size = self._path(id), 0
        full = not self._has_room(id, 0)
        path.write_bytes(b"")
        held = bytearray()
        async for chunk in chunks:
            size += len(chunk)
            full = full or not self._has_room(id, size)
            if full:
                held.clear()
                continue
            held += chunk
            if len(held) >= CHUNK:
                await asyncio.to_thread(_append, path, bytes(held))
                held.clear()
        if full:
            await self.drop(id)
            raise Full(f"The files here may have {self._quota} bytes together, and this one does not fit.")
        await asyncio.to_thread(_append, path, bytes(held))
        return size

    def _has_room(self, id: str, size: int) -> bool:
        """Count ``size`` bytes for this content. False when it is too much: then they are not counted."""
        if self._quota is None:
            return True
        size = max(size, BLOCK)
        self._taken += size - self._sizes.pop(id, 0)
        if self._taken > self._quota:
            self._taken -= size
            return False
        self._sizes[id] = size
        return True

    async def read(self, id: str) -> AsyncIterator[bytes]:
        path, start = self._path(id), 0
        while True:
            try:
                chunk = await asyncio.to_thread(_piece, path, start)
            except FileNotFoundError as error:
                raise Lost(id) from error
            if not chunk:
                return
            yield chunk
            start += len(chunk)

    async def drop(self, id: str) -> None:
        self._taken -= self._sizes.pop(id, 0)
        self._path(id).unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def _piece(path: Path, start: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(CHUNK)
