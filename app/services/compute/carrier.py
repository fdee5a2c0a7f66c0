"""Carrying out one job, wherever Python runs."""

from __future__ import annotations

import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from app.core.compute.messages import MOST_FAULTS, Ended, ItemFault, JobDone, StartJob, raw
from app.core.json import jsonread
from app.core.openai.wire import Blob
from app.core.results.ordering import Order, ordered
from app.ports import Clock, Libraries, Packer, Packing, Random, SavePlace, Store
from app.ports.compute import Job, JobFile, JobKind, error_of
from app.services.runtime.slices import Slicer

A = TypeVar("A")
R = TypeVar("R")

_TOLD: Final = 0.1
"""Seconds between two words about how far a job is: the page draws each."""
_LUMP: Final = 1_000_000
"""Bytes of a result that are worth a word to the browser, which takes longer than to make a line of it."""


class JobDefinition(msgspec.Struct, Generic[A, R], frozen=True):
    """A kind of job and what does it."""

    kind: JobKind[A, R]
    work: Callable[[Job, A], Awaitable[R]]


Jobs = Mapping[str, Callable[[], JobDefinition[Any, Any]]]


class JobPlace(msgspec.Struct, frozen=True):
    """Where jobs are carried out. ``slice``: seconds of work between two rests; ``order``: what sorts there."""

    open_store: Callable[[], Awaitable[Store]]
    packer: Packer
    libraries: Libraries
    clock: Clock
    random: Random
    slice: float
    order: Order = ordered


class RunningJob:
    """The Job port, for one job. ``progress(done, total)`` is called as it goes on."""

    def __init__(
        self, place: JobPlace, files: Sequence[JobFile], progress: Callable[[int, int], None], kept: dict[str, Any] | None = None
    ) -> None:
        self._place, self._progress = place, progress
        self.kept: dict[str, Any] = {} if kept is None else kept
        self._slicer = Slicer(place.clock, place.slice)
        self._last = 0.0
        self._packing: Packing | None = None
        self._written: list[bytes] = []
        self._held = 0
        self._blob: Blob | None = None
        self._into = next((one.blob for one in files if isinstance(one.blob, SavePlace)), None)
        self.files: Sequence[JobFile] = [one for one in files if one.blob is not self._into]
        self.faults: list[ItemFault] = []
        self.faulty = 0

    @property
    def packer(self) -> Packer:
        return self._place.packer

    @property
    def libraries(self) -> Libraries:
        return self._place.libraries

    @property
    def clock(self) -> Clock:
        return self._place.clock

    @property
    def random(self) -> Random:
        return self._place.random

    @property
    def order(self) -> Order:
        return self._place.order

    async def store(self) -> Store:
        return await self._place.open_store()

    def over(self, items: int = 1) -> bool:
        return self._slicer.over(items)

    async def rest(self) -> None:
        await self._slicer.rest()

    def moved(self, done: int, total: int) -> None:
        now = time.perf_counter()
        if done >= total or now - self._last > _TOLD:
            self._last = now
            self._progress(done, total)

    def fault(self, item: object, says: str) -> None:
        self.faulty += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(ItemFault(str(item), says))

    async def write(self, data: bytes) -> None:
        self._written.append(data)
        self._held += len(data)
        if self._held >= _LUMP:
            await self._write_out()

    async def _write_out(self) -> None:
        """Hand over what was written so far."""
        if self._packing is None:
            self._packing = self._place.packer.gather() if self._into is None else self._into.begin()
        data, self._written, self._held = b"".join(self._written), [], 0
        await self._packing.write(data)

    def hand(self, blob: Blob) -> None:
        self._blob = blob

    async def ended(self) -> Blob | None:
        """The result's bytes."""
        if self._blob is None and self._written:
            await self._write_out()
        if self._packing is not None and self._blob is None:
            self._blob = await self._packing.finish()
        return self._blob

    def abort(self) -> None:
        """Forget what was written. Means nothing after the end."""
        if self._packing is not None:
            self._packing.abort()


async def carry_out(jobs: Jobs, start: StartJob, job: RunningJob) -> tuple[Ended, Blob | None]:
    """Do the job that a message names; the last message, and the result's bytes. Raises nothing but CancelledError."""
    kind: JobKind[Any, Any] | None = None
    try:
        if start.name not in jobs:
            raise LookupError(f"there is no job “{start.name}”")
        definition = jobs[start.name]()
        kind = definition.kind
        arguments = jsonread.typed(start.arguments, kind.takes, depth=jsonread.OWN_DEPTH)
        value = raw(await definition.work(job, arguments))
        blob = await job.ended()
        return JobDone(value, tuple(job.faults), job.faulty), blob
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # the boundary of one job: whoever asked for it is told
        return error_of(error, kind, traceback.format_exc()), None
    finally:
        job.abort()
