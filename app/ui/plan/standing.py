"""How things stand with a plan: whether it may be made, and whether what was found still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.core.base.text import count

if TYPE_CHECKING:
    from app.core.planning.report import PlanReport
    from app.services.planning.planning import CheckedPlan
    from app.ui.base.state import State


def unready(state: State) -> str | None:
    """Why the rows cannot be checked now; None: they can."""
    prompt = state.prompt
    if prompt.template is None or prompt.dataset != state.route.id or state.data.open is None:
        return "The prompt is being read."
    if any(one.severity == "error" for one in prompt.findings):
        return "Fix the prompt's errors first."
    from app.ui.plan import ways  # what reads them is for those who look at a plan

    return ways.fault(state)


def outdated(state: State) -> str | None:
    """Why what was found holds no more; None: it does."""
    checked, prompt, opened = state.plan.checked, state.prompt, state.data.open
    if checked is None or prompt.template is None or opened is None or opened.dataset.current is None:
        return None
    if prompt.template.content != checked.order.content:
        return "The prompt was changed since."
    if state.plan.ways != state.plan.checked_ways:
        return "The models, parameters or versions to compare were changed since."
    if opened.dataset.current.number != checked.order.version:
        return "The table was imported again since."
    if opened.dataset.planned != checked.order.only:
        return "Other rows were chosen since."
    if state.profile != checked.order.profile or cut_otherwise(state):
        return "The provider, or one of its limits, was changed since."
    if state.plan.may_fit:
        return "A limit was raised since: rows left out as too large may now fit."
    if refused := sum(one.refused for one in checked.report.lanes):
        return f"{count(refused, 'request')} {'is' if refused == 1 else 'are'} larger than one batch may be now."
    return None


def cut_otherwise(state: State) -> bool:
    """Whether the provider's limits are others than those by which the plan was cut, and nothing else of it is."""
    checked, profile = state.plan.checked, state.profile
    if checked is None:
        return False
    from app.core.planning.rowrequests import limits_of  # only a plan needs it, and actions are read at the start

    order = checked.order
    if replace(profile, max_requests=order.profile.max_requests, max_bytes=order.profile.max_bytes) != order.profile:
        return False
    now = replace(order, profile=profile, limits=state.provider.limits.get(profile.id))
    return any(limits_of(now, one) != limits_of(order, one) for one in models(checked))


def models(checked: CheckedPlan) -> list[str]:
    """The models that rows are asked of; where no row can be sent, the one that they would be asked of."""
    from app.core.templates import syntax  # likewise

    known = [one.model for one in checked.report.lanes]
    typed = checked.order.content.fields.get("model", "").strip()
    return known or ([typed] if typed and not syntax.holds(typed) else [])


def too_large(report: PlanReport) -> bool:
    """Whether rows were left out because no batch can hold them."""
    return any(one.key.endswith("too large") for one in report.found)


def unaddable(state: State) -> str | None:
    """Why nothing can be added to the queue now."""
    checked = state.plan.checked
    if checked is None:
        return "Check the rows first."
    if (why := unready(state) or outdated(state)) is not None:
        return why
    if checked.report.requests:
        return None
    return "Every request was answered already." if checked.report.answered else "No row can be sent as it is."
