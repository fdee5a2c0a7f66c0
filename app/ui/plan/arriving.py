"""When a table's plan is opened, or the limits of its provider are others now: what does the work is loaded then."""

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
        if here.counting.stop is not None:
            here.counting.stop()
        context.state.plan = here = PlanState(dataset=route.id)
    limits_changed(context)
    if here.checked is not None:
        from app.ui.plan.handlers import learn

        await learn(context, here)  # rows may have been tried meanwhile
    found = await context.services.planning().queued(route.id)
    if context.state.plan is here:
        here.before = tuple(found)
        context.changed()


def limits_changed(context: Context) -> None:
    """The plan is cut as batches will be, and priced as they will be, whoever changed a limit or a price, and where."""
    here, checked = context.state.plan, context.state.plan.checked
    if checked is None:
        return
    from app.ui.plan import handlers, limits_handlers, standing

    limits = context.state.provider.limits.get(checked.order.profile.id)
    if here.own_prices != (limits.prices if limits is not None else ()):
        handlers.price(context, here)
    if standing.cut_otherwise(context.state):
        context.catch_up("plan", lambda: limits_handlers.cut_again(context))
