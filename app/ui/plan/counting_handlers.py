"""Counting the tokens of all requests of a plan while its sample is shown."""

from __future__ import annotations

from collections.abc import Callable

from app.core.planning.rowrequests import Unplannable
from app.ports import LibraryMissing
from app.ports.compute import JobFailed
from app.services.datasets.rows import RowsMissing
from app.services.planning.counting import uncounted
from app.services.planning.planning import CheckedPlan
from app.ui.base import failures
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.plan_state import Counting, PlanState
from app.ui.base.stoppable import Stopped, stoppable
from app.ui.plan.actions import StopCounting

Priced = Callable[[Context, PlanState], None]
"""Prices a plan by what was counted of it."""


def begin(context: Context, here: PlanState, price: Priced) -> None:
    """Count what was not counted, in place of what is being counted. ``price`` is called with the plan when its figures are there."""
    if here.counting.stop is not None:
        here.counting.stop()
    here.counting = Counting()
    if here.checked is not None and uncounted(here.checked.counted):
        context.tasks.start("counting", _count(context, here, here.counting, here.checked, price))


async def _count(context: Context, here: PlanState, shown: Counting, checked: CheckedPlan, price: Priced) -> None:
    planning = context.services.planning()
    try:
        counted = await stoppable(context, shown, "tokens", lambda moved: planning.count(checked, moved))
    except Stopped:
        shown.said = "Stopped: only the tokens of a sample were counted."
        return
    except Exception as error:
        words = failures.expected(error, (Unplannable, RowsMissing, JobFailed, LibraryMissing), "Another tab was in the way. Try again.")
        if words is None:
            raise
        shown.said = f"Only a sample was counted. {words}"
        return
    if here.checked is not None and here.checked.order.run == checked.order.run:  # it may have been cut otherwise meanwhile
        here.checked = here.checked._replace(counted=counted)
        price(context, here)
        context.changed()


def stop(context: Context, _action: StopCounting, _event: Event) -> None:
    if (stopping := context.state.plan.counting.stop) is not None:
        stopping()


HANDLERS: dict[type[Action], Handler] = {StopCounting: stop}
