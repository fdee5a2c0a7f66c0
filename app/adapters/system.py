"""Clock, Random and Locks of the browser."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable

from app.adapters.script import js_page

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_EVEN = 256 - 256 % len(_LETTERS)
_LONGEST_NAP = 60.0
"""Seconds. A browser's timer stands still while the machine sleeps, and one beyond 2^31 ms fires at once: long waits look up in between."""


class BrowserClock:
    """The Clock port."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await js_page.breathe()
            return
        # Two clocks: one goes on while the machine sleeps, the other cannot be set back.
        due, end = time.time() + seconds, time.monotonic() + seconds
        left = seconds
        while left > 0:
            await asyncio.sleep(min(left, _LONGEST_NAP))
            left = min(due - time.time(), end - time.monotonic())


class BrowserRandom:
    """The Random port, from the browser's own generator."""

    def token(self, length: int) -> str:
        letters = ""
        while len(letters) < length:
            letters += "".join(_LETTERS[byte % len(_LETTERS)] for byte in os.urandom(length) if byte < _EVEN)
        return letters[:length]

    def unit(self) -> float:
        return (int.from_bytes(os.urandom(7), "big") >> 3) / 2**53


class BrowserLocks:
    """The Locks port over the Web Locks of this origin."""

    async def hold(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        lock = js_page.lock(name)
        try:
            await lock.acquired
            await work()
        finally:
            lock.abort()  # gives up the place in the line, or lets go
