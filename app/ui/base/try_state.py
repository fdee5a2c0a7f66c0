"""What is shown of the tries of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from app.core.model.ways import Ways

if TYPE_CHECKING:
    from app.core.model.problem import Problem
    from app.core.model.providers import OwnPrice
    from app.core.model.templates import PromptContent, TemplateVersion
    from app.core.model.tries import TriedRow
    from app.core.results.answer_parts import AnswerPart
    from app.core.results.answers import Answer

TryWhich = Literal["first", "random", "chosen", "next"]
"""``next``: those below the last one that was tried."""
TryCount = Literal["1", "3", "n"]


class TryChoice(Ways, frozen=True, kw_only=True):
    """Which rows are tried, and in how many ways; texts as typed."""

    which: TryWhich = "first"
    count: TryCount = "3"
    typed: str = "10"
    """How many rows, where ``count`` is n."""
    rows: str = ""
    """Numbers of rows, where they are chosen."""
    further: int = 0
    """How many of the next rows."""


class TryAsked(msgspec.Struct, frozen=True):
    """What an offer is made for: when one of these is another one, the offer is."""

    dataset: str
    version: int
    content: PromptContent
    versions: tuple[TemplateVersion, ...]
    profile: str
    choice: TryChoice
    turn: int
    prices: tuple[OwnPrice, ...] = ()
    """The person's own."""


class TryOffer(msgspec.Struct, frozen=True):
    """What the button would ask now. ``cost``: 10^-12 dollars, about; None: no price is known. ``fault``: why nothing can be asked."""

    positions: tuple[int, ...] = ()
    requests: int = 0
    cost: int | None = None
    fault: str = ""


class TriesState(msgspec.Struct):
    """The tries of the table that is open."""

    dataset: str = ""
    choice: TryChoice = TryChoice()
    turn: int = 0
    """Rows that are drawn by chance are other ones after each press."""
    asked: TryAsked | None = None
    """What ``offer`` is made for, or is being made for."""
    offer: TryOffer | None = None
    fault: Problem | None = None
    """Why nothing was asked the last time."""
    rows: tuple[TriedRow, ...] = ()
    """Oldest first, those that were cleared away among them."""
    answers: dict[str, Answer] = {}
    """By the try's id; those that are read."""
    parts: dict[str, tuple[AnswerPart, ...]] = {}
    """Likewise: what these answers are made of."""
    cells: dict[int, str] = {}
    """The beginning of each row that was tried, by its id."""
    mine: frozenset[str] = frozenset()
    """Those that this tab waits for; ``texts`` is what came of them so far."""
    texts: dict[str, str] = {}
    left: int = 0
    """How many are on their way, or wait for it."""
    asking: bool = False
    """A press is being answered: another one does nothing, whatever is read of the tries meanwhile."""
