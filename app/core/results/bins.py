"""Numbers in bins with round borders, for charts: of equal width, or of equal ratio (1, 2, 5, 10 …) where most of them are small.

A bin has both its borders in it, so a filter from the one to the other lets through exactly the numbers that it counts
(core.results.answerindex). Every finite number is in one bin.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from math import floor, inf, isfinite, log10, nextafter
from typing import Final

import msgspec

from app.core.results.facets import NumberBin, round_width

MOST: Final = 20
"""Bins of equal width, about: a border more or less comes of round borders."""
_SAMPLE: Final = 20_000
_REPEATED: Final = 4
"""So often each number of a sample is there on average where they are counted before they are sorted."""
_RATIO: Final = 100.0
"""Between the largest and the smallest number above 0, from which on bins may be of equal ratio."""
_SMALL: Final = 0.1
"""Of the range that half of the numbers stay below, where they are."""
_DECADES: Final = ((8, (1, 2, 5), 1), (24, (1,), 1), (80, (1,), 4), (400, (1,), 20), (1_000, (1,), 40))
"""Up to how many powers of ten: borders within each, and every how many of them."""
_LEAST_POWER: Final = -323


class Distribution(msgspec.Struct, frozen=True):
    """How numbers are spread. ``median`` and ``most`` (of ten, nine are no larger) are numbers that are there. ``ratio``: the bins are of
    equal ratio."""

    count: int = 0
    low: float = 0.0
    high: float = 0.0
    median: float = 0.0
    most: float = 0.0
    bins: tuple[NumberBin, ...] = ()
    ratio: bool = False


class _Sorted:
    """Numbers by size, each with how many are no larger."""

    def __init__(self, numbers: array[float]) -> None:
        sample = numbers[:_SAMPLE]
        self._upto: list[int] | None = None
        if len(set(sample)) * _REPEATED <= len(sample):
            counts = Counter(numbers)
            self.values: Sequence[float] = sorted(counts)
            self._upto = list(accumulate(map(counts.__getitem__, self.values)))
        else:
            self.values = sorted(numbers)
        self.count = len(numbers)

    def below(self, border: float) -> int:
        """How many are smaller."""
        at = bisect_left(self.values, border)
        return at if self._upto is None else self._upto[at - 1] if at else 0

    def at(self, share: float) -> float:
        """The smallest number of which so large a share of all are no larger."""
        place = max(0, min(self.count - 1, -floor(-share * self.count) - 1))
        return self.values[place] if self._upto is None else self.values[bisect_right(self._upto, place)]

    def whole(self) -> bool:
        """Whether all are whole numbers."""
        return all(map(float.is_integer, self.values))


def distribution(numbers: array[float], most: int = MOST) -> Distribution:
    """How ``numbers`` (none of them NaN) are spread, in about ``most`` bins; without bins where there are none."""
    if not numbers:
        return Distribution()
    found = _Sorted(numbers)
    low, high = found.values[0], found.values[-1]
    median = found.at(0.5)
    ratio = _skewed(found, low, high, median)
    borders = _powers(found, high) if ratio else _equal(low, high, found.whole(), most)
    bins = _filled(found, borders, ratio=ratio)
    return Distribution(found.count, low, high, median, found.at(0.9), bins, ratio)


def _skewed(found: _Sorted, low: float, high: float, median: float) -> bool:
    """Whether bins of equal width would have nearly everything in the first of them."""
    if low < 0 or not isfinite(high) or median > low + _SMALL * (high - low):
        return False
    least = found.values[bisect_right(found.values, 0.0)] if high > 0 else 0.0
    return least > 0 and high / least >= _RATIO


def _equal(low: float, high: float, whole: bool, most: int) -> list[float]:
    """Where bins of equal width begin; the first not above ``low``."""
    width = round_width((high - low) / most)
    if whole and 0 < width < 1:
        width = 1.0
    if not 0 < width < inf or not isfinite(low / width):
        return [low]
    first = low // width
    borders = [(first + n) * width for n in range(int((high - low) / width) + 3)]
    if width < 1:
        borders = [float(f"{one:.12g}") for one in borders]
    return _rising([min(borders[0], low), *(one for one in borders[1:] if one <= high)])


def _powers(found: _Sorted, high: float) -> list[float]:
    """The same of bins of equal ratio; what is 0 has a bin of its own."""
    least = found.values[bisect_right(found.values, 0.0)]
    first, last = floor(log10(least)), floor(log10(high)) + 1
    steps, each = next((steps, each) for decades, steps, each in _DECADES if last - first <= decades)
    powers = range(max(_LEAST_POWER, first - first % each), last + 1, each)
    borders = [float(f"{step}e{power}") for power in powers for step in steps]
    inside = [one for one in borders if least < one <= high]
    begin = max((one for one in borders if 0 < one <= least), default=least)
    return _rising([*([0.0] if found.values[0] == 0 else []), begin, *inside])


def _rising(borders: Sequence[float]) -> list[float]:
    """Without those that rounding has made equal."""
    found: list[float] = []
    for one in borders:
        if not found or one > found[-1]:
            found.append(one)
    return found


def _filled(found: _Sorted, borders: Sequence[float], *, ratio: bool) -> tuple[NumberBin, ...]:
    """Each bin ends with the number before the next one begins: of whole numbers with the whole one before."""
    step = 1.0 if found.whole() and all(map(float.is_integer, borders[1:])) else 0.0
    bins, before = [], 0
    for border, following in zip(borders, [*borders[1:], None], strict=True):
        upto = found.count if following is None else found.below(following)
        end = found.values[-1]
        if following is not None:
            end = 0.0 if ratio and border == 0 else min(nextafter(following, -inf), following - step)
        bins.append(NumberBin(border, end, upto - before))
        before = upto
    return tuple(bins)
