"""A report among the files that the dialog of a download offers: of the table of answers that is open, or of a batch or a table."""

from __future__ import annotations

from typing import cast

from app.core.model.datasets import Dataset
from app.core.results.answerindex import NoSuchColumn
from app.core.results.file_columns import CELL
from app.core.results.report import ReportFormat
from app.core.results.writing import Unwritable
from app.ports.compute import Finished
from app.services.results.report_job import WRITE_REPORT, ReportAsked, ReportWritten
from app.services.results.table_jobs import PLACE, TableAsked
from app.ui.base.context import Context
from app.ui.base.stoppable import Moved
from app.ui.results import reporting_handlers as reporting
from app.ui.results.dialogs import TakeAwayDialog

_CELLS = 3
"""Columns of the table that a report has whose columns nobody chose."""


async def write(context: Context, dialog: TakeAwayDialog, moved: Moved) -> str:
    """Write it and hand it over; what it is, as a sentence. Raises Unwritable, and what the job raises."""
    format, here = cast("ReportFormat", dialog.choice.format), context.state.results
    opened = bool(dialog.shown) and here.window is not None
    wanted = await reporting.of_table(context, here, format) if opened else await _of_all(context, dialog, format)
    try:
        done: Finished[ReportWritten] = await context.services.compute.run(WRITE_REPORT, wanted, moved=moved)
    except NoSuchColumn as error:
        raise Unwritable(reporting.no_column(error)) from None
    finally:
        if not opened:
            context.services.compute.leave(PLACE)
    return reporting.hand_over(context, wanted, done)


async def _of_all(context: Context, dialog: TakeAwayDialog, format: ReportFormat) -> ReportAsked:
    """On all rows of a batch or a table that is not open as answers."""
    stored = await context.services.records.get(Dataset, dialog.join.dataset) if dialog.table else None
    known = stored.value.current.columns if stored is not None and stored.value.current is not None else ()
    cells = tuple(f"{CELL}{one.name}" for one in known[:_CELLS])
    title = f"Answers {'to' if dialog.table and not dialog.join.batches else 'of'} {dialog.title}"
    about = TableAsked(dialog.join, f"report {context.services.clock.now()}")
    rows, zone = context.state.charts.report.rows, context.state.zone
    return ReportAsked(about, format, title, (*(cells or ("id", "prompt")), "answer"), rows, zone=zone)
