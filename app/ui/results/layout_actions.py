"""How a table of answers is laid out: the order and width of its columns, the height of its rows, and views that are kept under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut

if TYPE_CHECKING:
    from app.ui.base.state import State


class MoveColumn(Action, frozen=True):
    """Have a column so many places further to the right, or (less than 0) to the left."""

    column: str
    by: int


class WidenColumn(Action, frozen=True):
    """Make a column wider by so many rem, or (less than 0) narrower."""

    column: str
    by: int


class EvenWidths(Action, frozen=True):
    """All columns share the width again."""


class HeightenRows(Action, frozen=True):
    """Show so many lines of text in each row."""

    lines: int


class ListViews(Action, frozen=True):
    """Open or close the list of views that are kept."""


class TypeViewName(Action, frozen=True):
    """The name of a view is being typed."""


def _no_name(state: State, _action: SaveView) -> str | None:
    return None if state.results.arranging.view_name.strip() else "Enter a name first."


def _save_words(state: State, _action: SaveView) -> str:
    name = state.results.arranging.view_name.strip()
    return "Replace it" if any(one.name == name for one in state.results.arranging.views or ()) else "Keep this view"


class SaveView(Action, frozen=True):
    """Keep what is seen now under the name that was typed, in place of a view that has it."""

    command = Command(_save_words, "", _no_name, shortcuts=(Shortcut("Enter", "view"),))


class OpenView(Action, frozen=True):
    """See this table as a view says."""

    id: str


class DropView(Action, frozen=True):
    """Forget a view; this can be undone."""

    id: str


LAYING_OUT = (MoveColumn, WidenColumn, EvenWidths, HeightenRows, ListViews, TypeViewName, SaveView, OpenView, DropView)
"""Their handlers come with the first of them."""
