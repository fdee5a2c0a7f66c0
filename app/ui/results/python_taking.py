"""Columns that a person's Python has filled, for a file or a table that is made of the rows of Results."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.openai.wire import Blob
from app.core.results.file_columns import PYTHON
from app.services.results.python_rows import PYTHON_CELLS, PythonCellsAsked
from app.ui.base.context import Context
from app.ui.results.dialogs import TakeAwayDialog
from app.ui.results.table_showing import asked


def filled_names(context: Context, dialog: TakeAwayDialog) -> tuple[str, ...]:
    """Those that are shown, where the rows are chosen in the table of answers."""
    here = context.state.results
    if dialog.only is None or here.window is None:
        return ()
    there = {one.name for one in here.window.columns}
    return tuple(one.removeprefix(PYTHON) for one in dialog.shown if one.startswith(PYTHON) and one in there)


async def filled_cells(context: Context, names: Sequence[str]) -> list[Blob]:
    """The file that the job is given with them. Raises JobFailed, RowsMissing."""
    if not names:
        return []
    table = asked(context, context.state.results)
    done = await context.services.compute.run(PYTHON_CELLS, PythonCellsAsked(table, tuple(names)))
    return [done.blob] if done.blob is not None else []
