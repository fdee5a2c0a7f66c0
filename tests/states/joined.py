"""Longer texts out of the one that a state is full of."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=32)
def joined(*parts: str) -> str:
    """The parts as one text. A state holds most of them several times, and is made hundreds of times; where the text has a megabyte, each
    further copy would take longer than to draw it."""
    return "".join(parts)
