"""The dialog in which answers become examples in the prompt of their table."""

from __future__ import annotations

from simple_html import b, div, p, span

from app.core.base import text
from app.services.results.shown import AnswerExample
from app.ui.base.actions import CloseDialog
from app.ui.base.dialogs_view import dialog
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import act, command
from app.ui.base.state import State
from app.ui.results.dialogs import ExamplesDialog
from app.ui.results.example_actions import MAX_EXAMPLES, UseExamples

_SHOWN = 1_000
"""Characters of a text that are shown."""


def examples(state: State, one: ExamplesDialog) -> Node:
    """Each pair of messages as it will be there, and what it adds to every request."""
    found = one.examples
    return dialog(
        "examples",
        "Answers as examples",
        div(
            at("stack"),
            p(
                at("dim"),
                f"Each becomes a user and an assistant message in the prompt of {text.shorten(one.title, 80)}, before its last user "
                "message. Rows are asked with them from now on.",
            ),
            p(at("dim", role="status"), "Reading …") if found is None else [_sum(one, found), _pairs(found)],
        ),
        act("Cancel", CloseDialog(), "quiet"),
        command(state, UseExamples(), "primary"),
    )


def _sum(one: ExamplesDialog, found: tuple[AnswerExample, ...]) -> Node:
    which = "marked good" if one.marked else "ticked"
    said = f" of {text.count(one.chosen, 'answer')} that {'is' if one.chosen == 1 else 'are'} {which}."
    more = f"The maximum is {MAX_EXAMPLES} at a time: the first are used." if one.chosen > MAX_EXAMPLES else ""
    corrected = sum(each.corrected for each in found)
    return div(
        at("stack tight"),
        p({}, b({}, text.number(len(found))), said),
        p(at("dim"), "Tick some answers, or mark them good with g.") if not one.chosen else NOTHING,
        p(at("dim"), more) if more else NOTHING,
        p(at("dim"), f"{text.number(one.stays)} without a good answer or words {'stays' if one.stays == 1 else 'stay'} out.")
        if one.stays
        else NOTHING,
        p(at("dim"), f"In {text.number(corrected)} your correction is used instead of the answer.") if corrected else NOTHING,
        p(at(role="status"), b({}, f"About {text.count(one.tokens, 'token')} more in every request."), " They are part of its price.")
        if found
        else NOTHING,
    )


def _pairs(found: tuple[AnswerExample, ...]) -> Node:
    turns = [(role, said) for one in found for role, said in (("user", one.question), ("assistant", one.answer))]
    return div(
        at("turns"),
        [
            div(at(f"turn {role}"), span(at("who"), role.capitalize()), div(at("prose"), long(text.head(said, _SHOWN), role)))
            for role, said in turns
        ],
    )
