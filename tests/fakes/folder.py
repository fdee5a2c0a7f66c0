"""A folder on the person's machine, in memory. It fails as it is told to."""

from __future__ import annotations

import asyncio
import itertools

from app.core.programs.folder import FolderEntry, FolderState
from app.ports import Chosen, FolderLost


class MemoryFolder:
    """The Folder port. ``files`` are its bytes by name; ``picks`` are what the person picks next (None: nothing)."""

    def __init__(self, *, offered: bool = True) -> None:
        self.offered = offered
        self.files: dict[str, bytes] = {}
        self.modified: dict[str, float] = {}
        self.picks: list[Chosen | None] = []
        self.how: FolderState = "none"
        self.allows = True
        self.broken: set[str] = set()
        self.faults: dict[str, str] = {}
        """Why files cannot be read, as the listing says."""
        self.reads: list[tuple[str, int, int]] = []
        self.writes: list[tuple[str, int, int]] = []
        self._times = itertools.count(1)

    def drop(self, name: str, data: bytes) -> None:
        """A program puts a file there."""
        self.files[name] = data
        self.modified[name] = float(next(self._times))

    async def choose(self) -> Chosen | None:
        chosen = self.picks.pop(0)
        if chosen is not None:
            self.how = "open"
        return chosen

    async def ask(self) -> bool:
        if self.allows:
            self.how = "open"
        return self.allows

    async def state(self) -> FolderState:
        return self.how

    async def look(self) -> list[FolderEntry]:
        await asyncio.sleep(0)
        self._fails("")
        listed = [FolderEntry(name, len(data), self.modified[name]) for name, data in self.files.items() if name not in self.faults]
        return [*listed, *(FolderEntry(name, 0, 0.0, fault) for name, fault in self.faults.items())]

    async def read(self, name: str, start: int, stop: int) -> bytes:
        await asyncio.sleep(0)
        self._fails(name)
        self.reads.append((name, start, stop))
        return self.files[name][start:stop]

    async def write(self, name: str, at: int, data: bytes) -> int:
        await asyncio.sleep(0)
        self._fails(name)
        before = self.files.get(name, b"")
        start = len(before) if at < 0 else min(at, len(before))
        self.writes.append((name, start, len(data)))
        if name not in self.files or start < len(before) or data:
            self.drop(name, before[:start] + data)
        return start + len(data)

    def _fails(self, name: str) -> None:
        if self.how != "open" or name in self.broken:
            raise FolderLost(f"The file {name}: The disk is full." if name else "The folder: It is not there any more.")
