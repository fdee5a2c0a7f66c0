"""The practice provider's disk on a server: one file a content in a temporary folder, written and read in pieces."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from app.practice.disk import CHUNK, Lost


class FolderDisk:
    """Contents in a folder of their own that :meth:`close` removes. It is made with the first content."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def _path(self, id: str) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="nightshift-practice-")
        return Path(self._folder.name) / id

    async def put(self, id: str, chunks: AsyncIterator[bytes]) -> int:
        path, size = self._path(id), 0
        path.write_bytes(b"")
        held = bytearray()
        async for chunk in chunks:
            held += chunk
            size += len(chunk)
            if len(held) >= CHUNK:
                await asyncio.to_thread(_append, path, bytes(held))
                held.clear()
        await asyncio.to_thread(_append, path, bytes(held))
        return size

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
