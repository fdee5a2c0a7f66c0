"""When a table of answers is opened, left, or has other answers: what does the reading is loaded then."""

from __future__ import annotations

from app.core.batches import pipeline
from app.core.model.batches import Batch
from app.core.results import layout
from app.ui.base.context import Context
from app.ui.base.state import Route


async def on_route(context: Context, before: Route) -> None:
    """Another view is open, another table, or another query of it."""
    if context.state.route.view == "results":
        if layout.parsed(context.state.route.query).compare is not None:
            from app.ui.results.compare_showing import follow as compare

            await compare(context)
            return
        from app.ui.results.table_showing import follow

        await follow(context)
    elif before.view == "results":
        from app.ui.results.table_showing import leave

        await leave(context)


def on_batch(context: Context, before: Batch | None, batch: Batch) -> None:
    """A batch came to its end, or its answers were read anew."""
    if context.state.route.view != "results" or (before is not None and before.state == batch.state):
        return
    if batch.state in pipeline.FINAL:
        from app.ui.results.table_showing import refresh, show

        if context.state.results.layout.compare is not None:
            from app.ui.results.compare_showing import refresh as compare

            compare(context)
            return
        refresh(context)
        if (at := context.state.results.at) is not None and at[0] == batch.id:
            context.catch_up("result", lambda: show(context, context.state.results))


def on_table(context: Context) -> None:
    """Another tab wrote settings, among which is what people say of answers."""
    if context.state.route.view == "results" and context.state.results.window is not None:

        async def look_now() -> None:
            from app.ui.results.annotation_showing import look

            await look(context)

        context.catch_up("annotations elsewhere", look_now)
