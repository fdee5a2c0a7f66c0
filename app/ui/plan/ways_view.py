"""In which ways the rows of a plan are asked, as a form, and how many requests that makes."""

from __future__ import annotations

from simple_html import div, p

from app.core.base import text
from app.core.templates.variants import TaggedPrompt
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.state import State
from app.ui.plan import ways
from app.ui.plan.actions import ComparePlan, TypePlanWays
from app.ui.tries.ways_view import ways_form


def asked(state: State) -> Node:
    """The form, and what it comes to."""
    fault = ways.fault(state)
    return div(
        at("pad stack tight"),
        ways_form(state, "plan", state.plan.ways, TypePlanWays, ComparePlan),
        p(at("fault", role="alert"), fault) if fault is not None else _count(state, ways.prompts(state)),
    )


def _count(state: State, found: tuple[TaggedPrompt, ...]) -> Node:
    if len(found) < 2:
        return NOTHING
    rows = ways.rows(state)
    variants, samples = len({one.tag for one in found}), max(1, *(one.sample for one in found))
    said = [
        f"in {text.count(variants, 'way')}" if variants > 1 else "",
        (f"{text.count(samples, 'time')} each" if variants > 1 else text.count(samples, "time")) if samples > 1 else "",
    ]
    tags = ", ".join(dict.fromkeys(text.head(one.tag, 60) for one in found if one.tag))
    return p(
        at("dim", role="status"),
        f"Each of {text.count(rows, 'row')} is asked {', '.join(one for one in said if one)}: "
        f"{text.count(len(found) * rows, 'request')} at most.{f' Ways: {tags}.' if tags else ''}",
    )
