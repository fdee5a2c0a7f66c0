"""Which columns go into a file of answers: groups of them, single ones, or those that the table of answers shows."""

from __future__ import annotations

from typing import Final

from simple_html import div, fieldset, legend, p, span

from app.core.base import text
from app.core.model.settings import COLUMN_GROUPS, ColumnGroup
from app.core.results.column_titles import column_title
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, checkbox, command, segmented
from app.ui.base.state import State
from app.ui.results.dialogs import TakeAwayDialog
from app.ui.results.take_actions import ChooseColumns
from app.ui.results.take_columns_actions import ChooseAllColumns, ChooseColumn, ChooseColumnsAs, ListFileColumns

GROUPS: Final[dict[ColumnGroup, str]] = {
    "table": "Table columns",
    "prompt": "Prompt",
    "answer": "Answer",
    "fields": "JSON answer fields as columns",
    "annotations": "Marks, ratings, tags, notes and corrections",
    "outcome": "Outcome, error and finish reason",
    "usage": "Tokens and cost",
    "request": "Ids, model, batch and attempts",
}
_LISTED: Final = 300
_NAMED: Final = 6
_NAME: Final = 60


def columns(state: State, one: TakeAwayDialog) -> Node:
    """What is chosen, and the way to single columns."""
    return fieldset(
        at("field"),
        legend(at("label"), "Columns"),
        div(at("stack tight"), _which(one), _shown(one) if one.as_shown else [_groups(one), _single(state, one)]),
    )


def _which(one: TakeAwayDialog) -> Node:
    if not one.shown:
        return NOTHING
    choices = [("groups", "By group", ChooseColumnsAs(False)), ("shown", "As shown in Results", ChooseColumnsAs(True))]
    return segmented("Which columns", "shown" if one.choice.shown else "groups", choices)


def _shown(one: TakeAwayDialog) -> Node:
    return p(at("dim"), f"{text.count(len(one.shown), 'column')}, in this order: {_named(one.shown)}.")


def _groups(one: TakeAwayDialog) -> Node:
    asked = "table" in one.choice.parts and not one.table
    return [
        checkbox(
            GROUPS[group] if group != "table" or one.table else "custom_id and prompt",
            group in one.choice.parts,
            ChooseColumns(group),
            id=f"take-{group}",
        )
        for group in COLUMN_GROUPS
        if group != "prompt" or not asked
    ]


def _single(state: State, one: TakeAwayDialog) -> Node:
    left = one.choice.left_out
    every = act("Include all columns", ChooseAllColumns(), "small quiet") if left else NOTHING
    if one.columns is None:
        said = p(at("dim"), f"Left out: {_named(left)}.") if left else NOTHING
        return [said, div(at("row wrap"), command(state, ListFileColumns(), "small quiet", spins=one.doing == "columns"), every)]
    offered = one.offered
    without = frozenset(left)
    more = f"The first {_LISTED} of {text.number(len(offered))} columns." if len(offered) > _LISTED else ""
    return [
        div(
            at("column-choice", role="group", aria_label="Single columns"),
            [
                checkbox(text.shorten(each.title, _NAME), each.id not in without, ChooseColumn(each.id), id=f"take-column-{n}")
                for n, each in enumerate(offered[:_LISTED])
            ],
        ),
        span(at("dim"), more) if more else NOTHING,
        div(at("row wrap"), every),
    ]


def _named(ids: tuple[str, ...]) -> str:
    names = ", ".join(text.shorten(column_title(one), _NAME) for one in ids[:_NAMED])
    return f"{names} and {text.number(len(ids) - _NAMED)} more" if len(ids) > _NAMED else names
