"""The same rows asked in several ways: what is compared, by what, in which order, and votes of people who do not see which is which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.model.votes import Vote
from app.core.results.layout import Only, Order
from app.ui.base.actions_base import Action
from app.ui.base.commands import Command, Shortcut

if TYPE_CHECKING:
    from app.ui.base.state import State


class CompareRows(Action, frozen=True):
    """Show the same rows side by side, as they were asked in several ways."""

    command = Command("Compare", "Compare answers to the same rows")


class StopComparing(Action, frozen=True):
    """Show the rows as a table again."""

    command = Command("As a table")


class ScrollCompared(Action, frozen=True):
    """The items were scrolled."""


class ToggleArm(Action, frozen=True):
    """Have an arm among those that are compared, or not."""

    arm: str


class MakeBaseline(Action, frozen=True):
    """Compare the others to this arm."""

    arm: str


class CompareAgainst(Action, frozen=True):
    """Order and choose rows by how this arm differs from the baseline."""

    arm: str


class ChooseMetric(Action, frozen=True):
    """The column whose figures decide."""


class TurnMetric(Action, frozen=True):
    """Whether less of it is better, or more."""


class OrderCompared(Action, frozen=True):
    """The rows' own order, the worst first, or the best."""

    order: Order


class OnlyCompared(Action, frozen=True):
    """Let only the rows through that are better, worse, the same or differ in one arm; the same again: all."""

    arm: str
    only: Only


class ToggleDiff(Action, frozen=True):
    """Show answers as what differs from the baseline's, or as they are."""


class OpenItem(Action, frozen=True):
    """Open a row with its answers in full, beside the others."""

    batch: str
    row: int


class CloseItem(Action, frozen=True):
    """Close it."""

    command = Command("Close", "Close the compared row", shortcuts=(Shortcut("Escape", "compare"),))


def _few_arms(state: State, _action: StartBlind) -> str | None:
    window = state.results.comparing.window
    return None if window is not None and len(window.arms) > 1 else "There is nothing to compare with."


class StartBlind(Action, frozen=True):
    """Vote for the better of two answers without seeing which is which."""

    command = Command("Vote blind", "Vote blind for the better answer", _few_arms)


def _not_voting(state: State, _action: Action) -> str | None:
    blind = state.results.comparing.blind
    return None if blind is not None and blind.left is not None else "There are not two answers to choose from."


class CastVote(Action, frozen=True):
    """The left one is better (``first``), the right one (``second``), or neither."""

    vote: Vote
    command = Command(
        lambda _state, action: {"first": "Left is better", "second": "Right is better", "tie": "Neither"}[action.vote],
        "",
        _not_voting,
        shortcuts=(
            Shortcut("1", "blind", "The left answer is better", {"vote": "first"}),
            Shortcut("2", "blind", "The right answer is better", {"vote": "second"}),
            Shortcut("0", "blind", "Neither is better", {"vote": "tie"}),
        ),
    )


class StepBlind(Action, frozen=True):
    """Go to the pair before (-1) or after (1), without a vote."""

    by: int
    command = Command(
        lambda _state, action: "Previous pair" if action.by < 0 else "Next pair",
        "",
        shortcuts=(
            Shortcut("ArrowLeft", "blind", "Previous pair", {"by": -1}),
            Shortcut("ArrowRight", "blind", "The next pair", {"by": 1}),
        ),
    )


class ShowVerdict(Action, frozen=True):
    """Say which is which and how the votes stand."""

    command = Command("Show the verdict")


class EndBlind(Action, frozen=True):
    """Back to the comparison; votes stay."""

    command = Command("End voting", "End blind voting", shortcuts=(Shortcut("Escape", "blind"),))


class ForgetVotes(Action, frozen=True):
    """Take all votes on these two back; this can be undone."""

    command = Command("Delete these votes")


COMPARING = (
    *(CompareRows, StopComparing, ScrollCompared, ToggleArm, MakeBaseline, CompareAgainst, ChooseMetric, TurnMetric, OrderCompared),
    *(OnlyCompared, ToggleDiff, OpenItem, CloseItem, StartBlind, CastVote, StepBlind, ShowVerdict, EndBlind, ForgetVotes),
)
"""Their handlers come with the first of them."""
