"""How much memory the bodies of all requests may use together: a request that does not fit waits, and is refused (503) after a
timeout."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator
from typing import Any, Final, cast

from litestar import Request

from app.gateway.http.errors import HttpProblem

BODIES: Final = 128_000_000
"""Bytes of bodies that are held at a time. A body is held once as it arrived and once as it is read."""
WAIT: Final = 20.0
"""Seconds that a request waits for memory."""
HELD_WITHIN: Final = 600.0
"""Seconds in which a body that is held must have come: until then others wait for its memory."""
SHARE: Final = "nightshift_share"


class Budget:
    """A byte budget of ``most``; requests beyond it wait in order."""

    def __init__(self, most: int = BODIES) -> None:
        self.most, self.held = most, 0
        self._line: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size: int) -> None:
        """Wait until so many bytes are free, and reserve them. Raises HttpProblem (503)."""
        size = min(size, self.most)
        if self.take_now(size):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append((size, turn))
        try:
            async with asyncio.timeout(WAIT):
                await turn
        except TimeoutError:
            detail = f"Other requests fill the {self.most} bytes that bodies may take together. Nothing of this one is kept: send it again."
            raise HttpProblem(503, "busy", "Busy", detail) from None
        finally:
            if not turn.done() or turn.cancelled():
                self._line = deque(waiter for waiter in self._line if waiter[1] is not turn)
                self._next()

    def take_now(self, size: int) -> bool:
        """Reserve so many bytes if they are free and no request waits; True if they were."""
        if self._line or self.held + size > self.most:
            return False
        self.held += size
        return True

    def give(self, size: int) -> None:
        """Free these bytes."""
        self.held -= size
        self._next()

    def _next(self) -> None:
        while self._line and self.held + self._line[0][0] <= self.most:
            size, turn = self._line.popleft()
            if not turn.done():
                self.held += size
                turn.set_result(None)


class Share:
    """What one request has reserved of the budget; the guard frees it when the request has been answered."""

    def __init__(self, budget: Budget) -> None:
        self._budget, self._held = budget, 0

    async def grow(self, to: int) -> None:
        """Reserve at least so many bytes. Raises HttpProblem (503)."""
        more = min(to, self._budget.most) - self._held
        if more > 0:
            await self._budget.take(more)
            self._held += more

    def grow_now(self, to: int) -> bool:
        """Reserve at least so many bytes if they are free; whether they were."""
        more = to - self._held
        if more > 0:
            if not self._budget.take_now(more):
                return False
            self._held = to
        return True

    def close(self) -> None:
        """Free all that is reserved."""
        if self._held:
            self._budget.give(self._held)
            self._held = 0


def share(request: Request[Any, Any, Any]) -> Share:
    """What this request has reserved."""
    return cast("Share", cast("dict[str, Any]", request.scope)[SHARE])


@contextlib.asynccontextmanager
async def in_time() -> AsyncGenerator[None, None]:
    """Time limit for reading a body that is held as a whole. Raises HttpProblem (408) when it is exceeded."""
    try:
        async with asyncio.timeout(HELD_WITHIN):
            yield
    except TimeoutError:
        detail = f"The body did not come within {HELD_WITHIN:.0f} seconds. Nothing of it is kept."
        raise HttpProblem(408, "too_slow", "Request Timeout", detail) from None


def announced(request: Request[Any, Any, Any], limit: int) -> int:
    """The bytes of a body as its sender announced them, at most ``limit``; that, where it comes in pieces of unknown number. A request that
    announces nothing has no body (RFC 9112, section 6.3), and must hold nothing: its answer may be a long download."""
    if "transfer-encoding" in request.headers:
        return limit
    said = request.headers.get("content-length", "0")
    return min(int(said), limit) if said.isascii() and said.isdecimal() and len(said) < 16 else limit
