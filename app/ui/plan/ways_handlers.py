"""In which ways the rows of a plan are asked, as a person says it."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.plan.actions import CheckRows, ComparePlan, ReuseAnswers, TypePlanWays
from app.ui.plan.handlers import check

_LONGEST: Final = 2_000
"""Characters of a field that are kept."""


def type_ways(context: Context, action: TypePlanWays, event: Event) -> None:
    here = context.state.plan
    here.ways = replace(here.ways, **{action.field: event.text[:_LONGEST]})


def compare(context: Context, action: ComparePlan, _event: Event) -> None:
    here = context.state.plan
    others = tuple(one for one in here.ways.versions if one != action.version)
    here.ways = replace(here.ways, versions=others if action.version in here.ways.versions else (*here.ways.versions, action.version))


async def reuse(context: Context, action: ReuseAnswers, event: Event) -> None:
    here = context.state.plan
    if here.doing:
        return
    here.reuse = action.on
    await check(context, CheckRows(), event)
    if here.checked is not None:
        here.reuse = here.checked.order.reuse  # it may have been stopped


HANDLERS: dict[type[Action], Handler] = {TypePlanWays: type_ways, ComparePlan: compare, ReuseAnswers: reuse}
