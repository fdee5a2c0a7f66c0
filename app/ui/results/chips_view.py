"""The filters and words that hold, one by one: above the rows of a table of answers, and above compared rows."""

from __future__ import annotations

from simple_html import button, li, span, ul

from app.core.base import text
from app.core.results.column_titles import column_title
from app.core.results.query import ColumnFilter
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, tool
from app.ui.base.results_state import ResultsState
from app.ui.results.facet_view import CHIP, chip_words
from app.ui.results.table_actions import DropFilter, InvertFilter, OpenFacet


def chips(here: ResultsState, *, lists: bool = True) -> Node:
    """``lists``: a column's values can be listed here, by a press on its name."""
    query = here.query
    if not query.filters and not query.words:
        return NOTHING
    words = text.shorten(query.words, CHIP)
    return ul(
        at("chips", aria_label="Filters"),
        li(at("chip"), span(at("clip", title=query.words), f"“{words}”")) if query.words and not lists else NOTHING,
        [_chip(one, lists) for one in query.filters],
        li({}, act("Clear all", DropFilter(), "small quiet")),
    )


def _chip(filter: ColumnFilter, lists: bool) -> Node:
    words = chip_words(filter)
    title = column_title(filter.column)[:CHIP]
    return li(
        at("chip"),
        button(at("btn link", type="button", click=OpenFacet(filter.column)), title) if lists else span(at("clip", title=title), title),
        button(
            at("btn link", type="button", click=InvertFilter(filter.column), title="Invert"),
            "is not" if filter.exclude else "is",
        ),
        span(at("clip", title=words), words),
        tool("close", f"Remove the filter on {title}", DropFilter(filter.column), kind="quiet small"),
    )
