"""How long the requests of a plan are, without the requests: enough to cut them into batches again when a limit is another one.

They cross from the job as one run of bytes: for each model, and each run of its lines, where the lines end (u32), then their tokens and
their inputs where they have figures of their own (:class:`RunLengths` says which); 4 MB for a million plain requests.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import sub
from typing import Final

import msgspec

from app.core.queue.lanes import BatchLimits, Measures, Sums

MOST_BATCHES: Final = 2_000
"""Batches of a plan that are listed; all are counted."""
_U32: Final = 4


class PlannedBatch(msgspec.Struct, frozen=True):
    """One batch as it would be cut. ``wave``: from 1; batches of one wave fit into the model's room for enqueued tokens together, and the
    next wave waits until they have ended."""

    sums: Sums
    wave: int


class PlannedLane(msgspec.Struct, frozen=True):
    """What goes to one model. ``room``: prompt tokens that may be enqueued for it at a time; 0: not limited. ``batches`` has the first of
    ``cut``. ``refused``: requests that no batch can hold; they are in none."""

    model: str
    sums: Sums
    room: int
    cut: int
    waves: int
    batches: tuple[PlannedBatch, ...]
    refused: int = 0


class RunLengths(msgspec.Struct, frozen=True, array_like=True):
    """One run of lines: how many, whether they have tokens and inputs of their own, and the most that one line has of each."""

    lines: int
    tokens: bool
    inputs: bool
    longest: Sums


class LaneIndex(msgspec.Struct, frozen=True, array_like=True):
    """The runs of one model, in their order."""

    model: str
    runs: tuple[RunLengths, ...]


class RunShape(msgspec.Struct, frozen=True):
    """The lengths of a run's lines, as a Segment has them (core.queue.lanes.LineLengths)."""

    ends: Sequence[int]
    tokens: Sequence[int]
    inputs: Sequence[int]
    longest: Sums

    @classmethod
    def of(cls, ends: Sequence[int], tokens: Sequence[int], inputs: Sequence[int]) -> RunShape:
        """Of lines that were just made."""
        size = max(map(sub, ends, chain((0,), ends)), default=0)
        # rounded together, a line may have one token more than its bytes alone (core.bodies.tokens)
        longest = Sums(1, size, max(tokens) if tokens else size // 4 + 1, max(inputs) if inputs else 1)
        return cls(array("I", ends), array("I", tokens), array("I", inputs), longest)


class LaneShape(msgspec.Struct, frozen=True):
    """All requests of one model."""

    model: str
    runs: tuple[RunShape, ...]

    @property
    def index(self) -> LaneIndex:
        """What :func:`shapes` needs to find them in the bytes."""
        return LaneIndex(self.model, tuple(RunLengths(len(one.ends), bool(one.tokens), bool(one.inputs), one.longest) for one in self.runs))

    def parts(self) -> Iterator[bytes]:
        """The bytes, a run at a time."""
        for one in self.runs:
            yield b"".join(array("I", figures).tobytes() for figures in (one.ends, one.tokens, one.inputs))


def shapes(indexes: Iterable[LaneIndex], data: bytes) -> tuple[LaneShape, ...]:
    """From what crossed. ValueError where the bytes are not those of the index."""
    view, at = memoryview(data), 0

    def take(lines: int) -> Sequence[int]:
        nonlocal at
        if at + lines * _U32 > len(view):
            raise ValueError("the lengths of the requests are cut off")
        found = array("I", view[at : at + lines * _U32].tobytes())
        at += lines * _U32
        return found

    made = [
        LaneShape(
            lane.model,
            tuple(RunShape(take(one.lines), take(one.lines * one.tokens), take(one.lines * one.inputs), one.longest) for one in lane.runs),
        )
        for lane in indexes
    ]
    if at != len(view):
        raise ValueError("there are more lengths than requests")
    return tuple(made)


class LaneCutter:
    """Cuts one model's lines as ``core.queue.lanes.cut`` does, and keeps what the batches come to instead of what is in them."""

    def __init__(self, model: str, limits: BatchLimits) -> None:
        self._model, self._limits = model, limits
        self._held, self._total = Sums(), Sums()
        self._cut = self._refused = 0
        self._waves = Waves(limits.tokens)
        self._listed: list[PlannedBatch] = []

    def take(self, run: RunShape) -> None:
        """The next run."""
        measures, start = Measures(run), 0
        for stop in [*self._over(run, measures), len(run.ends)]:
            while start < stop:
                reach = measures.reach(self._held, self._limits, start, stop)
                if reach == start:
                    self._close()
                    continue
                self._held += measures.sums([(start, reach)])
                start = reach
            start = stop + 1

    def _over(self, run: RunShape, measures: Measures) -> list[int]:
        """The lines that no batch can hold."""
        if not self._limits.exceeded(run.longest):
            return []
        found = [n for n in range(len(run.ends)) if self._limits.exceeded(measures.sums([(n, n + 1)]))]
        self._refused += len(found)
        return found

    def _close(self) -> None:
        """End the batch."""
        if not self._held.requests:
            return
        self._cut += 1
        wave = self._waves.of(self._held.tokens)
        if len(self._listed) < MOST_BATCHES:
            self._listed.append(PlannedBatch(self._held, wave))
        self._total += self._held
        self._held = Sums()

    def end(self) -> PlannedLane:
        """What became of all of them; to be asked once."""
        self._close()
        waves = self._waves.last if self._cut else 0
        return PlannedLane(self._model, self._total, self._limits.tokens, self._cut, waves, tuple(self._listed), self._refused)


class Waves:
    """In which wave each batch goes, from 1, if all of a wave must have ended before the next begins: its tokens fit into ``room`` (0: any
    number does). In truth a batch goes as soon as enough of those before it have ended."""

    def __init__(self, room: int) -> None:
        self._room, self._held = room, 0
        self.last = 1

    def of(self, need: int) -> int:
        """The wave of the next batch."""
        if self._room and self._held and self._held + need > self._room:
            self.last, self._held = self.last + 1, 0
        self._held += need
        return self.last


def in_order(lanes: Iterable[PlannedLane]) -> tuple[PlannedLane, ...]:
    """The largest first."""
    return tuple(sorted(lanes, key=lambda one: (-one.sums.requests, one.model)))
