"""Reports on what a table of answers lets through: written by a job beside the page, and handed over as a file."""

from __future__ import annotations

import re
from typing import Final

from app.core.base import text
from app.core.base.text import whole_number
from app.core.results.answerindex import NoSuchColumn
from app.core.results.column_titles import column_title
from app.core.results.query import TableQuery
from app.core.results.report import MOST_REPORTED, ReportFormat
from app.ports.compute import Finished, JobFailed
from app.services.datasets.rows import RowsMissing
from app.services.results.agreement_job import AgreementAsked
from app.services.results.report_job import WRITE_REPORT, ReportAsked, ReportWritten
from app.services.results.table_jobs import TableAsked
from app.ui.base import failures
from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.parts import batch_title
from app.ui.base.results_state import ResultsState
from app.ui.base.stoppable import Stopped, stoppable
from app.ui.results import addresses
from app.ui.results.facet_view import chip_words
from app.ui.results.reporting_actions import ChooseReportRows, StopReport, WriteReport
from app.ui.results.selecting import by_batch
from app.ui.results.table_showing import asked, between

TYPES: Final[dict[ReportFormat, tuple[str, str]]] = {"html": ("html", "text/html"), "markdown": ("md", "text/markdown")}
_EXPECTED: Final = (RowsMissing, JobFailed)
_FILTERS: Final = 2_000
"""Characters of all filters in words."""


async def write(context: Context, action: WriteReport, _event: Event) -> None:
    here, report = context.state.results, context.state.charts.report
    if here.window is None or report.doing:
        return
    report.said = None
    wanted = await of_table(context, here, action.format)

    async def ask() -> None:
        compute = context.services.compute
        done = await stoppable(context, report, "write", lambda moved: compute.run(WRITE_REPORT, wanted, moved=moved))
        report.said = ("good", "Saved.", hand_over(context, wanted, done))

    try:
        await between(context, here, ask)
    except Stopped:
        report.said = ("", "Stopped.", "No file was saved.")
    except NoSuchColumn as error:
        report.said = ("bad", "No report was written.", no_column(error))
    except Exception as error:
        expected = failures.expected(error, _EXPECTED, "Another tab was in the way. Try again.")
        if expected is None:
            raise
        report.said = ("bad", "No report was written.", expected)
    context.changed()


async def of_table(context: Context, here: ResultsState, format: ReportFormat) -> ReportAsked:
    """On the ticked rows of the table of answers that is open, or on all that it lets through, with its columns."""
    picked = await by_batch(context, here.picking.rows) if here.picking.rows else None
    about = asked(context, here)
    return ReportAsked(
        about,
        format,
        title_of(context, here),
        tuple(name for name in here.shown if name != "outcome"),
        context.state.charts.report.rows,
        picked,
        context.state.charts.column,
        _agreement(here, about),
        text.shorten(filter_words(here.query, chosen=picked is not None), _FILTERS),
        context.state.zone,
    )


def hand_over(context: Context, wanted: ReportAsked, done: Finished[ReportWritten]) -> str:
    """Give the person the file; what it is, as a sentence."""
    assert done.blob is not None  # noqa: S101  # the job writes a file
    ending, type = TYPES[wanted.format]
    stem = re.sub(r"[^\w.-]+", "-", wanted.title).strip("-.")[:80] or "answers"
    name = f"{stem}-report.{ending}"
    context.screen.save_file(name, done.blob, type)
    listed = f"{text.number(done.value.rows)} of {text.count(done.value.count, 'row')}"
    return f"{name}: {listed} listed, {text.size(done.blob.size)}."


def no_column(error: NoSuchColumn) -> str:
    """A column that the report is to have is gone."""
    return f"These answers have no column “{column_title(str(error.args[0]))}”. Choose another one under Agreement."


def _agreement(here: ResultsState, about: TableAsked) -> AgreementAsked | None:
    """That of the card, where two columns are chosen in it."""
    one = here.agreement
    if one is None or not one.one or not one.other:
        return None
    return AgreementAsked(about, one.one, one.other, one.ways, one.folded)


def title_of(context: Context, here: ResultsState) -> str:
    """What the report is called: by the table, or the batch."""
    kind, ids = addresses.named(here.scope)
    if kind == "table":
        table = next((one for one in context.state.data.all or () if one.id == ids[0]), None)
        return f"Answers to {table.name}" if table is not None else "Answers"
    found = [one for one in context.state.batches.all if kind == "batches" and one.id in ids]
    return f"Answers of {batch_title(found[0], context.state.zone)}" if len(found) == 1 else "Answers"


def filter_words(query: TableQuery, *, chosen: bool) -> str:
    """By what the rows were chosen; "" where these are all rows."""
    parts = [f"{column_title(one.column)} {'is not' if one.exclude else 'is'} {chip_words(one)}" for one in query.filters]
    parts += [f"“{query.words}” in the prompt or the answer"] if query.words else []
    if chosen:
        return "Rows that were selected one by one."
    return f"Only rows with: {'; '.join(parts)}." if parts else ""


def choose_rows(context: Context, _action: ChooseReportRows, event: Event) -> None:
    rows = whole_number(event.text, 1, MOST_REPORTED)
    if rows is not None:
        context.state.charts.report.rows = rows


def stop(context: Context, _action: StopReport, _event: Event) -> None:
    report = context.state.charts.report
    if report.stop is not None:
        report.stop()


HANDLERS: dict[type[Action], Handler] = {WriteReport: write, ChooseReportRows: choose_rows, StopReport: stop}
