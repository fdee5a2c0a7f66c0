"""The dialog in which a step is planned."""

from __future__ import annotations

from simple_html import b, div, p

from app.core.base import text
from app.core.prices.rates import about
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog, faults
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, checkbox, chosen, command, field, note, typed
from app.ui.base.state import State
from app.ui.results.asking_view import NAMES_SHOWN, alone_fields, form_fields, message_field, model_field
from app.ui.results.dialogs import StepDialog
from app.ui.results.step_actions import PlanStep, TypeStep


def step(state: State, one: StepDialog) -> Node:
    """What it waits for, what it asks, and up to which sum."""
    source = one.source
    return dialog(
        "step",
        "Next step",
        div(
            at("stack"),
            p(
                at("dim"),
                f"When the answers of {text.shorten(one.title, 80)} arrive, each good one is followed up automatically. "
                "Rows without a good answer are left out.",
            ),
            field(
                "step-after",
                "When these have their answers",
                chosen("step-after", one.after, [(each.id, text.shorten(each.words, 120)) for each in one.sources], TypeStep("after")),
            ),
            _message(one),
            alone_fields("step", one, TypeStep),
            form_fields("step", one, TypeStep),
            model_field(
                "step",
                one.follow.model,
                state.provider.models,
                TypeStep("model"),
                source.model if source is not None else "",
                "Empty: the model that answers.",
            ),
            checkbox(
                "Submit its requests automatically; otherwise they wait in the queue", one.submit, TypeStep("submit"), id="step-submit"
            ),
            _money(one),
            note("bad", "It was not planned.", one.fault) if one.fault else NOTHING,
        ),
        act("Cancel", CloseDialog(), "quiet"),
        command(state, PlanStep(), "primary"),
    )


def _message(one: StepDialog) -> Node:
    names = ("Answer", "Answer.field", *one.columns[:NAMES_SHOWN])
    return message_field("step-message", one.follow.message, one.wrong, names, TypeStep("message"), "Translate this: {{Answer}}")


def _money(one: StepDialog) -> Node:
    if one.practice:
        return p(at(role="status"), b({}, "Practice: simulated, nothing is billed."))
    expected = one.expected
    if expected is None or expected.cost is None:
        return note(
            "bad",
            "No price is known for this model.",
            "So no limit can be enforced, and nothing can be submitted automatically. Enter a price in the settings.",
        )
    learnt = "as the plan expected" if expected.learnt else "assumed, since their length is not known"
    return [
        p(
            at(role="status"),
            b({}, f"{about(expected.cost)[0].upper()}{about(expected.cost)[1:]} as a batch"),
            f" ({text.number(expected.input_tokens)} tokens in, {text.number(expected.output_tokens)} out, {learnt}).",
        ),
        field(
            "step-limit",
            "Spending limit, in dollars",
            typed("step-limit", one.limit, TypeStep("limit"), inputmode="decimal", class_="input"),
            hint="If its requests would cost more once the answers arrive, it stops and nothing is queued. Budgets apply as well.",
            faults=faults(one.limit_fault),
        ),
    ]
