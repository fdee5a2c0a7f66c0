"""Rows of the table as example messages of its prompt."""

from __future__ import annotations

from simple_html import div, h2, header, p, section

from app.ui.base.markup import Node, area, at
from app.ui.base.parts import act, command, field, typed
from app.ui.base.prompt_state import Examples
from app.ui.base.state import State
from app.ui.templates.actions import AddExamples, OpenExamples, TypeExamples


def examples(state: State, one: Examples) -> Node:
    """Which rows, and what is asked and answered in them."""
    return section(
        at("card", id="prompt-examples", aria_label="Examples"),
        header({}, h2({}, "Rows as examples")),
        div(
            at("pad stack"),
            p(
                at("dim"),
                "Each row becomes a user and an assistant message before the last user message, with its cells written in.",
            ),
            field(
                "examples-rows",
                "Rows",
                typed("examples-rows", one.rows, TypeExamples("rows"), placeholder="1, 4, 7"),
                faults=[one.fault] if one.fault else [],
            ),
            field(
                "examples-question",
                "User message",
                lambda **ties: area(at(id="examples-question", rows="3", input=TypeExamples("question"), **ties), one.question),
            ),
            field(
                "examples-answer",
                "Assistant message",
                lambda **ties: area(
                    at(id="examples-answer", rows="2", input=TypeExamples("answer"), placeholder="{{column}} that holds it", **ties),
                    one.answer,
                ),
            ),
            div(at("row wrap"), command(state, AddExamples(), "primary"), act("Cancel", OpenExamples(), "quiet")),
        ),
    )
