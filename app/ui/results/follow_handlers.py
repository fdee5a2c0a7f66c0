"""Going on from answers: one further message makes a request of each, which waits in the queue as every request does."""

from __future__ import annotations

from collections.abc import Callable

from app.core.base import text
from app.core.model.sendings import FollowUp
from app.core.results.following import MessageWriter, Unfollowed
from app.services.results.follow_job import FollowReport
from app.services.results.following import FollowUps
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.results import addresses, asking, follow_links
from app.ui.results.dialogs import FollowDialog
from app.ui.results.follow_actions import AskFollow, QueueFollow, StopFollow, ToggleCarryOn, TypeFollow
from app.ui.results.ordering import order_of
from app.ui.results.selecting import Rows, chosen_rows
from app.ui.results.take_handlers import done_for, join_of

_PAUSE = 0.3
"""Seconds without a key after which the price for another model is asked for."""


def _service(context: Context) -> FollowUps:
    services = context.services
    return FollowUps(services.runtime, services.compute, services.locks)


def toggle(context: Context, _action: ToggleCarryOn, _event: Event) -> None:
    context.state.follow.choosing = not context.state.follow.choosing


async def ask(context: Context, action: AskFollow, _event: Event) -> None:
    here = context.state.results
    rows: Rows | None = {action.batch: (action.row,)} if action.batch else await chosen_rows(context, here)
    kind, ids = addresses.named(here.scope)
    if action.batch and kind != "table":
        kind, ids = "batches", (action.batch,)
    found = await join_of(context, kind, ids) or ("Answers", order_of(context, here).order)
    if rows is None or context.state.results is not here:
        return
    if not rows:
        context.toast("There are no answers to continue from.")
        return
    context.state.follow.choosing = False
    dialog = FollowDialog(*found, rows, FollowUp(""), wrong=("Write the next message.",))
    context.state.dialog = dialog
    await _look(context, dialog)


async def _look(context: Context, dialog: FollowDialog) -> None:
    """Find out what would follow."""
    follow = dialog.follow

    async def work(moved: Callable[[int, int], None]) -> FollowReport:
        return await _service(context).look(dialog.join, dialog.rows, follow, moved)

    dialog.fault = None
    report = await done_for(context, dialog, "look", work, "Nothing was queued.", "The answers could not be read.")
    if report is not None:
        dialog.report = report
        _check(dialog)
    context.changed()
    now = dialog.follow
    if report is not None and context.state.dialog is dialog and (now.model, now.alone) != (follow.model, follow.alone):
        await _look(context, dialog)  # it was changed while the answers were read


def _check(dialog: FollowDialog) -> None:
    """See what is wrong with what is asked, and how the first request has it."""
    report, follow = dialog.report, dialog.follow
    dialog.preview = dialog.preview_system = ""
    if report is None:
        dialog.wrong = () if follow.message.strip() else ("Write the next message.",)
        return
    asking.check(dialog, report.columns)
    if report.first and not dialog.every_fault:
        try:
            dialog.preview, dialog.preview_system = MessageWriter(follow, report.columns).write(report.first[:-1], report.first[-1])
        except Unfollowed as stays:
            dialog.wrong = (f"The message does not fit the first request: such {stays}.",)


async def typed(context: Context, action: TypeFollow, event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, FollowDialog):
        return
    dialog.follow = asking.changed(dialog.follow, action.field, event)
    _check(dialog)
    if action.field not in ("alone", "model"):
        return
    if action.field == "model":
        model = dialog.follow.model
        await context.services.clock.sleep(_PAUSE)
        if context.state.dialog is not dialog or dialog.follow.model != model:
            return
    if not dialog.doing:
        await _look(context, dialog)


async def queue(context: Context, _action: QueueFollow, _event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, FollowDialog) or dialog.doing or dialog.every_fault:
        return
    dialog.fault = None

    async def work(moved: Callable[[int, int], None]) -> FollowReport:
        return await _service(context).add(dialog.join, dialog.rows, dialog.follow, moved)

    done = await done_for(context, dialog, "queue", work, "Nothing was queued.", "Nothing was queued.")
    if done is not None:
        context.close(dialog)
        here = context.state.results
        here.picking.rows.difference_update((batch, row) for batch, rows in dialog.rows.items() for row in rows)
        here.picking.facts = None
        await context.services.log.note("batch", "followed", counts={"requests": done.requests})
        context.ask_to_keep()
        context.toast(f"{text.count(done.requests, 'request')} added to the queue. Review them there, then submit.")
        opened, batch = here.beside.request, next((one for one in context.state.batches.all if here.at and one.id == here.at[0]), None)
        if opened is not None and batch is not None:
            await follow_links.read(context, batch, opened.row, opened.id)
    await context.refresh_queue()


def stop(context: Context, _action: StopFollow, _event: Event) -> None:
    dialog = context.state.dialog
    if isinstance(dialog, FollowDialog) and dialog.stop is not None:
        dialog.stop()


HANDLERS: dict[type[Action], Handler] = {ToggleCarryOn: toggle, AskFollow: ask, TypeFollow: typed, QueueFollow: queue, StopFollow: stop}
