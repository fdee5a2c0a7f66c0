"""Damaged JSON beside what it may have meant: a proposal, which nobody takes but the person."""

from __future__ import annotations

from simple_html import del_, details, div, ins, li, p, summary, ul

from app.core.base import text
from app.core.json import jsontext
from app.core.results.repairing import Repair, is_damaged
from app.services.results.shown import Opened
from app.ui.base.json_tree import tree_of
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import command, note
from app.ui.base.prose import words
from app.ui.base.reading_actions import ProposeRepair, TakeRepair
from app.ui.base.state import State

_GUESSED = "The answer itself is not changed. Missing parts were guessed: read the repair before you accept it."


def repair(state: State, one: Opened) -> Node:
    """Below an answer that is damaged JSON; nothing below any other."""
    said = one.answer.text if one.answer is not None else ""
    if not said or not is_damaged(said):
        return NOTHING
    known = state.reading.repairs
    if said in known:
        found = known[said]
        return p(at("dim", role="status"), "Preparing a repair …") if found is None else _proposed(state, found)
    fault = jsontext.parse(said).fault
    where = f"{fault} " if fault is not None else ""
    return note("", "Damaged JSON.", f"{where}It stays as it arrived.", command(state, ProposeRepair(), "small"))


def _proposed(state: State, found: Repair) -> Node:
    if not found.text:
        return note("", "No repair.", found.why)
    taken = state.results.annotating.said is not None and state.results.annotating.said.correction == found.text
    return div(
        at("stack tight", role="group", aria_label="Proposed repair"),
        note(
            "info",
            "A proposal.",
            "It is stored as your correction." if taken else "The answer itself is not changed. Missing parts were guessed: read it.",
            NOTHING if taken else command(state, TakeRepair(), "small"),
        ),
        div(at("diff code"), [_piece(kind, said) for kind, said in found.pieces]),
        details({}, summary({}, f"{text.count(len(found.changes), 'change')}"), ul(at("sources"), [li({}, one) for one in found.changes]))
        if found.changes
        else NOTHING,
        details(at(open=True), summary({}, "As a tree"), tree_of(found.text) or NOTHING),
    )


def _piece(kind: str, said: str) -> Node:
    return ins({}, words(said)) if kind == "new" else del_({}, words(said)) if kind == "gone" else words(said)
