"""How many rows a report lists, as it is chosen."""

from __future__ import annotations

from app.core.base import text
from app.core.results.report import MOST_REPORTED
from app.ui.base.charts_state import ReportState
from app.ui.base.markup import Node
from app.ui.base.parts import chosen, field
from app.ui.results.reporting_actions import ChooseReportRows

_OFFERED = (20, 100, 500, MOST_REPORTED)


def report_rows(one: ReportState, id: str) -> Node:
    """The choice; ``id`` of its element."""
    options = [(str(rows), text.number(rows)) for rows in _OFFERED]
    return field(id, "Maximum rows in a report", chosen(id, str(one.rows), options, ChooseReportRows()))
