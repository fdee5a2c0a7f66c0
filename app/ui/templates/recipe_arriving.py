"""When the address of a recipe is opened: what does the reading is loaded then."""

from __future__ import annotations

from app.ui.base.context import Context
from app.ui.base.state import Route


def on_route(context: Context, _before: Route) -> None:
    """A recipe is in the address, or the view is opened without one."""
    if context.state.route.view == "recipe":

        async def read_now() -> None:
            from app.ui.templates.recipe_handlers import follow

            await follow(context)

        context.catch_up("recipe", read_now)
