"""Questions about a table of answers, as jobs of one place: its index is kept there between them (services.results.table_index)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from app.core.model.judging import Expectation
from app.core.results.answerindex import NoSuchColumn
from app.core.results.columns import NumberColumn, both, plain
from app.core.results.facets import MOST_SHOWN, SHOWN, ColumnFacet, ColumnSummary, FacetOrder, facet, summary
from app.core.results.joining import JoinOrder, RowlessRequests, Way
from app.core.results.lines import answer_cells, prompt_text, snippet
from app.core.results.query import SPECIALS, TableQuery
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.annotation_columns import NAMES as ANNOTATIONS
from app.services.results.answer_reading import CELL, FIELD, OF_ANSWERS, have_columns
from app.services.results.current_column import COLUMN as CURRENT
from app.services.results.current_column import have_current
from app.services.results.judge_columns import JUDGE, evaluations_of, forget_judges, have_judges, judge_names
from app.services.results.match_column import COLUMN as MATCHES
from app.services.results.match_column import changed_expectation, have_matches
from app.services.results.table_index import KeptIndex, open_index
from app.services.results.text_search import AnswerSearch, searched

PLACE: Final = "results"
_LARGE: Final = 4_000_000
"""Bytes of a line from which on a list does not read it."""
_CELL: Final = 300
"""Characters of a text that a row shows."""
_FIRST_HITS: Final = 0.25
"""Seconds after which what was found so far is shown."""
MOST_ROWS: Final = 200
"""Rows of one window."""
MOST_OFFERED: Final = 400
"""Columns of the table that can be chosen: they go with every window of rows, and a table may have 16,384."""
_ELSEWHERE: Final = "elsewhere"
_ORDERED: Final = "ordered"
COUNTED: Final = "counted"
"""What was found of all rows under a query is in the index's memory by these names."""


class TableAsked(msgspec.Struct, frozen=True):
    """What a question is about: which answers, in which state of them (``stamp`` changes when they do), and what of them."""

    of: JoinOrder
    stamp: str
    query: TableQuery = TableQuery()
    expectation: Expectation | None = None
    """What the answers are compared with: then there is a column that says whether they are that."""
    elsewhere: str = ""
    """Changes when other batches do, in which judges' answers may be."""


class RowsAsked(msgspec.Struct, frozen=True):
    """The rows in sight, from place ``first`` to ``last`` (exclusive) in the query's order, and the columns in sight."""

    table: TableAsked
    first: int
    last: int
    columns: tuple[str, ...]


class ResultRow(msgspec.Struct, frozen=True):
    """A row in sight. ``batch`` is "" where the request waits in the queue; ``number``: of the table's row, else its place in the table's
    own order, from 1."""

    batch: str
    row: int
    number: int
    id: str
    outcome: str
    code: str
    cells: tuple[str, ...]


class ColumnFacts(msgspec.Struct, frozen=True):
    """A column that there is. ``number``: it holds numbers."""

    name: str
    number: bool = False


class TableWindow(msgspec.Struct, frozen=True):
    """``total`` rows there are, ``found`` the query lets through, as far as ``searched`` of ``to_search`` parts were searched."""

    total: int
    found: int
    first: int
    rows: tuple[ResultRow, ...]
    columns: tuple[ColumnFacts, ...]
    searched: int = 0
    to_search: int = 0
    rowless: RowlessRequests = RowlessRequests()
    """Requests of rows that the table as it is now lacks."""
    annotated: bool = False
    """Whether anything is said of any of the answers."""
    more_columns: int = 0
    """Columns of the table that are not among ``columns``, since there are so many."""
    ways: tuple[str, ...] = ()
    """In which ways the rows of a table were asked, by their numbers: variants, samples, additions to the queue."""


class FacetAsked(msgspec.Struct, frozen=True):
    """The values of a column in what the query lets through but for this column's own filter."""

    table: TableAsked
    column: str
    find: str = ""
    order: FacetOrder = "count"
    shown: int = SHOWN


class SummariesAsked(msgspec.Struct, frozen=True):
    """What is in the headers of these columns."""

    table: TableAsked
    columns: tuple[str, ...]


class StepAsked(msgspec.Struct, frozen=True):
    """The request that stands ``by`` places after this one under the query."""

    table: TableAsked
    batch: str
    row: int
    by: int
    place: int = -1
    """Where it stood last, if the query lets it through no more: the next one is counted from there. -1: not known."""


class SteppedTo(msgspec.Struct, frozen=True):
    """A request by its batch and its row there; ``place`` in the query's order, from 0. ``batch`` is "" where there is none."""

    batch: str = ""
    row: int = 0
    place: int = 0


ROWS: Final = JobKind("results.rows", RowsAsked, TableWindow, (RowsMissing, NoSuchColumn), PLACE)
FACET: Final = JobKind("results.facet", FacetAsked, ColumnFacet, (RowsMissing, NoSuchColumn), PLACE)
SUMMARIES: Final = JobKind("results.summaries", SummariesAsked, tuple[ColumnSummary, ...], (RowsMissing, NoSuchColumn), PLACE)


class AnnotatedAsked(msgspec.Struct, frozen=True):
    """These records of annotations were written again."""

    table: TableAsked
    records: tuple[str, ...]


STEP: Final = JobKind("results.step", StepAsked, SteppedTo, (RowsMissing, NoSuchColumn), PLACE)
ANNOTATED: Final = JobKind("results.annotated", AnnotatedAsked, bool, (RowsMissing,), PLACE)
CHOSEN: Final = JobKind("results.chosen", TableAsked, dict[str, tuple[int, ...]], (RowsMissing, NoSuchColumn), PLACE)


async def rows(job: Job, asked: RowsAsked) -> TableWindow:
    """The rows in sight. What is searched for may not be searched to its end: then ``searched`` is less than ``to_search``."""
    kept = await opened(job, asked.table)
    search = await searched(job, kept, asked.table.query.words, _FIRST_HITS)
    found = await _ordered(job, kept, asked.table.query, _FIRST_HITS)
    last = min(asked.last, asked.first + MOST_ROWS)
    shown = found[max(0, asked.first) : max(0, last)]
    return TableWindow(
        len(kept) if kept.seen is None else kept.seen.count(1),
        len(found),
        min(max(0, asked.first), len(found)),
        await rows_at(kept, shown, asked.columns, asked.table.query.words),
        columns_of(kept, asked.table.expectation),
        search.done if search else 0,
        search.total if search else 0,
        kept.joined.rowless,
        kept.annotations.any(),
        max(0, len(kept.joined.columns) - MOST_OFFERED),
        tuple(map(way_name, kept.joined.ways)) if kept.joined.table is not None else (),
    )


async def facet_of(job: Job, asked: FacetAsked) -> ColumnFacet:
    """Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked.table)
    await have_all(job, kept, [asked.column], asked.table)
    mask = await rows_let_through(job, kept, asked.table.query.without(asked.column))
    return facet(kept.index, asked.column, mask, asked.find, asked.order, min(asked.shown, MOST_SHOWN))


async def summaries(job: Job, asked: SummariesAsked) -> tuple[ColumnSummary, ...]:
    """Of the columns that there are. Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked.table)
    await have_all(job, kept, asked.columns, asked.table)
    mask = await rows_let_through(job, kept, asked.table.query)
    found = []
    for name in asked.columns:
        if name in kept.index.names:
            found.append(summary(kept.index, name, mask))
            await job.rest()
    return tuple(found)


async def step(job: Job, asked: StepAsked) -> SteppedTo:
    """Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked.table)
    number = next((n for n, one in enumerate(kept.joined.parts) if one.batch.id == asked.batch), -1)
    if number < 0:  # requests that wait in the queue are in no batch as well
        return SteppedTo()
    found = await _ordered(job, kept, asked.table.query, None)
    index = kept.index
    position = index.position(number, asked.row)
    try:
        at = found.index(position if position is not None else -1)
    except ValueError:  # it is not among them any more: the next one has taken its place
        if asked.place < 0 or not asked.by:
            return SteppedTo()
        at = asked.place - (asked.by > 0)
    if not 0 <= at + asked.by < len(found):
        return SteppedTo()
    row = found[at + asked.by]
    return SteppedTo(_batch_id(kept, row), index.row[row], at + asked.by)


async def chosen(job: Job, asked: TableAsked) -> dict[str, tuple[int, ...]]:
    """All rows that the query lets through, by the batches that they are in. Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked)
    by_batch: dict[str, list[int]] = {}
    for row in await _ordered(job, kept, asked.query, None):
        if kept.index.batch[row] >= 0:
            by_batch.setdefault(_batch_id(kept, row), []).append(kept.index.row[row])
        if job.over():
            await job.rest()
    return {batch: tuple(sorted(found)) for batch, found in by_batch.items()}


async def annotated(job: Job, asked: AnnotatedAsked) -> bool:
    """Have the index say what is said of answers now; whether anything is. Raises RowsMissing."""
    kept = await open_index(job, asked.table.of, asked.table.stamp)
    await kept.annotations.read_again(kept.store, asked.records)
    forget_order(kept)
    return kept.annotations.any()


# --- inside


async def opened(job: Job, asked: TableAsked) -> KeptIndex:
    """The index that a question is about, with the columns that its query names. Raises NoSuchColumn, RowsMissing."""
    kept = await open_index(job, asked.of, asked.stamp)
    if kept.memory.setdefault(_ELSEWHERE, asked.elsewhere) != asked.elsewhere:
        kept.memory[_ELSEWHERE] = asked.elsewhere
        forget_judges(kept)
        forget_order(kept)
    await evaluations_of(kept)
    name, _ = asked.query.sorted_by
    await have_all(job, kept, [one.column for one in asked.query.filters] + ([name] if name else []), asked)
    return kept


async def have_all(job: Job, kept: KeptIndex, names: Sequence[str], asked: TableAsked) -> None:
    """Have these columns, as far as there are such; none that is of another expectation."""
    if changed_expectation(kept, asked.expectation):
        forget_order(kept)
    if changed_expectation(kept, asked.expectation) or MATCHES in names:
        await have_matches(job, kept, asked.expectation if MATCHES in names else None)
    if CURRENT in names:
        await have_current(job, kept)
    if any(name.startswith(JUDGE) for name in names):
        await have_judges(job, kept, names)
    await have_columns(job, kept, names)


def forget_order(kept: KeptIndex) -> None:
    """Columns say something else now, by which rows may be let through or sorted."""
    for one in (_ORDERED, COUNTED):
        kept.memory.pop(one, None)


async def rows_let_through(job: Job, kept: KeptIndex, query: TableQuery) -> bytes | None:
    """By row 1 where the query lets it through, its words looked for to the end; None: all of them."""
    search = await searched(job, kept, query.words)
    return kept.index.masks(query, _seen(kept, search))


async def _ordered(job: Job, kept: KeptIndex, query: TableQuery, seconds: float | None) -> Sequence[int]:
    """The rows in their order; the last ones are kept, since the same are asked for with each scroll."""
    search = await searched(job, kept, query.words, seconds if seconds is None else 0.0)
    key = (query, search.done if search is not None else 0)
    before = kept.memory.get(_ORDERED)
    if before is None or before[0] != key:
        before = kept.memory[_ORDERED] = (key, kept.index.rows(query, _seen(kept, search), job.order))
    found: Sequence[int] = before[1]
    return found


def _seen(kept: KeptIndex, search: AnswerSearch | None) -> bytes | None:
    """By row 1 where it is not hidden and words were found in it, where any are looked for; None: all are seen."""
    if search is None:
        return kept.seen
    hits = bytes(search.hits)
    return hits if kept.seen is None else both(hits, kept.seen)


def _batch_id(kept: KeptIndex, row: int) -> str:
    number = kept.index.batch[row]
    return kept.joined.parts[number].batch.id if number >= 0 else ""


def columns_of(kept: KeptIndex, expectation: Expectation | None) -> tuple[ColumnFacts, ...]:
    """What there is to choose from: what is read, and what can be."""
    index = kept.index
    known = [ColumnFacts(name, isinstance(index.columns.get(name), NumberColumn) or name in _NUMBERS) for name in index.names]
    more = [ColumnFacts(name, name == "length") for name in OF_ANSWERS if name not in index.columns]
    cells = [ColumnFacts(CELL + name) for name in kept.joined.columns[:MOST_OFFERED] if CELL + name not in index.columns]
    matches = [ColumnFacts(MATCHES)] if expectation is not None and MATCHES not in index.columns else []
    judges = [ColumnFacts(name) for name in judge_names(kept)]
    current = [ColumnFacts(CURRENT)] if kept.joined.table is not None and CURRENT not in index.columns else []
    return (*known, *more, *matches, *judges, *current, *cells)


def way_name(way: Way) -> str:
    """A way in which rows were asked, in words."""
    parts = [way.tag, f"sample {way.sample}" if way.sample else "", f"addition {way.run + 1}" if not way.tag and not way.sample else ""]
    return ", ".join(one for one in parts if one)


_NUMBERS: Final = frozenset({"input_tokens", "output_tokens", "cost", "attempts", "rating"})


async def rows_at(kept: KeptIndex, shown: Sequence[int], columns: tuple[str, ...], words: str) -> tuple[ResultRow, ...]:
    """These rows, with the cells of these columns. ``words``: where they are in a long text, that part is shown."""
    asked = {row: place for row in shown if "prompt" in columns and (place := kept.request_place(row)) is not None}
    fields, of_answers = any(name.startswith(FIELD) for name in columns), any(name in OF_ANSWERS for name in columns)
    read = [row for row in shown if fields or (of_answers and not kept.is_short(row))]
    answered = {row: place for row in read if (place := kept.answer_place(row)) is not None}
    lines = await kept.lines([*asked.values(), *answered.values()], most=_LARGE)
    cells = await kept.row_cells(shown) if any(name.startswith(CELL) for name in columns) else {}
    found = []
    for row in shown:
        request, answer = lines.get(asked[row]) if row in asked else None, lines.get(answered[row]) if row in answered else None
        texts = _Texts(kept, row, request, answer, cells.get(row, []), words)
        number = kept.index.row[row] if kept.position is None else kept.position[1][row]
        found.append(
            ResultRow(
                _batch_id(kept, row),
                kept.index.row[row],
                number + 1,
                texts.cell("id"),
                texts.cell("outcome"),
                texts.cell("code"),
                tuple(map(texts.cell, columns)),
            )
        )
    return tuple(found)


class _Texts:
    """The cells of one row."""

    def __init__(self, kept: KeptIndex, row: int, request: bytes | None, answer: bytes | None, cells: list[str], words: str) -> None:
        self._kept, self._row, self._request, self._cells, self._words = kept, row, request, cells, words
        endpoint = kept.joined.parts[kept.index.batch[row]].batch.lane.endpoint if kept.index.batch[row] >= 0 else ""
        self._answer = answer_cells(endpoint, answer) if answer is not None else None

    def cell(self, name: str) -> str:
        index, answer = self._kept.index, self._answer
        if answer is None and name in OF_ANSWERS and self._kept.is_short(self._row):
            return index.column(name).cell(self._row)
        if name == "prompt":
            return snippet(prompt_text(self._request), self._words, _CELL) if self._request is not None else ""
        if name == "answer":
            return snippet(answer.text, self._words, _CELL) if answer is not None else ""
        if name == "finish":
            return answer.finish if answer is not None else ""
        if name == "length":
            return str(len(answer.text)) if answer is not None and not answer.error else ""
        if name.startswith(FIELD):
            return ((answer.fields or {}) if answer is not None else {}).get(name.removeprefix(FIELD), "")
        if name.startswith(CELL):
            columns, at = self._kept.joined.columns, name.removeprefix(CELL)
            place = columns.index(at) if at in columns else len(self._cells)
            return snippet(self._cells[place], self._words, _CELL) if place < len(self._cells) else ""
        if name in index.failed and index.failed[name][self._row]:
            return SPECIALS["error"]
        if name in ANNOTATIONS:
            return self._kept.annotations.cell(self._row, name)
        if name not in index.names:
            return ""
        if name == "cost" and isinstance(column := index.column(name), NumberColumn) and column.filled[self._row]:
            return plain(column.values[self._row], 12)
        return self._kept.cell(self._row, name)
