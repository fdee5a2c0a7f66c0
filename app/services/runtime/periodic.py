"""Work that is looked at now and then, and whenever someone says that there may be some: the one loop for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from app.ports import Clock
from app.services.runtime import wakeups
from app.services.runtime.isolation import LONGEST, growing
from app.services.runtime.tasks import Tasks


class PeriodicWorker:
    """Nothing but its cancellation ends it: a look that fails is reported once, as long as it fails in the same way, and tried again.

    ``look`` does what there is to do, and returns when to look again at the latest (unix seconds) or None: after ``every`` seconds.
    ``first``: seconds before the first look (None: ``every``). After a fault it waits ``retry`` seconds (0: twice ``every``), and twice as
    long after each further one in a row, up to ``longest``. ``between`` is awaited after each wait, so that hints which come together are
    looked at together. ``failed`` is called with every fault in place of ``tasks``.
    """

    def __init__(
        self,
        clock: Clock,
        tasks: Tasks,
        name: str,
        look: Callable[[], Awaitable[float | None]],
        every: float,
        *,
        first: float | None = None,
        retry: float = 0.0,
        longest: float = LONGEST,
        between: Callable[[], Awaitable[None]] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        self._clock, self._tasks, self._name, self._look, self._every = clock, tasks, name, look, every
        self._first = every if first is None else first
        self._retry, self._longest = retry or 2 * every, max(longest, retry or every)
        self._between, self._failed = between, failed
        self._wakeup = asyncio.Event()

    def nudge(self) -> None:
        """There may be something to do: look now."""
        self._wakeup.set()

    async def run(self) -> None:
        """Until cancelled."""
        if self._first:
            await self._clock.sleep(self._first)
        failures = 0
        while True:
            self._wakeup.clear()
            try:
                due = await self._look()
            except Exception as error:  # the boundary of one look: told, and looked again
                failures += 1
                self._tell(error)
                wait = min(self._longest, growing(self._retry, failures - 1))
            else:
                self._tasks.well(self._name)
                failures = 0
                wait = self._every if due is None else min(self._every, due - self._clock.now())
            await wakeups.until(self._clock, wait, self._wakeup)
            if self._between is not None:
                await self._between()

    def _tell(self, error: Exception) -> None:
        if self._failed is not None:
            self._failed(error)
        else:
            self._tasks.report(self._name, error)
