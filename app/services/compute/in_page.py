"""Jobs carried out in the page, in slices: where the browser gives no worker, and in tests."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, BinaryIO, Final, TypeVar

from app.core.base import text
from app.core.base.locale import PLAIN, within
from app.core.compute.messages import StartJob, raw
from app.core.openai.wire import Blob
from app.ports.compute import Finished, JobFailed, JobKind, finished, unheard
from app.services.compute.carrier import JobPlace, Jobs, RunningJob, carry_out

A = TypeVar("A")
R = TypeVar("R")

LARGEST: Final = 256_000_000
"""Bytes of a file that is read whole: Python's memory never shrinks, and ends at 4 GB."""


class WholeFile:
    """The JobFile port over bytes that are read all at once."""

    def __init__(self, blob: Blob) -> None:
        self.blob = blob

    async def open(self) -> BinaryIO:
        if self.blob.size > LARGEST:
            raise JobFailed(
                f"The file has {text.size(self.blob.size)}. This browser does not let Nightshift work beside the page, and within it no "
                f"file above {text.size(LARGEST)} can be read. Nothing was changed. Use a current Chrome, Edge or Firefox, or a part of it."
            )
        return io.BytesIO(await self.blob.read())

    async def pieces(self, size: int) -> AsyncGenerator[bytes, None]:
        whole = await self.open()
        while piece := whole.read(size):
            yield piece


class PageCompute:
    """The Compute port. ``jobs`` is the table (services.compute.jobs)."""

    def __init__(self, jobs: Jobs, place: JobPlace) -> None:
        self._jobs, self._place = jobs, place
        self._kept: dict[str, tuple[asyncio.Lock, dict[str, Any]]] = {}

    async def run(
        self, kind: JobKind[A, R], arguments: A, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = unheard
    ) -> Finished[R]:
        """One job after another gets its slices; the page draws and takes input in between."""
        if not kind.place:
            return await self._carry_out(kind, arguments, files, moved, {})
        lock, kept = self._kept.setdefault(kind.place, (asyncio.Lock(), {}))
        async with lock:
            return await self._carry_out(kind, arguments, files, moved, kept)

    async def _carry_out(
        self, kind: JobKind[A, R], arguments: A, files: Sequence[Blob], moved: Callable[[int, int], None], kept: dict[str, Any]
    ) -> Finished[R]:
        job = RunningJob(self._place, [WholeFile(one) for one in files], moved, kept)
        with within(PLAIN):  # as in a worker, which knows nothing of the person
            ended, blob = await carry_out(self._jobs, StartJob(kind.name, raw(arguments)), job)
        return finished(kind, ended, blob)

    def leave(self, place: str) -> None:
        """Forget what the jobs of a place keep."""
        self._kept.pop(place, None)  # a job that is at it keeps for itself what it makes

    def end_fenced(self) -> None:
        """No such job runs in the page."""
