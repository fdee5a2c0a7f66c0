"""A table of answers as an index: which columns its rows have, and which rows a query lets through, in which order.

Texts are not in it: a row says where its request and its answer lie (batch and row), and a window of rows is read from there.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from enum import IntEnum
from itertools import compress
from typing import Final, get_args

from app.core.batches.ledger import DAMAGED_LINE
from app.core.openai import flaws
from app.core.openai.outcomes import Outcome
from app.core.results.columns import Column, NumberColumn, TagColumn, both, either, neither
from app.core.results.ordering import Order, ordered
from app.core.results.query import ColumnFilter, Special, TableQuery


class AnswerState(IntEnum):
    """What a row's answer is good for; the number is its place among the special choices."""

    BLANK = 0
    """It says nothing."""
    ERROR = 1
    CUT = 2
    REFUSED = 3
    FILTERED = 4
    INVALID = 5
    """It does not have the form that was asked for, or has gaps."""
    DAMAGED = 6
    UNRUN = 7
    """The provider did not run it: expired or cancelled."""
    MISSING = 8
    PENDING = 9
    GOOD = 10


NAMES: Final[tuple[Special, ...]] = get_args(Special)
_BY_FLAW: Final = {
    flaws.CUT: AnswerState.CUT,
    flaws.FILTERED: AnswerState.FILTERED,
    flaws.REFUSED: AnswerState.REFUSED,
    flaws.EMPTY: AnswerState.BLANK,
    flaws.GAP: AnswerState.INVALID,
    flaws.SCHEMA: AnswerState.INVALID,
}
_BY_OUTCOME: Final = {
    Outcome.ANSWERED: AnswerState.GOOD,
    Outcome.FLAWED: AnswerState.INVALID,
    Outcome.FAILED: AnswerState.ERROR,
    Outcome.EXPIRED: AnswerState.UNRUN,
    Outcome.CANCELLED: AnswerState.UNRUN,
    Outcome.MISSING: AnswerState.MISSING,
    Outcome.UNFOUND: AnswerState.MISSING,
    Outcome.UNREAD: AnswerState.PENDING,
}


def answer_state(outcome: int, code: str) -> AnswerState:
    """What the answer of a row is good for, by what its ledger says."""
    if code == DAMAGED_LINE:
        return AnswerState.DAMAGED
    if outcome == Outcome.FLAWED:
        return _BY_FLAW.get(code, AnswerState.INVALID)
    return _BY_OUTCOME.get(Outcome(outcome), AnswerState.PENDING)


class NoSuchColumn(LookupError):
    """A query names a column that the table does not have (any more)."""


class AnswerIndex:
    """``batch`` and ``row`` say where each row's request is; ``states`` what its answer is good for (AnswerState). ``of_answers`` names the
    columns that are made of answers: where the answer is no good one, their cells are that, whatever it holds."""

    def __init__(self, batch: array[int], row: array[int], states: bytes) -> None:
        self.batch, self.row, self.states = batch, row, states
        self.columns: dict[str, Column] = {}
        self.makers: dict[str, Callable[[], Column]] = {}
        """Columns that are made when they are first asked for."""
        self.of_answers: set[str] = set()
        self.failed: dict[str, bytes] = {}
        """Of columns that a person's code has filled, by row 1 where it failed."""

    def __len__(self) -> int:
        return len(self.batch)

    def position(self, batch: int, row: int) -> int | None:
        """Where a request stands, by the number of its batch and its row there; None where it is not in the table."""
        at = -1
        while True:
            try:
                at = self.row.index(row, at + 1)
            except (ValueError, OverflowError):
                return None
            if self.batch[at] == batch:
                return at

    def column(self, name: str) -> Column:
        """Raises NoSuchColumn."""
        if name not in self.columns:
            if name not in self.makers:
                raise NoSuchColumn(name)
            self.columns[name] = self.makers.pop(name)()
        return self.columns[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Of all columns, in the order in which they came."""
        return (*self.columns, *self.makers)

    # --- filters

    def special(self, name: str, special: Special) -> bytes:
        """By row 1 where the cell of a column is this special choice."""
        blank = neither(self.column(name).filled)
        if name in self.failed:
            failed = self.failed[name]
            return failed if special == "error" else both(blank, neither(failed)) if special == "blank" else bytes(len(self))
        if name not in self.of_answers:
            return blank if special == "blank" else bytes(len(self))
        mine = self.states.translate(_only(NAMES.index(special)))
        good = self.states.translate(_only(AnswerState.GOOD))
        return either(mine, both(blank, good)) if special == "blank" else mine

    def usual(self, name: str) -> bytes:
        """By row 1 where the cell of a column holds a value."""
        filled = self.column(name).filled
        return both(filled, self.states.translate(_only(AnswerState.GOOD))) if name in self.of_answers else filled

    def mask(self, filter: ColumnFilter) -> bytes:
        """By row 1 where a filter lets it through. Raises NoSuchColumn."""
        column = self.column(filter.column)
        found = bytes(len(self))
        if filter.values:
            found = _holding(column, filter.values)
        if filter.low is not None or filter.high is not None:
            found = either(found, _between(column, filter.low, filter.high))
        found = both(found, self.usual(filter.column))
        for special in filter.specials:
            found = either(found, self.special(filter.column, special))
        return neither(found) if filter.exclude else found

    def masks(self, query: TableQuery, words: bytes | None = None) -> bytes | None:
        """By row 1 where a query lets it through; None: all of them. ``words``: where its words were found."""
        found = words
        for filter in query.filters:
            if not filter.empty:
                mask = self.mask(filter)
                found = mask if found is None else both(found, mask)
        return found

    # --- rows

    def rows(self, query: TableQuery, words: bytes | None = None, order: Order = ordered) -> Sequence[int]:
        """The positions of the rows that a query lets through, in its order: blank cells last either way, and of equal cells the one that
        stands first. ``order`` sorts. Raises NoSuchColumn."""
        mask = self.masks(query, words)
        name, reverse = query.sorted_by
        if not name:
            return range(len(self)) if mask is None else array("I", compress(range(len(self)), mask))
        column = self.column(name)
        usual = self.usual(name)
        filled = usual if mask is None else both(usual, mask)
        rest = neither(usual) if mask is None else both(neither(usual), mask)
        found = order(column.ranked, filled, reverse)
        if 1 in rest:
            found.extend(compress(range(len(self)), rest))
        return found


def _only(value: int) -> bytes:
    """A table for ``bytes.translate``: 1 for this value, 0 for others."""
    return bytes(value) + b"\1" + bytes(255 - value)


def _holding(column: Column, values: Sequence[str]) -> bytes:
    """By row 1 where the cell is one of these texts."""
    if isinstance(column, NumberColumn):
        wanted = {float(value) for value in values if _is_number(value)}
        return bytes(map(wanted.__contains__, column.values))
    texts = frozenset(values) - {""}
    if isinstance(column, TagColumn):
        return _by_code(column.codes, [not texts.isdisjoint(column.parts(code)) for code in range(len(column.words))])
    return _by_code(column.codes, [word in texts for word in column.words])


def _by_code(codes: array[int], chosen: Sequence[bool]) -> bytes:
    return bytes(map(bytes(chosen).__getitem__, codes))


def _between(column: Column, low: float | None, high: float | None) -> bytes:
    if not isinstance(column, NumberColumn):
        return bytes(len(column))
    above = bytes(map(float(low).__le__, column.values)) if low is not None else None
    below = bytes(map(float(high).__ge__, column.values)) if high is not None else None
    return both(above, below) if above is not None and below is not None else above or below or bytes(len(column))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
