"""Requests that a person sends again and wants to go at once: from the queue, where each of them is once, into batches of their own."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.base import text
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.rescues import RescueWay
from app.core.openai.problems import Refused
from app.core.openai.streaming import ASKABLE
from app.core.queue.scope import Pick
from app.services.batches.resubmitting import LIVE
from app.services.results.selection_jobs import SelectionFacts
from app.ui.base.context import Context
from app.ui.base.submitting import check_provider, show_refused, submitting

Scopes = dict[Lane, dict[str, Pick]]
"""What goes of each queue, by its segments."""
_ONE_BY_ONE: frozenset[RescueWay] = frozenset({"flex", "standard"})


def offered(facts: SelectionFacts, *, risky: bool) -> dict[RescueWay, int | None]:
    """In which ways they can go, with what each costs (10^-12 dollars; None: no price is known). The flex price is offered where there is
    one for each model; one by one goes what an endpoint answers at once."""
    parts = [facts.free_price, *([facts.risky_price] if risky else [])]

    def sum_of(costs: list[int | None]) -> int | None:
        return None if None in costs else sum(one or 0 for one in costs)

    found: dict[RescueWay, int | None] = {"queue": sum_of([one.cost for one in parts]), "batch": sum_of([one.cost for one in parts])}
    if facts.endpoints and all(one in ASKABLE for one in facts.endpoints):
        flex = sum_of([one.flex for one in parts])
        if flex is not None:
            found["flex"] = flex
        found["standard"] = sum_of([one.standard for one in parts])
    return found


async def submit(context: Context, scopes: Mapping[Lane, dict[str, Pick]], way: RescueWay) -> list[Batch]:
    """Make batches of these requests; what cannot go stays in the queue, and the page says why."""
    made: list[Batch] = []
    with submitting(context):
        context.ask_to_keep()
        for lane, scope in scopes.items():
            try:
                profile = await check_provider(context, lane.profile)
            except Refused as error:  # a provider without a key does not hold up the others
                context.failed("submit", error)
                continue
            done = await context.services.submitter.submit(lane, profile, scope, note="sent again by hand", live=LIVE[way])
            made += done.batches
            if done.refused:
                show_refused(context, done.refused)
            if done.stopped is not None:
                context.state.problems["budget"] = done.stopped.problem
    context.services.engine.nudge()
    return made


def came_of(sent: int, made: list[Batch], way: RescueWay) -> str:
    """What came of it, in words."""
    gone = sum(one.requests for one in made)
    if not gone:
        return f"{text.count(sent, 'request')} returned to the queue, where they stay."
    stays = f" {text.number(sent - gone)} stay in the queue." if sent > gone else ""
    if way in _ONE_BY_ONE:
        return f"{text.count(gone, 'request')} {text.verb(gone, 'are asked one by one')}, as long as the page is open.{stays}"
    return f"{text.count(gone, 'request')} {text.verb(gone, 'are in')} {text.count(len(made), 'new batch')}.{stays}"
