"""Which rows of a table need to be asked again, by the best answer of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from app.core.results.answerindex import AnswerState

Standing = Literal["current", "waiting", "stale", "empty", "flawed", "failed", "unasked"]
STANDINGS: Final[dict[Standing, str]] = {
    "current": "have a good answer to what is asked now",
    "waiting": "are queued, or under way",
    "stale": "were asked by another prompt, or with other cells",
    "empty": "have an empty answer",
    "flawed": "have an answer that is cut off, refused, filtered or not in the requested form",
    "failed": "have no answer: it failed, expired, was cancelled or is missing",
    "unasked": "were not asked yet",
}
"""The best first, and what rows are said to be."""
_BEST: Final = tuple(STANDINGS)
_OF_STATE: Final[dict[int, Standing]] = {
    AnswerState.BLANK: "empty",
    AnswerState.ERROR: "failed",
    AnswerState.DAMAGED: "failed",
    AnswerState.UNRUN: "failed",
    AnswerState.MISSING: "failed",
    AnswerState.PENDING: "waiting",
}


class RerunFacts(msgspec.Struct, frozen=True):
    """``rows`` by how they stand; these add up to all. ``cost``: what asking those again that have no good answer would come to, in
    dollars, at what a good answer cost on average; None: nothing is known."""

    rows: dict[str, int]
    cost: float | None = None

    @property
    def again(self) -> int:
        """How many would be asked."""
        return sum(count for name, count in self.rows.items() if name not in ("current", "waiting"))


def standing(state: int, word: str) -> Standing:
    """Of one answer: what it is good for (AnswerState), and whether it is to what is asked now (``yes``, ``stale``, "": not known)."""
    if state == AnswerState.GOOD:
        return "stale" if word == "stale" else "current"
    return _OF_STATE.get(state, "flawed")


def counted(standings: Iterable[tuple[int, Standing]], rows: int) -> Counter[str]:
    """How many of a table's ``rows`` stand how: each once, by the best that is said of its position."""
    best = bytearray([_BEST.index("unasked")]) * rows
    for position, one in standings:
        best[position] = min(best[position], _BEST.index(one))
    found = Counter(best)
    return Counter({name: found[n] for n, name in enumerate(_BEST) if found[n]})
