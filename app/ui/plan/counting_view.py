"""How far the counting of all tokens is, below the price of the sample."""

from __future__ import annotations

from simple_html import div, span

from app.core.base import text
from app.services.planning.counting import uncounted
from app.services.planning.planning import CheckedPlan
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act
from app.ui.base.plan_state import PlanState
from app.ui.plan.actions import CountAll, StopCounting


def counting(here: PlanState, checked: CheckedPlan) -> Node:
    """Nothing, once all are counted."""
    shown = here.counting
    if shown.doing:
        return div(
            at("row wrap"),
            span(at("grow dim", role="status"), f"Figures from a sample; all requests are being counted … {text.percent(shown.share)}"),
            act("Stop counting", StopCounting(), "small"),
        )
    if not uncounted(checked.counted):
        return NOTHING
    return div(
        at("row wrap"),
        span(at("grow dim", role="status"), shown.said or "Figures from a sample."),
        act("Count all requests", CountAll(), "small"),
    )
