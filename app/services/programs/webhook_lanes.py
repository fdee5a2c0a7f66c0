"""Webhooks by host: results wait in the lane of their host, and each lane has one worker that hands them over in groups."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Final

from app.core.base import urls
from app.core.programs.message import DeliveryAttempt, ProgramMessage, Programs
from app.ports import Clock
from app.services.programs.webhooks import Called, Webhooks, failed
from app.services.runtime.records import Stored
from app.services.runtime.tasks import Tasks

AT_ONCE: Final = 16
"""Webhook calls under way at most."""
PER_HOST: Final = 6
"""Of these to one host: one that stalls does not hold up the others (browsers open six connections to a host)."""
READY: Final = 60
"""Results at hand for one host at most, about."""

Due = Stored[ProgramMessage]


class Lanes:
    """``ended`` hears of each try that ended; ``nudge`` is called when there is room."""

    def __init__(
        self, webhooks: Webhooks, clock: Clock, tasks: Tasks, ended: Callable[[Due, DeliveryAttempt], None], nudge: Callable[[], None]
    ) -> None:
        self._webhooks, self._clock, self._tasks, self._ended, self._nudge = webhooks, clock, tasks, ended, nudge
        self._lanes: dict[str, deque[tuple[Due, bytes]]] = {}
        self._widths: Counter[str] = Counter()
        """How many calls each host's worker makes at a time."""
        self._workers: dict[str, asyncio.Task[None]] = {}

    def has_room(self, url: str) -> bool:
        """Whether more can wait for the host of an address. Raises ValueError where it is none."""
        return len(self._lanes.get(urls.origin(url), ())) < READY

    def put(self, some: Sequence[tuple[Due, bytes]], chosen: Programs) -> None:
        """Call these too, and see that whoever waits is called, as far as there is room."""
        for due, body in some:
            self._lanes.setdefault(urls.origin(due.value.where), deque()).append((due, body))
        for host, lane in self._lanes.items():
            width = self._widths[host]
            more = min(PER_HOST - width, len(lane), AT_ONCE - self._widths.total())
            if more > 0:
                self._widths[host] = width + more
                if host not in self._workers:
                    self._workers[host] = self._tasks.start(f"deliveries to {host}", self._work(host, chosen))

    async def stop(self) -> None:
        """Give up what is under way, and forget what waits: it is still due."""
        work = list(self._workers.values())
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        self._workers.clear()
        self._lanes.clear()
        self._widths.clear()

    async def _work(self, host: str, chosen: Programs) -> None:
        """Call one host as long as there is something for it."""
        lane = self._lanes[host]
        held: dict[str, Due] = {}
        try:
            while lane or held:
                calls = self._webhooks.calls(host, chosen)
                try:
                    while lane or held:
                        some = [lane.popleft() for _ in range(min(calls.room(self._widths[host]), len(lane)))]
                        held |= {due.value.id: due for due, _ in some}
                        if not lane:
                            self._widths[host] = min(self._widths[host], len(held))  # the others' turn
                        await calls.put([(due.value, body) for due, body in some], self._widths[host])
                        for one in await calls.ended():
                            self._end(held.pop(one.id), one)
                        if len(lane) < READY:
                            self._nudge()
                except Exception as error:  # the boundary of the calls under way: each is a try that failed, and the others are made
                    for id in list(held):
                        self._end(held.pop(id), Called(id, failed(error)))
                finally:
                    calls.close()
        finally:
            self._workers.pop(host, None)
            del self._widths[host]
            self._nudge()

    def _end(self, due: Due, one: Called) -> None:
        done, where = one.done, due.value.where
        began = self._clock.now() - one.seconds
        attempt = DeliveryAttempt(began, where, done.outcome, done.status, done.error, one.seconds, done.transport, due.value.by_hand)
        self._ended(due, attempt)
