"""The table of answers: its rows, order, filters, columns, and the request that is open beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.results.query import Special
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut

if TYPE_CHECKING:
    from app.ui.base.state import State


class ScrollResults(Action, frozen=True):
    """The rows were scrolled."""


class TypeWords(Action, frozen=True):
    """Words that are looked for in prompts and answers are being typed."""


class SearchResults(Action, frozen=True):
    """Look for the words that were typed."""

    command = Command("Search", "", shortcuts=(Shortcut("Enter", "words"),))


class SortResults(Action, frozen=True):
    """Sort by a column; again: the other way round; again: not at all."""

    column: str


class OpenFacet(Action, frozen=True):
    """List the values of a column, or close the list where it is that column's."""

    column: str


class FindValue(Action, frozen=True):
    """Letters that the listed values hold are being typed."""


class OrderFacet(Action, frozen=True):
    """List the values by ``count`` or by ``name``."""

    order: str


class MoreValues(Action, frozen=True):
    """List more of them."""


class ToggleValue(Action, frozen=True):
    """Let the rows with this value of a column through, or no more; with ``special`` those with a special choice."""

    column: str
    value: str = ""
    special: Special | None = None


class OnlyEmpty(Action, frozen=True):
    """Let the rows through in which a column has no value: blank ones, and those without a good answer."""

    column: str


class InvertFilter(Action, frozen=True):
    """Let through what the filter of a column does not name, or again what it does."""

    column: str


class SetRange(Action, frozen=True):
    """Let numbers from ``low`` to ``high`` through."""

    column: str
    low: float
    high: float


class TypeBorder(Action, frozen=True):
    """One border of a column's numbers was typed: the ``low`` or the high one."""

    column: str
    low: bool


class DropFilter(Action, frozen=True):
    """Take the filter of a column away; "" for all of them, and the words."""

    column: str = ""


class ListColumns(Action, frozen=True):
    """Open or close the list of columns."""


class ToggleColumn(Action, frozen=True):
    """Show a column, or not."""

    column: str


class UsualColumns(Action, frozen=True):
    """Show the columns that are usual."""


class ReadAgainResults(Action, frozen=True):
    """After a failure: ask again."""

    command = Command("Try again")


# --- rows


def _no_rows(state: State, _action: MoveRow) -> str | None:
    window = state.results.window
    return None if window is not None and window.found else "There are no rows."


class MoveRow(Action, frozen=True):
    """Go to the row before (-1) or after (1) the one that the keys are at."""

    by: int
    command = Command(
        "Row",
        "",
        _no_rows,
        shortcuts=(
            Shortcut("ArrowUp", "results", "Previous row", {"by": -1}),
            Shortcut("ArrowDown", "results", "The next row", {"by": 1}),
        ),
    )


class OpenResult(Action, frozen=True):
    """Open a request beside the table."""

    batch: str
    row: int


def _closed(state: State, _action: CloseResult) -> str | None:
    return None if state.results.at is not None else "No request is open."


class CloseResult(Action, frozen=True):
    """Close the open request."""

    command = Command("Close", "Close the request", _closed, shortcuts=(Shortcut("Escape", "results"),))


def _steps(_state: State, action: StepResult) -> str:
    return "Previous request" if action.by < 0 else "Next request"


def _at_the_end(state: State, action: StepResult) -> str | None:
    here = state.results
    found = here.window.found if here.window is not None else 0
    to = here.beside.place + action.by - (here.beside.gone and action.by > 0)  # one that went has another in its place
    return None if here.beside.place >= 0 and 0 <= to < found else "There is none."


class StepResult(Action, frozen=True):
    """Open the request before (-1) or after (1) the open one, in the order of the table."""

    by: int
    command = Command(
        _steps,
        "",
        _at_the_end,
        shortcuts=(
            Shortcut("Alt+ArrowUp", "results", "Previous request", {"by": -1}),
            Shortcut("Alt+ArrowDown", "results", "Next request", {"by": 1}),
        ),
    )


class CopyResult(Action, frozen=True):
    """Copy the text of the open answer."""

    command = Command("Copy the answer")


# --- chosen rows


class PickResult(Action, frozen=True):
    """Choose a row, or not."""

    batch: str
    row: int


class PickFound(Action, frozen=True):
    """Choose every row that the query lets through, or none."""


class DropPicked(Action, frozen=True):
    """Choose none any more."""


RESULTS = (
    *(ScrollResults, TypeWords, SearchResults, SortResults, OpenFacet, FindValue, OrderFacet, MoreValues, ToggleValue, OnlyEmpty),
    *(InvertFilter, SetRange, TypeBorder, DropFilter, ListColumns, ToggleColumn, UsualColumns, ReadAgainResults),
    *(MoveRow, OpenResult, CloseResult, StepResult, CopyResult, PickResult, PickFound, DropPicked),
)
"""Their handlers come with the first of them."""
