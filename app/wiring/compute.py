"""Who carries out jobs: workers where there can be some, else the page. Neither is loaded before the first job."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from app.core.openai.wire import Blob
from app.ports import Store
from app.wiring.ports import Ports

if TYPE_CHECKING:
    from app.ports.compute import Finished, JobKind, KeepingCompute

A = TypeVar("A")
R = TypeVar("R")


_NOWHERE = (
    "Python that you write runs in a worker that reaches nothing else, and this browser gives none to this page. Nothing was run. Use a "
    "current Chrome, Edge or Firefox."
)


def _unheard(_done: int, _total: int) -> None:
    """Nobody asks how far a job is."""


class ChosenCompute:
    """The Compute port of this tab."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._apart = True
        self._awaited = 0  # jobs under way that someone waits for
        self._quiet = asyncio.Event()
        self._quiet.set()

    @cached_property
    def _workers(self) -> KeepingCompute | None:
        return self._ports.compute() if self._ports.compute is not None else None

    @cached_property
    def _here(self) -> KeepingCompute:
        from app.services.compute.carrier import JobPlace
        from app.services.compute.in_page import PageCompute
        from app.services.compute.jobs import JOBS
        from app.services.runtime.slices import SLICE

        async def store() -> Store:
            return self._ports.store

        return PageCompute(JOBS, JobPlace(store, self._ports.screen, self._ports.libraries(), self._ports.clock, self._ports.random, SLICE))

    async def run(
        self, kind: JobKind[A, R], arguments: A, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = _unheard
    ) -> Finished[R]:
        """In a worker; where the first one cannot be started, in the page from then on. One in the background begins when none is under
        way that someone waits for."""
        if kind.background:
            while self._awaited:
                await self._quiet.wait()
            return await self._carry_out(kind, arguments, files, moved)
        self._awaited += 1
        self._quiet.clear()
        try:
            return await self._carry_out(kind, arguments, files, moved)
        finally:
            self._awaited -= 1
            if not self._awaited:
                self._quiet.set()

    async def _carry_out(self, kind: JobKind[A, R], arguments: A, files: Sequence[Blob], moved: Callable[[int, int], None]) -> Finished[R]:
        from app.ports.compute import JobFailed, NoWorker

        if kind.fenced:
            try:
                if self._workers is not None:
                    return await self._workers.run(kind, arguments, files=files, moved=moved)
            except NoWorker:
                pass
            raise JobFailed(_NOWHERE)
        if self._apart and self._workers is not None:
            try:
                return await self._workers.run(kind, arguments, files=files, moved=moved)
            except NoWorker:
                self._apart = False
        return await self._here.run(kind, arguments, files=files, moved=moved)

    def leave(self, place: str) -> None:
        """Wherever they were carried out. What was never asked for is not loaded for it."""
        for made in ("_workers", "_here"):
            carrier: KeepingCompute | None = self.__dict__.get(made)
            if carrier is not None:
                carrier.leave(place)

    def end_fenced(self) -> None:
        """Likewise."""
        carrier: KeepingCompute | None = self.__dict__.get("_workers")
        if carrier is not None:
            carrier.end_fenced()
