"""Choosing the single columns of a file of answers, and the columns that a table of answers shows."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.settings import COLUMN_GROUPS, TakeAway
from app.core.results.file_columns import MOST_LEFT_OUT
from app.services.results.answers_job import LIST_COLUMNS, AnswerFileOrder
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.results.dialogs import TakeAwayDialog
from app.ui.results.take_columns_actions import ChooseAllColumns, ChooseColumn, ChooseColumnsAs, ListFileColumns
from app.ui.results.take_handlers import done_for, remember


async def choose_as(context: Context, action: ChooseColumnsAs, _event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, TakeAwayDialog):
        dialog.choice = replace(dialog.choice, shown=action.shown)
        await remember(context, dialog)


async def list_columns(context: Context, _action: ListFileColumns, _event: Event) -> None:
    """Of all groups at once, so that another group brings its columns without reading the answers again."""
    dialog = context.state.dialog
    if not isinstance(dialog, TakeAwayDialog) or dialog.doing:
        return
    dialog.fault = None
    order = AnswerFileOrder(dialog.join, TakeAway("csv", COLUMN_GROUPS), dialog.only)
    compute = context.services.compute
    found = await done_for(
        context,
        dialog,
        "columns",
        lambda moved: compute.run(LIST_COLUMNS, order, moved=moved),
        "The columns are not listed; whole groups can be chosen.",
        "The columns could not be listed.",
    )
    if found is not None:
        dialog.columns = found.value


async def choose_column(context: Context, action: ChooseColumn, event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, TakeAwayDialog):
        others = tuple(one for one in dialog.choice.left_out if one != action.column)
        left_out = others if event.value is True else (*others, action.column)[-MOST_LEFT_OUT:]
        dialog.choice = replace(dialog.choice, left_out=left_out)
        await remember(context, dialog)


async def choose_all(context: Context, _action: ChooseAllColumns, _event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, TakeAwayDialog):
        dialog.choice = replace(dialog.choice, left_out=())
        await remember(context, dialog)


HANDLERS: dict[type[Action], Handler] = {
    ChooseColumnsAs: choose_as,
    ListFileColumns: list_columns,
    ChooseColumn: choose_column,
    ChooseAllColumns: choose_all,
}
