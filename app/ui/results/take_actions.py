"""Taking answers away as a file: what is chosen in the dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.core.model.settings import REPORTS, ROWLESS, ColumnGroup, RowChoice
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut
from app.ui.results.dialogs import TakeAwayDialog

if TYPE_CHECKING:
    from app.ui.base.state import State


class OpenTakeAway(Action, frozen=True):
    """Open the dialog: for a table's rows with their answers, or for a batch's requests."""

    dataset: str = ""
    batch: str = ""
    command = Command("Download answers", "")


def _take_words(state: State, _action: TakeChosen) -> str:
    return "Download, make a table …" if state.results.picking.rows else "Download …"


class TakeChosen(Action, frozen=True):
    """Take the rows of the table of answers that are ticked, or all that it lets through."""

    command = Command(_take_words)


class ChooseTakeAway(Action, frozen=True):
    """One thing of the file, as chosen."""

    field: Literal["format", "rows", "side_by_side", "bom", "neutral"]


class ChooseRows(Action, frozen=True):
    """Which rows go into the file."""

    rows: RowChoice


class ChooseColumns(Action, frozen=True):
    """Have a group of columns in the file, or not."""

    group: ColumnGroup


def _cannot_write(state: State, _action: WriteTakeAway) -> str | None:
    dialog = state.dialog
    if not isinstance(dialog, TakeAwayDialog):
        return "No file is being chosen."
    return None if dialog.choice.format in ROWLESS else dialog.why_not


def _writing(state: State, _action: WriteTakeAway | MakeTable) -> bool:
    return isinstance(state.dialog, TakeAwayDialog) and bool(state.dialog.doing)


class WriteTakeAway(Action, frozen=True):
    """Write the file and hand it over."""

    command = Command("Download", "Download the file", _cannot_write, _writing, shortcuts=(Shortcut("Ctrl+Enter", "download"),))


def _cannot_make(state: State, _action: MakeTable) -> str | None:
    dialog = state.dialog
    if not isinstance(dialog, TakeAwayDialog):
        return "No answers are being chosen."
    if dialog.choice.format in ROWLESS:
        what = (
            "conversations are" if dialog.choice.format == "tuning" else "a report is" if dialog.choice.format in REPORTS else "pairs are"
        )
        return f"Choose another format: {what} no rows of a table."
    return dialog.why_not


class MakeTable(Action, frozen=True):
    """Make a new table of them in Data, whose rows can be asked something else."""

    command = Command("Make a table of them", "", _cannot_make, _writing)


class StopTakeAway(Action, frozen=True):
    """Stop writing. No file is saved."""


TAKING = (OpenTakeAway, ChooseTakeAway, ChooseRows, ChooseColumns, WriteTakeAway, MakeTable, TakeChosen, StopTakeAway)
"""Their handlers come with the first of them."""
