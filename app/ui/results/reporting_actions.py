"""A report on what a table of answers lets through, as a file."""

from __future__ import annotations

from typing import Literal

from app.ui.base.actions_base import Action


class WriteReport(Action, frozen=True):
    """Write it, on the ticked rows or else on all that are let through, and hand it over."""

    format: Literal["html", "markdown"]


class ChooseReportRows(Action, frozen=True):
    """How many rows it lists."""


class StopReport(Action, frozen=True):
    """Stop writing. No file is saved."""


REPORTING = (WriteReport, ChooseReportRows, StopReport)
"""Their handlers come with the first of them."""
