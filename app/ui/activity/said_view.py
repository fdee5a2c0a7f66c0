"""What the page said in short during this visit, and what of it can still be undone."""

from __future__ import annotations

from collections.abc import Sequence

from simple_html import details, div, h2, header, p, section, span, summary

from app.core.base import text
from app.ui.base.actions import Undo
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act
from app.ui.base.said_state import Toast
from app.ui.base.state import State

_IN_SIGHT = 5


def said_card(state: State) -> Node:
    """The newest messages, the earlier ones folded away; nothing where nothing was said."""
    newest = state.said.all[::-1]
    if not newest:
        return NOTHING
    earlier = newest[_IN_SIGHT:]
    return section(
        at("card", aria_label="Messages of this visit"),
        header({}, h2({}, "Messages of this visit")),
        p(at("pad dim"), "Changes can be undone here until you close or reload the page."),
        _list(state, newest[:_IN_SIGHT]),
        details(at("pad"), summary({}, f"{text.number(len(earlier))} earlier"), _list(state, earlier)) if earlier else NOTHING,
    )


def _list(state: State, those: Sequence[Toast]) -> Node:
    return div(at(role="list"), [_line(state, one) for one in those])


def _line(state: State, one: Toast) -> Node:
    return div(
        at("pad row", role="listitem", id=f"said-{one.id}"),
        span(at("dim mono nowrap"), text.clock(one.at, offset=state.zone, now=state.now)),
        div(at("grow"), one.text),
        act("Undo", Undo(one.id), "small", aria_label=f"Undo: {text.shorten(one.text, 60)}") if one.undo else NOTHING,
    )
