"""The dialog that says which rows of a table need to be asked again, and about what that would cost."""

from __future__ import annotations

from simple_html import b, div, li, p, ul

from app.core.base import text
from app.core.prices.rates import PER_DOLLAR, about
from app.core.results.rerunning import STANDINGS, RerunFacts
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import Node, at
from app.ui.base.parts import act, command
from app.ui.base.state import State
from app.ui.results.dialogs import RerunDialog
from app.ui.results.rerun_actions import PlanRerun


def rerun(state: State, one: RerunDialog) -> Node:
    """The counts add up to the rows of the table."""
    facts = one.facts
    return dialog(
        "rerun",
        "Ask again only what needs it",
        div(
            at("stack"),
            p(at("dim"), f"Rows of {text.shorten(one.title, 80)}, each by its best answer."),
            p(at("dim", role="status"), "Counting …") if facts is None else _counts(facts),
        ),
        act("Cancel", CloseDialog(), "quiet"),
        command(state, PlanRerun(), "primary"),
    )


def _counts(facts: RerunFacts) -> Node:
    known = facts.cost is not None and facts.again
    cost = f", for {about(round((facts.cost or 0.0) * PER_DOLLAR))} if they cost as much as the answers so far" if known else ""
    return div(
        at("stack tight"),
        ul(
            at("stack tight"),
            [li({}, b({}, text.number(facts.rows[name])), f" {text.verb(facts.rows[name], words)}.") for name, words in _known(facts)],
        ),
        p(at(role="status"), b({}, f"{text.count(facts.again, 'row')} would be asked again{cost}.")),
        p(
            at("dim"),
            "The next page makes their requests from the current prompt, leaves out rows with a good answer to the same request, and "
            "shows the exact number and price. Nothing is queued or sent before that.",
        ),
    )


def _known(facts: RerunFacts) -> list[tuple[str, str]]:
    return [(name, words) for name, words in STANDINGS.items() if facts.rows.get(name)]
