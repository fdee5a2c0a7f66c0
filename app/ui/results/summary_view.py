"""What stands in the header of a column of answers: what is in it, in a few figures."""

from __future__ import annotations

from simple_html import button

from app.core.base import text
from app.core.results.columns import plain
from app.core.results.facets import ColumnSummary
from app.core.results.query import TableQuery
from app.ui.base.markup import Node, at, join
from app.ui.results.facet_view import CHIP
from app.ui.results.table_actions import OnlyEmpty, ToggleValue

_FEW = 20


def header_summary(name: str, found: ColumnSummary | None, query: TableQuery) -> Node:
    """The most frequent value or the mean and spread, and how many cells are empty; each can be pressed."""
    if found is None:
        return " "
    rows = max(1, found.rows)
    parts: list[Node] = []
    if found.mean is not None:
        parts.append(f"⌀ {_figure(found.mean)} ± {_figure(found.deviation)}")
    elif found.top and found.distinct <= _FEW:
        first = found.top[0]
        parts.append(_pick(name, f"{text.shorten(first.value, CHIP)} {_percent(first.count, rows)}", value=first.value))
    elif found.distinct:
        parts.append(f"{text.number(found.distinct)} distinct")
    if found.blank:
        words = f"{_percent(found.blank, rows)} empty"
        parts.append(button(at("btn link", type="button", click=OnlyEmpty(name), title=f"Only these: {words}"), words))
    return join(parts) if parts else "empty"


def _pick(name: str, words: str, *, value: str) -> Node:
    return button(at("btn link", type="button", click=ToggleValue(name, value), title=f"Only these: {words}"), words)


def _percent(count: int, rows: int) -> str:
    """A few are not none, and nearly all are not all."""
    share = 100 * count / rows
    if 0 < share < 1:
        return "< 1 %"
    return "> 99 %" if 99 < share < 100 else f"{share:.0f} %"


def _figure(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 0.01 else plain(value, 2)
