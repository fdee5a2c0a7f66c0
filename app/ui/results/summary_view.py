"""What is in the header of a column of answers: what is in it, in a few figures."""

from __future__ import annotations

from simple_html import button, small

from app.core.base import text
from app.core.base.locale import localised
from app.core.results.columns import plain
from app.core.results.facets import ColumnSummary
from app.core.results.told_apart import value_label
from app.ui.base.markup import Node, at, join
from app.ui.results.facet_view import CHIP
from app.ui.results.table_actions import OnlyEmpty, ToggleValue

_FEW = 20


def header_summary(name: str, found: ColumnSummary | None) -> Node:
    """The most frequent value or the mean and spread, and how many cells are empty; each can be pressed. What is cut off is its title."""
    if found is None:
        return small({}, " ")
    rows = max(1, found.rows)
    parts: list[Node] = []
    said: list[str] = []
    if found.mean is not None:
        said.append(f"⌀ {_figure(found.mean)} ± {_figure(found.deviation)}")
        parts += said
    elif found.top and found.distinct <= _FEW:
        first = found.top[0]
        said.append(f"{text.shorten(value_label(first.value), CHIP)} {_percent(first.count, rows)}")
        parts.append(_pick(name, said[0], value=first.value))
    elif found.distinct:
        said.append(f"{text.number(found.distinct)} distinct")
        parts += said
    if found.blank:
        said.append(f"{_percent(found.blank, rows)} empty")
        parts.append(button(at("btn link", type="button", click=OnlyEmpty(name), title=f"Only these: {said[-1]}"), said[-1]))
    return small(at("clip", title=" · ".join(said) or None), join(parts) if parts else "empty")


def _pick(name: str, words: str, *, value: str) -> Node:
    return button(at("btn link", type="button", click=ToggleValue(name, value), title=f"Only these: {words}"), words)


def _percent(count: int, rows: int) -> str:
    """A few are not none, and nearly all are not all."""
    share = 100 * count / rows
    if 0 < share < 1:
        return f"< {text.percent(1)}"
    return f"> {text.percent(99)}" if 99 < share < 100 else text.percent(share)


def _figure(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return text.decimal(value, 0)
    return text.decimal(value, 2) if abs(value) >= 0.01 else localised(plain(value, 2))
