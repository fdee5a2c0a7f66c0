"""Rows that were ticked in tables of answers that are not in sight now."""

from __future__ import annotations

from array import array

import msgspec

Ticks = set[tuple[str, int]] | dict[str, "array[int]"]
"""By batch and row; many of them by their batches, which takes a thirtieth of the room."""


class TicksState(msgspec.Struct):
    """What was ticked in each table when it was left, by whose answers it shows (``ResultsState.scope``), the one left last at the end."""

    kept: dict[str, Ticks] = {}
