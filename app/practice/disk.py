"""Where the contents of uploaded files lie, and how work is cut into slices."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

CHUNK = 1 << 20
"""Contents are handed about in pieces of at most 1 MiB."""


class Lost(Exception):
    """A content that should be on the disk is not there any more."""


class Disk(Protocol):
    """Contents by file id."""

    async def put(self, id: str, chunks: AsyncIterator[bytes]) -> int:
        """Keep the content under ``id``; returns its size in bytes."""
        ...

    def read(self, id: str) -> AsyncIterator[bytes]:
        """The content in pieces. Raises Lost, at once or with the first piece, when there is none."""
        ...

    async def drop(self, id: str) -> None:
        """Forget the content. Not there is fine."""
        ...


async def cut(data: bytes) -> AsyncIterator[bytes]:
    """``data`` in pieces of at most :data:`CHUNK`."""
    for start in range(0, len(data), CHUNK):
        yield data[start : start + CHUNK]


class Pace:
    """Lets the page breathe: :meth:`tick` hands over as soon as a slice has lasted ``slice`` seconds.

    The timer only cuts the work; nothing the provider answers depends on it.
    """

    def __init__(
        self, breathe: Callable[[], Awaitable[None]], *, slice: float = 0.008, timer: Callable[[], float] = time.perf_counter
    ) -> None:
        self._breathe, self._slice, self._timer = breathe, slice, timer
        self._started = timer()

    async def tick(self) -> None:
        if self._timer() - self._started >= self._slice:
            await self._breathe()
            self._started = self._timer()


async def lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """The lines of a JSONL content, without their line ends, in groups as they arrive; a last empty line does not count."""
    rest: list[bytes] = []
    async for chunk in chunks:
        head, newline, tail = chunk.partition(b"\n")
        rest.append(head)
        if not newline:
            continue
        found = [b"".join(rest), *tail.split(b"\n")]
        rest = [found.pop()]
        yield found
    last = b"".join(rest)
    if last:
        yield [last]
