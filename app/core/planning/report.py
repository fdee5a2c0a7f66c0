"""What a look over all rows of a table found: faults by kind, what would be sent to which model, and how that is cut into batches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final

import msgspec

from app.core.base.findings import Severity
from app.core.base.text import count
from app.core.bodies import tokens
from app.core.bodies.bodyfindings import BodyFindingKind
from app.core.bodies.remedies import BodyRemedy
from app.core.bodies.requests import MAX_LINES, SEGMENT_BYTES, KnownLines, LineRun
from app.core.planning.answered import AnsweredIn, AnsweredRequests
from app.core.planning.cutting import LaneCutter, LaneIndex, LaneShape, PlannedLane, RunShape
from app.core.planning.emptiness import EmptyColumn
from app.core.planning.rowrequests import PlanOrder, RequestRun, limits_of
from app.core.planning.wayrequests import WayRequests
from app.core.templates.sensitive import warnings

SHOWN_ROWS: Final = 1_000
"""Rows of a kind of finding that are kept by number; all are counted."""


class FoundKind(msgspec.Struct, frozen=True):
    """What is the same in ``count`` rows, of which ``rows`` are the first by their positions from 0, and ``numbers`` their numbers in the
    file, by which the table names them (empty: not looked up). ``column``: whose cells are at fault, "" where that cannot be said of
    one."""

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
    variants: tuple[str, ...] = ()
    """The tags of those that it is about, where rows are asked in several ways and it is not about all."""
    numbers: tuple[int, ...] = ()


class PlannedVariant(msgspec.Struct, frozen=True):
    """What goes to one model in one of the ways in which rows are asked, all samples together. ``tag``: "" where there is one way only."""

    tag: str
    model: str
    requests: int
    tokens: int
    """Prompt tokens as the bytes of its requests tell (core.bodies.tokens)."""


class PlanReport(msgspec.Struct, frozen=True):
    """``rows`` were looked at, ``left_out`` of them can't be sent as they are, ``partly``: not in every way in which rows are asked.
    ``sampled``: requests whose texts came along to be counted; they are the first ``sample_size`` bytes of the job's, and what ``shapes``
    tells of follows."""

    rows: int
    left_out: int
    requests: int
    sampled: int
    found: tuple[FoundKind, ...]
    lanes: tuple[PlannedLane, ...]
    sample_size: int = 0
    shapes: tuple[LaneIndex, ...] = ()
    variants: tuple[PlannedVariant, ...] = ()
    partly: int = 0
    answered: tuple[AnsweredRequests, ...] = ()
    """Requests that were answered already, among the others, or with ``PlanOrder.reuse`` beside them."""
    answered_in: tuple[AnsweredIn, ...] = ()
    """The batches that have the answers, those with most of them first."""
    unlooked: int = 0
    """Batches in which answers were not looked for, because newer ones have so many requests."""

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
    tag: str = ""


class RunGatherer:
    """Gathers the requests of one lane into runs, as a queue keeps them."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._ends: list[int] = []
        self._lines: list[memoryview] = []
        self._known: list[KnownLines | None] = []

    def extend(self, run: LineRun) -> Iterator[LineRun]:
        """The runs that are full before each of these lines."""
        at, begin, data = 0, 0, memoryview(run.data)
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
            self._lines.append(data[begin:end])
            self._known.append(run.known)
            at, begin = fit, end

    def last(self) -> LineRun | None:
        """What was gathered and is not full."""
        return self._taken() if self._ids else None

    def _taken(self) -> LineRun:
        run = LineRun(tuple(self._ids), tuple(self._ends), b"".join(self._lines), _of_all(self._known))
        self._ids, self._ends, self._lines, self._known = [], [], [], []
        return run


def _of_all(known: list[KnownLines | None]) -> KnownLines | None:
    """What is known of the lines of several runs together."""
    if not all(known):
        return None
    return KnownLines(all(one.plain for one in known if one), any(one.asks for one in known if one))


class LengthGatherer:
    """The runs that :class:`RunGatherer` makes, of lines of which nothing but their lengths is known: where their lines end."""

    def __init__(self) -> None:
        self._ends: list[int] = []

    def extend(self, sizes: Sequence[int]) -> Iterator[list[int]]:
        """The runs that are full before each of these lines."""
        at = 0
        while at < len(sizes):
            held = self._ends[-1] if self._ends else 0
            ends = list(accumulate(sizes[at : at + MAX_LINES - len(self._ends)], initial=held))[1:]
            fit = bisect_right(ends, SEGMENT_BYTES)
            if not fit and self._ends:
                yield from self.last()
                continue
            fit = max(fit, 1)  # a longer line stands alone
            self._ends += ends[:fit]
            at += fit

    def last(self) -> Iterator[list[int]]:
        """What was gathered and is not full."""
        if self._ends:
            ends, self._ends = self._ends, []
            yield ends


def _plain(ends: Sequence[int]) -> RunShape:
    return RunShape.of(ends, (), ())


def _shape(run: LineRun) -> RunShape:
    return RunShape.of(run.ends, tokens.by_line(run.ends, run.data), tokens.inputs_by_line(run.ends, run.data))


class PlanGatherer:
    """Adds up what would be sent, without keeping a line of it."""

    def __init__(self, order: PlanOrder) -> None:
        self._order = order
        self._runs: dict[str, RunGatherer] = {}
        self._lengths: dict[str, LengthGatherer] = {}
        self._shapes: dict[str, list[RunShape]] = {}
        self._variants: dict[tuple[str, str], tuple[int, int]] = {}
        self.requests = 0

    def add(self, made: RequestRun) -> None:
        """More requests."""
        self.requests += len(made.lines)
        if self._order.prompts:
            requests, rough = self._variants.get((made.tag, made.model), (0, 0))
            self._variants[made.tag, made.model] = requests + len(made.lines), rough + made.tokens()
        shapes = self._shapes.setdefault(made.model, [])
        if made.by_bytes and made.model not in self._runs:
            shapes += map(_plain, self._lengths.setdefault(made.model, LengthGatherer()).extend(made.lines.sizes()))
            return
        if (plain := self._lengths.pop(made.model, None)) is not None:
            shapes += map(_plain, plain.last())
        shapes += map(_shape, self._runs.setdefault(made.model, RunGatherer()).extend(made.lines.run()))

    def shapes(self) -> tuple[LaneShape, ...]:
        """How long they are; to be asked once."""
        for model, lengths in self._lengths.items():
            self._shapes[model] += map(_plain, lengths.last())
        for model, gatherer in self._runs.items():
            if run := gatherer.last():
                self._shapes[model].append(_shape(run))
        return tuple(LaneShape(model, tuple(runs)) for model, runs in self._shapes.items())

    def variants(self, lanes: Iterable[PlannedLane]) -> tuple[PlannedVariant, ...]:
        """What goes to whom in each way, in the order of the ways. ``lanes``: as they are planned."""
        if not self._order.prompts:
            return tuple(PlannedVariant("", one.model, one.sums.requests, one.sums.tokens) for one in lanes)
        order = {one.tag: n for n, one in enumerate(self._order.prompts)}
        found = [PlannedVariant(*key, *counted) for key, counted in self._variants.items()]
        return tuple(sorted(found, key=lambda one: (order[one.tag], -one.requests, one.model)))


def planned(order: PlanOrder, shape: LaneShape) -> PlannedLane:
    """How one model's requests would be cut."""
    cutter = LaneCutter(shape.model, limits_of(order, shape.model))
    for run in shape.runs:
        cutter.take(run)
    return cutter.end()


def found_kinds(made: WayRequests) -> tuple[FoundKind, ...]:
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
            len(rows),
            tuple(rows[:SHOWN_ROWS]),
            group.fix,
            variants,
        )
        for group, rows, variants in made.findings()
    ]
    errors = [one for one in found if one.severity == "error"]
    sent = made.sensitive
    looked = [
        FoundKind(one.group, one.kind, one.severity, one.sentence, one.remedy, "", one.item, column.count, tuple(column.rows[:SHOWN_ROWS]))
        for one, column in zip(warnings(sent), sent, strict=True)
    ]
    return (*errors, *looked, *map(_empty, made.empty), *(one for one in found if one.severity != "error"))


def _empty(found: EmptyColumn) -> FoundKind:
    name = found.name[:60]
    sentence = f"{name} is empty in {count(found.cells, 'row')}, and the prompt puts it in as it is."
    remedy = f'Write {{{{{name} | default("…")}}}}, or {{{{#if {name}}}}} around the part that needs it.'
    return FoundKind(f"cell empty {found.name}", "value", "advice", sentence, remedy, "", found.name, found.cells, found.rows)
