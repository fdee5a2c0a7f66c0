"""What can be put into a prompt: the table's columns, and what stands between two braces beside them."""

from __future__ import annotations

from typing import Final

from simple_html import dd, details, div, dl, dt, p, span, summary

from app.core.base import text
from app.core.templates import editing
from app.core.templates.filters import FILTERS
from app.ui.base.help_links import help_link
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act
from app.ui.base.prompt_state import PromptState
from app.ui.templates.actions import InsertColumn

COLUMNS: Final = 24
"""Columns that have a button."""


def insert_bar(here: PromptState) -> Node:
    """A button for each column puts it where the caret stands; of very many the first."""
    more = len(here.columns) - COLUMNS
    return div(
        at("row wrap insert", role="group", aria_label="Insert a column", data_inserts=True),
        span(at("dim"), "Insert"),
        [_column(name) for name in here.columns[:COLUMNS]],
        span(at("dim"), f"and {text.number(more)} more: type {{{{") if more > 0 else NOTHING,
    )


def language() -> Node:
    """What can be written between two braces."""
    rows = [
        ("{{column}}", "The row's cell."),
        *((f"{{{{column | {rule.example}}}}}", rule.help) for rule in FILTERS.values()),
        ("{{#if column}} … {{else}} … {{/if}}", "The first part if the cell has a value, otherwise the second, which is optional."),
        ("\\{{", "Two literal braces."),
    ]
    return details(
        at("pad", id="prompt-language"),
        summary({}, "What can be written in braces"),
        dl(at("facts left"), [[dt(at("mono"), written), dd({}, means)] for written, means in rows]),
        p({}, help_link("prompts", "More about prompts of tables", "write-the-prompt")),
    )


def _column(name: str) -> Node:
    return act(text.shorten(name, 40), InsertColumn(name), "small", title=f"Insert {editing.placeholder(name)}")
