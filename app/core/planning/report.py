"""What a look over all rows of a table found: faults by kind, what would be sent to which model, and how that is cut into batches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from app.core.base.findings import Severity
from app.core.bodies import tokens
from app.core.bodies.bodyfindings import BodyFindingKind, GroupedFindings
from app.core.bodies.remedies import BodyRemedy
from app.core.bodies.requests import MAX_LINES, SEGMENT_BYTES, LineRun
from app.core.model.segments import Segment
from app.core.planning.rowrequests import PlanOrder, RequestRun, limits_of
from app.core.queue import lanes
from app.core.queue.lanes import Sums
from app.core.templates.sensitive import SensitiveColumn, warnings

SHOWN_ROWS: Final = 1_000
"""Rows of a kind of finding that are kept by number; all are counted."""
MOST_BATCHES: Final = 2_000
"""Batches of a plan that are listed; all are counted."""


class FoundKind(msgspec.Struct, frozen=True):
    """What is the same in ``count`` rows, of which ``rows`` are the first by their positions from 0. ``column``: whose cells are at fault,
    "" where that cannot be said of one."""

    key: str
    kind: BodyFindingKind
    severity: Severity
    sentence: str
    remedy: str
    path: str
    column: str
    count: int
    rows: tuple[int, ...]
    fix: BodyRemedy | None = None


class PlannedBatch(msgspec.Struct, frozen=True):
    """One batch as it would be cut. ``wave``: from 1; batches of one wave fit into the model's room for enqueued tokens together, and the
    next wave waits until they have ended."""

    sums: Sums
    wave: int


class PlannedLane(msgspec.Struct, frozen=True):
    """What goes to one model. ``room``: prompt tokens that may be enqueued for it at a time; 0: not limited. ``batches`` has the first of
    ``cut``."""

    model: str
    sums: Sums
    room: int
    cut: int
    waves: int
    batches: tuple[PlannedBatch, ...]


class PlanReport(msgspec.Struct, frozen=True):
    """``rows`` were looked at, ``left_out`` of them can't be sent as they are. ``sampled``: requests whose texts came along to be
    counted."""

    rows: int
    left_out: int
    requests: int
    sampled: int
    found: tuple[FoundKind, ...]
    lanes: tuple[PlannedLane, ...]

    @property
    def blocked(self) -> tuple[FoundKind, ...]:
        """The kinds whose rows are left out."""
        return tuple(one for one in self.found if one.severity == "error")

    @property
    def size(self) -> int:
        """Bytes of all requests."""
        return sum(one.sums.size for one in self.lanes)


class SampledPrompt(msgspec.Struct, frozen=True, array_like=True):
    """The texts of one request, to be counted (core.bodies.prompttexts). ``rough``: its tokens as its bytes tell."""

    model: str
    text: str
    extra: int
    rough: int


class RunGatherer:
    """Gathers the requests of one lane into runs, as a queue keeps them."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._ends: list[int] = []
        self._lines: list[bytes] = []

    def extend(self, run: LineRun) -> Iterator[LineRun]:
        """The runs that are full before each of these lines."""
        at, begin = 0, 0
        while at < len(run.ids):
            size = self._ends[-1] if self._ends else 0
            fit = min(bisect_right(run.ends, begin + SEGMENT_BYTES - size, at), at + MAX_LINES - len(self._ids))
            if fit <= at and self._ids:
                yield self._taken()
                continue
            fit = max(fit, at + 1)  # a longer line stands alone
            end = run.ends[fit - 1]
            self._ids += run.ids[at:fit]
            self._ends += [one + size - begin for one in run.ends[at:fit]]
            self._lines.append(run.data[begin:end])
            at, begin = fit, end

    def last(self) -> LineRun | None:
        """What was gathered and is not full."""
        return self._taken() if self._ids else None

    def _taken(self) -> LineRun:
        run = LineRun(tuple(self._ids), tuple(self._ends), b"".join(self._lines))
        self._ids, self._ends, self._lines = [], [], []
        return run


class PlanGatherer:
    """Adds up what would be sent, without keeping a line of it."""

    def __init__(self, order: PlanOrder) -> None:
        self._order = order
        self._runs: dict[str, RunGatherer] = {}
        self._segments: dict[str, list[Segment]] = {}
        self.requests = 0

    def add(self, made: RequestRun) -> None:
        """More requests."""
        self.requests += len(made.lines)
        gatherer = self._runs.setdefault(made.model, RunGatherer())
        for run in gatherer.extend(made.lines.measured() if made.by_bytes else made.lines.run()):
            self._keep(made.model, run)

    def _keep(self, model: str, run: LineRun) -> None:
        kept = self._segments.setdefault(model, [])
        id = str(len(kept))
        inputs = tokens.inputs_by_line(run.ends, run.data)
        kept.append(
            Segment(
                id=id, owner="", seq=0.0, bytes_id="", ids=run.ids, ends=run.ends, tokens=tokens.by_line(run.ends, run.data), inputs=inputs
            )
        )

    def lanes(self) -> tuple[PlannedLane, ...]:
        """The lanes, the largest first; to be asked once."""
        for model, gatherer in self._runs.items():
            if run := gatherer.last():
                self._keep(model, run)
        found = [self._lane(model, segments) for model, segments in self._segments.items()]
        return tuple(sorted(found, key=lambda one: (-one.sums.requests, one.model)))

    def _lane(self, model: str, segments: Sequence[Segment]) -> PlannedLane:
        limits = limits_of(self._order, model)
        sums = [one.sums for one in lanes.cut(segments, limits).batches]
        waves = list(in_waves([one.tokens for one in sums], limits.tokens))
        batches = tuple(PlannedBatch(one, wave) for one, wave in zip(sums[:MOST_BATCHES], waves, strict=False))
        total = sum(sums, Sums())
        return PlannedLane(model, total, limits.tokens, len(sums), max(waves, default=0), batches)


def in_waves(needs: Iterable[int], room: int) -> Iterator[int]:
    """In which wave each batch goes, from 1, if all of a wave must have ended before the next begins: its tokens fit into ``room`` (0: any
    number does). In truth a batch goes as soon as enough of those before it have ended."""
    wave, held = 1, 0
    for need in needs:
        if room and held and held + need > room:
            wave, held = wave + 1, 0
        held += need
        yield wave


def found_kinds(grouped: GroupedFindings, sensitive: Iterable[SensitiveColumn]) -> tuple[FoundKind, ...]:
    """What was found, in the order of its weight: what keeps rows from being sent, secrets, then what most rows have."""
    found = [
        FoundKind(
            group.key,
            group.kind,
            group.severity,
            group.sentence,
            group.remedy,
            group.path,
            group.item,
            group.count,
            tuple(grouped.rows_of(group.key)[:SHOWN_ROWS]),
            group.fix,
        )
        for group in grouped.groups()
    ]
    errors = [one for one in found if one.severity == "error"]
    sent = list(sensitive)
    looked = [
        FoundKind(one.group, one.kind, one.severity, one.sentence, one.remedy, "", one.item, column.count, tuple(column.rows[:SHOWN_ROWS]))
        for one, column in zip(warnings(sent), sent, strict=True)
    ]
    return (*errors, *looked, *(one for one in found if one.severity != "error"))
