"""What a table's answers are compared with, and how far two columns agree."""

from __future__ import annotations

from typing import Literal

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command


class ShowAgreement(Action, frozen=True):
    """Open or close the card."""

    command = Command("Agreement", "Expected answers and agreement")


class ChooseExpected(Action, frozen=True):
    """One thing of what is expected: the ``column`` ("": none), how it is compared, the ``field`` of the answer, the tolerance."""

    what: Literal["column", "how", "field", "tolerance"]


class ChooseSides(Action, frozen=True):
    """A column whose labels are compared, or the way in which its rows were asked."""

    what: Literal["one", "other", "first", "second"]


class FoldLabels(Action, frozen=True):
    """Labels are the same whatever their case and punctuation around them, or not."""


class ShowPair(Action, frozen=True):
    """Let only the rows through in which one column says one label and the other column another."""

    one: str
    other: str


AGREEING = (ShowAgreement, ChooseExpected, ChooseSides, FoldLabels, ShowPair)
"""Their handlers come with the first of them."""
