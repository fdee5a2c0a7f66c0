"""Rows as they are stored: runs of about 1 MB, each a JSON array of cells a line, and an index that says where every row is.

A run is stored as it arrives (``keys.dataset_rows_id``), the index when the last row was read (``keys.dataset_index_id``): so an
import of any size needs the memory of one run, and what it wrote is not part of a dataset's before its version is on record.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any, Final, NamedTuple

import msgspec

from app.core.datasets.table import Cell, RowFault
from app.core.json import jsonread

RUN_BYTES: Final = 1_000_000
RUN_ROWS: Final = 10_000
_encode: Final = msgspec.json.Encoder().encode
_last: Final = itemgetter(-1)
_rows: Final = jsonread.Decoder[list[Any]](list[Any], depth=jsonread.OWN_DEPTH)
_exact: Final = jsonread.Decoder[list[msgspec.Raw]](list[msgspec.Raw], depth=jsonread.OWN_DEPTH)


class Unstorable(ValueError):
    """A row that cannot be written as JSON. The text is a sentence for people."""


class RunIndex(msgspec.Struct, frozen=True):
    """What lies in one run."""

    count: int
    """Rows."""
    size: int
    """Bytes."""
    ends: bytes
    """Row i ends before byte ``ends[i]``, its newline included: 32-bit numbers, little-endian."""
    ids: tuple[tuple[int, int], ...]
    """The rows' ids: stretches of (first, how many)."""
    numbers: tuple[tuple[int, int], ...]
    """Their numbers in the file, likewise."""


class RowIndex(msgspec.Struct, frozen=True):
    """Where the rows of a version stand, by their position from 0."""

    runs: tuple[RunIndex, ...] = ()

    def starts(self) -> list[int]:
        """The position of the first row of each run, and behind the last one the number of all rows."""
        return list(accumulate((run.count for run in self.runs), initial=0))


class RowPlace(NamedTuple):
    """A row: in which run, which one there, its id and its number in the file."""

    run: int
    at: int
    id: int
    number: int


class StoredRun(NamedTuple):
    """A run that is ready: what it holds, and its part of the index."""

    data: bytes
    facts: RunIndex


def encode_row(cells: Sequence[Cell]) -> bytes:
    """A row as a line, newline included. What is missing at its end is not written. Raises Unstorable."""
    if cells and cells[-1] is None:
        filled = max((i for i, cell in enumerate(cells, 1) if cell is not None), default=0)
        cells = cells[:filled]
    try:
        return _encode(cells) + b"\n"
    except OverflowError:
        return encode_row([msgspec.Raw(str(one).encode()) if type(one) is int else one for one in cells])
    except UnicodeEncodeError:
        raise Unstorable("It holds half a character (a lone surrogate), which no text may hold.") from None


def encode_rows(rows: Sequence[Sequence[Cell]]) -> list[bytes] | None:
    """Rows as :func:`encode_row` makes them; None where one of them needs a closer look."""
    try:
        if None in map(_last, rows):
            return None
        return [_encode(cells) + b"\n" for cells in rows]
    except (IndexError, OverflowError, UnicodeEncodeError):
        return None


class RunBuilder:
    """Gathers lines into runs."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._ids: list[Sequence[int]] = []
        self._numbers: list[Sequence[int]] = []
        self._size = 0
        self._done: list[RunIndex] = []

    def add(self, lines: Sequence[bytes], ids: Sequence[int], numbers: Sequence[int]) -> Iterator[StoredRun]:
        """Take rows as :func:`encode_row` made them; gives the runs that are full."""
        at = 0
        while at < len(lines):
            ends = list(accumulate(map(len, lines[at : at + RUN_ROWS - len(self._lines)]), initial=self._size))
            fit = max(bisect_right(ends, RUN_BYTES) - 1, 0 if self._lines else 1)
            self._lines += lines[at : at + fit]
            self._ids.append(ids[at : at + fit])
            self._numbers.append(numbers[at : at + fit])
            self._size = ends[fit]
            at += fit
            if at < len(lines):
                yield self._run()

    def last(self) -> Iterator[StoredRun]:
        """The run that is not full, if any."""
        if self._lines:
            yield self._run()

    def index(self) -> RowIndex:
        """Of all runs that were given out."""
        return RowIndex(tuple(self._done))

    def _run(self) -> StoredRun:
        ends = array("I", accumulate(map(len, self._lines)))
        run = RunIndex(len(self._lines), self._size, little(ends), tuple(_stretches(self._ids)), tuple(_stretches(self._numbers)))
        data = b"".join(self._lines)
        self._done.append(run)
        self._lines, self._ids, self._numbers, self._size = [], [], [], 0
        return StoredRun(data, run)


def encode_index(index: RowIndex) -> bytes:
    """The index as bytes."""
    return _encode(index)


def decode_index(data: bytes) -> RowIndex:
    """The index from its bytes. Raises ValueError where it is none, or does not agree with itself."""
    index = jsonread.typed(data, RowIndex)
    for run in index.runs:
        ends = _ends(run)
        ids, numbers = (sum(count for _, count in one) for one in (run.ids, run.numbers))
        if not len(ends) == ids == numbers == run.count or list(ends) != sorted(ends) or (ends[-1] if ends else 0) != run.size:
            raise ValueError("an index that does not agree with itself")
    return index


def place_of(index: RowIndex, starts: Sequence[int], position: int) -> RowPlace:
    """The row at a position. ``starts``: :meth:`RowIndex.starts`. Raises IndexError beyond the last."""
    if not 0 <= position < starts[-1]:
        raise IndexError(position)
    run = bisect_right(starts, position) - 1
    at = position - starts[run]
    return RowPlace(run, at, _nth(index.runs[run].ids, at), _nth(index.runs[run].numbers, at))


def row_ids(run: RunIndex) -> Iterator[int]:
    """The ids of a run's rows, in their order."""
    return _listed(run.ids)


def row_numbers(run: RunIndex) -> Iterator[int]:
    """Their numbers in the file, likewise."""
    return _listed(run.numbers)


def _listed(stretches: Iterable[tuple[int, int]]) -> Iterator[int]:
    return chain.from_iterable(range(first, first + count) for first, count in stretches)


def numbers_at(index: RowIndex, positions: Iterable[int]) -> dict[int, int]:
    """The numbers in the file of the rows at these positions, by position; each run is gone through once."""
    found: dict[int, int] = {}
    starts, known, here = index.starts(), -1, list[int]()
    for position in sorted(set(positions)):
        run = bisect_right(starts, position) - 1
        if run != known:
            known, here = run, list(row_numbers(index.runs[run]))
        found[position] = here[position - starts[run]]
    return found


def lines_of(data: bytes, run: RunIndex, begin: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The lines of a run's rows ``begin`` to ``end``, newline included."""
    ends = _ends(run)
    start = ends[begin - 1] if begin else 0
    for stop in ends[begin:end]:
        yield data[start:stop]
        start = stop


def row_at(data: bytes, run: RunIndex, offset: int) -> int:
    """Which row of a run holds this byte, for what was found by looking through the bytes."""
    return bisect_right(_ends(run), offset)


def decode_row(line: bytes) -> list[Any]:
    """A stored row as Python values: texts, numbers, lists, dicts. Raises core.json.jsonread.Unreadable."""
    return _rows.decode(line)


def decode_texts(data: bytes) -> list[list[str]] | None:
    """The rows of a whole run at once, where every cell is a text; else None."""
    try:
        return jsonread.lists_of_texts(data)
    except jsonread.Unreadable:
        return None


def decode_cells(line: bytes) -> list[Cell]:
    """A stored row as a reader gave it: what Python would write otherwise stays the JSON that it is. Raises Unreadable."""
    values = _rows.decode(line)
    if all(type(value) in (str, int, bool, type(None)) for value in values):
        return values
    kept = _exact.decode(line)
    return [value if type(value) in (str, int, bool, type(None)) else one for value, one in zip(values, kept, strict=True)]


def encode_faults(faults: Iterable[RowFault]) -> bytes:
    """Rows that were not taken, one a line."""
    return b"".join(_encode(one) + b"\n" for one in faults)


def decode_faults(data: bytes) -> list[RowFault]:
    """Rows that were not taken. Raises Unreadable."""
    return [jsonread.typed(line, RowFault) for line in data.split(b"\n") if line]


def _stretches(parts: Iterable[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Numbers, given in parts, as stretches of (first, how many). Those of a usual table are ranges, which are not gone through."""
    first = after = 0
    for part in parts:
        for begin, end in _spans(part):
            if begin != after or first == after:
                if after > first:
                    yield first, after - first
                first = begin
            after = end
    if after > first:
        yield first, after - first


def _spans(part: Sequence[int]) -> Iterable[tuple[int, int]]:
    if isinstance(part, range) and part.step == 1:
        return ((part.start, part.stop),)
    return ((one, one + 1) for one in part)


def _nth(stretches: Sequence[tuple[int, int]], at: int) -> int:
    for first, count in stretches:
        if at < count:
            return first + at
        at -= count
    raise IndexError(at)


def _ends(run: RunIndex) -> array[int]:
    return numbers(run.ends)


def numbers(data: bytes) -> array[int]:
    """Numbers of 32 bits from their bytes, little-endian."""
    found = array("I")
    found.frombytes(data)
    if _IS_BIG:
        found.byteswap()
    return found


def little(found: array[int]) -> bytes:
    """Numbers of 32 bits as bytes, little-endian."""
    if _IS_BIG:
        found = found[:]
        found.byteswap()
    return found.tobytes()


_IS_BIG: Final = array("I", [1]).tobytes()[0] == 0
