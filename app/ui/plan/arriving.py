"""When a table's plan is opened: what does the reading is loaded then."""

from __future__ import annotations

from app.ui.base.context import Context
from app.ui.base.plan_state import PlanState
from app.ui.base.state import Route


async def on_route(context: Context, _before: Route) -> None:
    """The tab of another table is open, or this one again."""
    route, here = context.state.route, context.state.plan
    if route.view != "data" or route.part != "check" or not route.id:
        return
    if here.dataset != route.id:
        if here.stop is not None:
            return  # it is another table's, and its page says how far it is
        context.state.plan = here = PlanState(dataset=route.id)
    if here.checked is not None:
        from app.ui.plan.handlers import learn

        await learn(context, here)  # rows may have been tried meanwhile
    found = await context.services.planning().queued(route.id)
    if context.state.plan is here:
        here.before = tuple(found)
        context.changed()
