"""The worked examples, wherever someone who has nothing yet looks for a beginning."""

from __future__ import annotations

from simple_html import b, button, div, span

from app.ui.base.actions_base import command_of
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.state import State
from app.ui.base.worked_actions import WORKED, OpenWorked


def examples(state: State) -> Node:
    """A button for each; the one that was pressed turns until its table is there."""
    return div(at("doors", role="group", aria_label="Examples"), [_door(state, name) for name in WORKED])


def _door(state: State, name: str) -> Node:
    title, about = WORKED[name]
    action = OpenWorked(name)
    command = command_of(action)
    busy = command.busy(state, action)
    why = command.refusal(state, action)
    attributes = at(
        "door", type="button", click=action, disabled=why is not None, aria_busy="true" if busy else None, title=None if busy else why
    )
    turning = span(at("spin", aria_hidden="true")) if busy else NOTHING
    return button(attributes, turning, span({}, b({}, title), " ", span(at("dim"), about)))
