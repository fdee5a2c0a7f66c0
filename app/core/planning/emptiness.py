"""Empty cells that a prompt inserts as they are, counted over all checked rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from app.core.model.templates import PromptContent
from app.core.templates import content, findings, syntax
from app.core.templates.compiling import Row

KEPT: Final = 1_000
"""Rows of a column that are kept by their positions; all are counted."""


class EmptyColumn(NamedTuple):
    """A column with so many empty cells, and the positions of the first of their rows."""

    name: str
    cells: int
    rows: tuple[int, ...]


class EmptyCells:
    """Looks at the columns for which no prompt says what happens where they are empty (no default, no condition on them)."""

    def __init__(self, columns: Sequence[str], asked: Iterable[PromptContent]) -> None:
        unsaid: set[str] = set()
        for prompt in asked:
            for one in content.texts(prompt):
                unsaid |= findings.unguarded(syntax.parse(one.text, raw=one.field == "raw"))
        self._columns = [(at, name) for at, name in enumerate(columns) if name in unsaid]
        self._counts = dict.fromkeys((name for _, name in self._columns), 0)
        self._rows = {name: array("I") for _, name in self._columns}

    def add(self, positions: Sequence[int], rows: Sequence[Row]) -> None:
        """More rows with their positions."""
        for at, name in self._columns:
            cells = list(map(itemgetter(at), rows))
            if all(cells) and not any(map(str.isspace, cells)):
                continue  # nearly always
            empty = [position for position, cell in zip(positions, cells, strict=True) if not cell or cell.isspace()]
            self._counts[name] += len(empty)
            known = self._rows[name]
            known.extend(empty[: KEPT - len(known)])

    def found(self) -> list[EmptyColumn]:
        """The columns that have empty cells, those with most first."""
        made = [EmptyColumn(name, cells, tuple(self._rows[name])) for name, cells in self._counts.items() if cells]
        return sorted(made, key=lambda one: (-one.cells, one.name))
