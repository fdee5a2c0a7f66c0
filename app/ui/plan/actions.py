"""Plans of tables: what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.core.base.text import count
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command
from app.ui.plan.standing import unaddable, unready

if TYPE_CHECKING:
    from app.ui.base.state import State


def _doing(state: State) -> str | None:
    return "Something is still running: wait, or stop it." if state.plan.doing else None


def _check_words(state: State, _action: CheckRows) -> str:
    dataset = state.data.open.dataset if state.data.open is not None else None
    current = dataset.current if dataset is not None else None
    again = "again" if state.plan.checked is not None else ""
    if dataset is None or current is None:
        return "Check rows"
    only = dataset.planned
    if only is not None and only.version != current.number:
        return f"Check the rows that match {again}".rstrip()
    return f"Check {count(only.rows if only is not None else current.rows, 'row')} {again}".rstrip()


class CheckRows(Action, frozen=True):
    """Look over all rows."""

    command = Command(
        _check_words,
        hinders=lambda state, _action: _doing(state) or unready(state),
        busy=lambda state, _action: state.plan.doing == "check",
    )


class TypePlanWays(Action, frozen=True):
    """What is typed about the ways in which each row is asked."""

    field: Literal["models", "samples", "parameter", "values"]


class ComparePlan(Action, frozen=True):
    """Ask each row by this version of the prompt as well, or no more."""

    version: str


class ReuseAnswers(Action, frozen=True):
    """Leave out, or ask again, what was answered already; the rows are checked again."""

    on: bool


class StopPlan(Action, frozen=True):
    """Stop what is under way, or put away what is said."""


class TypeOutput(Action, frozen=True):
    """How many tokens an answer is assumed to have."""


class OpenFinding(Action, frozen=True):
    """Look at the rows of a finding, or close them."""

    key: str


class ShowFaultyRow(Action, frozen=True):
    """Look at another of its rows: at the n-th, from 0."""

    n: int


class MendAll(Action, frozen=True):
    """Mend all rows of a finding by one change of the prompt."""

    key: str


class MeanColumn(Action, frozen=True):
    """Put the column that is like it in place of one that the table does not have."""

    name: str


class SaveBatchFile(Action, frozen=True):
    """Download the file that a batch would be uploaded as."""

    model: str
    n: int


class SetPlanLimit(Action, frozen=True):
    """What a batch of the provider may hold, or how many tokens may be enqueued for a model; as typed."""

    part: Literal["requests", "size", "tokens"]
    model: str = ""


class CountAll(Action, frozen=True):
    """Count the tokens of all requests, where only a sample was."""


class StopCounting(Action, frozen=True):
    """Leave it at the sample."""


def _add_words(state: State, _action: AddRows) -> str:
    checked = state.plan.checked
    if checked is None:
        return "Add to queue"
    return f"Add {count(checked.report.requests, 'request')} {'again' if state.plan.added is not None else 'to queue'}"


class AddRows(Action, frozen=True):
    """Add the requests of all good rows to the queue."""

    command = Command(
        _add_words,
        hinders=lambda state, _action: _doing(state) or unaddable(state),
        busy=lambda state, _action: state.plan.doing == "queue",
    )


PLANS = (
    CheckRows,
    StopPlan,
    TypeOutput,
    OpenFinding,
    ShowFaultyRow,
    MendAll,
    MeanColumn,
    SaveBatchFile,
    SetPlanLimit,
    CountAll,
    StopCounting,
    AddRows,
)
"""Their handlers come with the first of them."""
PLAN_WAYS = (TypePlanWays, ComparePlan, ReuseAnswers)
"""Those about the ways in which rows are asked, likewise."""
