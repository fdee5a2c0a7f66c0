"""What the cells of each column are, counted in the one pass in which a table is read.

Work goes column by column over a group of rows, so that most of it happens in C: 50,000 rows of ten columns take a fraction of what
reading them takes. Different cells are counted up to a bound, so memory is bounded too.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Final

from app.core.base.patterns import pattern
from app.core.datasets.table import Cell, RowGroup, cell_text
from app.core.model.datasets import Column, ColumnKind

MAX_DISTINCT: Final = 10_000
"""Different cells of a column that are counted; beyond, it is only said that there are more."""
MAX_REMEMBERED: Final = 2_000_000
"""Characters of them that are kept for telling them apart, for each column."""
MAX_ALL_REMEMBERED: Final = 64_000_000
"""The same for all columns together."""
_LOOKED_AT: Final = 64
"""Characters of a number or date at most."""
_DIGITS: Final = 18
"""Digits of an integer at most."""

_PATTERNS: Final[dict[ColumnKind, Any]] = {
    "integer": pattern(r"-?(?:0|[1-9][0-9]{0,17})"),
    "number": pattern(r"-?(?:0|[1-9][0-9]{0,17})(?:[.,][0-9]{1,18})?(?:[eE][-+]?[0-9]{1,3})?"),
    "boolean": pattern(r"[Tt]rue|[Ff]alse|TRUE|FALSE"),
    "date": pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[-+][0-9]{2}:?[0-9]{2})?)?"),
}
"""Texts that are of a kind. A number with a leading zero is none: 00123 is a name for something."""
_LADDER: Final[tuple[ColumnKind, ...]] = ("integer", "number", "boolean", "date")


class _Seen:
    """One column so far."""

    def __init__(self) -> None:
        self.empty = self.longest = self.remembered = 0
        self.texts: list[ColumnKind] = list(_LADDER)  # what its texts can still be
        self.is_told = False  # some texts were looked at: what comes can only be the same, or numbers after integers
        self.kinds: set[ColumnKind] = set()  # of cells that are no texts
        self.has_texts = False
        self.different: set[str] = set()
        self.distinct = 0
        self.more = False

    def kind(self) -> ColumnKind:
        if self.has_texts:
            return "mixed" if self.kinds else self.texts[0] if self.texts else "text"
        if self.kinds == {"integer", "number"}:
            return "number"
        return "mixed" if len(self.kinds) > 1 else next(iter(self.kinds), "empty")


class ColumnStatistics:
    """Collects what is known of the columns of one table."""

    def __init__(self) -> None:
        self._seen: list[_Seen] = []
        self.rows = 0
        self._all = 0  # characters remembered

    def add(self, group: RowGroup) -> None:
        """Count these rows in."""
        cells = group.cells
        if not cells:
            return
        widest = max(map(len, cells))
        while len(self._seen) < widest:
            fresh = _Seen()
            fresh.empty = self.rows
            self._seen.append(fresh)
        even = min(map(len, cells)) == widest
        columns = zip(*cells, strict=True) if even else zip_longest(*cells)
        for seen, column in zip(self._seen, columns, strict=False):
            self._column(seen, column)
        for seen in self._seen[widest:]:
            seen.empty += len(cells)
        self.rows += len(cells)

    def columns(self, names: Sequence[str]) -> tuple[Column, ...]:
        """What was counted, under these names; columns without a cell are empty."""
        found = [
            Column(name, seen.kind(), seen.empty, seen.distinct, seen.more, seen.longest)
            for name, seen in zip(names, self._seen, strict=False)
        ]
        return (*found, *(Column(name, "empty", self.rows) for name in names[len(found) :]))

    def _column(self, seen: _Seen, column: Sequence[Cell]) -> None:
        if set(map(type, column)) == {str}:
            texts: Sequence[str] = column  # type: ignore[assignment]  # all of them are
        else:
            texts = self._typed(seen, column)
        longest = max(map(len, texts), default=0)
        seen.longest = max(seen.longest, longest)
        empty = texts.count("")
        seen.empty += empty
        if empty < len(texts):
            seen.has_texts = True
            self._narrow(seen, texts, longest)
            if not seen.more:
                self._differ(seen, texts)

    def _typed(self, seen: _Seen, column: Sequence[Cell]) -> list[str]:
        """The texts of a column that has other cells as well; these are counted."""
        texts: list[str] = []
        others: list[str] = []
        for cell in column:
            if type(cell) is str:
                texts.append(cell)
            elif cell is None:
                seen.empty += 1
            else:
                seen.kinds.add(_kind(cell))
                others.append(cell_text(cell))
        seen.longest = max(seen.longest, max(map(len, others), default=0))
        if not seen.more:
            self._differ(seen, [f"\0{one}" for one in others])  # 1 is not "1"
        return texts

    @staticmethod
    def _narrow(seen: _Seen, texts: Sequence[str], longest: int) -> None:
        """Of what the texts can be, leave what all of these are."""
        if longest > _LOOKED_AT:
            seen.texts.clear()
        while seen.texts:
            if _all_of(seen.texts[0], texts, longest):
                if not seen.is_told:
                    seen.texts = seen.texts[: 2 if seen.texts[0] == "integer" else 1]
                break
            seen.texts.pop(0)
        seen.is_told = True

    def _differ(self, seen: _Seen, texts: Sequence[str]) -> None:
        fresh = set(texts) - seen.different
        fresh.discard("")
        size = sum(map(len, fresh))
        seen.distinct = min(MAX_DISTINCT, seen.distinct + len(fresh))
        if (
            len(seen.different) + len(fresh) > MAX_DISTINCT
            or seen.remembered + size > MAX_REMEMBERED
            or self._all + size > MAX_ALL_REMEMBERED
        ):
            seen.more = True
            self._all -= seen.remembered
            seen.different = set()
            return
        seen.different |= fresh
        seen.remembered += size
        self._all += size


def _all_of(kind: ColumnKind, texts: Sequence[str], longest: int) -> bool:
    """Whether all texts that are not empty are of this kind; ``longest`` has so many characters. Plain numbers are looked at together."""
    if kind == "integer" and longest <= _DIGITS:
        digits = "".join(texts)
        if digits.isascii() and digits.isdigit() and "\n0" not in "\n" + "\n".join(texts):
            return True
    return all(map(_PATTERNS[kind].fullmatch, filter(None, texts)))


def _kind(cell: Cell) -> ColumnKind:
    match cell:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case _:
            return "number" if bytes(cell)[:1] not in (b"{", b"[") else "json"  # type: ignore[arg-type]  # what is left is Raw
