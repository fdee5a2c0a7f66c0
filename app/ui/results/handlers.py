"""A batch's answers: which are in sight, one of them opened, their files."""

from __future__ import annotations

import contextlib

from msgspec.structs import replace

from app.core.batches import retention
from app.core.model.batches import Batch
from app.core.openai.problems import Refused
from app.core.openai.wire import BytesBlob
from app.services.batches.retention import mark_exported
from app.services.results.shown import Opened
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import COPIED, Context, Handler
from app.ui.base.state import Scroll
from app.ui.results.actions import CopyText, Download, FetchAgain, OpenAnswer, SaveLine, ScrollAnswers, ShowOutcomes, StepAnswer


def _batch(context: Context, id: str) -> Batch | None:
    return next((batch for batch in context.state.batches.all if batch.id == id), None)


async def show_outcomes(context: Context, action: ShowOutcomes, _event: Event) -> None:
    context.state.batch.which = action.which
    context.state.batch.picked.clear()
    context.state.scroll.pop("answers", None)
    await context.refresh_answers()


async def scroll(context: Context, _action: ScrollAnswers, event: Event) -> None:
    batch = context.state.batch
    context.state.scroll["answers"] = Scroll.of(event)
    wanted = context.state.scroll["answers"].window(batch.total, margin=2)
    if wanted[0] < batch.first or wanted[1] > batch.first + len(batch.rows):
        await context.refresh_answers()


async def open_answer(context: Context, action: OpenAnswer, _event: Event) -> None:
    batch = _batch(context, context.state.batch.id)
    if batch is not None:
        await show(context, batch, action.row)


async def show(context: Context, batch: Batch, row: int) -> None:
    """Open one row, knowing which ways one can go from it."""
    substate = context.state.batch
    steps = [await context.services.review.neighbour(batch, substate.which, row, by) is not None for by in (-1, 1)]
    opened = await context.services.review.open(batch, row)
    back = [one for lane in context.state.queue.lanes for one in lane.segments if batch.id in one.previous_batches]
    waiting = [segment for one in back if (segment := await context.services.queue.segment(one)) is not None]
    story = await context.services.attempts.of(batch, opened.id, opened.previous_batches, waiting) if opened.id else None
    if context.state.batch is substate:
        substate.steps, substate.story = (steps[0], steps[1]), story
        substate.whose = substate.whose_fault = ""
        context.state.dialog = opened


async def step(context: Context, action: StepAnswer, _event: Event) -> None:
    """The next or previous request under the current filter."""
    dialog = context.state.dialog
    batch = _batch(context, context.state.batch.id)
    if not isinstance(dialog, Opened) or batch is None:
        return
    row = await context.services.review.neighbour(batch, context.state.batch.which, dialog.row, action.by)
    if row is not None:
        await show(context, batch, row)


async def download(context: Context, action: Download, _event: Event) -> None:
    batch = _batch(context, action.id)
    if batch is None or action.which not in ("input", "output", "error"):
        return
    try:
        await context.services.review.download(batch, action.which)  # type: ignore[arg-type]  # narrowed above
    except KeyError:
        context.toast("Part of this file is no longer in the browser.")
        return
    if retention.hands_out(batch, action.which):
        marked = await mark_exported(context.services.records, batch.id, context.services.clock.now())
        if marked is not None:
            context.batch_told(marked)


async def save_line(context: Context, action: SaveLine, _event: Event) -> None:
    """For a line that is skipped: the person gets it without anybody reading it here."""
    batch = _batch(context, action.batch)
    line = await context.services.review.line(batch, action.row) if batch is not None else b""
    if line:
        context.screen.save_file(f"{action.batch}-line-{action.row + 1}.txt", BytesBlob(line), "text/plain")
    else:
        context.toast("The line is no longer in this browser.")


async def fetch_again(context: Context, action: FetchAgain, _event: Event) -> None:
    """What is not here is asked for again; that is free."""
    batch = _batch(context, action.id)
    if batch is None:
        return
    lacking = await context.services.again.lacking(batch)
    if lacking is None:
        context.toast("All answers of this batch are here.")
        return
    if batch.tally.unfound and batch.remote is not None:
        # The provider may name other files by now, or count otherwise. That it cannot be asked keeps nothing from being read again.
        with contextlib.suppress(Refused):
            provider = await context.services.profiles.provider(batch.lane.profile, "poll")
            lacking = replace(lacking, remote=await provider.poll(batch.remote.id))
    await context.command(action.id, lacking, "There is nothing to download: the batch was changed meanwhile.")


def copy_text(context: Context, action: CopyText, _event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, Opened):
        return
    said = {"answer": dialog.answer.text if dialog.answer else "", "sent": dialog.body, "line": dialog.line}.get(action.what, "")
    if said:
        context.screen.copy_text(said)
        context.toast(COPIED)


HANDLERS: dict[type[Action], Handler] = {
    ShowOutcomes: show_outcomes,
    ScrollAnswers: scroll,
    OpenAnswer: open_answer,
    StepAnswer: step,
    Download: download,
    SaveLine: save_line,
    FetchAgain: fetch_again,
    CopyText: copy_text,
}
