"""How texts are shown wherever an answer is read, and copying a part of one."""

from __future__ import annotations

from typing import Literal

from app.ui.base.actions_base import Action
from app.ui.base.commands import Command


class ReadAs(Action, frozen=True):
    """Show texts as Markdown, or as they were written; it is remembered."""

    how: Literal["rendered", "text"]


class CopyPiece(Action, frozen=True):
    """Copy a part of an answer that its button carries."""

    text: str


class CopyWhole(Action, frozen=True):
    """Copy what was sent, or what came back, of the request that is open; of any length."""

    what: Literal["sent", "came"]


class ProposeRepair(Action, frozen=True):
    """Work out what the damaged JSON of the open answer may have meant."""

    command = Command("Propose a repair")


class TakeRepair(Action, frozen=True):
    """Store what was proposed as the person's correction of the open answer."""

    command = Command("Accept as correction")


READING = (ReadAs, CopyPiece, CopyWhole, ProposeRepair, TakeRepair)
"""Their handlers come with the first of them."""
