"""The table of answers: what is done in it. What it shows is read by ui.results.table_showing; the query is in the address."""

from __future__ import annotations

from itertools import repeat

from msgspec.structs import replace

from app.core.results.query import MOST_VALUES, SPECIALS, ColumnFilter, TableQuery, toggled
from app.services.results.table_jobs import CHOSEN
from app.services.runtime.slices import Slicer
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import COPIED, Context, Handler
from app.ui.base.results_state import ResultsState
from app.ui.base.state import Scroll
from app.ui.results import renewing
from app.ui.results.going import go
from app.ui.results.selecting import recount
from app.ui.results.table_actions import (
    CloseResult,
    CopyResult,
    DropFilter,
    DropPicked,
    FindValue,
    InvertFilter,
    ListColumns,
    MoreValues,
    MoveRow,
    OnlyEmpty,
    OpenFacet,
    OpenResult,
    OrderFacet,
    PickFound,
    PickResult,
    ReadAgainResults,
    ScrollResults,
    SearchResults,
    SetRange,
    SortResults,
    StepResult,
    ToggleColumn,
    ToggleValue,
    TypeBorder,
    TypeWords,
    UsualColumns,
)
from app.ui.results.table_showing import LIST, ask_for, asked, between, count, neighbour, open_facet, refresh, shown_columns

_AT_ONCE = 2_000
"""Rows that are chosen at a stretch."""
_PAUSE = 0.3
"""Seconds without a key after which what was typed is looked for."""


def _go(context: Context, query: TableQuery, columns: tuple[str, ...] | None = None) -> None:
    """Ask for something else: the address says it, so going back brings back what was."""
    here = context.state.results
    go(context, query, here.columns if columns is None else columns, here.at)


# --- rows in sight


def scroll(context: Context, _action: ScrollResults, event: Event) -> None:
    here = context.state.results
    context.state.scroll[LIST] = Scroll.of(event)
    if here.window is None:
        return
    first, last = context.state.scroll[LIST].window(here.window.found, margin=2, row=here.layout.row)
    if first < here.window.first or last > here.window.first + len(here.window.rows):
        refresh(context)


async def type_words(context: Context, _action: TypeWords, event: Event) -> None:
    here = context.state.results
    here.typed = typed = event.text
    await context.services.clock.sleep(_PAUSE)
    if context.state.results is here and here.typed == typed:
        _search(context, here)


def search(context: Context, _action: SearchResults, _event: Event) -> None:
    _search(context, context.state.results)


def _search(context: Context, here: ResultsState) -> None:
    if here.typed.strip() != here.query.words:
        here.sought = here.typed.strip()
        _go(context, replace(here.query, words=here.typed.strip()))


def sort(context: Context, action: SortResults, _event: Event) -> None:
    query = context.state.results.query
    steps = {"": action.column, action.column: f"-{action.column}", f"-{action.column}": ""}
    _go(context, replace(query, sort=steps.get(query.sort, action.column)))


# --- filters


async def open_values(context: Context, action: OpenFacet, _event: Event) -> None:
    here = context.state.results
    if here.at is not None:  # the values stand where the open request stands
        here.facet = None
    open_facet(here, action.column)
    if here.at is not None:
        _open(context, here, None)
        return
    await count(context, here)


async def find_value(context: Context, _action: FindValue, event: Event) -> None:
    facet = context.state.results.facet
    if facet is None:
        return
    facet.find = typed = event.text
    await context.services.clock.sleep(_PAUSE)
    if facet.find == typed and context.state.results.facet is facet:
        await count(context, context.state.results)


async def order_facet(context: Context, action: OrderFacet, _event: Event) -> None:
    facet = context.state.results.facet
    if facet is not None:
        facet.order = "name" if action.order == "name" else "count"
        await count(context, context.state.results)


async def more_values(context: Context, _action: MoreValues, _event: Event) -> None:
    facet = context.state.results.facet
    if facet is not None:
        facet.shown += 150
        await count(context, context.state.results)


def _filter(context: Context, filter: ColumnFilter) -> None:
    _go(context, context.state.results.query.put(filter))


def toggle_value(context: Context, action: ToggleValue, _event: Event) -> None:
    before = context.state.results.query.of(action.column)
    if action.special is None and len(before.values) >= MOST_VALUES and action.value not in before.values:
        context.toast(f"{MOST_VALUES} values are chosen, which is the maximum. Choose “Exclude these”, or type words to look for.")
        return
    _filter(context, toggled(before, action.special or action.value, special=action.special is not None))


def only_empty(context: Context, action: OnlyEmpty, _event: Event) -> None:
    """What a header counts as empty: every choice that is no value. Pressed again: all rows."""
    filter = ColumnFilter(action.column, specials=tuple(SPECIALS))
    _filter(context, ColumnFilter(action.column) if context.state.results.query.of(action.column) == filter else filter)


def invert(context: Context, action: InvertFilter, _event: Event) -> None:
    before = context.state.results.query.of(action.column)
    _filter(context, replace(before, exclude=not before.exclude))


def set_range(context: Context, action: SetRange, _event: Event) -> None:
    before = context.state.results.query.of(action.column)
    same = (before.low, before.high) == (action.low, action.high)
    _filter(context, replace(before, low=None if same else action.low, high=None if same else action.high))


def type_border(context: Context, action: TypeBorder, event: Event) -> None:
    before = context.state.results.query.of(action.column)
    try:
        value = float(event.text) if event.text.strip() else None
    except ValueError:
        return
    if value is not None and abs(value) == float("inf"):
        return
    _filter(context, replace(before, low=value) if action.low else replace(before, high=value))


def drop_filter(context: Context, action: DropFilter, _event: Event) -> None:
    here = context.state.results
    sort = "" if here.fault else here.query.sort  # where nothing can be shown, the order may be why
    _go(context, here.query.without(action.column) if action.column else TableQuery(sort=sort))


# --- columns


def choose_columns(context: Context, _action: ListColumns, _event: Event) -> None:
    context.state.results.arranging.columns_open = not context.state.results.arranging.columns_open


def toggle_column(context: Context, action: ToggleColumn, _event: Event) -> None:
    here = context.state.results
    before = shown_columns(here)
    shown = tuple(one for one in before if one != action.column) if action.column in before else (*before, action.column)
    if shown:
        _go(context, here.query, shown)


def usual_columns(context: Context, _action: UsualColumns, _event: Event) -> None:
    _go(context, context.state.results.query, ())


def read_again(context: Context, _action: ReadAgainResults, _event: Event) -> None:
    context.state.results.fault = ""
    renewing.refresh(context)


# --- one request


def move_row(context: Context, action: MoveRow, _event: Event) -> None:
    """The row that the keys are at is drawn, or will be: then it takes the focus and is scrolled into sight."""
    here = context.state.results
    window = here.window
    if window is None or not window.found:
        return
    row = here.layout.row
    top = int(context.state.scrolled(LIST).top // row)
    here.active = min(max(0, here.active + action.by), window.found - 1) if here.active >= 0 else min(top, window.found - 1)
    here.focus += 1
    if not window.first <= here.active < window.first + len(window.rows):
        height = context.state.scrolled(LIST).height
        context.state.scroll[LIST] = Scroll(max(0.0, here.active * row - height / 2), height)
        refresh(context)


def open_result(context: Context, action: OpenResult, _event: Event) -> None:
    here = context.state.results
    if not action.batch:
        context.toast("This request waits in the queue: it is in no batch yet, and there is no answer.")
        return
    _open(context, here, (action.batch, action.row))


def _open(context: Context, here: ResultsState, at: tuple[str, int] | None) -> None:
    if at is not None:
        here.facet = None
    if here.window is not None and at is not None:
        rows = here.window.rows
        here.beside.place = next((here.window.first + n for n, one in enumerate(rows) if (one.batch, one.row) == at), -1)
        here.active = here.beside.place if here.beside.place >= 0 else here.active
    go(context, here.query, here.columns, at)


def close_result(context: Context, _action: CloseResult, _event: Event) -> None:
    here = context.state.results
    if here.at is not None:
        here.focus += 1
        _open(context, here, None)


async def step_result(context: Context, action: StepResult, _event: Event) -> None:
    here = context.state.results
    to = await neighbour(context, here, action.by)
    if to is not None and context.state.results is here:
        _open(context, here, (to.batch, to.row))
        here.beside.place = here.active = to.place


def copy_result(context: Context, _action: CopyResult, _event: Event) -> None:
    opened = context.state.results.beside.request
    if opened is not None and opened.answer is not None and opened.answer.text:
        context.screen.copy_text(opened.answer.text)
        context.toast(COPIED)


# --- chosen rows


def pick(context: Context, action: PickResult, event: Event) -> None:
    here = context.state.results
    event.mark(here.picking.rows, (action.batch, action.row))
    recount(context, here)


async def pick_found(context: Context, _action: PickFound, event: Event) -> None:
    here = context.state.results
    newest = context.reading("picked")
    if event.value is not True:
        newest()  # what is asked for chooses none afterwards
        here.picking.rows.clear()
        recount(context, here)
        return
    query = here.query

    async def ask() -> None:
        found = await ask_for(context, here, CHOSEN, asked(context, here))
        if found is None:
            return
        picked, slicer = set[tuple[str, int]](), Slicer(context.services.clock)
        for batch, rows in found.items():
            for n in range(0, len(rows), _AT_ONCE):
                picked.update(zip(repeat(batch), rows[n : n + _AT_ONCE], strict=False))
                if slicer.over(_AT_ONCE):
                    await slicer.rest()
        if newest() and here.query == query:  # else these rows are not in sight
            here.picking.rows = picked
            recount(context, here)

    await between(context, here, ask)


def drop_picked(context: Context, _action: DropPicked, _event: Event) -> None:
    context.reading("picked")()
    context.state.results.picking.rows.clear()
    recount(context, context.state.results)


HANDLERS: dict[type[Action], Handler] = {
    ScrollResults: scroll,
    TypeWords: type_words,
    SearchResults: search,
    SortResults: sort,
    OpenFacet: open_values,
    FindValue: find_value,
    OrderFacet: order_facet,
    MoreValues: more_values,
    ToggleValue: toggle_value,
    OnlyEmpty: only_empty,
    InvertFilter: invert,
    SetRange: set_range,
    TypeBorder: type_border,
    DropFilter: drop_filter,
    ListColumns: choose_columns,
    ToggleColumn: toggle_column,
    UsualColumns: usual_columns,
    ReadAgainResults: read_again,
    MoveRow: move_row,
    OpenResult: open_result,
    CloseResult: close_result,
    StepResult: step_result,
    CopyResult: copy_result,
    PickResult: pick,
    PickFound: pick_found,
    DropPicked: drop_picked,
}
