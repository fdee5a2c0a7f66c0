"""Taking answers away: the dialog, and the file that a job writes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from app.core.base import text
from app.core.datasets.table import UnreadableTable
from app.core.model.datasets import Dataset
from app.core.model.sendings import QueuedRows
from app.core.model.settings import COLUMN_GROUPS, REPORTS
from app.core.planning.rowrequests import Unplannable
from app.core.results.file_columns import REQUEST, group_of
from app.core.results.joining import JoinOrder, run_of
from app.core.results.writing import Unwritable
from app.ports import FileUnreadable, FileUnwritten, LibraryMissing, SavePlace
from app.ports.compute import Finished, JobFailed
from app.services.datasets.datasets import Source
from app.services.datasets.rows import RowsMissing
from app.services.results.answers_job import WRITE_ANSWERS, AnswerFileOrder
from app.services.results.conversations import AnswerFile
from app.ui.base import failures
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.parts import batch_title
from app.ui.base.stoppable import Moved, Stopped, stoppable
from app.ui.results import addresses
from app.ui.results.dialogs import FollowDialog, JudgeDialog, TakeAwayDialog
from app.ui.results.ordering import order_of
from app.ui.results.python_taking import filled_cells, filled_names
from app.ui.results.take_actions import (
    ChooseColumns,
    ChooseRows,
    ChooseTakeAway,
    MakeTable,
    OpenTakeAway,
    StopTakeAway,
    TakeChosen,
    WriteTakeAway,
)

TYPES = {
    "csv": ("csv", "text/csv"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "jsonl": ("jsonl", "application/jsonl"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "tuning": ("jsonl", "application/jsonl"),
    "dpo": ("jsonl", "application/jsonl"),
    "pairs": ("jsonl", "application/jsonl"),
    "html": ("html", "text/html"),
    "markdown": ("md", "text/markdown"),
}
"""By format: how the file's name ends, and its media type."""
LARGE = 100_000
"""Rows from which on a file is written to a place that the person chooses, where the browser can: nothing of it lies in memory then."""
_FAULTS_SAID = 3
_EXPECTED = (Unwritable, RowsMissing, UnreadableTable, Unplannable, JobFailed, LibraryMissing, FileUnwritten)
"""What making a file or a table of answers may end with, and what is told in words."""
T = TypeVar("T")


async def open_dialog(context: Context, action: OpenTakeAway, _event: Event) -> None:
    found = await (_of_batch(context, action.batch) if action.batch else _of_table(context, action.dataset))
    if found is None:
        context.toast("It is no longer here.")
        return
    title, join = found
    choice = context.state.preferences.take_away
    count = await _count(context, join)
    context.state.dialog = TakeAwayDialog(title, join, choice, table=bool(join.dataset), count=count)


async def _count(context: Context, join: JoinOrder) -> int:
    """How many rows or requests these are, at most."""
    if join.batches or not join.dataset:
        return sum(one.requests for one in context.state.batches.all if one.id in join.batches)
    stored = await context.services.records.get(Dataset, join.dataset)
    return stored.value.current.rows if stored is not None and stored.value.current is not None else 0


async def take_chosen(context: Context, _action: TakeChosen, _event: Event) -> None:
    """The rows that were ticked; none: all that the table of answers lets through."""
    from app.ui.results.selecting import chosen_rows

    here = context.state.results
    rows = await chosen_rows(context, here)
    found = await join_of(context, *addresses.named(here.scope)) or ("Answers", order_of(context, here).order)
    title, join = found
    if rows is None or context.state.results is not here:
        return
    count = sum(map(len, rows.values()))
    choice = context.state.preferences.take_away
    words = f"{text.count(count, 'chosen row')} of {title}"
    context.state.dialog = TakeAwayDialog(
        words, join, replace(choice, rows="all"), table=bool(join.dataset), only=rows, count=count, shown=("outcome", *here.shown)
    )


async def join_of(context: Context, kind: str, ids: tuple[str, ...]) -> tuple[str, JoinOrder] | None:
    """The name and the rows of a table of answers that is of one table, or of one batch; None of any other."""
    if kind == "table":
        return await _of_table(context, ids[0])
    return await _of_batch(context, ids[0]) if kind == "batches" and len(ids) == 1 else None


async def _of_table(context: Context, id: str) -> tuple[str, JoinOrder] | None:
    stored = await context.services.records.get(Dataset, id)
    return (stored.value.name, JoinOrder(id)) if stored is not None else None


async def _of_batch(context: Context, id: str) -> tuple[str, JoinOrder] | None:
    """A batch's requests; where the first of them came of a table that is here, beside its rows."""
    batch = next((one for one in context.state.batches.all if one.id == id), None)
    if batch is None:
        return None
    title = batch_title(batch, context.state.zone)
    _, rows = await context.services.review.rows(batch, "all", 0, 1)
    run = run_of(rows[0].id) if rows else ""
    queued = await context.services.records.get(QueuedRows, run) if run else None
    if queued is not None and await context.services.records.get(Dataset, queued.value.dataset) is not None:
        return title, JoinOrder(queued.value.dataset, batches=(id,), asked=True)
    return title, JoinOrder(batches=(id,))


async def choose(context: Context, action: ChooseTakeAway, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, TakeAwayDialog):
        return
    match action.field:
        case "format":
            if event.text in TYPES:
                dialog.choice = replace(dialog.choice, format=event.text)
        case "side_by_side":
            dialog.choice = replace(dialog.choice, side_by_side=event.text == "columns")
        case "bom" | "neutral":
            dialog.choice = replace(dialog.choice, **{action.field: event.value is True})
    await remember(context, dialog)


async def choose_rows(context: Context, action: ChooseRows, _event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, TakeAwayDialog):
        dialog.choice = replace(dialog.choice, rows=action.rows)
        await remember(context, dialog)


async def choose_columns(context: Context, action: ChooseColumns, event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, TakeAwayDialog):
        chosen = {*dialog.choice.parts, action.group} if event.value is True else {*dialog.choice.parts} - {action.group}
        dialog.choice = replace(dialog.choice, parts=tuple(one for one in COLUMN_GROUPS if one in chosen))
        await remember(context, dialog)


async def remember(context: Context, dialog: TakeAwayDialog) -> None:
    """What is chosen is chosen the next time, once it is stored. The dialog shows it at once: the next choice builds on it, and the file is
    written as the dialog says."""
    await context.prefer(take_away=dialog.choice)


async def write(context: Context, _action: WriteTakeAway, _event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, TakeAwayDialog) or dialog.doing:
        return
    dialog.fault, dialog.said, dialog.remarks = None, "", ()
    if dialog.choice.format in REPORTS:
        await _write_report(context, dialog)
        return
    place: SavePlace | None = None
    if dialog.count > LARGE and context.screen.asks_where:
        try:  # asked at once, as a browser opens its window for files only while a press is being handled
            place = await context.screen.choose_place(_name(dialog), TYPES[dialog.choice.format][1])
        except FileUnreadable as error:
            dialog.fault = ("No file was written.", f"The browser did not let you choose a place to save it: {error}")
            return
        if place is None or context.state.dialog is not dialog or dialog.doing:
            return
    filled = filled_names(context, dialog)
    order = AnswerFileOrder(dialog.join, replace(dialog.choice, parts=dialog.groups), dialog.only, _shown(dialog), filled)
    into = [place] if place is not None else []

    async def work(moved: Moved) -> Finished[AnswerFile]:
        files = await filled_cells(context, filled)
        return await context.services.compute.run(WRITE_ANSWERS, order, files=[*files, *into], moved=moved)

    written = await done_for(context, dialog, "write", work, "No file was saved.", "No file was written.")
    if written is not None:
        _hand_over(context, dialog, written, place)
    elif place is not None:
        await place.leave()


async def _write_report(context: Context, dialog: TakeAwayDialog) -> None:
    from app.ui.results import take_report

    async def work(moved: Moved) -> str:
        return await take_report.write(context, dialog, moved)

    dialog.said = await done_for(context, dialog, "write", work, "No file was saved.", "No report was written.") or ""


def _shown(dialog: TakeAwayDialog) -> tuple[str, ...]:
    """The columns of the table of answers, where the file has those."""
    return dialog.shown if dialog.as_shown else ()


async def done_for(
    context: Context,
    dialog: TakeAwayDialog | JudgeDialog | FollowDialog,
    doing: str,
    work: Callable[[Moved], Awaitable[T]],
    stopped: str,
    failed: str,
) -> T | None:
    """What the work of a dialog came to; None where it was stopped or failed, which the dialog then says with these words."""
    try:
        return await stoppable(context, dialog, doing, work)
    except Stopped:
        dialog.fault = ("Stopped.", stopped)
    except Exception as error:
        words = failures.expected(error, _EXPECTED, "Another tab was in the way. Try again.")
        if words is None:
            raise
        dialog.fault = (failed, words)
    return None


async def make_table(context: Context, _action: MakeTable, _event: Event) -> None:
    """The same rows and columns as a table of their own: written with their types, and read like any file. Which request each row came of
    stands in it whatever was chosen: it is the way back."""
    dialog = context.state.dialog
    if not isinstance(dialog, TakeAwayDialog) or dialog.doing:
        return
    dialog.fault, dialog.said, dialog.remarks = None, "", ()
    parts = tuple(one for one in COLUMN_GROUPS if one in dialog.groups or one == "request")
    left_out = tuple(one for one in dialog.choice.left_out if group_of(one) != "request")
    shown = tuple(dict.fromkeys((*dialog.shown, *(one.id for one in REQUEST)))) if dialog.as_shown else ()
    filled, choice = filled_names(context, dialog), replace(dialog.choice, format="jsonl", parts=parts, left_out=left_out)
    order = AnswerFileOrder(dialog.join, choice, dialog.only, shown, filled)
    compute, datasets, began = context.services.compute, context.services.datasets(), context.state.route

    async def work(moved: Callable[[int, int], None]) -> Dataset:
        files = await filled_cells(context, filled)
        done = await compute.run(WRITE_ANSWERS, order, files=files, moved=lambda some, total: moved(some, 2 * total))
        assert done.blob is not None  # noqa: S101  # the job writes a file, if an empty one
        source = Source(done.blob, f"{_stem(dialog)}-answers.jsonl")
        first = await datasets.examine(source)
        name = f"{dialog.title}, answers"
        return (await datasets.bring(source, first.dialect, name=name, moved=lambda some, total: moved(total + some, 2 * total))).dataset

    made = await done_for(context, dialog, "table", work, "No table was created.", "No table was created.")
    if made is not None:
        context.close(dialog)
        context.state.data.all = tuple(await datasets.all())
        rows = made.current.rows if made.current is not None else 0
        context.toast(f"“{text.shorten(made.name, 60)}”: {text.count(rows, 'row')} of answers, as a new table.")
        context.lead_on(began, f"#/data/{made.id}")


def _stem(dialog: TakeAwayDialog) -> str:
    return re.sub(r"[^\w.-]+", "-", dialog.title).strip("-.")[:80] or "answers"


def _name(dialog: TakeAwayDialog) -> str:
    """What the file is called."""
    return f"{_stem(dialog)}-answers.{TYPES[dialog.choice.format][0]}"


def _hand_over(context: Context, dialog: TakeAwayDialog, done: Finished[AnswerFile], place: SavePlace | None) -> None:
    """As a download, where it is not at its place already."""
    assert done.blob is not None  # noqa: S101  # the job writes a file, if an empty one
    name = place.name if place is not None else _name(dialog)
    if place is None:
        context.screen.save_file(name, done.blob, TYPES[dialog.choice.format][1])
    what = {"tuning": "conversation", "dpo": "pair", "pairs": "pair"}.get(dialog.choice.format, "row")
    dialog.said = f"{name}: {text.count(done.value.rows, what)}, {text.size(done.blob.size)}."
    dialog.remarks = (*done.value.remarks, *_faults(done))


def _faults(done: Finished[AnswerFile]) -> list[str]:
    """What was missing or damaged, so that the file lacks it."""
    said = [f"{one.item[:60]}: {one.says}" for one in done.faults[:_FAULTS_SAID]]
    more = done.faulty - len(said)
    return [*said, f"and {text.number(more)} more like this"] if more > 0 and said else said


def stop(context: Context, _action: StopTakeAway, _event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, TakeAwayDialog) and dialog.stop is not None:
        dialog.stop()


HANDLERS: dict[type[Action], Handler] = {
    OpenTakeAway: open_dialog,
    ChooseTakeAway: choose,
    ChooseRows: choose_rows,
    ChooseColumns: choose_columns,
    WriteTakeAway: write,
    MakeTable: make_table,
    TakeChosen: take_chosen,
    StopTakeAway: stop,
}
