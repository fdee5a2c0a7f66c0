"""When a table of answers is opened, left, or has other answers: what does the reading is loaded then."""

from __future__ import annotations

from app.core.results import layout
from app.core.results.query import left_out
from app.ui.base.context import Context
from app.ui.base.state import Route


async def on_route(context: Context, before: Route) -> None:
    """Another view is open, another table, or another query of it."""
    if context.state.route.view == "results":
        if said := left_out(context.state.route.query):
            context.toast(said)
        if layout.parsed(context.state.route.query).compare is not None:
            from app.ui.results.compare_showing import follow as compare

            await compare(context)
        else:
            from app.ui.results.table_showing import follow

            await follow(context)
        picking = context.state.results.picking
        if picking.rows and picking.facts is None:  # they were ticked when this table was open before
            from app.ui.results.selecting import recount

            recount(context, context.state.results)
    elif before.view == "results":
        from app.ui.results.table_showing import leave

        await leave(context)


def on_drawn(context: Context) -> None:
    """The list of batches may be another one: a batch ended, went again, was deleted or hidden, here or in another tab."""
    _look_for_python(context)
    here = context.state.results
    if context.state.route.view != "results" or not here.stamp or here.looked is context.state.batches.all:
        return
    from app.ui.results.renewing import look_at_batches

    look_at_batches(context)


def _look_for_python(context: Context) -> None:
    """Columns that a person's Python fills may be missing among the rows that came."""
    state = context.state
    if state.route.view != "results" or ("python%3A" not in state.route.query and not state.python.made):
        return
    if state.results.window is None and not state.results.fault:
        return
    if state.python.doing or (state.results.window is not None and state.results.window is state.python.seen_window):
        return

    async def look_now() -> None:
        from app.ui.results.python_filling import look

        await look(context)

    context.catch_up("python columns", look_now)


def on_table(context: Context) -> None:
    """Another tab wrote settings, among which are what people say of answers, tables, and what their answers are compared with."""
    here = context.state.results
    if context.state.route.view != "results" or (here.window is None and here.comparing.window is None):
        return

    async def look_now() -> None:
        from app.ui.results.annotation_showing import look
        from app.ui.results.renewing import look_at_table

        await look_at_table(context)
        await look(context)

    context.catch_up("annotations elsewhere", look_now)
