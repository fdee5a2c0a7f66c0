"""Many selected requests of the queue changed together: looked at as it is typed, changed, and put back."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.base import text
from app.core.bodies.forms import FieldFault
from app.core.model import keys
from app.core.model.queue_edits import QueueEdit, RequestChange
from app.core.queue.change_form import change_of
from app.core.queue.changing import ChangeReport
from app.core.queue.scope import Scope
from app.ports.compute import JobFailed
from app.services.queue.bulk_jobs import Undone
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.stoppable import Moved, Stopped, stoppable
from app.ui.queue import arriving, editing
from app.ui.queue.bulk_actions import (
    ApplyBulk,
    AskBulk,
    ChooseBulk,
    KeepBulk,
    SetBulkRemoved,
    StopBulk,
    TypeBulk,
    UndoBulk,
    lane_meant,
)
from app.ui.queue.dialogs import BulkDialog
from app.ui.queue.selecting_handlers import selected

PAUSE = 0.25
"""Seconds after the last key until the requests are looked at."""


async def ask(context: Context, action: AskBulk, _event: Event) -> None:
    lane = lane_meant(context.state, action.lane)
    if not lane or context.state.queue.work.doing:
        return
    context.state.dialog = BulkDialog(lane, context.state.queue.chosen(lane), selected(context, lane))
    await editing.tell(context.state, context.services)


# --- what is to be changed


def choose(context: Context, _action: ChooseBulk, event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, BulkDialog):
        dialog.field, dialog.removed, dialog.key, dialog.text = event.text, False, "", ""
        _again(context, dialog)


def type_bulk(context: Context, action: TypeBulk, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, BulkDialog):
        return
    if action.what == "key":
        dialog.key = event.text
    else:
        dialog.text = event.text
    _again(context, dialog)


def set_removed(context: Context, action: SetBulkRemoved, _event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, BulkDialog):
        dialog.removed = action.removed
        _again(context, dialog)


def _again(context: Context, dialog: BulkDialog) -> None:
    """What was known of the change holds no more."""
    if dialog.stop is not None:
        dialog.stop()
    dialog.report, dialog.order, dialog.fault, dialog.change = None, None, "", None
    endpoint = keys.lane_of_key(dialog.lane).endpoint
    try:
        dialog.change = change_of(endpoint, dialog.field, dialog.key, dialog.text, removed=dialog.removed)
    except FieldFault as error:
        dialog.fault = f"{error} {error.remedy}".strip()
    if dialog.change is not None:
        context.tasks.start("edit", _look(context, dialog, dialog.change))


async def _look(context: Context, dialog: BulkDialog, change: RequestChange) -> None:
    def meant() -> bool:
        return dialog.change is change and context.state.dialog is dialog

    await context.services.clock.sleep(PAUSE)
    if not meant():
        return
    lane = keys.lane_of_key(dialog.lane)
    scope: Scope = dialog.meant if isinstance(dialog.meant, Mapping) else await context.services.queue.places(lane, dialog.meant)
    edits = context.services.edits()
    order = edits.order(lane, scope, change)
    if not meant():
        return

    async def work(moved: Moved) -> ChangeReport:
        def told(done: int, total: int) -> None:
            if not meant() and dialog.stop is not None:
                dialog.stop()
            moved(done, total)

        return await edits.look(order, dialog.requests, told)

    try:
        report = await stoppable(context, dialog, "look", work)
    except Stopped:
        return
    except JobFailed as error:
        if meant():
            dialog.fault, dialog.change = str(error), None
        context.changed()
        return
    if meant():
        dialog.report, dialog.order = report, order
    context.changed()


# --- changing, and back


async def apply(context: Context, _action: ApplyBulk, _event: Event) -> None:
    """The dialog stays while it is at work; closed, the queue says how far it is."""
    dialog, work = context.state.dialog, context.state.queue.work
    if not isinstance(dialog, BulkDialog) or dialog.order is None or dialog.report is None or not dialog.report.changed or work.doing:
        return
    order, requests = dialog.order, dialog.requests
    work.requests, work.lane = dialog.report.changed, dialog.lane
    edits = context.services.edits()
    try:
        report = await stoppable(context, work, "change", lambda moved: edits.change(order, requests, moved))
    except Stopped:
        context.toast("Stopped. The requests are as they were.")
        return
    except JobFailed as error:
        context.toast(f"{error} The requests are as they were.")
        return
    finally:
        context.close(dialog)
        await arriving.refresh_edits(context)
        await context.refresh_queue()
    context.state.queue.selected.pop(dialog.lane, None)
    edit = next((one for one in context.state.queue.edits if one.id == order.id), None)

    async def undo() -> None:
        if edit is not None:
            await _undo(context, edit)

    context.toast(_said(report, order.change), undo if edit is not None else None)


def _said(report: ChangeReport, change: RequestChange) -> str:
    words = text.shorten(change.words, 80)
    if not report.changed:
        return "Nothing was changed: the requests were submitted, deleted or changed meanwhile."
    was = "was" if report.changed == 1 else "were"
    left = f" {text.number(report.left)} could not be." if report.left else ""
    return f"{text.count(report.changed, 'request')} {was} changed: {words}.{left}"


def stop(context: Context, _action: StopBulk, _event: Event) -> None:
    if context.state.queue.work.stop is not None:
        context.state.queue.work.stop()


async def undo_edit(context: Context, action: UndoBulk, _event: Event) -> None:
    edit = next((one for one in context.state.queue.edits if one.id == action.id), None)
    if edit is not None:
        await _undo(context, edit)


async def _undo(context: Context, edit: QueueEdit) -> None:
    work = context.state.queue.work
    if work.doing:
        context.toast("Requests are being changed: wait, or stop that.")
        return
    work.requests, work.lane = edit.requests, edit.lane
    try:
        done = await stoppable(context, work, "undo", lambda moved: context.services.edits().undo(edit, moved))
    except Stopped:
        context.toast("Stopped. What is not restored yet can still be undone.")
        return
    except JobFailed as error:
        context.toast(f"{error} What is not restored yet can still be undone.")
        return
    finally:
        await arriving.refresh_edits(context)
        await context.refresh_queue()
    context.toast(_undone(done))


def _undone(done: Undone) -> str:
    is_ = "is" if done.back == 1 else "are"
    stay = "stays" if done.stay == 1 else "stay"
    left = f" {text.number(done.stay)} {stay} changed: submitted, deleted or edited since." if done.stay else ""
    return f"{text.count(done.back, 'request')} {is_} as before.{left}"


async def keep(context: Context, action: KeepBulk, _event: Event) -> None:
    await context.services.edits().forget(action.id)
    await arriving.refresh_edits(context)


HANDLERS: dict[type[Action], Handler] = {
    AskBulk: ask,
    ChooseBulk: choose,
    TypeBulk: type_bulk,
    SetBulkRemoved: set_removed,
    ApplyBulk: apply,
    StopBulk: stop,
    UndoBulk: undo_edit,
    KeepBulk: keep,
}
