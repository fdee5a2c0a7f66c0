"""Reading and downloading the answers of what is open."""

from __future__ import annotations

from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.results import handlers, table_handlers, take_handlers
from app.ui.results.actions import OpenAnswer
from app.ui.results.reach_actions import DownloadOpen, ReadOpen
from app.ui.results.table_actions import MoveRow
from app.ui.results.take_actions import OpenTakeAway, TakeChosen


async def download(context: Context, _action: DownloadOpen, event: Event) -> None:
    route = context.state.route
    if route.view == "batch":
        await take_handlers.open_dialog(context, OpenTakeAway(batch=route.id), event)
    elif route.view == "results":
        await take_handlers.take_chosen(context, TakeChosen(), event)


async def read(context: Context, _action: ReadOpen, event: Event) -> None:
    state = context.state
    if state.route.view == "batch" and state.batch.rows:
        await handlers.open_answer(context, OpenAnswer(state.batch.rows[0].row), event)
    elif state.route.view == "results":
        table_handlers.move_row(context, MoveRow(1), event)


HANDLERS: dict[type[Action], Handler] = {DownloadOpen: download, ReadOpen: read}
