"""Which of two ways of asking people prefer who do not see which is which: a verdict, and how sure it is.

Ties say nothing about which is better and are left out of both figures, and counted beside them. The sign test is exact and two-sided: how
often a fair coin would be at least as uneven (Dixon and Mood, «The statistical sign test», 1946). The interval is Wilson's score interval
for 95 % («Probable inference, the law of succession, and statistical inference», 1927), which holds for few and for one-sided votes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from math import comb, sqrt
from typing import Final, Literal

import msgspec

from app.core.model.votes import Vote

LEVEL: Final = 0.05
"""Below this a difference is called one."""
_Z: Final = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
_EXACT: Final = 1_000
"""Votes up to which the sign test is counted out; more are taken as normal."""


class BlindVerdict(msgspec.Struct, frozen=True):
    """How votes stand. ``share`` of those that chose prefer the first, with the interval ``low`` to ``high``; ``p``: of the sign test."""

    first: int = 0
    second: int = 0
    ties: int = 0
    share: float = 0.5
    low: float = 0.0
    high: float = 1.0
    p: float = 1.0

    @property
    def votes(self) -> int:
        return self.first + self.second + self.ties

    @property
    def better(self) -> Literal["first", "second", "open"]:
        """Which is preferred beyond chance; ``open`` while that is not known."""
        if self.p >= LEVEL:
            return "open"
        return "first" if self.first > self.second else "second"


def verdict(votes: Iterable[Vote]) -> BlindVerdict:
    """What the votes come to."""
    counts = {"first": 0, "second": 0, "tie": 0}
    for one in votes:
        counts[one] += 1
    first, second = counts["first"], counts["second"]
    low, high = wilson(first, first + second)
    share = first / (first + second) if first + second else 0.5
    return BlindVerdict(first, second, counts["tie"], share, low, high, sign_test(first, second))


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Wilson's score interval for 95 %; from 0 to 1 where there is nothing."""
    if not count:
        return 0.0, 1.0
    share, square = hits / count, _Z * _Z
    middle = share + square / (2 * count)
    spread = _Z * sqrt(share * (1 - share) / count + square / (4 * count * count))
    whole = 1 + square / count
    low = (middle - spread) / whole if hits else 0.0  # at the ends it is exact
    return low, (middle + spread) / whole if hits < count else 1.0


def sign_test(one: int, other: int) -> float:
    """The two-sided p of so many signs against so many: exact up to 1,000, else by the normal distribution with continuity."""
    count, least = one + other, min(one, other)
    if not count:
        return 1.0
    if count <= _EXACT:
        return min(1.0, 2 * (sum(comb(count, k) for k in range(least + 1)) / (1 << count)))
    from statistics import NormalDist

    return min(1.0, 2 * NormalDist().cdf((least + 0.5 - count / 2) / (sqrt(count) / 2)))


def swapped(seed: str, item: str) -> bool:
    """Whether the second is on the left for this item: even, the same each time, and not to be told from the item."""
    return bool(zlib.crc32(f"{seed}\0{item}".encode("utf-8", "replace")) >> 7 & 1)
