"""What is done with the charts above a table of answers. Pressing a bar is a filter as any other (ui.results.table_actions)."""

from __future__ import annotations

import re

from app.core.openai.wire import BytesBlob
from app.core.results.chart_file import svg_file
from app.ports import Undrawable
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.results.charts_actions import ChartColumn, SaveChart, ShowCharts
from app.ui.results.table_showing import between, look_at_charts

_SCALE = 2
"""Pixels of a PNG for each unit of the drawing."""


async def show(context: Context, _action: ShowCharts, _event: Event) -> None:
    charts = context.state.charts
    charts.open = not charts.open
    await _look(context)


async def choose_column(context: Context, _action: ChartColumn, event: Event) -> None:
    context.state.charts.column = event.text
    await _look(context)


async def _look(context: Context) -> None:
    here = context.state.results
    if here.window is not None:
        await between(context, here, lambda: look_at_charts(context, here))


async def save(context: Context, action: SaveChart, _event: Event) -> None:
    """As a file that is complete by itself: in colours of its own, on white."""
    found = context.state.charts.found
    chart = next((one for one in found.charts if one.id == action.chart), None) if found is not None else None
    if chart is None:
        return
    drawing, width, height = svg_file(chart)
    stem = re.sub(r"[^\w.-]+", "-", chart.title).strip("-.")[:60] or "chart"
    name = f"{stem}.{action.format}"
    if action.format == "svg":
        context.screen.save_file(name, BytesBlob(drawing.encode()), "image/svg+xml")
        return
    try:
        picture = await context.screen.picture(drawing, width * _SCALE, height * _SCALE)
    except Undrawable:
        context.toast("This browser cannot export it as PNG. Save it as SVG.")
        return
    context.screen.save_file(name, picture, "image/png")


HANDLERS: dict[type[Action], Handler] = {ShowCharts: show, ChartColumn: choose_column, SaveChart: save}
