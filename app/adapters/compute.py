"""The Compute port over workers (static/js/compute.mjs): the page's side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pyodide.ffi import JsException, create_proxy, to_js

from app.adapters.blobs import BrowserBlob, sendable
from app.adapters.script import js_nightshift
from app.core.compute import messages
from app.core.compute.messages import CancelJob, JobDone, JobError, JobMoved, StartJob
from app.core.openai.wire import Blob
from app.ports.compute import Finished, JobDied, JobKind, NoWorker, finished, unheard

A = TypeVar("A")
R = TypeVar("R")

JOBS = "app.services.compute.jobs"
"""The module of the program's table, which the worker imports."""
FENCED = "app.services.compute.fenced_jobs"
"""That of jobs behind the fence."""


class BrowserCompute:
    """Each job in a worker of its own time: one at a time in each, two at most, the others wait. ``table``: the module with ``JOBS``;
    ``fenced``: that of jobs behind the fence, which have workers of their own."""

    def __init__(self, table: str = JOBS, fenced: str = FENCED) -> None:
        self._table, self._fenced = table, fenced
        self._js_pools: dict[bool, Any] = {}

    async def run(
        self, kind: JobKind[A, R], arguments: A, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = unheard
    ) -> Finished[R]:
        """As the port says. Raises NoWorker as well."""

        def tell(text: str) -> None:
            said = messages.to_page(text)
            if isinstance(said, JobMoved):
                moved(said.done, said.total)

        if kind.fenced not in self._js_pools:
            js_compute = await js_nightshift.compute()
            if kind.fenced not in self._js_pools:
                self._js_pools[kind.fenced] = js_compute.pool(self._fenced if kind.fenced else self._table, kind.fenced)
        start = messages.text(StartJob(kind.name, messages.raw(arguments)))
        js_moved = create_proxy(tell)
        js_job = self._js_pools[kind.fenced].begin(start, to_js([sendable(one) for one in files]), js_moved, kind.place)
        try:
            ended = await js_job.done
        except asyncio.CancelledError:
            await js_job.stop(messages.text(CancelJob()))
            raise
        except JsException as error:
            raise _told(error.name, error.message) from None
        finally:
            js_moved.destroy()
        said = messages.to_page(ended.text)
        if not isinstance(said, JobDone | JobError):
            raise JobDied("The worker ended a job with another message than its end. Nothing came of it; try again.")
        return finished(kind, said, None if ended.blob is None else BrowserBlob(ended.blob))

    def leave(self, place: str) -> None:
        """As the port says."""
        if False in self._js_pools:
            self._js_pools[False].leave(place)

    def end_fenced(self) -> None:
        """As the port says."""
        if True in self._js_pools:
            self._js_pools[True].close()


def _told(name: str, reason: str) -> Exception:
    match name:
        case "NoWorker":
            return NoWorker(reason)
        case _:
            return JobDied(
                f"The work broke down in its worker ({reason}). What it had stored by then is whole, and all else on this page works. "
                "Try again; if it breaks down again, with a smaller part of the data."
            )
