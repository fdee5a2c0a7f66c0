"""A column of a table of answers as typed arrays: a million rows take a few megabytes, and are filtered and counted by Python's own loops
in C. What they are sorted by is said here; a worker sorts in JavaScript, which takes a tenth of Python's time (.ordering).

Positions count the table's rows from 0. A cell that says nothing is blank: ``NaN`` among numbers, the word "" (code 0) among words.
"""

from __future__ import annotations

import operator
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, Self

from app.core.base.patterns import pattern
from app.core.results.ordering import Ranked

_NOT_A_NUMBER: Final = float("nan")


class NumberColumn:
    """Numbers, one a row."""

    def __init__(self, values: Iterable[float]) -> None:
        self.values = values if isinstance(values, array) and values.typecode == "d" else array("d", values)
        self._filled: bytes | None = None

    def __len__(self) -> int:
        return len(self.values)

    @classmethod
    def blank(cls, count: int) -> NumberColumn:
        """So many cells that say nothing."""
        return cls(array("d", [_NOT_A_NUMBER]) * count)

    @property
    def filled(self) -> bytes:
        """By row 1 where there is a number, else 0."""
        if self._filled is None:
            self._filled = bytes(map(operator.eq, self.values, self.values))
        return self._filled

    @property
    def ranked(self) -> Ranked:
        """What the rows that are not blank are sorted by."""
        return Ranked(self.values)

    def cell(self, row: int) -> str:
        """As people read it; "" where it is blank."""
        return number_text(self.values[row])


class WordColumn:
    """Texts, each kept once: ``codes`` has a row's place in ``words``, of which the first is ""."""

    def __init__(self, codes: array[int], words: list[str]) -> None:
        self.codes, self.words = codes, words
        self._filled: bytes | None = None
        self._places: array[int] | None = None

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, words: Iterable[str]) -> Self:
        """From the rows' texts, in their order."""
        known = {"": 0}
        codes = array("I", [known.setdefault(word, len(known)) for word in words])
        return cls(codes, list(known))

    @property
    def filled(self) -> bytes:
        """By row 1 where there is a text, else 0."""
        if self._filled is None:
            self._filled = bytes(map(bool, self.codes))
        return self._filled

    @property
    def ranked(self) -> Ranked:
        """What rows are sorted by: the place of each text among all of them, whatever their case, numbers in them by their size."""
        if self._places is None:
            keys = sort_keys(self.words)
            places = array("I", bytes(4 * len(keys)))
            place, before = 0, None
            for code in sorted(range(len(keys)), key=keys.__getitem__):
                place += keys[code] != before
                places[code], before = place, keys[code]
            self._places = places
        return Ranked(self.codes, self._places)

    def cell(self, row: int) -> str:
        """The text; "" where it is blank."""
        return self.words[self.codes[row]]


class TagColumn(WordColumn):
    """Texts that name several things each, parted by ``, ``: they are counted and chosen one by one."""

    def parts(self, code: int) -> tuple[str, ...]:
        """What a text names."""
        return tuple(one for one in self.words[code].split(", ") if one)

    def counted(self, codes: Iterable[int]) -> tuple[Counter[int], list[str]]:
        """How often each thing is named in the texts of these codes: by its place in a list of all of them."""
        known: dict[str, int] = {}
        found: Counter[int] = Counter()
        for code, count in Counter(codes).items():
            for one in self.parts(code):
                found[known.setdefault(one, len(known))] += count
        return found, list(known)


Column = NumberColumn | WordColumn


class WordBuilder:
    """Gathers a column of words whose rows come in any order; a row that does not come stays blank."""

    def __init__(self, count: int) -> None:
        self._codes = array("I", bytes(4 * count))
        self._known = {"": 0}

    def put(self, row: int, word: str) -> None:
        """The text of a row."""
        self._codes[row] = self._known.setdefault(word, len(self._known))

    def column(self) -> Column:
        """What was gathered: numbers where every text is one that reads back as it is written, else words."""
        words = list(self._known)
        numbers = [as_number(word) for word in words[1:]]
        if words[1:] and None not in numbers:
            values = [_NOT_A_NUMBER, *(number for number in numbers if number is not None)]
            return NumberColumn(array("d", map(values.__getitem__, self._codes)))
        return WordColumn(self._codes, words)

    def words(self) -> WordColumn:
        """The same, as words whatever they are."""
        return WordColumn(self._codes, list(self._known))


def as_number(word: str) -> float | None:
    """The number that a text is; None for any other text, and for one that would be written otherwise (a leading zero, a plus, 1e3, more
    digits than a float has)."""
    if len(word) > 20 or not word[-1:].isdigit():
        return None
    try:
        value = float(word)
    except ValueError:
        return None
    return value if number_text(value) == word else None


def number_text(value: float) -> str:
    """A number as short as it can be written; "" for NaN."""
    if value != value:
        return ""
    return str(int(value)) if abs(value) < 1e15 and value == int(value) else repr(value)


def plain(value: float, digits: int) -> str:
    """A number to so many significant digits and without an exponent, as people write the price of one request."""
    rounded = float(f"{value:.{digits}g}")
    return f"{rounded:.12f}".rstrip("0").rstrip(".") if 1e-12 <= abs(rounded) < 1e15 else f"{rounded:g}"


_NATURAL: Final = 50_000
"""Different texts of which the numbers within are looked for."""
_DIGITS: Final = pattern(r"([0-9]+)")


def sort_keys(words: Sequence[str]) -> Sequence[Any]:
    """By what texts are sorted: whatever their case, and a number within a text by its size, so that row-9 comes before row-10. Of more
    than 50,000 texts numbers are looked for behind what all of them begin with."""
    begin = _common(min(words[1:], default=""), max(words[1:], default="")).rstrip("0123456789")
    rest = [word[len(begin) : len(begin) + 300] for word in words]
    if all(word.isdecimal() and word.isascii() and len(word) < 300 for word in rest[1:]):
        return [-1, *map(int, rest[1:])]
    if len(words) > _NATURAL:
        return [word.casefold() for word in rest]
    return [[int(one) if n % 2 else one for n, one in enumerate(_DIGITS.split(word[:200].casefold()))] for word in rest]


def _common(one: str, other: str) -> str:
    """What both begin with; of the first and the last of sorted texts, what all of them do."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return one[:same]


def both(one: bytes, other: bytes) -> bytes:
    """By row 1 where both are."""
    return (int.from_bytes(one, "little") & int.from_bytes(other, "little")).to_bytes(len(one), "little")


def either(one: bytes, other: bytes) -> bytes:
    """By row 1 where one of them is."""
    return (int.from_bytes(one, "little") | int.from_bytes(other, "little")).to_bytes(len(one), "little")


_INVERTED: Final = bytes([1, 0]) + bytes(254)


def neither(one: bytes) -> bytes:
    """By row 1 where it is 0."""
    return one.translate(_INVERTED)
