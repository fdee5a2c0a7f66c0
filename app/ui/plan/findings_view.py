"""What stands against rows, by kind: how many, which, and what fixes all of them."""

from __future__ import annotations

from simple_html import dd, div, dl, dt, h2, header, p, section, small, span

from app.core.base import text
from app.core.planning.report import FoundKind, PlanReport
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, few, pill
from app.ui.base.plan_state import PlanState
from app.ui.plan.actions import MendAll, OpenFinding, ShowFaultyRow

_CELL = 600
"""Characters of a cell that are drawn."""
_NAMED = 6
"""Rows that are named in a finding's line."""


def findings(here: PlanState, report: PlanReport) -> Node:
    """All kinds of findings."""
    found = report.found
    kinds = "kind of finding" if len(found) == 1 else "kinds of findings"
    words = f"{text.number(len(found))} {kinds}" if found else "No problems found."
    return section(
        at("card", aria_label="Findings"),
        header({}, h2({}, "Findings"), span(at("dim end"), words)),
        few(found, lambda _n, one: _kind(here, one), "kinds of findings") if found else NOTHING,
    )


def _kind(here: PlanState, one: FoundKind) -> Node:
    opened = here.opened == one.key
    blocks = one.severity == "error"
    remedy = here.remedies.get(one.key, "")
    return div(
        at("pad stack tight finding"),
        div(
            at("row wrap"),
            pill("bad" if blocks else "warn", "left out" if blocks else "look at it"),
            span(at("grow"), one.sentence, " ", span(at("dim"), one.remedy), _only(one)),
        ),
        div(
            at("row wrap"),
            span(at("grow dim"), _rows(one)),
            act(remedy, MendAll(one.key), "small", disabled=bool(here.doing)) if remedy else NOTHING,
            act("Hide rows" if opened else "Show rows", OpenFinding(one.key), "small quiet", aria_expanded=str(opened).lower()),
        ),
        _row(here, one) if opened else NOTHING,
    )


def _only(one: FoundKind) -> Node:
    """About which of the ways in which rows are asked it is, where it is not about all."""
    named = ", ".join(text.head(tag, 60) for tag in one.variants[:_NAMED])
    more = f" and {text.number(len(one.variants) - _NAMED)} more" if len(one.variants) > _NAMED else ""
    return span(at("dim"), f" Only in {named}{more}.") if one.variants else NOTHING


def _rows(one: FoundKind) -> str:
    named = ", ".join(_number(one, n) for n in range(min(len(one.rows), _NAMED)))
    more = f" and {text.number(one.count - _NAMED)} more" if one.count > _NAMED else ""
    return f"{text.count(one.count, 'row')}: {named}{more}"


def _row(here: PlanState, one: FoundKind) -> Node:
    row = here.row
    if row is None:
        return p(at("dim", role="status"), "Reading the row …")
    n = one.rows.index(row.position) if row.position in one.rows else 0
    return div(
        at("stack tight"),
        div(
            at("row wrap"),
            span(at("grow", role="status"), f"Row {_number(one, n)}"),
            act("Previous", ShowFaultyRow(n - 1), "small", disabled=n == 0),
            act("Next", ShowFaultyRow(n + 1), "small", disabled=n + 1 >= len(one.rows)),
        ),
        p(at("fault"), row.lost) if row.lost else NOTHING,
        dl(at("facts left"), [[dt({}, text.head(name, 60)), dd(at("mono"), _cell(cell))] for name, cell in row.cells]),
        small(at("dim"), f"Only the first {text.number(len(one.rows))} are kept by number.") if one.count > len(one.rows) else NOTHING,
    )


def _number(one: FoundKind, n: int) -> str:
    """Of the n-th row, as it is beside it in the table."""
    return text.number(one.numbers[n] if one.numbers else one.rows[n] + 1)


def _cell(cell: str) -> str:
    return text.shorten(cell, _CELL) if cell else "(empty)"
