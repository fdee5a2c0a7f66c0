"""Calls over HTTP that go out some at a time, where the platform makes each by itself."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from app.core.openai.wire import Request
from app.ports import Clock, EndedCall, Http


class SingleCalls:
    """The Calls port over an Http that has none. What waits begins while :meth:`ended` is awaited."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self._http, self._clock = http, clock
        self._parallel = 1
        self._waiting: deque[tuple[str, Request]] = deque()
        self._open: set[asyncio.Task[EndedCall]] = set()

    def put(self, calls: Sequence[tuple[str, Request]], parallel: int) -> None:
        self._parallel = parallel
        self._waiting.extend(calls)
        self._start()

    async def ended(self) -> list[EndedCall]:
        if not self._open:
            return []
        done, self._open = await asyncio.wait(self._open, return_when=asyncio.FIRST_COMPLETED)
        self._start()
        return [task.result() for task in done]

    def close(self) -> None:
        self._waiting.clear()
        for task in self._open:
            if not task.cancel() and not task.cancelled():
                task.exception()  # nobody asks for it any more

    def _start(self) -> None:
        while self._waiting and len(self._open) < self._parallel:
            self._open.add(asyncio.create_task(self._made(*self._waiting.popleft())))

    async def _made(self, name: str, request: Request) -> EndedCall:
        began = self._clock.now()
        try:
            result = await self._http.send(request)
        except Exception as error:  # the boundary of one call: whoever made it says what that means
            return EndedCall(name, self._clock.now() - began, error)
        return EndedCall(name, self._clock.now() - began, result)
