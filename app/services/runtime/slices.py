"""Long work in slices, so that the page can draw and take input in between."""

from __future__ import annotations

import time

from app.ports import Clock

SLICE = 0.012
"""Seconds of work at a stretch: below one frame of 16 ms."""
_ASK_EVERY = 16


class Slicer:
    """``over()`` is cheap to ask after every item; ``rest()`` lets the page breathe and begins the next slice."""

    def __init__(self, clock: Clock, seconds: float = SLICE) -> None:
        self._clock, self._seconds = clock, seconds
        self._asked = 0
        self._began = time.perf_counter()

    def over(self, items: int = 1) -> bool:
        """Whether the slice is used up, after so many items more."""
        self._asked += items
        if self._asked < _ASK_EVERY:
            return False
        self._asked = 0
        return time.perf_counter() - self._began > self._seconds

    async def rest(self) -> None:
        await self._clock.sleep(0)
        self._began = time.perf_counter()
