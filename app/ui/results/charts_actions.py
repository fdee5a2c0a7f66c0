"""The charts above a table of answers."""

from __future__ import annotations

from typing import Literal

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command


class ShowCharts(Action, frozen=True):
    """Open or close the card."""

    command = Command("Charts")


class ChartColumn(Action, frozen=True):
    """Draw one more column."""


class SaveChart(Action, frozen=True):
    """Save a chart as a file."""

    chart: str
    format: Literal["svg", "png"]


CHARTING = (ShowCharts, ChartColumn, SaveChart)
"""Their handlers come with the first of them."""
