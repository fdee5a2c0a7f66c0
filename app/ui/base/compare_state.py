"""What is shown where the same rows, asked in several ways, stand side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from app.core.model.votes import BlindVotes
    from app.services.results.compare_jobs import ComparedWindow, OpenedItem


class BlindState(msgspec.Struct):
    """Two answers to one row, and nothing that says which is which."""

    titles: tuple[str, str]
    """Of the two arms, as the votes name them."""
    votes: BlindVotes
    place: int = 0
    """Of the row, in the rows' order."""
    total: int = 0
    key: str = ""
    """By which a vote on this pair is kept."""
    left: str | None = None
    right: str | None = None
    """None while they are being looked for, or where there are none."""
    turned: bool = False
    """The second arm's answer is on the left."""
    cells: tuple[tuple[str, str], ...] = ()
    """What was asked: names and cells."""
    looking: bool = False
    ended: bool = False
    """There is no further pair."""
    revealed: bool = False
    """Whether the verdict is shown."""
    shown: int = 0
    """How often the focus is to go to the pair: each time another one is shown, or a button goes that had it."""


class ComparingState(msgspec.Struct):
    """The comparison that is open; what is compared is in the address (``ResultsState.layout``)."""

    window: ComparedWindow | None = None
    """The items in sight; None before the first came."""
    item: OpenedItem | None = None
    """The item in full of which the address names a request."""
    item_at: tuple[str, int] | None = None
    """Of which request that is, or is being read."""
    blind: BlindState | None = None
    """None: nobody votes."""
    stop: Callable[[], None] | None = None
    """Stops the question that is being answered; None: none is."""
