"""Background work with one error boundary: nothing started here can fail unseen.

``start`` is for work of the page's own, which may begin on the loop's next turn. ``begin`` is for what a person or a program decided: its
part up to the first wait runs before ``begin`` returns, so decisions are made in the order in which they came, on what stood there then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from app.core.model import trail
from app.services.runtime.eager import begin


class Tasks:
    """Starts coroutines and keeps them. ``failed(name, error)`` is told of every exception that nobody handled."""

    def __init__(self, failed: Callable[[str, BaseException], None]) -> None:
        self._failed = failed
        self._running: set[asyncio.Task[None]] = set()
        self._reported: dict[str, set[str]] = {}

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work whose first step is taken on the loop's next turn."""
        task = asyncio.get_running_loop().create_task(self._guard(name, work), name=name)
        task.add_done_callback(lambda _task: work.close())  # cancelled before its first step, it was never awaited
        return self._kept(task)

    def begin(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work whose first step has been taken when this returns."""
        return self._kept(begin(self._guard(name, work), name))

    def _kept(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        if not task.done():
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return task

    async def _guard(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await trail.Steps(name, work)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # the boundary: shown in the page, never swallowed
            self._failed(name, error)

    def report(self, name: str, error: Exception, shown: Exception | None = None) -> None:
        """Tell the boundary of a fault whose task goes on, or of what is ``shown`` in its place: once, as long as it stays as it is."""
        said = f"{type(error).__name__}: {error}"
        known = self._reported.setdefault(name, set())
        if said not in known:
            known.add(said)
            self._failed(name, shown or error)

    def tell(self, name: str, error: Exception) -> None:
        """Tell the boundary of a fault whose task goes on, as often as it is called."""
        self._failed(name, error)

    def well(self, name: str) -> None:
        """What runs under this name has worked: faults of before are told again if they come back."""
        self._reported.pop(name, None)

    @property
    def running(self) -> int:
        return len(self._running)

    @property
    def names(self) -> list[str]:
        """The names of what runs, each as often as it runs."""
        return [task.get_name() for task in self._running]

    async def settled(self) -> None:
        """Return when nothing runs any more (tests; before a reload)."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def stop(self) -> None:
        """Cancel all and wait for their end."""
        for task in list(self._running):
            task.cancel()
        await self.settled()
