"""The composition root of a worker that runs people's own Python, and nothing else. static/js/compute-worker.mjs calls :func:`start`.

All of it is imported before the fence closes; then there is no store, no network and no page to speak to but by the messages of a job.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from typing import Any, NoReturn

from app.adapters import compute_worker
from app.adapters.fence import close_fence
from app.core.compute import messages
from app.core.compute.messages import CancelJob
from app.core.json import jsonread
from app.ports import LibraryMissing, StorageLost
from app.services.compute.carrier import JobPlace
from app.worker import SLICE, JobWorker

_NOTHING = "A worker behind the fence has none."


class FencedClock:
    """The Clock port without the page's JavaScript."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Nothing:
    """In the place of what a job may ask for elsewhere: the store, libraries, gzip, randomness."""

    async def open_store(self) -> NoReturn:
        raise StorageLost(_NOTHING)

    def __getattr__(self, name: str) -> NoReturn:
        raise LibraryMissing(_NOTHING)


def start(table: str) -> None:
    """Listen for jobs of ``table``, the module whose ``JOBS`` is the table, behind the fence. Raises what keeps it from closing."""
    nothing: Any = Nothing()
    jobs = importlib.import_module(table).JOBS
    place = JobPlace(nothing.open_store, nothing, nothing, FencedClock(), nothing, SLICE)
    # What decodes looks its types up by the names of their modules when it is first used: behind the fence these are not there.
    messages.to_worker(messages.text(CancelJob()))
    for definition in jobs.values():
        jsonread.resolve(definition().kind.takes)
    compute_worker.listen(JobWorker(jobs, place).heard)
    close_fence()
