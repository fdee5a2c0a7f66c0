"""How deep the unit tests look: ``make test`` takes a sample where the whole takes long, ``make deep`` all of it (NIGHTSHIFT_DEEP=1)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

DEEP = os.environ.get("NIGHTSHIFT_DEEP", "") not in ("", "0")


def examples(sample: int, whole: int) -> int:
    """How many examples of a property are drawn."""
    return whole if DEEP else sample


def share(items: Iterable[T], part: int, parts: int) -> Iterator[T]:
    """One of so many parts of the items, or all of them when it goes deep. ``part``: any number, which part it is."""
    return iter(items) if DEEP else islice(items, part % parts, None, parts)
