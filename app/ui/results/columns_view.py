"""Which columns a table of answers has, in which order and how wide, how high its rows are, and the views that are kept of it."""

from __future__ import annotations

from collections.abc import Sequence

from simple_html import button, div, h2, header, li, p, section, span, ul

from app.core.base import text
from app.core.results.column_titles import column_title
from app.core.results.layout import HEIGHTS, STEP
from app.services.results.table_jobs import TableWindow
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, checkbox, command, keys_of, segmented, text_input, tool
from app.ui.base.results_state import ResultsState
from app.ui.base.state import State
from app.ui.results.layout_actions import (
    DropView,
    EvenWidths,
    HeightenRows,
    ListViews,
    MoveColumn,
    OpenView,
    SaveView,
    TypeViewName,
    WidenColumn,
)
from app.ui.results.table_actions import ListColumns, ToggleColumn, UsualColumns

_LISTED = 200
"""Columns that are there at once."""
_NAME = 60


def columns_card(here: ResultsState, window: TableWindow, lacking: Sequence[str] = ()) -> Node:
    """Those that are shown, in their order, and those that can be; ``lacking``: which the table does not have yet."""
    shown = here.shown
    names = dict.fromkeys([*shown, "prompt", *(one.name for one in window.columns), *lacking])
    others = [name for name in names if name not in shown and name != "outcome"]
    more = len(others[_LISTED:]) + window.more_columns
    heights = [(str(one), "1 line" if one == 1 else f"{one} lines", HeightenRows(one)) for one in HEIGHTS]
    return section(
        at("card", aria_label="Columns"),
        div(
            at("pad stack tight"),
            ul(at("values"), [_shown(here, name, n, len(shown)) for n, name in enumerate(shown[:_LISTED])]),
            div(at("column-choice"), [checkbox(column_title(name), False, ToggleColumn(name)) for name in others[:_LISTED]]),
            p(at("dim"), f"{text.number(more)} more columns are not listed.") if more > 0 else NOTHING,
            div(at("row wrap"), span(at("label"), "Rows"), segmented("Row height", str(here.layout.lines), heights)),
        ),
        div(
            at("pad row wrap"),
            act("Default columns", UsualColumns(), "small quiet"),
            act("Reset widths", EvenWidths(), "small quiet") if here.layout.widths else NOTHING,
            act("Close", ListColumns(), "small quiet"),
        ),
    )


def _shown(here: ResultsState, name: str, n: int, count: int) -> Node:
    title = column_title(name)[:_NAME]
    width = here.layout.width(name)
    return li(
        at("row column-line"),
        checkbox(title, True, ToggleColumn(name)),
        span(
            at("row end"),
            _step("←", f"{title} further left", MoveColumn(name, -1), disabled=n == 0),
            _step("→", f"{title} further right", MoveColumn(name, 1), disabled=n == count - 1),
            _step("−", f"{title} narrower", WidenColumn(name, -STEP)),
            _step("+", f"{title} wider", WidenColumn(name, STEP)),
            span(at("dim num width"), f"{width} rem" if width else "auto"),
        ),
    )


def _step(sign: str, title: str, action: MoveColumn | WidenColumn, *, disabled: bool = False) -> Node:
    return button(at("btn icon quiet small", type="button", click=action, title=title, aria_label=title, disabled=disabled), sign)


def views_card(state: State, here: ResultsState) -> Node:
    """The views that are kept, and the way to keep this one."""
    views = here.arranging.views
    return section(
        at("card", aria_label="Views"),
        header({}, h2({}, "Views"), span(at("row end"), tool("close", "Close the list of views", ListViews()))),
        div(
            at("pad stack tight"),
            p(at("dim", role="status"), "Reading …")
            if views is None
            else ul(at("values"), [_view(one.id, one.name) for one in views])
            if views
            else p(
                at("dim"),
                "A view saves columns, widths, row height, order, filters and search words under a name, for any table of answers.",
            ),
            div(
                at("row wrap"),
                text_input(
                    "view-name",
                    here.arranging.view_name,
                    TypeViewName(),
                    class_="input grow few",
                    aria_label="Name of the view",
                    placeholder="Name of this view",
                    data_key=keys_of(SaveView()),
                ),
                command(state, SaveView(), "small"),
            ),
        ),
    )


def _view(id: str, name: str) -> Node:
    short = text.shorten(name, _NAME)
    return li(
        at("row"),
        button(at("value", type="button", click=OpenView(id), title=name), span(at("clip"), short)),
        tool("close", f"Forget {short}", DropView(id), kind="quiet small"),
    )
