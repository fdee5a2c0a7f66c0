"""What is done with rows of a table of answers that a person chose, or that ended alike: look at them, send them again, take them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.core.base import text
from app.core.results.outcome_report import Remedy
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command
from app.ui.results.dialogs import RetryDialog

if TYPE_CHECKING:
    from app.ui.base.state import State


class ShowOutcome(Action, frozen=True):
    """Let the rows through that ended so, and of an error code where one is named."""

    outcome: str
    code: str | None = None


class ToggleKinds(Action, frozen=True):
    """Show what went wrong, kind by kind, or only the sum."""


class RetryKind(Action, frozen=True):
    """Ask how the rows of a kind are to be sent again, with this remedy set."""

    outcome: str
    code: str
    remedy: Remedy


def _ask_words(state: State, _action: AskRetry) -> str:
    facts = state.results.picking.facts
    return f"Send {text.number(facts.free + facts.risky or facts.again)} again …" if facts is not None else "Send again …"


def _none_goes(state: State, _action: AskRetry) -> str | None:
    facts = state.results.picking.facts
    if facts is None or facts.free or facts.risky or facts.again:
        return None
    return "All of them have a good answer, or none yet."


class AskRetry(Action, frozen=True):
    """Ask how the chosen rows are to be sent again."""

    command = Command(_ask_words, "", _none_goes)


class SetRetry(Action, frozen=True):
    """One thing of how they are sent again, as typed or ticked."""

    field: Literal["model", "limit", "tell", "words", "risky", "way"]


def _cannot_send(state: State, _action: SendRetry) -> str | None:
    dialog = state.dialog
    if not isinstance(dialog, RetryDialog):
        return "Nothing is being sent again."
    if dialog.limit_fault:
        return dialog.limit_fault
    again = dialog.facts is not None and dialog.facts.again  # where they are nowhere any more
    return None if dialog.count or again else "None of them can be sent again this way."


def _send_words(state: State, _action: SendRetry) -> str:
    dialog = state.dialog
    if not isinstance(dialog, RetryDialog) or not dialog.count:
        return "Queue them again"
    return f"{'Queue' if dialog.way == 'queue' else 'Send'} {text.number(dialog.count)} again{'' if dialog.way == 'queue' else ' now'}"


def _sends(state: State, _action: SendRetry) -> bool:
    return isinstance(state.dialog, RetryDialog) and bool(state.dialog.doing)


class SendRetry(Action, frozen=True):
    """Put them into the queue as the dialog says."""

    command = Command(_send_words, "", _cannot_send, _sends)


class StopRetry(Action, frozen=True):
    """What is not in the queue yet stays where it is."""

    command = Command("Stop")


class HidePicked(Action, frozen=True):
    """Take the chosen rows out of the tables of answers; their batches keep them, and this can be undone."""

    command = Command("Remove")


class ShowHidden(Action, frozen=True):
    """Bring back all rows of these answers that were taken out."""

    command = Command("Restore them")


SELECTING = (ShowOutcome, ToggleKinds, RetryKind, AskRetry, SetRetry, SendRetry, StopRetry, HidePicked, ShowHidden)
"""Their handlers come with the first of them."""
