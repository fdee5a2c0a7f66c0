"""Above the rows of a table: what is looked for, how much of it is taken, and what can be done with the rows that are found."""

from __future__ import annotations

from typing import Final

from simple_html import details, div, input_, section, span, summary

from app.core.base import text
from app.core.datasets.selection import MOST_FILTERS, is_all, words
from app.core.model.datasets import Dataset, DatasetVersion, FilterKind, RowSelection
from app.ui.base.data_state import OpenTable, Selecting
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.parts import act, bar_part, chosen, command, field, note, segmented, tag, tool, typed
from app.ui.base.state import State
from app.ui.datasets.actions import (
    AddFilter,
    FindRows,
    KeepRows,
    PlanAllRows,
    PlanRows,
    RemoveFilter,
    SearchRows,
    ShowAllRows,
    ShowPlannedRows,
    StopFinding,
    TakeRows,
    TypeFilter,
    TypeSample,
)

_KINDS: Final[tuple[tuple[FilterKind, str], ...]] = (
    ("contains", "contains"),
    ("equals", "is exactly"),
    ("empty", "is empty"),
    ("filled", "is not empty"),
    ("between", "is a number from … to …"),
)
_OFFERED: Final = 500
"""Columns that can be chosen; of more the first."""
_NAME: Final = 80


def planned(dataset: Dataset, *, show: bool = False) -> Node:
    """That not all rows are checked and sent. ``show``: they can be shown here."""
    only = dataset.planned
    if only is None:
        return NOTHING
    current = dataset.current
    same = current is not None and current.number == only.version
    said = f"{text.count(only.rows, 'row')}: {words(only.selection)}." if same else f"{words(only.selection)}."
    return note(
        "info",
        "Only some rows are checked and sent.",
        said,
        act("Show them", ShowPlannedRows(), "small") if show else NOTHING,
        act("Check all rows", PlanAllRows(), "small"),
    )


def chooser(state: State, opened: OpenTable, current: DatasetVersion) -> Node:
    """The search, the filters and the sample, with what they find."""
    selection = opened.selection
    return section(
        at("card", aria_label="Find rows", id="find-rows"),
        div(
            at("pad stack"),
            div(
                at("strip-fields"),
                field(
                    "row-search",
                    "Search all columns",
                    lambda **tied: input_(
                        at(
                            id="row-search",
                            type="search",
                            value=selection.search,
                            change=SearchRows(),
                            autocomplete="off",
                            spellcheck="false",
                            **tied,
                        )
                    ),
                ),
                _take(opened),
            ),
            _filters(state, opened, current),
            _given(selection),
            note("bad", *opened.wrong, _again(opened), tool("close", "Dismiss", StopFinding())) if opened.wrong is not None else NOTHING,
            _progress(opened.selecting) if opened.selecting is not None else NOTHING,
            _found(state, opened, current),
        ),
    )


def _take(opened: OpenTable) -> list[Node]:
    how = opened.selection.take
    return [
        div(
            at("field"),
            span(at("dim"), "Of the rows that match"),
            segmented(
                "How many rows",
                how,
                [("all", "All", TakeRows("all")), ("first", "First", TakeRows("first")), ("random", "Random", TakeRows("random"))],
            ),
        ),
        field(
            "row-count",
            "How many rows",
            lambda **tied: input_(
                at(id="row-count", inputmode="numeric", value=opened.count, change=TypeSample("count"), autocomplete="off", **tied)
            ),
        )
        if how != "all"
        else NOTHING,
        field(
            "row-seed",
            "Seed",
            lambda **tied: input_(
                at(id="row-seed", inputmode="numeric", value=opened.seed, change=TypeSample("seed"), autocomplete="off", **tied)
            ),
            hint="The same seed draws the same rows.",
        )
        if how == "random"
        else NOTHING,
    ]


def _filters(state: State, opened: OpenTable, current: DatasetVersion) -> Node:
    """The next filter."""
    one = opened.filter
    columns = [("", "Choose a column"), *((each.name, text.shorten(each.name, _NAME)) for each in current.columns[:_OFFERED])]
    return details(
        at(id="row-filters", open=bool(opened.selection.filters or one.column)),
        summary({}, "Filter by column"),
        div(
            at("strip-fields"),
            field("filter-column", "Column", chosen("filter-column", one.column, columns, TypeFilter("column"))),
            field("filter-kind", "Condition", chosen("filter-kind", one.kind, _KINDS, TypeFilter("kind"))),
            field("filter-text", "Text", typed("filter-text", one.text, TypeFilter("text")))
            if one.kind in ("contains", "equals")
            else NOTHING,
            [
                field("filter-least", "From", typed("filter-least", one.least, TypeFilter("least"), inputmode="decimal")),
                field("filter-most", "To", typed("filter-most", one.most, TypeFilter("most"), inputmode="decimal")),
            ]
            if one.kind == "between"
            else NOTHING,
            div(at("field"), span(at("dim"), "\u00a0"), command(state, AddFilter(), id="filter-add")),
        ),
    )


def _given(selection: RowSelection) -> Node:
    if not selection.filters:
        return NOTHING
    return div(
        at("row wrap", role="group", aria_label="Filters"),
        [
            span(at("row"), tag(said), tool("close", f"Remove the filter {said}", RemoveFilter(n)))
            for n, one in enumerate(selection.filters[:MOST_FILTERS])
            for said in [words(RowSelection(filters=(one,)))]
        ],
    )


def _again(opened: OpenTable) -> Node:
    return act("Look again", FindRows(), "small") if opened.selecting is None and not is_all(opened.selection) else NOTHING


def _progress(here: Selecting) -> Node:
    doing = "Creating the table" if here.doing == "keep" else "Searching the rows"
    return div(
        at("stack tight"),
        div(at("row"), span(at("grow", role="status"), f"{doing} … {text.percent(here.share)}"), act("Stop", StopFinding(), "small")),
        span(at("bar", role="img", aria_label=f"{text.percent(here.share)} done"), bar_part("g", float(here.share))),
    )


def _found(state: State, opened: OpenTable, current: DatasetVersion) -> Node:
    """How many rows match, and what can be done with them."""
    if is_all(opened.selection):
        return NOTHING
    found = opened.chosen
    said: Node = NOTHING
    if found is not None:
        rows = len(found.positions)
        said = f"{text.number(rows)} of {text.count(current.rows, 'row')}"
        if found.selection.take == "random":
            said = f"{text.number(rows)} drawn from {text.count(found.matched, 'row')} that {'matches' if found.matched == 1 else 'match'}"
    return div(
        at("row wrap"),
        span(at("grow", role="status"), said),
        command(state, KeepRows(), "small"),
        command(state, PlanRows(), "small"),
        act("Show all rows", ShowAllRows(), "small quiet"),
    )
