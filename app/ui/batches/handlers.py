"""Batches: cancel, try now, answers, files."""

from __future__ import annotations

import contextlib

from msgspec.structs import replace

from app.core.activity.log import draft
from app.core.batches import pipeline, retention
from app.core.model.batches import Batch
from app.core.openai.problems import Refused
from app.core.openai.wire import BytesBlob
from app.services.batches.delete_batch import StillOpen, Tidy
from app.services.batches.retention import mark_exported
from app.services.results.review import Opened
from app.services.runtime.records import Records
from app.ui.batches.actions import (
    AskCancel,
    AskForget,
    CancelBatch,
    Download,
    FetchAgain,
    ForgetBatch,
    OpenAnswer,
    RemovalRead,
    SaveLine,
    ScrollAnswers,
    ShowOutcomes,
    StepAnswer,
    StopFollowing,
    TryNow,
)
from app.ui.queue.handlers import scroll_of
from app.ui.shell.actions_base import Action, Event
from app.ui.shell.dialogs import CancelDialog, ForgetDialog
from app.ui.shell.loop import App, Handler


def _batch(app: App, id: str) -> Batch | None:
    return next((one for one in app.state.batches if one.id == id), None)


def ask_cancel(app: App, action: AskCancel, _event: Event) -> None:
    app.state.dialog = CancelDialog(action.id)


async def cancel(app: App, action: CancelBatch, _event: Event) -> None:
    app.state.dialog = None
    await _wish(app, action.id, pipeline.CancelAsked(), "It is too late to cancel: the batch has ended.")


async def try_now(app: App, action: TryNow, _event: Event) -> None:
    await _wish(app, action.id, pipeline.TryNow(), "The batch has ended.")


async def stop_following(app: App, action: StopFollowing, _event: Event) -> None:
    await _wish(app, action.id, pipeline.StopFollowing(), "The batch has ended meanwhile.")


async def _wish(app: App, id: str, event: pipeline.Event, late: str) -> None:
    try:
        batch = await app.services.engine.wish(id, event)
    except pipeline.NoSuchMove:
        app.toast(late)
        return
    if batch is not None and batch.state == "withdrawn":
        app.toast("The batch was not sent. Its requests are back in the queue.")
        await app.refresh_queue()


async def show_outcomes(app: App, action: ShowOutcomes, _event: Event) -> None:
    app.state.batch.which = action.which
    app.state.batch.picked.clear()
    app.state.scroll.pop("answers", None)
    await app.refresh_answers()


async def scroll(app: App, _action: ScrollAnswers, event: Event) -> None:
    here = app.state.batch
    app.state.scroll["answers"] = scroll_of(event)
    wanted = app.state.scroll["answers"].window(here.total, margin=2)
    if wanted[0] < here.first or wanted[1] > here.first + len(here.rows):
        await app.refresh_answers()


async def open_answer(app: App, action: OpenAnswer, _event: Event) -> None:
    batch = _batch(app, app.state.batch.id)
    if batch is not None:
        await show(app, batch, action.row)


async def show(app: App, batch: Batch, row: int) -> None:
    """Open one row, knowing which ways one can go from it."""
    here = app.state.batch
    steps = [await app.services.review.neighbour(batch, here.which, row, by) is not None for by in (-1, 1)]
    opened = await app.services.review.open(batch, row)
    waiting = [one.value for lane in app.state.lanes for one in lane.segments]
    story = await app.services.attempts.of(batch, opened.id, opened.former, waiting) if opened.id else None
    if app.state.batch is here:
        here.steps, here.story = (steps[0], steps[1]), story
        here.whose = here.whose_fault = ""
        app.state.dialog = opened


async def step(app: App, action: StepAnswer, _event: Event) -> None:
    """The next or previous request under the current filter."""
    one = app.state.dialog
    batch = _batch(app, app.state.batch.id)
    if not isinstance(one, Opened) or batch is None:
        return
    row = await app.services.review.neighbour(batch, app.state.batch.which, one.row, action.by)
    if row is not None:
        await show(app, batch, row)


async def download(app: App, action: Download, _event: Event) -> None:
    batch = _batch(app, action.id)
    if batch is None or action.which not in ("input", "output", "error"):
        return
    try:
        await app.services.review.download(batch, action.which)  # type: ignore[arg-type]  # narrowed above
    except KeyError:
        app.toast("Part of this file is not in the browser any more.")
        return
    if retention.hands_out(batch, action.which):
        marked = await mark_exported(Records(app.services.store), batch.id, app.services.clock.now())
        if marked is not None:
            app.batch_told(marked)


async def save_line(app: App, action: SaveLine, _event: Event) -> None:
    """For a line that is passed over: the person gets it without anybody reading it here."""
    batch = _batch(app, action.batch)
    line = await app.services.review.line(batch, action.row) if batch is not None else b""
    if line:
        app.screen.save_file(f"{action.batch}-line-{action.row + 1}.txt", BytesBlob(line), "text/plain")
    else:
        app.toast("The line is not in this browser any more.")


async def removal_read(app: App, _action: RemovalRead, _event: Event) -> None:
    app.state.removed = None
    await app.services.retention.read()


async def fetch_again(app: App, action: FetchAgain, _event: Event) -> None:
    """What is not here is asked for once more; that is free."""
    batch = _batch(app, action.id)
    if batch is None:
        return
    lacking = await app.services.again.lacking(batch)
    if lacking is None:
        app.toast("All answers of this batch are here.")
        return
    if batch.tally.unfound and batch.remote is not None:
        # The provider may name other files by now, or count otherwise. That it cannot be asked keeps nothing from being read again.
        with contextlib.suppress(Refused):
            provider = await app.services.profiles.provider(batch.lane.profile, "poll")
            lacking = replace(lacking, remote=await provider.poll(batch.remote.id))
    await _wish(app, action.id, lacking, "There is nothing to fetch: the batch was changed meanwhile.")


def ask_forget(app: App, action: AskForget, _event: Event) -> None:
    app.state.dialog = ForgetDialog(action.id)


async def forget(app: App, action: ForgetBatch, _event: Event) -> None:
    app.state.dialog = None
    try:
        told = app.services.log.put(draft("batch", "deleted", batch=action.id))
        deleted = await Tidy(Records(app.services.store)).forget(action.id, told)
    except StillOpen as error:
        app.toast(str(error))
        return
    if app.state.batch.id == action.id:
        app.screen.go_to("#/batches")
    await app.refresh_batches()
    await app.refresh_usage()
    app.toast("The batch was deleted from this browser." if deleted else "The batch is not here any more.")


HANDLERS: dict[type[Action], Handler] = {
    AskCancel: ask_cancel,
    CancelBatch: cancel,
    TryNow: try_now,
    StopFollowing: stop_following,
    ShowOutcomes: show_outcomes,
    ScrollAnswers: scroll,
    OpenAnswer: open_answer,
    StepAnswer: step,
    Download: download,
    SaveLine: save_line,
    FetchAgain: fetch_again,
    AskForget: ask_forget,
    ForgetBatch: forget,
    RemovalRead: removal_read,
}
