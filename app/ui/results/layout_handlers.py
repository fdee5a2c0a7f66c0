"""The layout of a table of answers is in its address; views that are kept are addresses with a name."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.base import ids, text
from app.core.model.views import SavedView
from app.core.results.layout import TableLayout
from app.core.results.query import MOST_ADDRESS
from app.services.runtime.records import put, remove
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.results import addresses
from app.ui.results.going import go
from app.ui.results.layout_actions import (
    DropView,
    EvenWidths,
    HeightenRows,
    ListViews,
    MoveColumn,
    OpenView,
    SaveView,
    TypeViewName,
    WidenColumn,
)
from app.ui.results.table_showing import LIST, shown_columns

_MOST_NAME = 80
MOST_VIEWS = 100
"""Views that are kept at most."""


def _go(context: Context, laid: TableLayout, columns: tuple[str, ...] | None = None) -> None:
    here = context.state.results
    go(context, here.query, here.columns if columns is None else columns, here.at, laid)


def move(context: Context, action: MoveColumn, _event: Event) -> None:
    here = context.state.results
    columns = [*shown_columns(here)]
    if action.column not in columns:
        return
    at = columns.index(action.column)
    to = min(max(at + action.by, 0), len(columns) - 1)
    columns.insert(to, columns.pop(at))
    _go(context, here.layout, tuple(columns))


def widen(context: Context, action: WidenColumn, _event: Event) -> None:
    _go(context, context.state.results.layout.widened(action.column, action.by))


def even(context: Context, _action: EvenWidths, _event: Event) -> None:
    _go(context, replace(context.state.results.layout, widths=()))


def heighten(context: Context, action: HeightenRows, _event: Event) -> None:
    context.state.scroll.pop(LIST, None)  # what is in sight is counted in other heights now
    _go(context, replace(context.state.results.layout, lines=action.lines))


# --- views that are kept


async def list_views(context: Context, _action: ListViews, _event: Event) -> None:
    here = context.state.results
    here.arranging.views_open = not here.arranging.views_open
    if here.arranging.views_open:
        await _read(context)


async def _read(context: Context) -> None:
    found = [one.value for one in await context.services.records.all(SavedView)]
    context.state.results.arranging.views = tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))
    context.changed()


def type_name(context: Context, _action: TypeViewName, event: Event) -> None:
    context.state.results.arranging.view_name = event.text[:_MOST_NAME]


async def save(context: Context, _action: SaveView, _event: Event) -> None:
    here = context.state.results
    name = here.arranging.view_name.strip()
    if not name:
        return
    _, _, address = addresses.of(here, here.query, here.columns).partition("?")
    services = context.services
    views = [one.value for one in await services.records.all(SavedView)]
    before = next((one for one in views if one.name == name), None)
    if before is None and len(views) >= MOST_VIEWS:
        context.toast(f"{MOST_VIEWS} views are kept, which is the maximum. Delete one first.")
        return
    id = before.id if before is not None else ids.new_id("v", services.clock.now(), services.random.token(6))
    made = SavedView(id=id, name=name, address=address[:MOST_ADDRESS], at=services.clock.now())
    await services.records.save(made)
    here.arranging.view_name = ""
    await _read(context)
    if before is None:
        context.toast(f"“{text.shorten(name, 40)}” is kept. It opens for any table of answers.")
        return
    was = before

    async def undo() -> None:
        await services.records.save(was)
        await _read(context)

    context.toast(f"“{text.shorten(name, 40)}” was replaced.", undo)


def open_view(context: Context, action: OpenView, _event: Event) -> None:
    here = context.state.results
    view = next((one for one in here.arranging.views or () if one.id == action.id), None)
    if view is None:
        context.toast("It is no longer here.")
        return
    context.state.scroll.pop(LIST, None)
    path = f"#/results/{here.scope}" if here.scope else "#/results"
    context.screen.go_to(f"{path}?{view.address}" if view.address else path)


async def drop_view(context: Context, action: DropView, _event: Event) -> None:
    records = context.services.records
    stored = await records.get(SavedView, action.id)
    if stored is None:
        await _read(context)
        return
    kept = stored.value
    await records.commit([remove(SavedView, kept.id, stored.rev)])

    async def undo() -> None:
        await records.commit([put(kept, -1)])
        await _read(context)

    await _read(context)
    context.toast(f"“{text.shorten(kept.name, 40)}” was deleted.", undo)


HANDLERS: dict[type[Action], Handler] = {
    MoveColumn: move,
    WidenColumn: widen,
    EvenWidths: even,
    HeightenRows: heighten,
    ListViews: list_views,
    TypeViewName: type_name,
    SaveView: save,
    OpenView: open_view,
    DropView: drop_view,
}
