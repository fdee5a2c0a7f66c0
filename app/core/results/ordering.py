"""The order of rows by a column: what they are sorted by, and the plain way to do it. A browser does it in typed arrays
(static/js/ordering.mjs)."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from itertools import compress
from typing import NamedTuple


class Ranked(NamedTuple):
    """What rows are sorted by: each row's value, or where there are ``places``, the place that is there for its value."""

    values: array[float] | array[int]
    places: array[int] | None = None


Order = Callable[[Ranked, bytes, bool], "array[int]"]
"""The positions of the rows for which the mask has 1, from the smallest to the largest, or the other way round; equal ones as they are
either way. None of them is NaN."""


def ordered(ranked: Ranked, mask: bytes, reverse: bool) -> array[int]:
    """An :data:`Order`."""
    values, places = ranked
    keys = values if places is None else array("I", map(places.__getitem__, values))  # type: ignore[arg-type]  # then they are codes
    return array("I", sorted(compress(range(len(values)), mask), key=keys.__getitem__, reverse=reverse))
