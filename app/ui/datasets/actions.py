"""Data: bringing tables, looking at them, and what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.ui.base.actions_base import Action
from app.ui.base.commands import PLAIN, Command

if TYPE_CHECKING:
    from app.ui.base.state import State

DialectField = Literal["delimiter", "quote", "encoding", "header", "fill", "skip", "sheet"]


class ChooseTable(Action, frozen=True):
    """Files were chosen, dropped or pasted. ``into``: a single one is a newer version of this table; ``folder``: it is a folder that was
    chosen so that each of its files becomes a row."""

    into: str = ""
    folder: bool = False


class PasteRows(Action, frozen=True):
    """Open or close the field for pasted rows."""


class TypeRows(Action, frozen=True):
    """Rows are typed or pasted as a text."""


def _nothing_typed(state: State, _action: UseRows) -> str | None:
    return None if (state.data.pasted or "").strip() else "Paste some rows first."


class UseRows(Action, frozen=True):
    """Look at the rows that were pasted."""

    command = Command("Continue", "", _nothing_typed)


class UseSample(Action, frozen=True):
    """Look at the sample table, as if it were a chosen file."""

    command = Command("Try a sample table", "Open a sample table of 12 reviews", ready=PLAIN)


class SetDialect(Action, frozen=True):
    """How the file is to be read: one thing of it, as chosen or typed."""

    field: DialectField


class ChooseEncoding(Action, frozen=True):
    """The file is in this encoding."""

    encoding: str


class NameTable(Action, frozen=True):
    """The name of the table that is about to be imported."""


class ChooseKey(Action, frozen=True):
    """The column that says which row is which."""


def _not_ready(state: State, _action: ImportTable) -> str | None:
    draft = state.data.draft
    if draft is None or draft.seen is None:
        return "The file is being read."
    if draft.seen.candidates:
        return "Choose the encoding first."
    if draft.requests is not None and draft.requests.doing == "queue":
        return "Its requests are being added to the queue."
    return "There are no rows to import." if draft.seen.refused or not draft.seen.rows else None


def _importing(state: State, _action: ImportTable) -> bool:
    return state.data.draft is not None and state.data.draft.doing == "import"


def _as_what(state: State, _action: ImportTable) -> str:
    draft = state.data.draft
    return "Import as a table" if draft is not None and draft.requests is not None else "Import"


class ImportTable(Action, frozen=True):
    command = Command(_as_what, "Import the table", _not_ready, _importing)


def _not_queueable(state: State, _action: QueueRequests) -> str | None:
    draft = state.data.draft
    if draft is None or draft.requests is None:
        return "There is no file of requests."
    if draft.doing:
        return "The file is being imported as a table." if draft.doing == "import" else "The file is being read."
    if draft.requests.report is None:
        return "The lines are being checked." if draft.requests.doing else "Check the lines first."
    return None if draft.requests.report.record.requests else "No line can be sent as it is."


def _queueing(state: State, _action: QueueRequests) -> bool:
    draft = state.data.draft
    return draft is not None and draft.requests is not None and draft.requests.doing == "queue"


class QueueRequests(Action, frozen=True):
    """Add the requests of the file to the queue."""

    command = Command("Queue these requests as they are", "Queue the requests of the file", _not_queueable, _queueing)


class CheckRequests(Action, frozen=True):
    """Look over the lines of the file again."""


class StopRequests(Action, frozen=True):
    """Stop the look over the lines, or their way into the queue."""


class StopImport(Action, frozen=True):
    """Stop what is under way, or close the file without importing it."""


class DismissFault(Action, frozen=True):
    """Put away what is said of files that were not taken. A file that is open stays so."""


class SaveFileAnswers(Action, frozen=True):
    """Save the answers to the requests of a file, under its own ids."""

    id: str


class LeaveOthers(Action, frozen=True):
    """Forget the files that wait for the one that is open."""


class RenameTable(Action, frozen=True):
    id: str


class DeleteTable(Action, frozen=True):
    id: str


class RestoreTable(Action, frozen=True):
    id: str


class ForgetTables(Action, frozen=True):
    """Delete those permanently that are listed as deleted."""


class ScrollTable(Action, frozen=True):
    """The rows of the open table were scrolled."""


class ShowColumns(Action, frozen=True):
    """Show the columns from this one on."""

    first: int


class SearchRows(Action, frozen=True):
    """Look for a text in all columns."""


class TypeFilter(Action, frozen=True):
    """The next filter, as it is typed or chosen."""

    field: Literal["column", "kind", "text", "least", "most"]


def _no_column(state: State, _action: AddFilter) -> str | None:
    return None if state.data.open is not None and state.data.open.filter.column else "Choose a column first."


class AddFilter(Action, frozen=True):
    """Leave only the rows that pass it."""

    command = Command("Add filter", "", _no_column)


class RemoveFilter(Action, frozen=True):
    """Take the n-th filter away, from 0."""

    n: int


class TakeRows(Action, frozen=True):
    """How many of the rows that match are meant."""

    take: Literal["all", "first", "random"]


class TypeSample(Action, frozen=True):
    """How many rows, and the seed of the draw."""

    field: Literal["count", "seed"]


class FindRows(Action, frozen=True):
    """Look for the rows again."""


class StopFinding(Action, frozen=True):
    """Stop what is under way with the rows of the table."""


class ShowAllRows(Action, frozen=True):
    """Take the search and all filters away."""


def _unfound(state: State, _action: Action) -> str | None:
    opened = state.data.open
    if opened is None or opened.chosen is None or opened.selecting is not None:
        return "The rows are being looked for."
    return None if opened.chosen.positions else "No row matches."


def _keeping(state: State, _action: KeepRows) -> bool:
    opened = state.data.open
    return opened is not None and opened.selecting is not None and opened.selecting.doing == "keep"


class KeepRows(Action, frozen=True):
    """Make a table of the rows that match."""

    command = Command("Keep as a new table", "", _unfound, _keeping)


class PlanRows(Action, frozen=True):
    """Check and send only the rows that match."""

    command = Command("Check only these rows", "", _unfound)


class PlanAllRows(Action, frozen=True):
    """Check and send all rows."""


class ShowPlannedRows(Action, frozen=True):
    """Look at the rows that are checked and sent."""


TABLES = (
    *(SearchRows, TypeFilter, AddFilter, RemoveFilter, TakeRows, TypeSample, FindRows, StopFinding, ShowAllRows),
    *(KeepRows, PlanRows, PlanAllRows, ShowPlannedRows),
    *(ChooseTable, PasteRows, TypeRows, UseRows, UseSample, SetDialect, ChooseEncoding, NameTable, ChooseKey),
    *(ImportTable, StopImport, DismissFault),
    *(QueueRequests, CheckRequests, StopRequests, SaveFileAnswers, LeaveOthers),
    *(RenameTable, DeleteTable, RestoreTable, ForgetTables, ScrollTable, ShowColumns),
)
"""Their handlers come with the first of them."""
