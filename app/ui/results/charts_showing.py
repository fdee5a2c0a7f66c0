"""The charts of what is let through, counted again when that has changed, as long as their card is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from app.ports.compute import JobKind
from app.services.results.charts_job import CHARTS, ChartsAsked, ChartsFound
from app.services.results.table_jobs import TableAsked
from app.ui.base.context import Context
from app.ui.base.results_state import ResultsState

Ask = Callable[[Context, ResultsState, JobKind[ChartsAsked, ChartsFound], ChartsAsked], Awaitable[ChartsFound | None]]


async def look(context: Context, here: ResultsState, about: TableAsked, ask: Ask) -> None:
    """Have the charts say what is let through now. ``ask`` as ui.results.table_showing has it. Raises CancelledError."""
    charts = context.state.charts
    wanted = ChartsAsked(replace(about, query=replace(about.query, sort="")), charts.column, context.state.zone, context.state.locale)
    if charts.asked == (here.since, wanted):
        return
    if charts.asked is not None and charts.asked[0] != here.since:
        charts.found = None  # of another table
    charts.counting = True
    context.changed()
    try:
        found = await ask(context, here, CHARTS, wanted)
    finally:
        charts.counting = False
    if context.state.results is here and charts.column == wanted.column:
        charts.asked, charts.found = (here.since, wanted), found
    context.changed()
