"""Questions about the same rows asked in several ways (core.results.comparing), asked as jobs of the table of answers."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final

import msgspec

from app.core.results import comparing
from app.core.results.answerindex import NoSuchColumn
from app.core.results.columns import NumberColumn, WordColumn
from app.core.results.comparing import MOST_REPEATS, ArmFacts
from app.core.results.layout import Comparison
from app.core.results.lines import answer_cells
from app.core.results.worddiff import DiffPiece, word_diff
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.answer_reading import CELL, FIELD, OF_ANSWERS
from app.services.results.compare_arms import Arms, arms_of, shown_arms
from app.services.results.compare_figures import counted, figures_of
from app.services.results.judge_columns import judge_names
from app.services.results.table_index import KeptIndex
from app.services.results.table_jobs import PLACE, TableAsked, have_all, opened

_LARGE: Final = 4_000_000
"""Bytes of a line from which on it is not read."""
_CELL: Final = 240
"""Characters of an answer in a line."""
_TEXT: Final = 60_000
"""Characters of an answer that is open."""
_ITEMS: Final = 60
"""Items of one window."""
_CELLS: Final = 3
"""Columns of the table that an item shows."""


class ComparedAsked(msgspec.Struct, frozen=True):
    """The items in sight, from place ``first`` to ``last`` (exclusive). ``diff``: answers as what differs from the baseline's."""

    table: TableAsked
    compare: Comparison
    first: int
    last: int
    diff: bool = False


class ComparedLine(msgspec.Struct, frozen=True):
    """One answer of an arm to an item. ``pieces``: its text, as (kind, text), compared to the baseline's where that is asked for
    (core.results.worddiff). ``value`` and ``delta`` are of the metric: how much better it is than the baseline's mean; None where one of
    them has none."""

    arm: int
    batch: str = ""
    row: int = 0
    id: str = ""
    outcome: str = ""
    pieces: tuple[tuple[str, str], ...] = ()
    value: str = ""
    delta: float | None = None
    cost: float | None = None
    length: int | None = None


class ComparedItem(msgspec.Struct, frozen=True):
    """A row that was asked, with the answers of every arm, the baseline first. ``cells``: of the table, else the id."""

    number: int
    cells: tuple[str, ...]
    lines: tuple[ComparedLine, ...]


class ComparedWindow(msgspec.Struct, frozen=True):
    """``found`` of ``total`` items are wanted. ``lines``: for each item, by arm how many lines are drawn. ``every``: the arms that can be
    chosen; ``metrics``: columns that can decide, with whether they hold numbers."""

    arms: tuple[ArmFacts, ...]
    total: int
    found: int
    first: int
    items: tuple[ComparedItem, ...]
    lines: tuple[int, ...] = ()
    every: tuple[tuple[str, str], ...] = ()
    metric: str = ""
    numbers: bool = True
    metrics: tuple[tuple[str, bool], ...] = ()


class ItemAsked(msgspec.Struct, frozen=True):
    """The item of which this is one of the requests, in full."""

    table: TableAsked
    compare: Comparison
    batch: str
    row: int


class OpenedItem(msgspec.Struct, frozen=True):
    """What was asked, and the answers in full: ``pieces`` as in :class:`ComparedLine`. ``lines`` is empty where there is no such item."""

    cells: tuple[tuple[str, str], ...] = ()
    lines: tuple[ComparedLine, ...] = ()


COMPARED: Final = JobKind("results.compared", ComparedAsked, ComparedWindow, (RowsMissing, NoSuchColumn), PLACE)
ITEM: Final = JobKind("results.item", ItemAsked, OpenedItem, (RowsMissing, NoSuchColumn), PLACE)


async def compared(job: Job, asked: ComparedAsked) -> ComparedWindow:
    """Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked.table)
    arms = await arms_of(job, kept)
    compare = await _with_metric(job, kept, asked)
    shown = shown_arms(arms, compare)
    found = await counted(job, kept, arms, shown, compare, asked.table.query)
    first = min(max(0, asked.first), len(found.chosen))
    items = found.chosen[first : min(max(0, asked.last), first + _ITEMS)]
    lines = [max(1, min(arms.repeats[one], MOST_REPEATS)) for one in shown]
    figures = await figures_of(job, kept, arms, shown, compare.metric)
    made = await _items(job, kept, arms, shown, lines, items, compare, figures, asked.diff, _CELL)
    every = tuple(zip(arms.names, arms.titles, strict=True))
    numbers = isinstance(found.column, NumberColumn)
    return ComparedWindow(
        found.facts, found.total, len(found.chosen), first, tuple(made), tuple(lines), every, compare.metric, numbers, _metrics(kept)
    )


async def _with_metric(job: Job, kept: KeptIndex, asked: ComparedAsked | ItemAsked) -> Comparison:
    """With the column that decides: the one that was chosen, else (or where these answers have no such column, since an address or a kept
    view may be of others) the first field of structured answers, else their length."""
    compare = asked.compare
    await have_all(job, kept, ["answer", "length", *([compare.metric] if compare.metric else [])], asked.table)
    if compare.metric in kept.index.names:
        return compare
    return msgspec.structs.replace(compare, metric=next((name for name in kept.index.names if name.startswith(FIELD)), "length"))


async def item(job: Job, asked: ItemAsked) -> OpenedItem:
    """Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked.table)
    number = next((n for n, one in enumerate(kept.joined.parts) if one.batch.id == asked.batch), -1)
    position = kept.index.position(number, asked.row) if number >= 0 else None
    if position is None:
        return OpenedItem()
    arms = await arms_of(job, kept)
    compare = await _with_metric(job, kept, asked)
    shown = shown_arms(arms, compare)
    figures = await figures_of(job, kept, arms, shown, compare.metric)
    at = arms.items[position]
    lines = [max(1, min(arms.repeats[one], MOST_REPEATS)) for one in shown]
    (made,) = await _items(job, kept, arms, shown, lines, array("I", [at]), compare, figures, True, _TEXT)
    cells = await kept.row_cells([position])
    named = tuple((name, text[:2_000]) for name, text in zip(kept.joined.columns, cells.get(position, []), strict=False))
    return OpenedItem(named[:20], made.lines)


# --- figures


_NO_METRICS: Final = frozenset({"id", "outcome", "code", "batch", "model", "variant", "note", *OF_ANSWERS, "cost", "output_tokens"})
"""Columns that say no answer's worth, and those that are listed at the end."""


def _metrics(kept: KeptIndex) -> tuple[tuple[str, bool], ...]:
    """Columns whose figures can be compared: fields of answers, what else is said of answers, and what every answer has."""
    index = kept.index
    names = [name for name in index.names if name.startswith(FIELD)]
    names += [name for name in index.names if name not in _NO_METRICS and not name.startswith((FIELD, CELL))]
    names += judge_names(kept)
    found = [(name, not isinstance(index.columns.get(name), WordColumn)) for name in names[:60]]
    return (*found, ("length", True), ("cost", True), ("output_tokens", True), ("finish", False), ("answer", False))


# --- items in sight


async def _items(
    job: Job,
    kept: KeptIndex,
    arms: Arms,
    shown: Sequence[int],
    lines: Sequence[int],
    items: Sequence[int],
    compare: Comparison,
    figures: list[array[float]],
    diff: bool,
    most: int,
) -> list[ComparedItem]:
    by_item = {one: _rows_of(arms, one, shown, lines) for one in items}
    rows = [row for found in by_item.values() for each in found for row in each]
    places = {row: place for row in rows if (place := kept.answer_place(row)) is not None}
    texts = await kept.lines(list(places.values()), most=_LARGE)
    cells = await kept.row_cells([next(row for each in found for row in each) for found in by_item.values() if any(found)])
    outcome = kept.index.column("outcome")
    made = []
    for at, found in by_item.items():
        first = next((row for each in found for row in each), 0)
        said: dict[int, str] = {}
        for each in found:
            for row in each:
                place = places.get(row)
                if place is not None and (line := texts.get(place)) is not None:
                    endpoint = kept.joined.parts[kept.index.batch[row]].batch.lane.endpoint
                    said[row] = answer_cells(endpoint, line).text[:most]
        base = said.get(found[0][0], "") if found and found[0] else ""
        made_lines = []
        for n, each in enumerate(found):
            for k in range(lines[n]):
                if k >= len(each):
                    made_lines.append(ComparedLine(n))
                    continue
                row = each[k]
                pieces = word_diff(base, said[row]) if diff and n and row in said and base else [DiffPiece("same", said.get(row, ""))]
                made_lines.append(_line(kept, n, row, pieces, outcome.cell(row), at, compare, figures))
                if diff and n:
                    await job.rest()  # of long texts that differ throughout each takes as long as a slice and more
        number = kept.index.row[first] if kept.position is None else kept.position[1][first]
        own = tuple(text[:_CELL] for text in cells.get(first, [])[:_CELLS])
        made.append(ComparedItem(number + 1, own or (kept.index.column("id").cell(first),), tuple(made_lines)))
    return made


def _rows_of(arms: Arms, at: int, shown: Sequence[int], lines: Sequence[int]) -> list[list[int]]:
    """By arm the rows of an item, in their order."""
    found: dict[int, list[int]] = {one: [] for one in shown}
    for row in arms.order[arms.starts[at] : arms.starts[at + 1]]:
        if arms.arms[row] in found:
            found[arms.arms[row]].append(row)
    return [found[one][: lines[n]] for n, one in enumerate(shown)]


def _line(
    kept: KeptIndex,
    n: int,
    row: int,
    pieces: Sequence[DiffPiece],
    outcome: str,
    at: int,
    compare: Comparison,
    figures: list[array[float]],
) -> ComparedLine:
    index = kept.index
    metric = compare.metric or "length"
    column, usual = index.column(metric), index.usual(metric)
    value, delta = "", None
    if usual[row]:
        value = column.cell(row)[:80]
        base = figures[0][at]
        if n and base == base:
            if isinstance(column, WordColumn):
                delta = 0.0 if column.codes[row] == base else -1.0
            else:
                delta = (base - column.values[row]) if compare.down else (column.values[row] - base)
    costs, lengths = index.column("cost"), index.column("length")
    cost = costs.values[row] if isinstance(costs, NumberColumn) else comparing.NAN
    length = lengths.values[row] if isinstance(lengths, NumberColumn) else comparing.NAN
    batch = index.batch[row]
    return ComparedLine(
        n,
        kept.joined.parts[batch].batch.id if batch >= 0 else "",
        index.row[row],
        index.column("id").cell(row),
        outcome,
        tuple((one.kind, one.text) for one in pieces),
        value,
        delta,
        cost if cost == cost else None,
        int(length) if length == length else None,
    )
