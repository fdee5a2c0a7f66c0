"""How large what was tried is; printed at the end of a run, since a figure that nobody sees is none."""

from __future__ import annotations

from collections import Counter

COUNTS: Counter[str] = Counter()
"""What was counted, by words: ``COUNTS["strings"] += 1``."""


def lines() -> list[str]:
    """The sizes, one a line."""
    return [f"{count:>9,} {words}" for words, count in COUNTS.items() if count]
