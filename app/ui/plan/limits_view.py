"""The limits by which a plan is cut, to be edited beside it."""

from __future__ import annotations

from simple_html import div, input_, p

from app.core.base import text
from app.core.batches import capacity
from app.core.planning import typedlimits
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import field
from app.ui.base.plan_state import PlanState
from app.ui.base.state import State
from app.ui.plan.actions import SetPlanLimit

_WHO = {
    "own": "Set by you.",
    "told": "{name} said so.",
    "table": "{source}.",
    "default": "A cautious guess: no limit is known for this model.",
    "none": "Not limited.",
}


def limits(state: State, here: PlanState) -> Node:
    """What one batch of the provider may hold."""
    profile = state.profile
    name = text.head(profile.name, 60)
    if profile.practice:
        most = f"{text.number(profile.max_requests)} requests and {text.size(profile.max_bytes)}"
        return p(at("pad dim"), f"The practice provider accepts {most} in a batch.")
    return div(
        at("pad stack tight"),
        div(
            at("row wrap"),
            _field(here, "plan-requests", SetPlanLimit("requests"), "Requests per batch", str(profile.max_requests)),
            _field(here, "plan-size", SetPlanLimit("size"), "Megabytes per batch", typedlimits.megabytes(profile.max_bytes)),
        ),
        p(at("dim"), f"These are the limits of {name} in this browser: what is set here applies to all its batches, as in the settings."),
    )


def room(state: State, here: PlanState, n: int, model: str) -> Node:
    """How many tokens may be enqueued for a model, the n-th of the plan."""
    profile = state.profile
    if not model:
        return NOTHING
    found = capacity.limit_of(state.provider.limits.get(profile.id), model, practice=profile.practice)
    name, begins = text.head(profile.name, 60), text.head(model, 60)
    who = _WHO[found.source].format(name=name, source=capacity.SOURCE)
    hint = f"{who} Applies to all models of {name} that begin with {begins}."
    return _field(here, f"plan-tokens-{n}", SetPlanLimit("tokens", model), "Tokens enqueued at a time", str(found.tokens or ""), hint)


def _field(here: PlanState, id: str, action: SetPlanLimit, words: str, value: str, hint: Node = NOTHING) -> Node:
    typed, fault = here.limit_faults.get((action.part, action.model), ("", ""))
    given = at(
        id=id,
        value=typed if fault else value,
        change=action,
        inputmode="decimal" if action.part == "size" else "numeric",
        autocomplete="off",
        placeholder="not limited" if action.part == "tokens" else None,
    )
    return field(id, words, lambda **tied: input_({**given, **at(**tied)}), hint=hint, faults=[fault] if fault else [])
