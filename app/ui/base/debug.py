"""What the debug panel shows: what happened in this tab, by name, and how long it took. Nothing of it exists while the panel is off.

Only names of actions, notices, effects and tasks, and figures: no value that was typed, no text, no key.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Literal

import msgspec

KEPT = 200
"""Entries that are shown; older ones are forgotten."""

Kind = Literal["event", "notice", "effect"]


class Traced(msgspec.Struct):
    """Something that happened. ``began`` is a reading of ``time.perf_counter``."""

    at: float
    """Unix seconds."""
    kind: Kind
    name: str
    began: float
    took: float = 0.0
    """Seconds that it held the page: a handler up to its first wait. Of an effect, seconds until it had ended."""
    ended: float | None = None
    """Seconds until all of it had ended; None: it has not, or there was nothing to wait for."""

    def end(self) -> None:
        """All of it has ended."""
        self.ended = time.perf_counter() - self.began


class DebugState(msgspec.Struct):
    """What was seen since the panel was opened."""

    traced: deque[Traced] = msgspec.field(default_factory=lambda: deque(maxlen=KEPT))
    """Newest last."""
    longest: dict[str, float] = msgspec.field(default_factory=dict)
    """The longest seconds of an ``event`` up to its first wait, of a ``draw``, and that the page did not answer (``block``)."""
    start: tuple[tuple[str, float], ...] = ()
    """The marks of the page's start, milliseconds since it was asked for."""
    tasks: tuple[tuple[str, int], ...] = ()
    """What runs in the background: names, and how many of each."""

    def begin(self, kind: Kind, name: str, now: float) -> Traced:
        """Something begins."""
        one = Traced(now, kind, name, time.perf_counter())
        self.traced.append(one)
        return one

    def pause(self, one: Traced) -> None:
        """It has come to its first wait, or to its end."""
        one.took = time.perf_counter() - one.began
        self.hold(one.kind, one.took)

    def effect(self, name: str, now: float, took: float) -> None:
        """An effect of the engine has ended after so many seconds."""
        self.traced.append(Traced(now, "effect", name, 0.0, took, took))

    def hold(self, what: str, seconds: float) -> None:
        """``what`` took so many seconds."""
        self.longest[what] = max(self.longest.get(what, 0.0), seconds)
