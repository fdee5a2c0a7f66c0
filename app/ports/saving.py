"""Files that are being made, and the places that a person chose for them."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from app.core.openai.wire import Blob


class Packing(Protocol):
    """A file being made. What is written does not stay in Python's memory."""

    async def write(self, data: bytes) -> None:
        """Add to the content; the page can draw and take input meanwhile."""
        ...

    async def finish(self) -> Blob:
        """The file."""
        ...

    def abort(self) -> None:
        """Forget it. Means nothing after the end."""
        ...


class FileUnwritten(Exception):
    """A file that the person chose a place for could not be written. The text says why."""


@runtime_checkable
class SavePlace(Protocol):
    """A file that the person chose a place for. It is given to a job as one of its files: then the job's bytes go there as they are made,
    and what was there before stays until they are whole."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    async def read(self) -> bytes:
        """Empty: nothing is read of it."""
        ...

    def begin(self) -> Packing:
        """Begin to write it. What is written raises FileUnwritten where it cannot be."""
        ...

    async def leave(self) -> None:
        """Nothing came of it: what the browser made when the place was chosen goes."""
        ...
