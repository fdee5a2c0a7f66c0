"""What all cells of a column are, so that a format with types can have a type for it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Final, Literal

import msgspec

from app.core.base.patterns import pattern
from app.core.datasets.table import Cell

CellKind = Literal["text", "integer", "number", "boolean", "json"]
_LARGEST: Final = 1 << 63
_EXACT: Final = 1 << 53
"""Whole numbers up to which a double has each."""
_LONGEST: Final = 40
"""Characters of a number that is looked at."""
_NUMBER_TEXT: Final = pattern(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_BOOLEAN, _INTEGER, _WIDE, _NUMBER, _JSON, _TEXT = 1, 2, 4, 8, 16, 32
_KINDS: Final[dict[int, CellKind]] = {
    _BOOLEAN: "boolean",
    _INTEGER: "integer",
    _WIDE: "integer",
    _INTEGER | _WIDE: "integer",
    _NUMBER: "number",
    _INTEGER | _NUMBER: "number",
    _JSON: "json",
}
"""By what was seen; any other mixture is text."""


class SeenKinds:
    """What was seen in each of some columns."""

    def __init__(self) -> None:
        self._seen: list[int] = []

    def add(self, cells: Sequence[Cell]) -> None:
        """Take a row, or as much of it as there is."""
        if len(cells) > len(self._seen):
            self._seen += [0] * (len(cells) - len(self._seen))
        for n, cell in enumerate(cells):
            if cell is not None:
                self._seen[n] |= bit_of(cell)

    def kinds(self, width: int) -> list[CellKind]:
        """Of the first ``width`` columns; one of which nothing was seen is text."""
        seen = [*self._seen, *[0] * (width - len(self._seen))]
        return [kind_of(one) for one in seen[:width]]


def bit_of(cell: Cell) -> int:
    """What a cell is, as a bit of what was seen."""
    match cell:
        case None:
            return 0
        case bool():
            return _BOOLEAN
        case int():
            return _INTEGER if -_EXACT < cell < _EXACT else _WIDE if -_LARGEST <= cell < _LARGEST else _TEXT
        case float():
            return _NUMBER
        case msgspec.Raw():
            return _JSON if bytes(cell)[:1] in (b"[", b"{") else _TEXT if number_of(cell) is None else _NUMBER
        case _:
            return _TEXT


def number_of(cell: msgspec.Raw) -> float | None:
    """A number that was kept as it was written, as a double; None for other JSON, and for one with more digits than a double is sure of
    (15, as many as a spreadsheet keeps)."""
    text = bytes(cell).decode()
    if len(text) > _LONGEST or _NUMBER_TEXT.fullmatch(text) is None:
        return None
    digits = text.lower().partition("e")[0].lstrip("-").replace(".", "").strip("0")
    found = float(text)
    return found if len(digits) <= 15 and isfinite(found) else None


def kind_of(seen: int) -> CellKind:
    """The kind that has all that was seen."""
    return _KINDS.get(seen, "text")
