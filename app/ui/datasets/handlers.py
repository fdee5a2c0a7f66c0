"""Tables: what is done with those that are there. Bringing one: ui.datasets.import_handlers."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.base import text
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.base.state import Scroll
from app.ui.datasets import import_handlers, selection_handlers
from app.ui.datasets.actions import DeleteTable, ForgetTables, RenameTable, RestoreTable, ScrollTable, ShowColumns
from app.ui.datasets.showing import read, read_rows


async def scroll(context: Context, _action: ScrollTable, event: Event) -> None:
    context.state.scroll["table"] = Scroll.of(event)
    if context.state.data.open is not None:
        await read_rows(context, context.state.data.open)


async def show_columns(context: Context, action: ShowColumns, _event: Event) -> None:
    opened = context.state.data.open
    if opened is not None and opened.dataset.current is not None:
        opened.column = max(0, min(action.first, len(opened.dataset.current.columns) - 1))
        await read_rows(context, opened)


async def rename(context: Context, action: RenameTable, event: Event) -> None:
    await context.services.datasets().rename(action.id, event.text)
    await read(context)


async def delete(context: Context, action: DeleteTable, _event: Event) -> None:
    await delete_tables(context, [action.id])


async def delete_tables(context: Context, those: Sequence[str]) -> None:
    """Put tables among the deleted ones; all of them can be had back at once."""
    gone = [one for id in those if (one := await context.services.datasets().delete(id)) is not None]
    if not gone:
        return
    if context.state.route.id in those:
        context.screen.go_to("#/data")
    await read(context)

    async def undo() -> None:
        for one in gone:
            await _restore(context, one.id)

    context.toast(f"Deleted “{gone[0].name}”." if len(gone) == 1 else f"Deleted {text.count(len(gone), 'table')}.", undo)


async def _restore(context: Context, id: str) -> None:
    if await context.services.datasets().restore(id) is None:
        context.toast("That table was deleted permanently.")
    await read(context)


async def restore(context: Context, action: RestoreTable, _event: Event) -> None:
    await _restore(context, action.id)


@once
async def forget(context: Context, _action: ForgetTables, _event: Event) -> None:
    """Those that the page lists as deleted; what another tab deletes from here on is not meant."""
    seen = [one.id for one in context.state.data.all or () if one.deleted]
    dialog = context.state.dialog
    gone = await context.services.datasets().forget(seen)
    context.close(dialog)
    await read(context)
    await context.refresh_usage()
    context.toast(f"Deleted permanently: {text.count(gone, 'table')}.")


HANDLERS: dict[type[Action], Handler] = {
    **import_handlers.HANDLERS,
    **selection_handlers.HANDLERS,
    ScrollTable: scroll,
    ShowColumns: show_columns,
    RenameTable: rename,
    DeleteTable: delete,
    RestoreTable: restore,
    ForgetTables: forget,
}
