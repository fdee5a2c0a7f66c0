"""Columns that a person's Python fills: over all rows when that is asked for, and by themselves where a view names one that may run here.

The columns are in the index of the table, which may be made again at any time (other answers, an idle worker): what is missing is filled
again.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.core.model.python_code import PythonCode
from app.core.results.file_columns import PYTHON
from app.core.results.python_code import CodeFault, digest
from app.ports.compute import JobFailed
from app.services.datasets.rows import RowsMissing
from app.services.results.python_runs import AllRun, Code, PythonRuns
from app.ui.base.context import Context
from app.ui.base.results_state import ResultsState
from app.ui.base.stoppable import Stopped, stoppable
from app.ui.results.python_codes import may_run, read_codes
from app.ui.results.table_showing import asked, refresh, shown_columns

EXPECTED = (CodeFault, RowsMissing, JobFailed)
"""What a run may end with, and what is told in words."""


def _named(here: ResultsState, made: Iterable[str]) -> list[str]:
    """The columns of this kind that the view names, or that the table had, by the names of their code."""
    name, _ = here.query.sorted_by
    wanted = [*(one.column for one in here.query.filters), name, *shown_columns(here)]
    return list(dict.fromkeys([*(one.removeprefix(PYTHON) for one in wanted if one.startswith(PYTHON)), *made]))


async def fill(context: Context, code: PythonCode) -> AllRun | None:
    """Run it over all rows and show its column; None where another run is under way, or the table was left. Raises Stopped, EXPECTED."""
    here, python = context.state.results, context.state.python
    if python.doing:
        return None
    runs, key = PythonRuns(context.services.compute), digest(code.source, code.kind)
    try:
        table, what = asked(context, here), Code(code.source, code.kind)
        done = await stoppable(context, python, code.name, lambda moved: runs.all(what, table, code.name, moved))
    finally:
        if python.draft is None:
            runs.end()
    if context.state.results is not here:
        return None
    python.made[code.name], python.failed = key, {name: why for name, why in python.failed.items() if name != code.name}
    python.seen_window, here.fault = here.window, ""
    here.summaries = {name: one for name, one in here.summaries.items() if name != PYTHON + code.name}
    refresh(context)
    return done


async def look(context: Context) -> None:
    """Fill what the view names and the table does not have."""
    here, python = context.state.results, context.state.python
    if python.doing or (here.window is None and not here.fault):
        return
    names = _named(here, python.made)
    if not names or (here.window is not None and here.window is python.seen_window):
        return
    if python.codes is None:
        await read_codes(context)
    python.seen_window = here.window
    there = {one.name.removeprefix(PYTHON) for one in here.window.columns} if here.window is not None else set()
    for name in names:
        code = python.code(name)
        if code is None or name in python.failed:
            continue
        if name in there and python.made.get(name, digest(code.source, code.kind)) == digest(code.source, code.kind):
            continue
        if not may_run(python, code):
            python.failed[name] = "Its code came with an import. Open it under Python, read it, and let it run."
            context.changed()
            continue
        why = ""
        try:
            await fill(context, code)
        except Stopped:
            why = "It was stopped. You can run it again under Python."
        except EXPECTED as error:
            why = str(error)
        if context.state.results is not here:
            return
        if why:
            python.failed[name] = why
            context.changed()
