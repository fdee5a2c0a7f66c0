"""When Data is opened, or another tab changed it: what does the reading is loaded then."""

from __future__ import annotations

from app.ui.base.context import Context
from app.ui.base.state import Route


def on_route(context: Context, before: Route) -> None:
    """Another view is open, or another table."""
    route = context.state.route
    if route.view == "data":
        if (route.view, route.id) != (before.view, before.id):
            context.state.data.open, context.state.data.missing = None, ""
            context.state.scroll.pop("table", None)
        _read_soon(context)


def on_table(context: Context) -> None:
    """Another tab wrote settings, among which the tables are."""
    if context.state.route.view == "data":
        _read_soon(context)


def _read_soon(context: Context) -> None:
    from app.ui.datasets.showing import read

    async def read_now() -> None:
        await read(context)

    context.catch_up("data", read_now)
