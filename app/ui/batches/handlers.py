"""Batches: cancel, try now, answers, files."""

from __future__ import annotations

from app.core.activity.log import draft
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.services.batches.delete_batch import StillOpen, Tidy
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler, once
from app.ui.base.state import Route
from app.ui.batches.actions import AskCancel, AskForget, CancelBatch, ForgetBatch, RemovalRead, StopFollowing, TryNow
from app.ui.batches.dialogs import CancelDialog, ForgetDialog


def ask_cancel(context: Context, action: AskCancel, _event: Event) -> None:
    context.state.dialog = CancelDialog(action.id)


@once
async def cancel(context: Context, action: CancelBatch, _event: Event) -> None:
    dialog = context.state.dialog
    batch = next((one for one in context.state.batches.all if one.id == action.id), None)
    if batch is not None and batch.live and batch.state not in pipeline.BEFORE:  # what was not asked goes back to the queue by itself
        await context.services.rescues().set(batch.id, "queue", 0.0)
        context.close(dialog)
        context.toast("No further requests are sent. What is left returns to the queue.")
        return
    await _wish(context, action.id, pipeline.CancelRequested(), "It is too late to cancel: the batch has ended.", dialog)


async def try_now(context: Context, action: TryNow, _event: Event) -> None:
    await _wish(context, action.id, pipeline.TryNow(), "The batch has ended.")


async def stop_following(context: Context, action: StopFollowing, _event: Event) -> None:
    await _wish(context, action.id, pipeline.StopFollowing(), "The batch has ended meanwhile.")


async def _wish(context: Context, id: str, event: pipeline.Event, late: str, dialog: object = None) -> None:
    """``dialog``: the one that asked for it."""
    batch = await context.command(id, event, late)
    context.close(dialog)
    if batch is not None and batch.state == "withdrawn":
        context.toast("The batch was not sent. Its requests were returned to the queue.")
        await context.refresh_queue()


async def removal_read(context: Context, _action: RemovalRead, _event: Event) -> None:
    context.state.batches.removed = None
    await context.services.retention.read()


def ask_forget(context: Context, action: AskForget, _event: Event) -> None:
    context.state.dialog = ForgetDialog(action.id)


@once
async def forget(context: Context, action: ForgetBatch, _event: Event) -> None:
    dialog = context.state.dialog
    try:
        logged = context.services.log.put(draft("batch", "deleted", batch=action.id))
        deleted = await Tidy(context.services.records).forget(action.id, logged)
    except StillOpen as error:
        context.close(dialog)
        context.toast(str(error))
        return
    context.close(dialog)
    if context.state.batch.id == action.id:
        context.screen.go_to("#/batches")
    await context.refresh_batches()
    await context.refresh_usage()
    context.toast("The batch was deleted from this browser." if deleted else "The batch is no longer here.")


# --- what happens elsewhere


async def on_route(context: Context, _before: Route) -> None:
    """A batch is opened, or the one that was open is left."""
    state = context.state
    if state.route.view != "batch":
        state.batch.id = ""
    elif state.batch.id != state.route.id:
        state.batch = type(state.batch)(id=state.route.id)
        state.scroll.pop("answers", None)
        await context.refresh_answers()
        await _read_origins(context)


async def _read_origins(context: Context) -> None:
    """Of which tables the requests of the open batch are."""
    here = context.state.batch
    one = next((each for each in context.state.batches.all if each.id == here.id), None)
    if one is None or not one.additions:
        return
    found = await context.services.planning().origins(one.additions)
    if context.state.batch is here:
        here.origins = tuple(found)
        context.changed()


def on_batch(context: Context, before: Batch | None, batch: Batch) -> None:
    """A batch continued: what depends on it is read again."""
    state = context.state
    if before is not None and before.state == batch.state:
        return
    state.batches.progress.pop(batch.id, None)
    if batch.state == "waiting" and batch.refusals:
        context.tasks.start("limits", context.refresh_limits())  # it may have named one
    if batch.id == state.batch.id:
        context.tasks.start("answers", context.refresh_answers())
    if batch.state in pipeline.FINAL:
        context.tasks.start("usage", context.refresh_usage())
        context.tasks.start("history", context.refresh_histories())


def on_table(context: Context) -> None:
    """Another tab wrote batches, and wants the engine to look."""
    context.catch_up("batches", context.refresh_batches)
    context.services.engine.nudge()


HANDLERS: dict[type[Action], Handler] = {
    AskCancel: ask_cancel,
    CancelBatch: cancel,
    TryNow: try_now,
    StopFollowing: stop_following,
    AskForget: ask_forget,
    ForgetBatch: forget,
    RemovalRead: removal_read,
}
