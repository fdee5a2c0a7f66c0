"""Waiting for what shows outside of a page: in a queue, at a receiver, in a log."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(met: Callable[[], T], what: Callable[[], object] = lambda: "", within: float = 60.0) -> T:
    """What this gives once it gives something; AssertionError with ``what`` there is instead after so many seconds."""
    end = time.monotonic() + within
    while not (found := met()):
        assert time.monotonic() < end, f"It did not come about within {within:.0f} s: {what()}"
        time.sleep(0.05)
    return found


def alone(seconds: float) -> float:
    """Seconds that something would have taken, about, on a machine that nobody else uses: what stood in line for the processors during the
    last minute is taken out."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return seconds / max(1.0, os.getloadavg()[0] / cores)
