"""Which rows of a table are meant: a search, filters by column, and so many of what is found. Over stored runs, a run at a time.

Rows at random are those with the smallest numbers that splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
2014) makes of the seed and the row's id. So the same seed gives the same rows in every browser, a larger sample holds the smaller one,
and a row that is added or left out changes no more than its own place.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from app.core.base.patterns import pattern
from app.core.base.text import count, number, shorten
from app.core.datasets import storage
from app.core.datasets.storage import RunIndex
from app.core.datasets.table import cell_text
from app.core.json import jsonread
from app.core.model.datasets import RowFilter, RowSelection

STEP: Final = 1_000
"""Rows that are looked at between two rests."""
MOST_FILTERS: Final = 20
LONGEST: Final = 2_000
"""Characters of a text that is looked for."""
_LONGEST_NUMBER: Final = 64
_WORDS: Final = 60
_NUMBER: Final = pattern(r"\s*[-+]?[0-9]{1,40}(?:[.,][0-9]{1,40})?(?:[eE][-+]?[0-9]{1,3})?\s*")
_many: Final = jsonread.Decoder[list[list[Any]]](list[list[Any]], depth=jsonread.OWN_DEPTH + 1)
_TURNS_ASCII: Final = ("\u212a".encode(), "\u0130".encode())
"""Letters that are no ASCII and whose small ones are, or begin with one: the Kelvin sign and the dotted I."""
_MASK: Final = (1 << 64) - 1

Passes = Callable[[list[Any], bytes], bool]
"""Whether a row passes: its values, and its line for what has to be read exactly."""


class WrongSelection(ValueError):
    """A filter means nothing. The text is a sentence for people."""


def words(selection: RowSelection) -> str:
    """Which rows are meant, for people."""
    found = [f"“{shorten(selection.search.strip(), _WORDS)}” in any column"] if selection.search.strip() else []
    found += [_filter_words(one) for one in selection.filters]
    if selection.take != "all":
        how = "the first" if selection.take == "first" else "at random"
        amount = count(selection.count, "row")
        found.append(f"{how} {amount}" if selection.take == "first" else f"{amount} {how}, seed {selection.seed}")
    return " · ".join(found) or "all rows"


def _filter_words(one: RowFilter) -> str:
    column, text = shorten(one.column, _WORDS), shorten(one.text, _WORDS)
    match one.kind:
        case "contains":
            return f"{column} contains “{text}”"
        case "equals":
            return f"{column} is “{text}”"
        case "empty":
            return f"{column} is empty"
        case "filled":
            return f"{column} is not empty"
        case "between":
            least, most = one.least.strip(), one.most.strip()
            return f"{column} from {least} to {most}" if least and most else f"{column} from {least}" if least else f"{column} up to {most}"


def is_all(selection: RowSelection) -> bool:
    """Whether every row is meant."""
    return not selection.search.strip() and not selection.filters and selection.take == "all"


class RowMatcher:
    """Finds the rows that hold what is looked for and pass all filters. Raises WrongSelection: a column is not there, or a bound is no
    number."""

    def __init__(self, selection: RowSelection, columns: Sequence[str]) -> None:
        if len(selection.filters) > MOST_FILTERS:
            raise WrongSelection(f"These are {number(len(selection.filters))} filters; the maximum is {MOST_FILTERS}.")
        self._passes: list[Passes] = []
        self._needles: list[bytes] = []
        if search := selection.search.strip():
            self._passes.append(_anywhere(search.lower()))
            self._look_for(search)
        for one in selection.filters:
            if one.column not in columns:
                raise WrongSelection(f"The table has no column “{shorten(one.column, _WORDS)}”. Remove its filter.")
            self._passes.append(_passes(one, list(columns).index(one.column)))
            if one.kind in ("contains", "equals") and one.text:
                self._look_for(one.text)

    def _look_for(self, text: str) -> None:
        """Rows are looked at only where this is in their bytes, if bytes can tell: ASCII that JSON writes as it is, and that is no part
        of a number, which may be written otherwise."""
        if text.isascii() and text.isprintable() and not set('"\\') & set(text) and not set(text) <= set("0123456789+-.eE"):
            self._needles.append(text.lower().encode())

    def rows(self, data: bytes, run: RunIndex, begin: int, end: int) -> list[int]:
        """Those of a run's rows ``begin`` to ``end`` that are meant, by their place in the run. Raises Unreadable."""
        if not self._passes:
            return list(range(begin, end))
        lines = list(storage.lines_of(data, run, begin, end))
        if self._needles and not self._may_hold(b"".join(lines)):
            return []
        found = list(enumerate(zip(_values(lines), lines, strict=True), begin))
        for passes in self._passes:
            found = [one for one in found if passes(*one[1])]
        return [at for at, _ in found]

    def _may_hold(self, lines: bytes) -> bool:
        if any(one in lines for one in _TURNS_ASCII):
            return True
        small = lines.lower()
        return all(needle in small for needle in self._needles)


def _values(lines: list[bytes]) -> list[list[Any]]:
    """The rows, read in one go where each is one line."""
    joined = b"".join(lines)
    if joined.count(b"\n") == len(lines):
        found = _many.decoded(b"[" + joined[:-1].replace(b"\n", b",") + b"]")
        if found is not None and len(found) == len(lines):
            return found
    return [storage.decode_cells(line) for line in lines]


def _text(row: list[Any], line: bytes, at: int) -> str:
    if at >= len(row):
        return ""
    value = row[at]
    if type(value) is str:
        return value
    return cell_text(value) if type(value) in (int, bool, type(None)) else cell_text(storage.decode_cells(line)[at])


def _anywhere(needle: str) -> Passes:
    def passes(row: list[Any], line: bytes) -> bool:
        try:
            return needle in "\0".join(row).lower()
        except TypeError:  # some cells are no texts
            return any(needle in cell_text(cell).lower() for cell in storage.decode_cells(line))

    return passes


def _passes(one: RowFilter, at: int) -> Passes:
    match one.kind:
        case "contains":
            if not one.text:
                raise WrongSelection("Write what the cells should contain.")
            needle = one.text.lower()
            return lambda row, line: needle in _text(row, line, at).lower()
        case "equals":
            return lambda row, line: _text(row, line, at) == one.text
        case "empty":
            return lambda row, line: not _text(row, line, at).strip()
        case "filled":
            return lambda row, line: bool(_text(row, line, at).strip())
        case "between":
            return _between(one, at)


def _between(one: RowFilter, at: int) -> Passes:
    least, most = _bound(one.least), _bound(one.most)
    if least is None and most is None:
        raise WrongSelection("Write the smallest number, the greatest, or both.")

    def passes(row: list[Any], _line: bytes) -> bool:
        value = number_of(row[at]) if at < len(row) else None
        return value is not None and (least is None or value >= least) and (most is None or value <= most)

    return passes


def _bound(typed: str) -> float | None:
    if not typed.strip():
        return None
    found = number_of(typed)
    if found is None:
        raise WrongSelection(f"“{shorten(typed.strip(), 40)}” is not a number.")
    return found


def number_of(value: object) -> float | None:
    """A cell as a number: 3, 3.5, 3,5, 1e3; None where it is none."""
    if isinstance(value, msgspec.Raw):
        value = bytes(value).decode()
    if isinstance(value, str):
        if len(value) > _LONGEST_NUMBER or _NUMBER.fullmatch(value) is None:
            return None
        return float(value.replace(",", "."))
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


class RowSample:
    """Of the rows that match those that are taken, as they are found: all, the first ones, or some at random."""

    def __init__(self, selection: RowSelection) -> None:
        self._how, self._most, self._seed = selection.take, max(1, selection.count), selection.seed
        self._positions = array("I")
        self._drawn: list[int] = []
        self.matched = 0
        """Rows that were given; where the first ones are taken, no more than these."""

    @property
    def full(self) -> bool:
        """No further row can be among those that are taken."""
        return self._how == "first" and len(self._positions) >= self._most

    def add(self, positions: Sequence[int], ids: Sequence[int]) -> None:
        """Rows that match, in their order."""
        if self._how == "first":
            positions = list(islice(positions, self._most - len(self._positions)))
        self.matched += len(positions)
        if self._how != "random":
            self._positions.extend(positions)
            return
        self._drawn += [rank(self._seed, id) << 32 | at for at, id in zip(positions, ids, strict=True)]
        if len(self._drawn) > 2 * self._most + 65_536:
            self._cut()

    def _cut(self) -> None:
        self._drawn.sort()
        del self._drawn[self._most :]

    def positions(self) -> array[int]:
        """Those that are taken, by position from 0, in the order of the table."""
        if self._how == "random":
            self._cut()
            return array("I", sorted(one & 0xFFFFFFFF for one in self._drawn))
        return self._positions


def rank(seed: int, id: int) -> int:
    """The place of a row in a draw: 64 bits of splitmix64, number ``id`` of its sequence from ``seed``."""
    found = (seed + id * 0x9E3779B97F4A7C15) & _MASK
    found = ((found ^ found >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    found = ((found ^ found >> 27) * 0x94D049BB133111EB) & _MASK
    return found ^ found >> 31


def encode_positions(positions: array[int]) -> bytes:
    """Positions as bytes: 32 bits each, little-endian."""
    return storage.little(positions)


def decode_positions(data: bytes) -> array[int]:
    """Positions from their bytes."""
    return storage.numbers(data)
