"""Requests of a plan that were answered already: how many, in which batches, what they would cost again, and whether they are asked."""

from __future__ import annotations

from simple_html import a, span

from app.core.base import text
from app.core.planning.report import PlanReport
from app.core.prices.rates import about
from app.services.planning.planning import CheckedPlan
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, note
from app.ui.base.plan_state import PlanState
from app.ui.plan.actions import ReuseAnswers

_NAMED = 5


def answered(here: PlanState, checked: CheckedPlan) -> Node:
    """Nothing where there is no answer."""
    report, left_out = checked.report, checked.order.reuse
    count = sum(one.requests for one in report.answered)
    if not count:
        return NOTHING
    price = f"{about(here.spared)} in batches" if here.spared is not None else "an unknown amount"
    if checked.order.profile.practice:
        price += " at OpenAI, and nothing here"
    were, are = ("was", "is") if count == 1 else ("were", "are")
    title = f"{text.count(count, 'request')} {were} answered already" + (f", and {are} left out." if left_out else ".")
    means = "The same model already got exactly the same request. " + ("That saves" if left_out else "Once more costs") + f" {price}."
    once = "Each answer counts for one request: rows that ask the same thing, and samples of a row, each need their own."
    return note(
        "info",
        title,
        span({}, f"{means} {once} ", _unlooked(report), _where(report)),
        act("Ask them again" if left_out else "Leave them out", ReuseAnswers(not left_out), "small", disabled=bool(here.doing)),
    )


def _unlooked(report: PlanReport) -> str:
    """That there may be more answers."""
    if not report.unlooked:
        return ""
    words = "1 older batch was" if report.unlooked == 1 else f"{text.number(report.unlooked)} older batches were"
    return f"{words} not looked into. "


def _where(report: PlanReport) -> Node:
    """The batches that have the answers."""
    found = report.answered_in[:_NAMED]
    more = " and others" if len(report.answered_in) > _NAMED else ""  # no more than some are told of, so their number is not known
    links: list[Node] = [
        [", " if n else "", a(at(href=f"#/batches/{one.batch}"), text.head(one.name or "a batch without a name", 60))]
        for n, one in enumerate(found)
    ]
    return span({}, "The answers are in ", links, f"{more}.")
