"""The same rows asked in several ways, side by side: which arms there are, what of each row is better or worse than the baseline's, and the
rows in the order of their regressions.

An **arm** is one way in which rows were asked: an addition to the queue and the variant within it; where there is only one of these and its
rows were asked several times, each sample is an arm. Several answers of one arm to one row are repeats: each keeps a line of its own, and
the row's figure for the arm is their mean. Rows that an arm did not answer well have no figure there and are in none of its counts.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum
from typing import Final

import msgspec

from app.core.results.columns import Column, NumberColumn
from app.core.results.layout import Only

MOST_REPEATS: Final = 8
"""Lines of one arm for one row."""
NAN: Final = float("nan")


class ArmFacts(msgspec.Struct, frozen=True):
    """An arm in figures: how many rows it has a figure for, their mean, and over the rows that the baseline has one for as well how many
    are better, worse and the same, and the mean difference (None for words, and without such rows). For words ``worse`` counts all that
    differ."""

    name: str
    title: str
    rows: int = 0
    answers: int = 0
    good: int = 0
    mean: float | None = None
    better: int = 0
    worse: int = 0
    same: int = 0
    delta: float | None = None
    cost: float = 0.0
    """Dollars of all its answers."""
    length: float = 0.0
    """Characters of its good answers, on average."""


def arm_name(run: str, tag: str, sample: int = 0) -> str:
    """By which an arm of a table's rows is known, in addresses and in votes: the addition to the queue, the variant, and where each sample
    is an arm its number."""
    return f"{run}|{tag}|{sample}" if sample else f"{run}|{tag}"


class Means:
    """By arm and item the mean of a column's numbers over the arm's good answers (NaN: none). Of words the place of the word among all
    words; of repeats that do not agree none. Rows are added, and means taken, in parts: of a million each is work for a second."""

    def __init__(self, column: Column, items: int, arms: int) -> None:
        self._numbers = isinstance(column, NumberColumn)
        self._values: Sequence[float] = column.values if isinstance(column, NumberColumn) else column.codes
        self._sums = [array("d", bytes(8 * items)) for _ in range(arms)]
        self._counts = [array("H", bytes(2 * items)) for _ in range(arms)]

    def add(self, rows: Iterable[int], items: Sequence[int], arms: Sequence[int]) -> None:
        """``rows`` whose cell says something; ``items``, ``arms``: of each row of the table (an arm of -1 is not part of these)."""
        sums, counts, values, numbers = self._sums, self._counts, self._values, self._numbers
        for row in rows:
            arm = arms[row]
            if arm < 0:
                continue
            item, value = items[row], values[row]
            if numbers or not counts[arm][item]:
                sums[arm][item] += value
                counts[arm][item] += 1
            elif sums[arm][item] != value:
                sums[arm][item] = NAN

    def of(self, arm: int, first: int, last: int) -> array[float]:
        """Those of the items from ``first`` to ``last`` (exclusive)."""
        pairs = zip(self._sums[arm][first:last], self._counts[arm][first:last], strict=True)
        if not self._numbers:
            return array("d", [one if n else NAN for one, n in pairs])
        return array("d", [one / n if n else NAN for one, n in pairs])


class ArmSums(msgspec.Struct):
    """What becomes an arm's facts, added up part by part."""

    answers: int = 0
    good: int = 0
    cost: float = 0.0
    measured: int = 0
    """Good answers whose length is known, and the sum of these."""
    length: float = 0.0
    rows: int = 0
    value: float = 0.0
    better: int = 0
    worse: int = 0
    same: int = 0
    delta: float = 0.0

    def add_answers(self, costs: Sequence[float], lengths: Sequence[float], good: int) -> None:
        """Of so many answers (``costs``) those that are good, with their lengths; NaN where one is not known."""
        known = [one for one in lengths if one == one]
        self.answers, self.good, self.measured = self.answers + len(costs), self.good + good, self.measured + len(known)
        self.cost = fsum((self.cost, *(one for one in costs if one == one)))
        self.length = fsum((self.length, *known))

    def add_items(self, values: Sequence[float], found: array[float]) -> None:
        """Of some items the figures, and how much better each is than the baseline's."""
        filled = [one for one in values if one == one]
        self.rows, self.value = self.rows + len(filled), fsum((self.value, *filled))
        better, worse, same = tally(found)
        self.better, self.worse, self.same = self.better + better, self.worse + worse, self.same + same
        self.delta = fsum((self.delta, *(one for one in found if one == one)))

    def facts(self, name: str, title: str, *, numbers: bool) -> ArmFacts:
        """All in all."""
        compared = self.better + self.worse + self.same
        return ArmFacts(
            name,
            title,
            self.rows,
            self.answers,
            self.good,
            self.value / self.rows if numbers and self.rows else None,
            self.better,
            self.worse,
            self.same,
            self.delta / compared if numbers and compared else None,
            self.cost,
            self.length / self.measured if self.measured else 0.0,
        )


def deltas(base: array[float], other: array[float], *, words: bool, down: bool) -> array[float]:
    """By item how much better the other is than the baseline (negative: worse); of words 0 where they are the same, else -1; NaN where one
    of them has no figure."""
    if words:
        return array("d", [0.0 if a == b else (-1.0 if a == a and b == b else NAN) for a, b in zip(base, other, strict=True)])
    sign = -1.0 if down else 1.0
    return array("d", [sign * (b - a) for a, b in zip(base, other, strict=True)])


def tally(found: array[float]) -> tuple[int, int, int]:
    """How many items are better, worse and the same."""
    better = sum(map((0.0).__lt__, found))
    worse = sum(map((0.0).__gt__, found))
    return better, worse, found.count(0.0)


_WANTED: Final[dict[Only, Callable[[float], bool]]] = {
    "all": lambda _one: True,
    "worse": lambda one: one < 0,
    "better": lambda one: one > 0,
    "same": lambda one: one == 0,
    "differs": lambda one: one < 0 or one > 0,
}


def wanted(found: array[float], only: Only, asked: bytes) -> bytes:
    """By item 1 where it is wanted. ``asked``: 1 where it may be at all."""
    test = _WANTED[only]
    return bytes([1 if may and test(one) else 0 for one, may in zip(found, asked, strict=True)])


def filled(found: array[float]) -> bytes:
    """By item 1 where there is a difference, 0 where one of the two has no figure."""
    return bytes([1 if one == one else 0 for one in found])


def titles(names: Mapping[str, str]) -> dict[str, str]:
    """Names for people that are all different: equal ones get a number."""
    seen: dict[str, int] = {}
    made = {}
    for key, title in names.items():
        seen[title] = seen.get(title, 0) + 1
        made[key] = title if seen[title] == 1 else f"{title} ({seen[title]})"
    return made
