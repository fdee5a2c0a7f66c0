"""Lanes and the cutting of a lane into batches.

One batch holds one endpoint and one model (OpenAI batch guide), so requests are kept by lane. Cutting looks at the indexes of segments
only: no line is read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, Protocol

import msgspec

from app.core.base import text
from app.core.bodies import tokens
from app.core.endpoints.table import ENDPOINTS
from app.core.model.lanes import Endpoint, Lane
from app.core.model.providers import Profile
from app.core.model.segments import Segment

MAX_BYTES = 200_000_000
"""Bytes of a batch file, whatever a profile says (OpenAI batch guide)."""
_SIZE = 1
_WORDS = (
    "",
    "The request “{id}” has {value}; a batch file of this provider takes {limit}.",
    "The request “{id}” has about {value} tokens (estimated); this model may have {limit} enqueued.",
    "The request “{id}” has {value} inputs; an embeddings batch takes {limit}.",
)


def lane_of(profile_id: str, endpoint: Endpoint, body: Mapping[str, Any]) -> Lane:
    """The lane of a request: the model is the body's, empty where it names none."""
    model = body.get("model")
    return Lane(profile=profile_id, endpoint=endpoint, model=model if isinstance(model, str) else "")


class Sums(msgspec.Struct, frozen=True):
    """How much some lines are: requests, bytes, estimated prompt tokens (core.bodies.tokens), and inputs of embeddings requests."""

    requests: int = 0
    size: int = 0
    tokens: int = 0
    inputs: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.requests + other.requests, self.size + other.size, self.tokens + other.tokens, self.inputs + other.inputs)


class BatchLimits(msgspec.Struct, frozen=True):
    """What one batch may hold at most, in the order of :class:`Sums`. 0 tokens or inputs: no limit."""

    requests: int
    size: int
    tokens: int = 0
    inputs: int = 0

    def reached(self, sums: Sums) -> bool:
        """Whether a batch of these sums takes no further line, whatever its length."""
        pairs = zip(_values(sums), _values(self), strict=True)
        return any(limit and value >= limit for value, limit in pairs)

    def exceeded(self, sums: Sums) -> bool:
        """Whether one batch cannot hold so much."""
        pairs = zip(_values(sums), _values(self), strict=True)
        return any(limit and value > limit for value, limit in pairs)


def _values(one: Sums | BatchLimits) -> tuple[int, int, int, int]:
    return one.requests, one.size, one.tokens, one.inputs


def limits_of(lane: Lane, profile: Profile, max_tokens: int = 0) -> BatchLimits:
    """The limits of this lane's batches. ``max_tokens`` are those that its model may have enqueued; 0: not limited."""
    spec = ENDPOINTS.get(lane.endpoint)
    inputs = spec.batch_inputs if spec else 0
    return BatchLimits(profile.max_requests, min(profile.max_bytes, MAX_BYTES), max_tokens, inputs)


class Piece(msgspec.Struct, frozen=True):
    """What one batch takes of one segment: ``runs`` are its stretches of live lines as (start, stop), stop exclusive.

    ``whole``: every line of the segment goes, so the segment can change its owner as it is; otherwise its bytes are rewritten
    (``requests.slices``).
    """

    segment: str
    runs: tuple[tuple[int, int], ...]
    sums: Sums
    whole: bool


class Load(msgspec.Struct, frozen=True):
    """What one batch will hold, in order. ``full``: the line behind it, if there is one, had no room."""

    pieces: tuple[Piece, ...]
    sums: Sums
    full: bool


class LineRefusal(msgspec.Struct, frozen=True):
    """A line that no batch of this provider can hold, or that would spoil its batch. It is put into words by who says it, in whose figures
    the sentence then is."""

    segment: str
    position: int
    custom_id: str
    why: str = ""
    """A sentence; "": a batch takes ``limit`` of what the line has ``value`` of, the ``measure``-th way of :class:`Sums`."""
    bytes_id: str = ""
    """The run that the line was read from: in another one it may be another line."""
    measure: int = 0
    value: int = 0
    limit: int = 0

    @property
    def sentence(self) -> str:
        """Why it stays."""
        say = text.size if self.measure == _SIZE else text.number
        return self.why or _WORDS[self.measure].format(id=self.custom_id, value=say(self.value), limit=say(self.limit))


class BatchPlan(msgspec.Struct, frozen=True):
    """The batches in order. Every live line stands in exactly one of them, or is refused."""

    batches: tuple[Load, ...]
    refused: tuple[LineRefusal, ...] = ()


class _Measure:
    """How much of one thing a segment's lines are: running totals, each to be divided by ``unit``."""

    def __init__(self, totals: Sequence[int], unit: int = 1) -> None:
        self._totals, self._unit = totals, unit

    def sum(self, start: int, stop: int) -> int:
        return self._until(stop) - self._until(start)

    def _until(self, stop: int) -> int:
        return self._totals[stop - 1] // self._unit if stop else 0

    def reach(self, start: int, stop: int, room: int) -> int:
        """How far, up to ``stop``, the lines from ``start`` on have at most ``room`` of it."""
        most = (self._until(start) + room) * self._unit + self._unit - 1
        return bisect_right(self._totals, most, start, stop)


class LineLengths(Protocol):
    """How long some lines are, as a :class:`Segment` says it."""

    @property
    def ends(self) -> Sequence[int]: ...

    @property
    def tokens(self) -> Sequence[int]: ...

    @property
    def inputs(self) -> Sequence[int]: ...


class Measures:
    """A segment's lines, measured in each way of :class:`Sums`. Costs nothing for plain lines, however many."""

    def __init__(self, lines: LineLengths) -> None:
        ones = range(1, len(lines.ends) + 1)
        by_bytes = _Measure(lines.ends, tokens.BYTES)
        self.all = (
            _Measure(ones),
            _Measure(lines.ends),
            _Measure(list(accumulate(lines.tokens))) if lines.tokens else by_bytes,
            _Measure(list(accumulate(lines.inputs)) if lines.inputs else ones),
        )

    def reach(self, held: Sums, limits: BatchLimits, start: int, stop: int) -> int:
        """How far, up to ``stop``, a batch that holds so much has room for the lines from ``start`` on."""
        for one, here, limit in zip(self.all, _values(held), _values(limits), strict=True):
            if limit:
                stop = one.reach(start, stop, limit - here)
        return stop

    def sums(self, runs: Iterable[tuple[int, int]]) -> Sums:
        """Of these stretches."""
        found = Sums()
        for start, stop in runs:
            found += Sums(*(one.sum(start, stop) for one in self.all))
        return found


def live_runs(segment: Segment, without: Iterable[int] = ()) -> list[tuple[int, int]]:
    """The stretches of lines that were not deleted, and are not among ``without``."""
    stops = {i for i in (*segment.gone, *without) if 0 <= i < len(segment.ends)}
    found, start = [], 0
    for stop in [*sorted(stops), len(segment.ends)]:
        if stop > start:
            found.append((start, stop))
        start = stop + 1
    return found


def live_sums(segment: Segment) -> Sums:
    """What the lines that were not deleted come to."""
    return Measures(segment).sums(live_runs(segment))


def sums_without(segment: Segment, without: Iterable[int]) -> Sums:
    """What the lines come to that were not deleted, and are not among ``without``."""
    return Measures(segment).sums(live_runs(segment, without))


def too_large(segment: Segment, limits: BatchLimits, measures: Measures | None = None) -> list[LineRefusal]:
    """The live lines that no batch can hold, in their order."""
    found: dict[int, LineRefusal] = {}
    gone = frozenset(segment.gone)
    for n, (one, limit) in enumerate(zip((measures or Measures(segment)).all, _values(limits), strict=True)):
        if limit and one.sum(0, len(segment.ends)) > limit:
            for i in range(len(segment.ends)):
                if (value := one.sum(i, i + 1)) > limit and i not in found and i not in gone:
                    found[i] = LineRefusal(segment.id, i, segment.ids[i], "", segment.bytes_id, n, value, limit)
    return [found[i] for i in sorted(found)]


class _Cutter:
    """Fills one batch after the other to its limits."""

    def __init__(self, limits: BatchLimits) -> None:
        self.limits = limits
        self.batches: list[Load] = []
        self.refused: list[LineRefusal] = []
        self._pieces: list[Piece] = []
        self.held = Sums()

    def close(self, full: bool) -> None:
        """End the batch."""
        if self._pieces:
            self.batches.append(Load(tuple(self._pieces), self.held, full))
        self._pieces, self.held = [], Sums()

    def gather(self, segment: Segment, measures: Measures, runs: list[tuple[int, int]]) -> None:
        """End the piece."""
        if runs:
            sums = measures.sums(runs)
            self._pieces.append(Piece(segment.id, tuple(runs), sums, sums.requests == len(segment.ends)))
            runs.clear()

    def take(self, segment: Segment) -> None:
        measures = Measures(segment)
        runs: list[tuple[int, int]] = []
        refused = too_large(segment, self.limits, measures)
        self.refused += refused
        for start, stop in live_runs(segment, [one.position for one in refused]):
            while start < stop:
                reach = measures.reach(self.held, self.limits, start, stop)
                if reach == start:
                    self.gather(segment, measures, runs)
                    self.close(full=True)
                    continue
                runs.append((start, reach))
                self.held += measures.sums([(start, reach)])
                start = reach
        self.gather(segment, measures, runs)


def cut(segments: Iterable[Segment], limits: BatchLimits) -> BatchPlan:
    """Pack the live lines of a lane's segments (each id once) into batches: in order, each filled to its limits, segments split only at a
    batch's edge. Lines of different metadata share no batch: those of the first segment's come first.

    A line that is over a limit by itself is refused by name; the rest is planned. ValueError when a limit of requests or bytes is below 1.
    """
    if limits.requests < 1 or limits.size < 1:
        raise ValueError("a batch's limits start at 1")
    cutter = _Cutter(limits)
    alike: dict[tuple[tuple[str, str], ...], list[Segment]] = {}
    for segment in segments:
        alike.setdefault(tuple(sorted(segment.metadata.items())), []).append(segment)
    for some in alike.values():
        for segment in some:
            cutter.take(segment)
        cutter.close(full=limits.reached(cutter.held))
    return BatchPlan(tuple(cutter.batches), tuple(cutter.refused))
