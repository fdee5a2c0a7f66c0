"""The composition root of a worker: jobs on the browser's adapters. static/js/compute-worker.mjs calls :func:`start`."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from typing import Any

from app.adapters import compute_worker
from app.adapters.compute_worker import WorkerFile
from app.core.compute.messages import CancelJob, JobError, StartJob, ToWorker
from app.services.compute.carrier import JobPlace, Jobs, RunningJob, carry_out

SLICE = 0.05
"""Seconds of work at a stretch: nothing is drawn here, but a stop is heard and progress goes out in between."""


class JobWorker:
    """Carries out one job at a time."""

    def __init__(self, jobs: Jobs, place: JobPlace) -> None:
        self._jobs, self._place = jobs, place
        self._task: asyncio.Task[None] | None = None
        self._kept: dict[str, Any] = {}

    def heard(self, said: ToWorker, files: Sequence[WorkerFile]) -> None:
        """A message of the page."""
        match said:
            case StartJob():
                self._task = asyncio.ensure_future(self._carry_out(said, files))
            case CancelJob() if self._task is not None:
                self._task.cancel()

    async def _carry_out(self, start: StartJob, files: Sequence[WorkerFile]) -> None:
        try:
            said, blob = await carry_out(self._jobs, start, RunningJob(self._place, files, compute_worker.moved, self._kept))
        except asyncio.CancelledError:
            said, blob = JobError("CancelledError"), None
        compute_worker.ended(said, blob)


def start(table: str) -> None:
    """Listen for jobs of ``table``, the module whose ``JOBS`` is the table."""
    from app.adapters.libraries import BrowserLibraries
    from app.adapters.page import BrowserPage
    from app.adapters.store import BrowserStore, open_store
    from app.adapters.system import BrowserClock, BrowserRandom
    from app.services.runtime.moves import STORED_MOVES

    opened: list[BrowserStore] = []

    async def store() -> BrowserStore:
        if not opened:
            opened.append(await open_store(STORED_MOVES))
        return opened[0]

    place = JobPlace(store, BrowserPage(), BrowserLibraries(), BrowserClock(), BrowserRandom(), SLICE, compute_worker.order)
    compute_worker.listen(JobWorker(importlib.import_module(table).JOBS, place).heard)
