"""The same rows asked in several ways, side by side: which arms there are, what of each row is better or worse than the baseline's, and the
rows in the order of their regressions.

An **arm** is one way in which rows were asked: an addition to the queue and the variant within it; where there is only one of these and its
rows were asked several times, each sample is an arm. Several answers of one arm to one row are repeats: each keeps a line of its own, and
the row's figure for the arm is their mean. Rows that an arm did not answer well have no figure there and are in none of its counts.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from math import fsum
from typing import Final

import msgspec

from app.core.results.columns import Column, NumberColumn
from app.core.results.layout import Comparison, Only

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


def figures(column: Column, usual: bytes, items: Sequence[int], arms: Sequence[int], count: int, number_of_arms: int) -> list[array[float]]:
    """By arm and item the mean of a column's numbers over the arm's good answers (NaN: none). Of words the place of the word among all
    words; of repeats that do not agree none. ``items``, ``arms``: of each row of the table; ``usual``: 1 where its cell says something."""
    sums = [array("d", bytes(8 * count)) for _ in range(number_of_arms)]
    counts = [array("H", bytes(2 * count)) for _ in range(number_of_arms)]
    numbers = isinstance(column, NumberColumn)
    values: Sequence[float] = column.values if isinstance(column, NumberColumn) else column.codes
    for row in compress(range(len(items)), usual):
        arm = arms[row]
        if arm < 0:
            continue
        item, value = items[row], values[row]
        if numbers or not counts[arm][item]:
            sums[arm][item] += value
            counts[arm][item] += 1
        elif sums[arm][item] != value:
            sums[arm][item] = NAN
    if not numbers:
        return [array("d", [one if n else NAN for one, n in zip(a, b, strict=True)]) for a, b in zip(sums, counts, strict=True)]
    return [array("d", [one / n if n else NAN for one, n in zip(a, b, strict=True)]) for a, b in zip(sums, counts, strict=True)]


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


def mean(values: array[float]) -> float | None:
    """Of those that are there; None where none is."""
    filled = [one for one in values if one == one]
    return fsum(filled) / len(filled) if filled else None


_WANTED: Final[dict[Only, Callable[[float], bool]]] = {
    "all": lambda _one: True,
    "worse": lambda one: one < 0,
    "better": lambda one: one > 0,
    "same": lambda one: one == 0,
    "differs": lambda one: one < 0 or one > 0,
}


def chosen(found: array[float], compare: Comparison, asked: bytes | None) -> array[int]:
    """The items in their order: those that are wanted, worst or best first, items without a difference last. ``asked``: 1 where an item may
    be among them at all."""
    wanted = _WANTED[compare.only]
    items = [n for n, one in enumerate(found) if (asked is None or asked[n]) and wanted(one)]
    if compare.order != "rows":
        sign = 1 if compare.order == "worse" else -1
        items.sort(key=lambda n: (found[n] != found[n], sign * found[n] if found[n] == found[n] else 0.0, n))
    return array("I", items)


def titles(names: Mapping[str, str]) -> dict[str, str]:
    """Names for people that are all different: equal ones get a number."""
    seen: dict[str, int] = {}
    made = {}
    for key, title in names.items():
        seen[title] = seen.get(title, 0) + 1
        made[key] = title if seen[title] == 1 else f"{title} ({seen[title]})"
    return made
