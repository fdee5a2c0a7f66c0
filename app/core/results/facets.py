"""What is in a column of answers, counted: its values with how often each is there, and in a few figures for its header."""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_right
from collections import Counter
from itertools import compress
from math import fsum, inf, nextafter, sqrt
from typing import Final, Literal

import msgspec

from app.core.results.answerindex import NAMES, AnswerIndex
from app.core.results.columns import NumberColumn, TagColumn, WordColumn, both, number_text
from app.core.results.query import Special

SHOWN: Final = 50
"""Values of a facet that are listed at a time."""
MOST_SHOWN: Final = 500
"""Values of a facet that are listed at most; others are found by their letters."""
TOP: Final = 3
"""Values that a header names."""
_BINS: Final = 12
_FEW: Final = 12
"""So many different numbers are listed one by one."""

FacetOrder = Literal["count", "name"]


class FacetValue(msgspec.Struct, frozen=True):
    """One choice of a facet; with ``special`` a choice of its own kind (core.results.query.SPECIALS), which has no value."""

    value: str
    count: int
    special: Special | None = None


class NumberBin(msgspec.Struct, frozen=True):
    """Numbers from ``low`` to ``high``, both among them: a filter with these borders lets ``count`` numbers through."""

    low: float
    high: float
    count: int


class ColumnFacet(msgspec.Struct, frozen=True):
    """The values of a column under a query. ``distinct``: how many different ones there are, of which ``values`` has those that were asked
    for; ``found``: how many hold the words that were looked for. Numbers of which there are many come as ``bins``."""

    column: str
    distinct: int = 0
    found: int = 0
    values: tuple[FacetValue, ...] = ()
    specials: tuple[FacetValue, ...] = ()
    bins: tuple[NumberBin, ...] = ()


class ColumnSummary(msgspec.Struct, frozen=True):
    """A column in a few figures, over ``rows`` rows of which ``blank`` say nothing. ``mean`` and ``deviation`` (of the population) are of
    numbers; None for words."""

    column: str
    rows: int = 0
    blank: int = 0
    distinct: int = 0
    mean: float | None = None
    deviation: float = 0.0
    low: float = 0.0
    high: float = 0.0
    top: tuple[FacetValue, ...] = ()


def specials(table: AnswerIndex, name: str, mask: bytes | None) -> tuple[FacetValue, ...]:
    """The special choices that there are, in their order."""
    found = []
    for special in NAMES:
        if special != "blank" and name not in table.of_answers and name not in table.failed:
            continue
        rows = table.special(name, special)
        count = (rows if mask is None else both(rows, mask)).count(1)
        if count:
            found.append(FacetValue("", count, special))
    return tuple(found)


def facet(
    table: AnswerIndex, name: str, mask: bytes | None, find: str = "", order: FacetOrder = "count", shown: int = SHOWN
) -> ColumnFacet:
    """The values of a column in the rows of ``mask`` (None: all), those that hold ``find`` (whatever its case), the first ``shown`` of
    them. Raises NoSuchColumn."""
    column = table.column(name)
    usual = _usual(table, name, mask)
    choices = specials(table, name, mask)
    if isinstance(column, NumberColumn):
        counts = Counter(compress(column.values, usual))
        if len(counts) > _FEW:
            return ColumnFacet(name, len(counts), len(counts), specials=choices, bins=_bins(counts))
        pairs = [(number_text(value), count) for value, count in sorted(counts.items())]
        return ColumnFacet(name, len(pairs), len(pairs), tuple(FacetValue(*pair) for pair in pairs), choices)
    coded, words = _counted(column, usual)
    wanted = find.casefold().strip()
    found = [code for code in coded if wanted in words[code].casefold()] if wanted else list(coded)
    if order == "name":
        first = heapq.nsmallest(shown, found, key=lambda code: words[code].casefold())
    else:
        first = heapq.nsmallest(shown, found, key=lambda code: (-coded[code], words[code]))
    return ColumnFacet(name, len(coded), len(found), tuple(FacetValue(words[code], coded[code]) for code in first), choices)


def summary(table: AnswerIndex, name: str, mask: bytes | None) -> ColumnSummary:
    """A column's figures over the rows of ``mask`` (None: all). Raises NoSuchColumn."""
    column = table.column(name)
    usual = _usual(table, name, mask)
    rows = len(table) if mask is None else mask.count(1)
    count = usual.count(1)
    if not count:
        return ColumnSummary(name, rows, rows)
    if isinstance(column, WordColumn):
        coded, words = _counted(column, usual)
        top = tuple(FacetValue(words[code], times) for code, times in coded.most_common(TOP))
        return ColumnSummary(name, rows, rows - count, len(coded), top=top)
    numbers = array("d", compress(column.values, usual))
    mean, deviation = _spread(numbers)
    counts = Counter(numbers)
    top = tuple(FacetValue(number_text(value), times) for value, times in counts.most_common(TOP)) if len(counts) <= _FEW else ()
    return ColumnSummary(name, rows, rows - count, len(counts), mean, deviation, min(counts), max(counts), top)


def _counted(column: WordColumn, usual: bytes) -> tuple[Counter[int], list[str]]:
    """How often each text is there, by its code, and the texts; of tags each by itself."""
    codes = compress(column.codes, usual)
    return column.counted(codes) if isinstance(column, TagColumn) else (Counter(codes), column.words)


def _usual(table: AnswerIndex, name: str, mask: bytes | None) -> bytes:
    usual = table.usual(name)
    return usual if mask is None else both(usual, mask)


def _bins(numbers: Counter[float]) -> tuple[NumberBin, ...]:
    """The numbers, each with how often it is there, in stretches of equal width with round borders."""
    low, high = min(numbers), max(numbers)
    width = round_width((high - low) / _BINS)
    if not 0 < width < inf:
        return (NumberBin(low, high, numbers.total()),)
    first, step = low // width, 1 if all(map(float.is_integer, numbers)) else 0
    borders = [min(first * width, low), *((first + n) * width for n in range(1, int((high - low) / width) + 4)), inf]
    counts: Counter[int] = Counter()
    for number, count in numbers.items():
        counts[bisect_right(borders, number)] += count
    return tuple(
        NumberBin(borders[n - 1], min(borders[n] - step, nextafter(borders[n], -inf)), counts[n]) for n in range(1, max(counts) + 1)
    )


def _spread(numbers: array[float]) -> tuple[float, float]:
    """Mean and standard deviation. From the differences to the mean: the squares of large numbers have no room for small differences."""
    count = len(numbers)
    try:
        mean = fsum(numbers) / count
    except OverflowError:
        mean = fsum(number / count for number in numbers)
    differences = array("d", map((-mean).__add__, numbers))
    try:
        squares = fsum(map(float.__mul__, differences, differences))
    except OverflowError:
        squares = inf
    return mean, sqrt(squares / count) if squares < inf else 0.0


def round_width(width: float) -> float:
    """The next of 1, 2, 5, 10 … that is not smaller."""
    if not 0 < width < float("inf"):
        return 0.0
    power = 1.0
    while power * 10 <= width:
        power *= 10
    while power > width:
        power /= 10
    return next((power * step for step in (1, 2, 5) if power * step >= width), power * 10)
