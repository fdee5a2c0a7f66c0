"""The steps of a table as they are, above its answers."""

from __future__ import annotations

from simple_html import h2, header, li, section, span, ul

from app.core.base import text
from app.core.model.steps import NextStep
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import Tone, command, pill
from app.ui.base.state import State
from app.ui.results.step_actions import AskStep, CancelStep, ClearSteps

_STEPS_SHOWN = 20
_TONES: dict[str, Tone] = {
    "waits": "wait",
    "queued": "wait",
    "submitted": "good",
    "stopped": "bad",
    "cancelled": "info",
    "proposed": "info",
}


def steps_card(state: State) -> Node:
    """The steps of the table whose answers are open; nothing where there is none."""
    here = state.follow
    if not here.steps or state.results.scope != f"table/{here.table}":
        return NOTHING
    shown = here.steps[-_STEPS_SHOWN:]
    return section(
        at("card", aria_label="Next steps"),
        header(
            {},
            h2({}, "Next steps"),
            command(state, ClearSteps(), "small quiet") if any(not (one.open or one.proposed) for one in here.steps) else NOTHING,
        ),
        ul(at("pad stack tight"), [_step(state, one) for one in shown]),
    )


def _step(state: State, one: NextStep) -> Node:
    from app.core.results.stepping import name_of  # with the table of prices, which most tables of answers never need

    return li(
        at("row wrap"),
        pill(_TONES[one.state], one.state),
        span(at("grow"), f"{name_of(one)}: {_said(state, one)}"),
        command(state, AskStep(one.id), "small") if one.proposed else NOTHING,
        command(state, CancelStep(one.id), "small") if one.open or one.proposed else NOTHING,
    )


def _said(state: State, one: NextStep) -> str:
    from app.core.prices.rates import dollars  # likewise
    from app.core.results.stepping import progress

    limit = f", for {dollars(one.limit)} at most" if one.limit else ""
    requests = text.count(one.requests, "request")
    match one.state:
        case "waits":
            ended, total = progress(one, state.batches.all)
            known = any(each.run == one.after and each.state == "waits" for each in state.follow.steps)
            if known:
                waits = "it waits for the previous step"
            elif not total:
                waits = "it waits until they are submitted"
            else:
                waits = f"{text.number(ended)} of {text.count(total, 'batch')} ended. {one.why}".rstrip(" .")
            return f"{waits}; then about {requests}{limit}, {'submitted automatically' if one.submit else 'to wait in the queue'}."
        case "proposed":
            return "proposed by a recipe; nothing is asked before you plan it."
        case "queued":
            return f"{requests} in the queue. {one.why}".strip()
        case "submitted":
            return f"{requests} submitted."
        case "stopped":
            return one.why or "It stopped."
        case _:
            return "It does nothing else automatically."
