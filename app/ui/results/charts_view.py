"""Charts of what is let through: drawings, each with its finding in words and the table behind it. A bar that is pressed lets only its rows
through; by keys the same is done in the table."""

from __future__ import annotations

from functools import cache

from simple_html import (
    Tag,
    button,
    details,
    div,
    figcaption,
    figure,
    h2,
    h3,
    header,
    p,
    section,
    span,
    summary,
    table,
    tbody,
    td,
    th,
    thead,
    tr,
)

from app.core.base import text
from app.core.results.chart_drawing import PLOT, TOP, Shape, drawn, height_of
from app.core.results.charts import Chart, ChartBar
from app.core.results.column_titles import column_title
from app.core.results.columns import number_text
from app.core.results.query import ColumnFilter, TableQuery
from app.core.results.told_apart import SPACES
from app.ui.base.actions_base import Action
from app.ui.base.charts_state import ChartsState, ReportState
from app.ui.base.markup import NOTHING, Node, at, long
from app.ui.base.parts import act, chosen, field, note, tool
from app.ui.base.results_state import ResultsState
from app.ui.results.charts_actions import ChartColumn, SaveChart, ShowCharts
from app.ui.results.report_rows_view import report_rows
from app.ui.results.reporting_actions import StopReport, WriteReport
from app.ui.results.table_actions import SetRange, ToggleValue

_NEVER = frozenset({"id", "prompt", "outcome", "input_tokens", "output_tokens", "cost", "note", "correction"})
"""Columns of which each cell is another one, and those that are drawn anyway."""
_LABEL = 60


def charts_card(charts: ChartsState, here: ResultsState) -> Node:
    """The card above the rows, while it is open."""
    found = charts.found
    counting = charts.counting or found is None
    return section(
        at("card", aria_label="Charts", aria_busy="true" if counting else None),
        header({}, h2({}, "Charts"), span(at("row end"), tool("close", "Close the charts", ShowCharts()))),
        div(
            at("pad stack"),
            div(at("row wrap"), _column(charts, here), p(at("dim", role="status"), _standing(charts))),
            div(at("charts"), [_chart(one, here.query) for one in found.charts]) if found is not None else NOTHING,
            [p(at("dim"), one) for one in found.notes] if found is not None else NOTHING,
            _report(charts.report, ticked=len(here.picking.rows)),
        ),
    )


def _standing(charts: ChartsState) -> str:
    if charts.counting or charts.found is None:
        return "Counting …"
    return f"Of {text.count(charts.found.rows, 'row')}, after filters."


def _column(charts: ChartsState, here: ResultsState) -> Node:
    names = [one.name for one in here.window.columns if one.name not in _NEVER] if here.window is not None else []
    options = [("", "none"), *((name, column_title(name)) for name in names)]
    return field("chart-column", "One more column", chosen("chart-column", charts.column, options, ChartColumn()))


def _report(one: ReportState, ticked: int) -> Node:
    """All of it as a file, with the first rows."""
    of = f"on {text.count(ticked, 'ticked row')}" if ticked else "on the rows that match"
    return div(
        at("stack tight"),
        div(
            at("row wrap"),
            report_rows(one, "report-rows"),
            act("Report (HTML)", WriteReport("html"), "small", disabled=bool(one.doing)),
            act("Report (Markdown)", WriteReport("markdown"), "small", disabled=bool(one.doing)),
            span(at("dim"), f"One file {of}: charts, kinds of problems, prompts, batches and the first rows."),
        ),
        div(at("row"), span(at(role="status"), f"Writing the report … {text.percent(one.share)}"), act("Stop", StopReport(), "small"))
        if one.doing
        else NOTHING,
        note(one.said[0], one.said[1], long(one.said[2], "report")) if one.said is not None else NOTHING,
    )


# --- one chart


def _chart(chart: Chart, query: TableQuery) -> Node:
    title = text.shorten(chart.title, _LABEL)
    return figure(
        at("chart"),
        figcaption(
            {},
            div(
                at("row"),
                h3({}, title),
                span(
                    at("row end"),
                    act("SVG", SaveChart(chart.id, "svg"), "small quiet", aria_label=f"Save as SVG: {title}"),
                    act("PNG", SaveChart(chart.id, "png"), "small quiet", aria_label=f"Save as PNG: {title}"),
                ),
            ),
            p(at("dim"), chart.says),
        ),
        div(at("chart-plot"), nodes(drawn(chart)), _bars(chart, query)),
        p(at("dim"), chart.left_out) if chart.left_out else NOTHING,
        details({}, summary({}, "Table"), div(at("wide"), _table(chart, query))),
    )


def nodes(shape: Shape) -> Node:
    """A drawing as nodes, which escape their texts."""
    return _tag(shape.name)(at(**shape.attributes), *(one if isinstance(one, str) else nodes(one) for one in shape.inside))


@cache
def _tag(name: str) -> Tag:
    return Tag(name)


def press(filter: ColumnFilter) -> Action:
    """What lets only these rows through, or all again."""
    if filter.low is not None and filter.high is not None:
        if filter.low == filter.high:
            return ToggleValue(filter.column, number_text(filter.low))
        return SetRange(filter.column, filter.low, filter.high)
    special = filter.specials[0] if filter.specials else None
    return ToggleValue(filter.column, filter.values[0] if filter.values else "", special)


def _on(filter: ColumnFilter, query: TableQuery) -> bool:
    now = query.of(filter.column)
    if now.exclude:
        return False
    if filter.low is not None and filter.low != filter.high:
        return (now.low, now.high) == (filter.low, filter.high)
    wanted = {number_text(filter.low)} if filter.low is not None else set(filter.values)
    return wanted <= set(now.values) and set(filter.specials) <= set(now.specials)


def _bars(chart: Chart, query: TableQuery) -> Node:
    """Over each bar a place to press. They are for the pointer: who goes by keys, or hears the page, has the table."""
    if all(one.filter is None for one in chart.bars):
        return NOTHING
    place = {}
    if chart.upright:  # of the drawing in percent: the legend below it may have any height
        height = height_of(chart)
        place = {"data_var_top": f"{100 * TOP / height:.2f}", "data_var_plot": f"{100 * PLOT / height:.2f}"}
    return div(
        at("chart-keys upright" if chart.upright else "chart-keys", aria_hidden="true", **place), [_over(one, query) for one in chart.bars]
    )


def _over(one: ChartBar, query: TableQuery) -> Node:
    words = f"{text.shorten(one.label, _LABEL)}: {text.number(round(one.value))}"
    if one.filter is None:
        return span(at(title=words))
    return button(at("chart-key", type="button", tabindex="-1", click=press(one.filter), title=words, data_on=_on(one.filter, query)), "")


def _table(chart: Chart, query: TableQuery) -> Node:
    words = 2 if chart.detailed else 1
    bars: list[ChartBar | None] = [None] * len(chart.rows) if chart.detailed else [*chart.bars]
    return table(
        at("table"),
        thead({}, tr({}, [th(at("num" if n >= words else "", scope="col"), one) for n, one in enumerate(chart.head)])),
        tbody({}, [_row(cells, bar, query, words) for cells, bar in zip(chart.rows, bars, strict=True)]),
    )


def _row(cells: tuple[str, ...], bar: ChartBar | None, query: TableQuery, words: int) -> Node:
    first = text.shorten(cells[0], _LABEL) or SPACES
    name: Node = first
    if bar is not None and bar.filter is not None:
        pressed = str(_on(bar.filter, query)).lower()
        name = button(at("btn link", type="button", click=press(bar.filter), aria_pressed=pressed, title=f"Only these: {first}"), first)
    return tr({}, th(at(scope="row"), name), [td(at("num" if n >= words else ""), one) for n, one in enumerate(cells[1:], 1)])
