"""When steps are to be looked after: in the tab that leads, now and then, and when a batch ended. What does it is loaded where there are
some."""

from __future__ import annotations

from app.core.base import text
from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.model.stored_names import NEXT_STEP
from app.ports import Table
from app.ui.base.context import Context
from app.ui.base.state import Route
from app.ui.results import addresses

EVERY = 60.0
"""Seconds between two looks."""


async def look(context: Context) -> None:
    """Do what is due, and say so."""
    if not context.services.engine.ready or not await context.services.store.scan(Table.SETTINGS, owner=NEXT_STEP.name):
        return
    changed = await context.services.steps().turn()
    if not changed:
        return
    from app.core.results.stepping import name_of

    for step in changed:
        counts = {"requests": step.requests} if step.state in ("queued", "submitted") else {}
        await context.services.log.note("batch", f"step_{step.state}", counts=counts)
        match step.state:
            case "submitted":
                words = f"submitted {text.count(step.requests, 'request')}"
            case "queued":
                words = f"put {text.count(step.requests, 'request')} into the queue"
            case _:
                words = "stopped"
        context.toast(f"The step {name_of(step)} {words}. {step.why}".strip())
    await context.refresh_batches()
    await context.refresh_queue()
    context.services.engine.nudge()
    await read(context)


def on_batch(context: Context, before: Batch | None, batch: Batch) -> None:
    """A batch came to its end: a step may have waited for it."""
    if batch.additions and batch.state in pipeline.FINAL and (before is None or before.state != batch.state):
        context.catch_up("steps look", lambda: look(context))


async def on_route(context: Context, before: Route) -> None:
    """The answers of a table are opened, of another one or again: while another view was open, its steps may have gone on."""
    if _table(context) and (before.view != "results" or _table(context) != context.state.follow.table):
        await read(context)


def on_table(context: Context) -> None:
    """Another tab wrote settings, among which are steps."""
    if context.state.route.view == "results" and _table(context):
        context.catch_up("steps", lambda: read(context))


async def read(context: Context) -> None:
    """Have the state know the steps of the table whose answers are open."""
    table, here = _table(context), context.state.follow
    if not table:
        return
    there = await context.services.store.scan(Table.SETTINGS, owner=NEXT_STEP.name)
    found = await context.services.steps().of(table) if there else []
    if _table(context) == table:
        here.table, here.steps = table, tuple(found)
        context.changed()


def _table(context: Context) -> str:
    kind, ids = addresses.named(addresses.read(context.state.route.id, "")[0]) if context.state.route.view == "results" else ("", ())
    return ids[0] if kind == "table" else ""
