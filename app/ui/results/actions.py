"""A batch's answers: which are in sight, their files, sending again, and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.base import text
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut, while_busy
from app.ui.results.dialogs import RiskDialog

if TYPE_CHECKING:
    from app.ui.base.state import State

_QUEUEING = while_busy("again")
_MATCHING = while_busy("match")


class ShowOutcomes(Action, frozen=True):
    which: str


class ScrollAnswers(Action, frozen=True):
    pass


class OpenAnswer(Action, frozen=True):
    row: int


def _step(_state: State, action: StepAnswer) -> str:
    return "Previous request" if action.by < 0 else "Next request"


def _at_the_end(state: State, action: StepAnswer) -> str | None:
    before, after = state.batch.steps
    return None if (before if action.by < 0 else after) else "There is none."


class StepAnswer(Action, frozen=True):
    by: int
    command = Command(
        _step,
        "",
        _at_the_end,
        shortcuts=(
            Shortcut("Alt+ArrowUp", "answer", "Previous request", {"by": -1}),
            Shortcut("Alt+ArrowDown", "answer", "Next request", {"by": 1}),
        ),
    )


def _queue_again(state: State, action: SendAgain) -> str:
    """In a row of a table the view says how many."""
    return f"Queue {text.number(len(state.batch.picked))} selected again" if action.which == "picked" else "Queue it again"


class SendAgain(Action, frozen=True):
    """Put unanswered requests of a batch back into the queue. ``which``: ``all``, ``picked``, ``row:<n>``, or a filter such as
    ``code:<error code>``."""

    id: str
    which: str
    command = Command(_queue_again, "", busy=_QUEUEING)


class AskRisk(Action, frozen=True):
    """Ask whether requests that were answered, or may have been, shall be sent again on purpose. ``which`` as in :class:`SendAgain`."""

    id: str
    which: str
    command = Command("Queue it again, may be paid twice", "", busy=_QUEUEING)


def _queue_anyway(state: State, _action: SendAnyway) -> str:
    rows = state.dialog.rows if isinstance(state.dialog, RiskDialog) else ()
    return f"Queue {text.number(len(rows))} again, may be paid twice"


class SendAnyway(Action, frozen=True):
    """Send them again: the person knows that they may be paid twice."""

    id: str
    which: str
    command = Command(_queue_anyway, "", busy=_QUEUEING)


class MatchNames(Action, frozen=True):
    """Take answers under other ids for those of the batch's requests, as core.batches.matching proposes."""

    id: str
    command = Command("Match them to these requests", "", busy=_MATCHING)


class TypeWhose(Action, frozen=True):
    """The custom_id of the request that an unexpected answer is meant for."""


def _no_id_typed(state: State, _action: AssignAnswer) -> str | None:
    return None if state.batch.whose.strip() else "Enter the request's id first."


class AssignAnswer(Action, frozen=True):
    """Take the answer of this row for the request whose id was typed."""

    id: str
    row: int
    command = Command("Match to this request", "", _no_id_typed, _MATCHING, shortcuts=(Shortcut("Enter", "unexpected"),))


class ReleaseAnswer(Action, frozen=True):
    """No longer take the answer that was matched to this row's request for its answer."""

    id: str
    row: int
    command = Command("It is not this request's answer", "", busy=_MATCHING)


def _stops_already(state: State, _action: StopSending) -> str | None:
    return "It stops after the current request." if state.batch.stop else None


class StopSending(Action, frozen=True):
    """What is not back in the queue yet stays where it is."""

    command = Command("Stop", "Stop queueing again", _stops_already)


class Pick(Action, frozen=True):
    """Choose a row of the open batch, or not."""

    row: int


class PickAll(Action, frozen=True):
    """Choose every row under the filter that can be sent again, or none."""


class ClearPicked(Action, frozen=True):
    pass


class FetchAgain(Action, frozen=True):
    """Fetch the answers of an ended batch that are not here."""

    id: str


class SaveLine(Action, frozen=True):
    """Save the line of an answer as it arrived, unread."""

    batch: str
    row: int


class Download(Action, frozen=True):
    id: str
    which: str


class CopyText(Action, frozen=True):
    """Copy the text that the open dialog shows under ``what``."""

    what: str
