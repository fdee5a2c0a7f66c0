"""What became of all rows of a table of answers: the ledger's sum, and what ended without a good answer in groups with their remedies.

Every row is in exactly one count of ``sums``, so they add up to the rows whatever happens. Lines that belong to no request, and lines that
cannot be read, are beside them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from app.core.batches.ledger import DAMAGED_LINE
from app.core.openai import advice, flaws

Remedy = Literal["same", "limit", "model", "tell"]
"""``same``: send the request as it is; ``limit``: with a higher maximum of output tokens; ``model``: to another model; ``tell``: with its
answer and what is wrong with it in the prompt."""
ORDER: Final = ("answered", "flawed", "failed", "expired", "cancelled", "missing", "unfound", "unread", "pending", "queued")
"""Outcomes in the order in which they are added up."""
_FREE: Final = frozenset({"failed", "expired", "cancelled", "missing"})
_RISKY: Final = frozenset({"flawed", "unfound"})
_WAITING: Final = frozenset({"unread", "pending", "queued"})
_BY_CODE: Final[dict[str, tuple[Remedy, ...]]] = {
    flaws.CUT: ("limit", "model"),
    flaws.EMPTY: ("limit", "model"),
    flaws.SCHEMA: ("tell", "model"),
    flaws.REFUSED: ("model", "tell"),
    flaws.FILTERED: ("model",),
    flaws.GAP: ("same",),
    "context_length_exceeded": ("model",),
    "model_not_found": ("model",),
    "unsupported_parameter": ("model",),
    "unsupported_value": ("model",),
    "invalid_prompt": ("model",),
    "content_filter": ("model",),
}
"""Remedies by code, the best one first; of other codes core.openai.advice says whether the same can succeed later."""


class OutcomeGroup(msgspec.Struct, frozen=True):
    """Rows that ended alike without a good answer: outcome (a word), error code, how many, and what they cost in dollars (as far as prices
    are known). ``again`` of them were sent again from here."""

    outcome: str
    code: str
    count: int
    cost: float = 0.0
    again: int = 0

    @property
    def risky(self) -> bool:
        """Whether these were answered, or may have been: sent again they may be paid twice."""
        return risky(self.outcome, self.code)


class OutcomeReport(msgspec.Struct, frozen=True):
    """``sums`` add up to ``rows``; ``cost`` is of all of them, in dollars."""

    rows: int = 0
    sums: dict[str, int] = {}
    groups: tuple[OutcomeGroup, ...] = ()
    cost: float = 0.0
    unexpected: int = 0
    """Lines for ids that the batches do not have."""
    damaged: int = 0
    """Lines that cannot be read."""


def risky(outcome: str, code: str) -> bool:
    """As core.batches.resend.risky, for an outcome's word."""
    return outcome in _RISKY or (outcome not in _WAITING and code == DAMAGED_LINE)


def free(outcome: str, code: str) -> bool:
    """Whether a request can be sent again without being paid twice (core.batches.resend.sendable)."""
    return outcome in _FREE and code != DAMAGED_LINE


def waits(outcome: str) -> bool:
    """Whether nothing is known of it yet."""
    return outcome in _WAITING


def remedies(outcome: str, code: str) -> tuple[Remedy, ...]:
    """What can be done about a group, the best first."""
    known = _BY_CODE.get(code)
    if known is not None:
        return known
    if outcome == "failed" and not advice.explain(code).again:
        return ("model", "same")
    return ("same", "model")


class OutcomeCounter:
    """Counts rows as they are handed over."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._costs: dict[tuple[str, str], float] = {}
        self._again: dict[tuple[str, str], int] = {}

    def add(self, rows: Iterable[tuple[str, str, float, int]]) -> None:
        """Outcome, code, dollars (NaN: not known), and 1 where the row was sent again from here, else 0."""
        counts, costs, again = self._counts, self._costs, self._again
        for outcome, code, price, gone in rows:
            key = (outcome, code)
            counts[key] = counts.get(key, 0) + 1
            if price == price:
                costs[key] = costs.get(key, 0.0) + price
            if gone:
                again[key] = again.get(key, 0) + 1

    def report(self, *, unexpected: int = 0, damaged: int = 0) -> OutcomeReport:
        """What was counted; groups by their size."""
        sums = dict.fromkeys(ORDER, 0)
        groups = []
        for (outcome, code), count in self._counts.items():
            sums[outcome] = sums.get(outcome, 0) + count
            if outcome != "answered" and outcome not in _WAITING:
                cost = self._costs.get((outcome, code), 0.0)
                groups.append(OutcomeGroup(outcome, code, count, cost, self._again.get((outcome, code), 0)))
        return OutcomeReport(
            sum(sums.values()),
            {word: count for word, count in sums.items() if count},
            tuple(sorted(groups, key=lambda one: (-one.count, one.outcome, one.code))),
            sum(self._costs.values()),
            unexpected,
            damaged,
        )
