"""Tables as text with delimiters, read with Python's ``csv`` in bounded memory.

The stock reader pulls lines, so a piece of a file that ends within quotes would be read as a whole row. Therefore pieces are cut at a line
end before which the quotes are even, and read strictly: «unexpected end» is told apart from a row, and what follows a closing quote is not
dropped in silence (``"a"b`` is ``ab`` to a reader that is not strict). Where a record cannot be read, only its first line is at fault, and
reading goes on with the next line: a quote that is never closed does not swallow the file.

Lines end with ``\\n``, ``\\r\\n`` or ``\\r`` and nothing else: ``str.splitlines`` would cut texts at U+2028 and eight others.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from app.core.base.text import count
from app.core.datasets import encodings, limits
from app.core.datasets.encodings import UTF8, Decode, TextDecoding
from app.core.datasets.table import NO_ROWS, RowGroup, TableSoFar, UnreadableTable, too_long
from app.core.model.datasets import Dialect

_STEPS_BACK = 16
"""How often a cut is moved before the quote that it may stand behind."""
_UNCLOSED = "unexpected end of data"


class CsvTable(TableSoFar):
    """A reader of CSV, TSV and their like (core.datasets.table.TableReader). ``decode`` is needed for encodings other than Unicode's."""

    def __init__(self, dialect: Dialect, size: int, decode: Decode | None = None) -> None:
        super().__init__(size)
        self._dialect = dialect
        self._decoding = TextDecoding(dialect.encoding, decode, strict=dialect.encoding == UTF8 and not dialect.chosen)
        self._options = options(dialect)
        self._escapes = re.compile(re.escape(dialect.escape) + r"([\s\S]?)")
        self._held: list[str] = []
        self._characters = 0
        self._wait = 1  # characters to be held before it is worth looking again
        self._suspect = False  # what is held may have characters that put a row at fault
        self._record = self._line = 0  # records and lines before what is held
        self._skip = dialect.skip
        self._width = 0
        csv.field_size_limit(limits.MAX_CELL)  # Python's own, for all of the program; there is no other user

    def feed(self, piece: bytes, *, last: bool = False) -> RowGroup:
        """The rows that this piece ends. Raises EncodingAsked, UnreadableTable."""
        self.done += len(piece)
        text = self._decoding.feed(piece, last=last)
        self._suspect = self._suspect or self._decoding.damaged or "\0" in text
        self._held.append(text)
        self._characters += len(text)
        if self._characters < self._wait and not last:
            return NO_ROWS
        text = self._skipped("".join(self._held), last=last)
        cut = len(text) if last else _cut(text, self._dialect.quote)
        if cut == 0 and len(text) > limits.MAX_RECORD:
            cut = _line_end(text)  # a row that long is none: read what there is, line by line
        group, rest = self._read(text[:cut], last=last) if cut else (NO_ROWS, "")
        self._hold(rest + text[cut:], last=last)
        return group

    def _hold(self, rest: str, *, last: bool) -> None:
        if len(rest) > limits.MAX_RECORD and not last:  # one line without an end
            raise too_long(limits.MAX_RECORD)
        self._held = [rest] if rest else []
        self._characters = len(rest)
        self._wait = max(1, 2 * len(rest))
        self._suspect = bool(rest) and ("\0" in rest or encodings.is_damaged(rest))

    def _skipped(self, text: str, *, last: bool) -> str:
        """The text without the lines that the person wants passed over."""
        while self._skip and text:
            found = [at for at in (text.find("\n"), text.find("\r")) if at >= 0]
            end = min(found, default=-1)
            if end < 0 or (text[end] == "\r" and end + 1 == len(text) and not last):
                return "" if last else text
            end += 2 if text[end : end + 2] == "\r\n" else 1
            text = text[end:]
            self._skip -= 1
            self._record += 1
            self._line += 1
        return text

    # --- records

    def _read(self, text: str, *, last: bool) -> tuple[RowGroup, str]:
        """The rows of a text that ends with a line, and what of it belongs to a row that has not ended."""
        if self._skip:
            return NO_ROWS, text
        text = self._escaped(text)
        lines = io.StringIO(text, newline="")
        reader = csv.reader(lines, **self._options)
        rows: list[list[str]] = []
        try:
            rows.extend(reader)
        except csv.Error:
            return self._slowly(text, last=last)
        line, self._line = self._line + 1, self._line + reader.line_num
        return self._taken(rows, line), ""

    def _escaped(self, text: str) -> str:
        """The text with every escape doubled that escapes nothing: Python's reader would drop it, and ``C:\\temp`` lose its backslash.
        What was doubled stays as it is when it is looked at again."""
        if not (escape := self._dialect.escape) or escape not in text:
            return text
        means = f"{self._dialect.quote}{self._dialect.delimiter}{escape}\r\n"
        return self._escapes.sub(lambda found: found[0] if found[1] in means else escape + found[0], text)

    def _slowly(self, text: str, *, last: bool) -> tuple[RowGroup, str]:
        """The same where a record cannot be read or has not ended: record by record."""
        lines = list(io.StringIO(text, newline=""))
        found: list[tuple[int, list[str] | str]] = []  # a row, or why it is none, by the line that it begins in
        source = _LineSource(lines)
        reader = csv.reader(source, **self._options)
        begin, rest = 0, ""
        while begin < len(lines):
            try:
                found.append((begin, next(reader)))
                begin = source.at
                continue
            except StopIteration:
                break
            except csv.Error as error:
                why = str(error)
            if why == _UNCLOSED and not last and sum(map(len, lines[begin:])) <= limits.MAX_RECORD:
                rest = "".join(lines[begin:])
                break
            found.append((begin, _sentence(why, self._dialect)))
            begin += 1
            source.at = begin
            reader = csv.reader(source, **self._options)
        before, self._line = self._line, self._line + begin
        cells: list[list[str]] = []
        numbers: list[int] = []
        for line, one in found:
            if isinstance(one, str):
                self._refuse(before + line + 1, one, lines[line])
                continue
            group = self._one_by_one([one], before + line + 1)
            numbers += group.numbers
            cells += group.cells  # type: ignore[arg-type]  # cells of CSV are texts
        return RowGroup(numbers, cells), rest

    def _taken(self, rows: list[list[str]], line: int) -> RowGroup:
        """Rows that could be read, those of another width than the table's sorted out. ``line``: where the first one begins."""
        if not self._width and not self._suspect and len(rows) > 1:  # up to the row that says the width
            first = 1 + next((n for n, row in enumerate(rows) if any(row)), len(rows) - 1)
            head = self._one_by_one(rows[:first], line)
            rest = self._taken(rows[first:], line + sum(1 + _breaks(row) for row in rows[:first]))
            return rest if not head.numbers else RowGroup([*head.numbers, *rest.numbers], [*head.cells, *rest.cells])
        if not self._width or self._suspect or set(map(len, rows)) - {self._width} or [""] * self._width in rows:
            return self._one_by_one(rows, line)
        first = self._record + 1
        self._record += len(rows)
        return RowGroup(range(first, self._record + 1), rows)

    def _one_by_one(self, rows: Sequence[list[str]], line: int) -> RowGroup:
        numbers: list[int] = []
        cells: list[list[str]] = []
        for row in rows:
            if not any(row):
                self.blank += 1
                self._record += 1
            elif fault := self._fault(row):
                self._refuse(line, fault, self._dialect.delimiter.join(row))
            elif not self._width and self._begin(row):
                self._record += 1
            elif (fitted := self._fitted(row)) is None:
                self._refuse(line, self._ragged(row), self._dialect.delimiter.join(row))
            else:
                self._record += 1
                numbers.append(self._record)
                cells.append(fitted)
            line += 1 + _breaks(row)
        return RowGroup(numbers, cells)

    def _refuse(self, line: int, sentence: str, text: str) -> None:
        """The next record is at fault. Raises UnreadableTable where it should hold the columns' names: the next row is none of them."""
        self._record += 1
        if not self._width and self._dialect.header:
            raise UnreadableTable(
                f"The first row should hold the columns' names, and can't be read. {sentence} "
                "Choose another delimiter, quote or encoding, or pass over the first lines."
            )
        self.faults.add(self._record, line, sentence, encodings.shown(text[:1_000]))

    def _begin(self, row: list[str]) -> bool:
        """Columns from the first row; whether it is the header."""
        header = self._dialect.header
        self._names.add(row if header else [f"column {n}" for n in range(1, len(row) + 1)])
        self._width = len(self.columns)
        return header

    def _fault(self, row: list[str]) -> str:
        if not self._suspect:
            return ""
        for at, cell in enumerate(row, 1):
            if encodings.is_damaged(cell):
                return f"Cell {at:,} holds bytes that are no {self._dialect.encoding.upper()} text."
            if "\0" in cell:
                return f"Cell {at:,} holds a NUL character, as damaged files do."
        return ""

    def _fitted(self, row: list[str]) -> list[str] | None:
        missing = self._width - len(row)
        if missing == 0:
            return row
        if not self._dialect.fill or any(row[self._width :]):
            return None
        return row + [""] * missing if missing > 0 else row[: self._width]

    def _ragged(self, row: list[str]) -> str:
        return f"It has {count(len(row), 'cell')}, the table has {count(self._width, 'column')}."


class _LineSource:
    """Lines from one of them on; ``at`` is the next one."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines, self.at = lines, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at >= len(self._lines):
            raise StopIteration
        self.at += 1
        return self._lines[self.at - 1]


def options(dialect: Dialect) -> dict[str, Any]:
    """How Python's reader is to read. Raises UnreadableTable for what it does not take."""
    delimiter, quote, escape = dialect.delimiter, dialect.quote, dialect.escape
    if len(delimiter) != 1 or delimiter in "\r\n\0" or max(len(quote), len(escape)) > 1:
        raise UnreadableTable("Delimiter, quote and escape are one character each, and the delimiter no line break.")
    if {quote, escape} & {delimiter, "\r", "\n", "\0"} or (quote and quote == escape):
        raise UnreadableTable("Delimiter, quote and escape must be different characters, and no line breaks.")
    if " " in (quote, escape):
        raise UnreadableTable("A space can't be a quote or an escape.")
    return {
        "delimiter": delimiter,
        "quotechar": quote or None,
        "quoting": csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        "escapechar": escape or None,
        "strict": True,
    }


def _sentence(why: str, dialect: Dialect) -> str:
    if why == _UNCLOSED:
        return f"A quote ({dialect.quote}) that opens here is never closed."
    if "field larger" in why:
        return f"A cell is longer than {limits.MAX_CELL:,} characters."
    if "expected after" in why:
        return f"Something stands behind a closing quote ({dialect.quote}): quotes within a quoted cell are written twice."
    return f"It can't be read: {why}."


def _breaks(row: Sequence[str]) -> int:
    """Line breaks within the cells of a row."""
    return sum(cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row if "\n" in cell or "\r" in cell)


def _line_end(text: str) -> int:
    """The end of the last line that has surely ended: a ``\\r`` at the very end may be half of a line break."""
    return max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1


def _cut(text: str, quote: str) -> int:
    """Where a text is best cut: a line end with an even number of quotes before it, which is no row's middle in a well-formed table. 0: it
    is within one row. Where quotes stand within cells that are not quoted, this can be wrong; the strict reader finds that."""
    cut = end = _line_end(text)
    if not quote or not cut:
        return cut
    odd = text.count(quote, 0, cut) % 2
    for _ in range(_STEPS_BACK):
        if not odd:
            return cut
        before = _line_end(text[: text.rfind(quote, 0, cut)] + " ")
        odd ^= text.count(quote, before, cut) % 2
        cut = before
    return end if odd else cut
