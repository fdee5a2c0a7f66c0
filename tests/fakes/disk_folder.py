"""A real folder on the disk as a browser shows one to a page (static/js/folder.mjs): its files, and of what is none, why."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

from app.core.programs.folder import FolderEntry
from app.ports import FolderLost
from tests.fakes.folder import MemoryFolder


class DiskFolder(MemoryFolder):
    """The Folder port over ``path``. ``links``: whether links are followed; browsers differ."""

    def __init__(self, path: Path, *, links: bool) -> None:
        super().__init__()
        self.path, self.links = path, links

    async def look(self) -> list[FolderEntry]:
        await asyncio.sleep(0)
        return [found for one in sorted(self.path.iterdir()) if (found := self._entry(one)) is not None]

    def _entry(self, one: Path) -> FolderEntry | None:
        if not one.name.endswith(".jsonl") or (one.is_symlink() and not self.links):
            return None
        try:
            about = one.stat()
        except FileNotFoundError:
            return None
        except OSError as error:  # links in a circle
            return FolderEntry(one.name, 0, 0.0, error.strerror or "odd")
        if stat.S_ISDIR(about.st_mode):
            return None
        if not stat.S_ISREG(about.st_mode):
            return FolderEntry(one.name, 0, 0.0, "The browser cannot read it; it may have changed meanwhile.")
        return FolderEntry(one.name, about.st_size, about.st_mtime * 1_000)

    async def read(self, name: str, start: int, stop: int) -> bytes:
        await asyncio.sleep(0)
        self.reads.append((name, start, stop))
        with (self.path / name).open("rb") as file:
            file.seek(start)
            return file.read(stop - start)

    async def write(self, name: str, at: int, data: bytes) -> int:
        await asyncio.sleep(0)
        place = self.path / name
        if place.is_dir():
            raise FolderLost(f"The file {name}: A folder has that name.")
        place.touch()
        start = place.stat().st_size if at < 0 else min(at, place.stat().st_size)
        with place.open("r+b") as file:
            file.truncate(start)
            file.seek(start)
            file.write(data)
        return start + len(data)
