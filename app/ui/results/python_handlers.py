"""Python for a table of answers. What is typed runs over the rows in sight when the keys rest; over all when that is asked for."""

from __future__ import annotations

import asyncio

from app.core.base import ids, text
from app.core.model.python_code import PythonCode
from app.core.results.file_columns import PYTHON
from app.core.results.python_code import digest
from app.core.results.query import ColumnFilter
from app.services.results.python_runs import AllRun, Code, PythonRuns, RowSeen
from app.services.runtime.records import put, remove
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.python_state import PythonDraft
from app.ui.base.results_state import ResultsState
from app.ui.base.stoppable import Stopped
from app.ui.results.going import go
from app.ui.results.python_actions import (
    AcceptCode,
    ChooseCodeKind,
    DropCode,
    NameCode,
    OpenCode,
    RunCode,
    SeeCode,
    ShowPython,
    StopCode,
    TypeCode,
)
from app.ui.results.python_codes import MOST_CODES, accept, keep, may_run, read_codes
from app.ui.results.python_examples import BEGINNING
from app.ui.results.python_filling import EXPECTED, fill, look
from app.ui.results.table_showing import LIST, asked, shown_columns

_PAUSE = 0.4
"""Seconds without a key after which what was typed is run over the rows in sight."""
_SEEN = 12
"""Rows in sight that it is run over."""
_MOST_NAME = 60


async def show(context: Context, _action: ShowPython, _event: Event) -> None:
    python = context.state.python
    if python.draft is not None:
        python.look_no_more()
        python.draft = None
        if not python.doing:
            PythonRuns(context.services.compute).end()
        return
    _edit(context, PythonDraft(source=BEGINNING["column"]))
    await read_codes(context)
    await _see(context)


def _edit(context: Context, draft: PythonDraft) -> None:
    python = context.state.python
    python.rev += 1
    draft.rev = python.rev
    python.draft = draft


async def choose_kind(context: Context, action: ChooseCodeKind, _event: Event) -> None:
    """A text that nobody changed gives way to the other beginning."""
    draft = context.state.python.draft
    if draft is None or draft.unread or draft.kind == action.kind:
        return
    source = BEGINNING[action.kind] if draft.source.strip() in ("", BEGINNING[draft.kind].strip()) else draft.source
    _edit(context, PythonDraft(action.kind, source, draft.name))
    await _see(context)


async def type_code(context: Context, _action: TypeCode, event: Event) -> None:
    draft = context.state.python.draft
    if draft is None or draft.unread:
        return
    draft.source = typed = event.text
    draft.said, draft.faults = "", ()
    await context.services.clock.sleep(_PAUSE)
    if context.state.python.draft is draft and draft.source == typed:
        await _see(context)


def name_code(context: Context, _action: NameCode, event: Event) -> None:
    if context.state.python.draft is not None:
        context.state.python.draft.name = event.text[:_MOST_NAME]


async def open_code(context: Context, action: OpenCode, _event: Event) -> None:
    python = context.state.python
    code = next((one for one in python.codes or () if one.id == action.id), None)
    if code is None:
        _edit(context, PythonDraft(source=BEGINNING["column"]))
    else:
        _edit(context, PythonDraft(code.kind, code.source, code.name, unread=not may_run(python, code)))
    await _see(context)


async def accept_code(context: Context, _action: AcceptCode, _event: Event) -> None:
    """It is accepted as it was shown, by its text: another one under its name is not."""
    python, draft = context.state.python, context.state.python.draft
    if draft is None or not draft.unread:
        return
    await accept(context, PythonCode(id="", name=draft.name, kind=draft.kind, source=draft.source))
    python.failed.pop(draft.name, None)
    if python.draft is draft:
        draft.unread = False
        await _see(context)


async def drop_code(context: Context, action: DropCode, _event: Event) -> None:
    records = context.services.records
    stored = await records.get(PythonCode, action.id)
    if stored is not None:
        kept = stored.value
        await records.commit([remove(PythonCode, kept.id, stored.rev)])

        async def undo() -> None:
            await records.commit([put(kept, -1)])
            await read_codes(context)

        context.toast(f"“{text.shorten(kept.name, 40)}” was deleted.", undo)
    await read_codes(context)


# --- over the rows in sight


async def see(context: Context, _action: SeeCode, _event: Event) -> None:
    await _see(context)


async def _see(context: Context) -> None:
    """Run what is in the editor over the rows in sight; what was run so before is stopped."""
    here, python, draft = context.state.results, context.state.python, context.state.python.draft
    if draft is None or draft.unread or here.window is None or not draft.source.strip():
        return
    python.look_no_more()
    rows, table = _in_sight(context, here), asked(context, here)
    looks = PythonRuns(context.services.compute).sight(Code(draft.source, draft.kind), table, [one for one, _ in rows])
    work: asyncio.Future[list[RowSeen]] = asyncio.ensure_future(looks)

    def stop() -> None:
        work.cancel()

    python.stop_looking, draft.looking = stop, True
    context.changed()
    try:
        await asyncio.wait({work})
        if not work.cancelled():
            draft.seen, draft.numbers, draft.wrong = tuple(work.result()), dict(rows), ""
    except EXPECTED as error:
        draft.seen, draft.wrong = None, str(error)
    finally:
        work.cancel()
        if python.stop_looking is stop:
            python.stop_looking, draft.looking = None, False
        context.changed()


def _in_sight(context: Context, here: ResultsState) -> list[tuple[tuple[str, int], int]]:
    """Requests, and what the table calls their rows."""
    window = here.window
    if window is None:
        return []
    first, last = context.state.scrolled(LIST).window(window.found, margin=0, row=here.layout.row)
    rows = window.rows[max(0, first - window.first) : max(0, last - window.first)]
    return [((one.batch, one.row), one.number) for one in rows if one.batch][:_SEEN]


# --- over all


async def run(context: Context, _action: RunCode, _event: Event) -> None:
    """Kept first, then run."""
    python, draft, here = context.state.python, context.state.python.draft, context.state.results
    if draft is None or draft.unread or python.doing or not draft.name.strip() or not draft.source.strip():
        return
    name, source, kind = draft.name.strip(), draft.source, draft.kind
    before = python.code(name)
    if before is None and len(python.codes or ()) >= MOST_CODES:
        context.toast(f"{MOST_CODES} pieces of code are saved, which is the maximum. Delete one first.")
        return
    services = context.services
    id = before.id if before is not None else ids.new_id("py", services.clock.now(), services.random.token(6))
    code = PythonCode(id=id, name=name, kind=kind, source=source, at=services.clock.now())
    draft.wrong, draft.said, draft.faults = "", "", ()
    if before is not None and digest(before.source, before.kind) != digest(source, kind):
        await _told_replaced(context, before)
    await keep(context, code)
    try:
        done = await fill(context, code)
    except Stopped:
        draft.said = "Stopped. The column is as it was."
        return
    except EXPECTED as error:
        draft.wrong = str(error)
        return
    if done is None or context.state.results is not here:
        return
    draft.said, draft.faults = _words(done, kind), done.filled.faults
    _show(context, here, PYTHON + name, kind)


async def _told_replaced(context: Context, before: PythonCode) -> None:
    async def undo() -> None:
        await keep(context, before)
        context.state.python.seen_window = None
        await look(context)

    context.toast(f"“{text.shorten(before.name, 40)}” was replaced.", undo)


def _words(done: AllRun, kind: str) -> str:
    run, filled = done.run, done.filled
    parts = [f"{text.count(filled.filled, 'row')} of {text.number(run.rows)} with an answer filled"]
    parts += [f"{text.number(filled.faulty)} failed: (error)"] if filled.faulty else []
    parts += [f"{text.count(run.cut, 'cell')} cut at 2,000 characters"] if run.cut else []
    nothing = kind == "keep" and run.nothing and run.nothing == run.rows - run.faulty
    return "; ".join(parts) + ("." if not nothing else ". It returned nothing for any row: is a “return” missing?")


def _show(context: Context, here: ResultsState, column: str, kind: str) -> None:
    """A filter lets its rows through; a column stands among those that are shown. Both are in the address from now on."""
    query, columns = here.query, here.columns
    if kind == "keep":
        query = query.put(ColumnFilter(column, ("yes",)))
    elif column not in columns:
        columns = tuple(dict.fromkeys((*shown_columns(here), column)))
    if (query, columns) != (here.query, here.columns):
        go(context, query, columns, here.at)


def stop(context: Context, _action: StopCode, _event: Event) -> None:
    if context.state.python.stop is not None:
        context.state.python.stop()


HANDLERS: dict[type[Action], Handler] = {
    ShowPython: show,
    ChooseCodeKind: choose_kind,
    TypeCode: type_code,
    NameCode: name_code,
    OpenCode: open_code,
    DropCode: drop_code,
    AcceptCode: accept_code,
    RunCode: run,
    SeeCode: see,
    StopCode: stop,
}
