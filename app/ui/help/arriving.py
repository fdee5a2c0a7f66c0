"""When Help is opened: what does the reading is loaded then."""

from __future__ import annotations

from app.ui.base.context import Context
from app.ui.base.state import Route


def on_route(context: Context, before: Route) -> None:
    """A page of the guide is in the address."""
    state = context.state
    if state.route.view != "help":
        return
    if before.view == "help" and before != state.route:
        state.help.words = ""
        state.moves += 1  # to another page, or another section: the focus goes there
    if state.help.guide is None:

        async def read_now() -> None:
            from app.ui.help.handlers import follow

            await follow(context)

        context.catch_up("help", read_now)
