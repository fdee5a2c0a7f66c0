"""The single columns of a file of answers: what is chosen in the dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command
from app.ui.results.dialogs import TakeAwayDialog

if TYPE_CHECKING:
    from app.ui.base.state import State


def _finding(state: State, _action: ListFileColumns) -> bool:
    return isinstance(state.dialog, TakeAwayDialog) and bool(state.dialog.doing)


class ChooseColumnsAs(Action, frozen=True):
    """Have the columns that the table of answers shows, or groups of columns."""

    shown: bool


class ListFileColumns(Action, frozen=True):
    """Find every column that the file can have, to choose single ones."""

    command = Command("Choose single columns …", "", busy=_finding)


class ChooseColumn(Action, frozen=True):
    """Have one column in the file, or not, by its id."""

    column: str


class ChooseAllColumns(Action, frozen=True):
    """Have all columns of the chosen groups."""


TAKING_COLUMNS = (ChooseColumnsAs, ListFileColumns, ChooseColumn, ChooseAllColumns)
"""Their handlers come with the first of them."""
