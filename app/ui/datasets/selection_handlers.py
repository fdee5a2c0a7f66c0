"""Rows of the open table that are looked for, and what is done with those that are found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from app.core.base import text
from app.core.base.locale import plainly
from app.core.datasets.selection import LONGEST, RowMatcher, WrongSelection, is_all
from app.core.datasets.table import UnreadableTable
from app.core.model.datasets import PlannedRows, RowFilter, RowSelection
from app.ports.compute import JobFailed
from app.services.datasets.rows import RowsMissing
from app.ui.base import failures
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.data_state import OpenTable, Selecting
from app.ui.base.stoppable import Moved, Stopped, stoppable
from app.ui.datasets.actions import (
    AddFilter,
    FindRows,
    KeepRows,
    PlanAllRows,
    PlanRows,
    RemoveFilter,
    SearchRows,
    ShowAllRows,
    ShowPlannedRows,
    StopFinding,
    TakeRows,
    TypeFilter,
    TypeSample,
)
from app.ui.datasets.showing import read, read_rows

T = TypeVar("T")
MOST = 10_000_000
"""Rows of a sample, at most."""
LARGEST_SEED = 2**53
_LONGEST = 40
"""Characters of a number, as typed."""
_NOT_FOUND = "The rows could not be found."


async def _under_way(context: Context, opened: OpenTable, doing: str, failed: str, work: Callable[[Moved], Awaitable[T]]) -> T | None:
    """Have it done in place of what was under way; None: it came to nothing, or other rows are meant by now."""
    if opened.selecting is not None and opened.selecting.stop is not None:
        opened.selecting.stop()
    here = opened.selecting = Selecting()
    opened.wrong = None
    try:
        done = await stoppable(context, here, doing, work)
        return done if opened.selecting is here else None
    except Stopped:
        if opened.selecting is here:
            opened.wrong = ("Stopped.", "Not all rows were searched.")
    except Exception as error:
        words = failures.expected(
            error, (RowsMissing, WrongSelection, UnreadableTable, JobFailed), "Another tab was in the way. Try again."
        )
        if words is None:
            raise
        if opened.selecting is here:
            opened.wrong = (failed, words)
    finally:
        if opened.selecting is here:
            opened.selecting = None
            context.changed()
    return None


def _is_keeping(opened: OpenTable) -> bool:
    """Whether a table is being made of the rows that were found, which other rows would call off; that is said then."""
    if opened.selecting is None or opened.selecting.doing != "keep":
        return False
    opened.wrong = ("A table is being created from the rows that were found.", "Search again when it is done, or stop it.")
    return True


async def _mean(context: Context, selection: RowSelection) -> None:
    """These rows are meant from now on: they are looked for, and shown."""
    opened = context.state.data.open
    if opened is None:
        return
    if _is_keeping(opened):
        return
    opened.selection, opened.chosen = selection, None
    if is_all(selection):
        if opened.selecting is not None and opened.selecting.stop is not None:
            opened.selecting.stop()
        opened.selecting, opened.wrong = None, None
    else:
        datasets, dataset = context.services.datasets(), opened.dataset
        found = await _under_way(context, opened, "select", _NOT_FOUND, lambda moved: datasets.select(dataset, selection, moved))
        if found is not None and opened.selection == selection:
            opened.chosen = found
            context.state.scroll.pop("table", None)
    await read_rows(context, opened)


async def search(context: Context, _action: SearchRows, event: Event) -> None:
    opened = context.state.data.open
    if opened is not None and event.text[:LONGEST] != opened.selection.search:
        await _mean(context, replace(opened.selection, search=event.text[:LONGEST]))


def type_filter(context: Context, action: TypeFilter, event: Event) -> None:
    opened = context.state.data.open
    if opened is not None:
        opened.filter = replace(opened.filter, **{action.field: event.text[:LONGEST]})


async def add(context: Context, _action: AddFilter, _event: Event) -> None:
    opened = context.state.data.open
    if opened is None or opened.dataset.current is None or not opened.filter.column or _is_keeping(opened):
        return
    selection = replace(opened.selection, filters=(*opened.selection.filters, opened.filter))
    try:
        RowMatcher(selection, [one.name for one in opened.dataset.current.columns])
    except WrongSelection as error:
        opened.wrong = ("This filter can't be used.", str(error))
        return
    opened.filter = RowFilter(opened.filter.column, opened.filter.kind)
    await _mean(context, selection)


async def remove(context: Context, action: RemoveFilter, _event: Event) -> None:
    opened = context.state.data.open
    if opened is not None and 0 <= action.n < len(opened.selection.filters):
        filters = opened.selection.filters
        await _mean(context, replace(opened.selection, filters=(*filters[: action.n], *filters[action.n + 1 :])))


async def take(context: Context, action: TakeRows, _event: Event) -> None:
    opened = context.state.data.open
    if opened is not None:
        await _mean(context, replace(opened.selection, take=action.take))


async def type_sample(context: Context, action: TypeSample, event: Event) -> None:
    """What is no number changes nothing, and is said."""
    opened = context.state.data.open
    if opened is None:
        return
    least, most = (1, MOST) if action.field == "count" else (0, LARGEST_SEED)
    if action.field == "count":
        opened.count = event.text[:_LONGEST]
    else:
        opened.seed = event.text[:_LONGEST]
    value = text.whole_number(event.text, least, most)
    if value is None:
        opened.wrong = (_NOT_FOUND, f"Write a number from {least} to {text.number(most)}.")
        return
    await _mean(context, replace(opened.selection, **{action.field: value}))


async def find(context: Context, _action: FindRows, _event: Event) -> None:
    if context.state.data.open is not None:
        await _mean(context, context.state.data.open.selection)


async def show_all(context: Context, _action: ShowAllRows, _event: Event) -> None:
    await _mean(context, RowSelection())


def stop(context: Context, _action: StopFinding, _event: Event) -> None:
    """Stop what is under way, or put away what is said."""
    opened = context.state.data.open
    if opened is None:
        return
    if opened.selecting is not None and opened.selecting.stop is not None:
        opened.selecting.stop()
    else:
        opened.wrong = None


async def keep(context: Context, _action: KeepRows, _event: Event) -> None:
    opened = context.state.data.open
    if opened is None or opened.chosen is None or opened.selecting is not None:
        return
    datasets, dataset, selection = context.services.datasets(), opened.dataset, opened.chosen.selection
    name = f"{dataset.name}, {plainly(text.count)(len(opened.chosen.positions), 'row')}"
    failed, began = "No table was created.", context.state.route
    done = await _under_way(context, opened, "keep", failed, lambda moved: datasets.keep(dataset, selection, name, moved))
    if done is None:
        return
    rows = done.dataset.current.rows if done.dataset.current is not None else 0
    context.lead_on(began, f"#/data/{done.dataset.id}")
    context.toast(f"Kept {text.count(rows, 'row')} as “{done.dataset.name}”. “{dataset.name}” is unchanged.")
    await read(context)
    await context.refresh_usage()


async def plan(context: Context, _action: PlanRows, _event: Event) -> None:
    opened = context.state.data.open
    if opened is None or opened.chosen is None or opened.dataset.current is None:
        return
    number, rows = opened.dataset.current.number, len(opened.chosen.positions)
    await context.services.datasets().plan(opened.dataset.id, PlannedRows(opened.chosen.selection, number, rows))
    await read(context)


async def plan_all(context: Context, _action: PlanAllRows, _event: Event) -> None:
    opened = context.state.data.open
    if opened is not None:
        await context.services.datasets().plan(opened.dataset.id, None)
        await read(context)


async def show_planned(context: Context, _action: ShowPlannedRows, _event: Event) -> None:
    opened = context.state.data.open
    if opened is not None and opened.dataset.planned is not None:
        selection = opened.dataset.planned.selection
        opened.count, opened.seed = str(selection.count), str(selection.seed)
        await _mean(context, selection)


HANDLERS: dict[type[Action], Handler] = {
    SearchRows: search,
    TypeFilter: type_filter,
    AddFilter: add,
    RemoveFilter: remove,
    TakeRows: take,
    TypeSample: type_sample,
    FindRows: find,
    ShowAllRows: show_all,
    StopFinding: stop,
    KeepRows: keep,
    PlanRows: plan,
    PlanAllRows: plan_all,
    ShowPlannedRows: show_planned,
}
