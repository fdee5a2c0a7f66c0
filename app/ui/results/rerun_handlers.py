"""Asking again only those rows of a table that need it: they are counted here, and go the way of every plan."""

from __future__ import annotations

from app.services.results.rerun_job import RERUN
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.plan_state import PlanState
from app.ui.results import addresses
from app.ui.results.dialogs import RerunDialog
from app.ui.results.rerun_actions import AskRerun, PlanRerun
from app.ui.results.table_showing import ask_for, asked, between


async def ask(context: Context, _action: AskRerun, _event: Event) -> None:
    here = context.state.results
    kind, ids = addresses.named(here.scope)
    if kind != "table":
        return
    table = next((one for one in context.state.data.all or () if one.id == ids[0]), None)
    dialog = RerunDialog(ids[0], table.name if table is not None else "this table")
    context.state.dialog, context.state.follow.choosing = dialog, False
    context.changed()

    async def count() -> None:
        dialog.facts = await ask_for(context, here, RERUN, asked(context, here))

    await between(context, here, count)
    if dialog.facts is None and context.state.dialog is dialog:
        context.state.dialog = None  # why, is said above the table
    context.changed()


def plan(context: Context, _action: PlanRerun, _event: Event) -> None:
    dialog = context.state.dialog
    if not isinstance(dialog, RerunDialog) or context.state.plan.stop is not None:
        return
    if context.state.plan.counting.stop is not None:
        context.state.plan.counting.stop()
    context.state.dialog = None
    context.state.plan = PlanState(dataset=dialog.dataset, reuse=True)
    context.screen.go_to(f"#/data/{dialog.dataset}/check")


HANDLERS: dict[type[Action], Handler] = {AskRerun: ask, PlanRerun: plan}
