"""Tables as text with delimiters, read with Python's ``csv`` in bounded memory.

The stock reader pulls lines, so a piece of a file that ends within quotes would be read as a whole row. Therefore pieces are cut at a line
end before which the quotes are even, and read strictly: «unexpected end» is not taken for a row, and what follows a closing quote is not
dropped in silence (``"a"b`` is ``ab`` to a reader that is not strict). Where a record cannot be read, only its first line is at fault, and
reading continues with the next line: a quote that is never closed does not swallow the file.

Lines end with ``\\n``, ``\\r\\n`` or ``\\r`` and nothing else: ``str.splitlines`` would cut texts at U+2028 and eight others.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from app.core.base import text
from app.core.base.text import count, shorten
from app.core.datasets import csvquick, encodings, limits
from app.core.datasets.encodings import UTF8, Decode, TextDecoding
from app.core.datasets.table import Cell, RowGroup, TableSoFar, UnreadableTable, too_long
from app.core.model.datasets import Dialect

_STEPS_BACK = 16
"""How often a cut is moved before the quote that it may come after."""
_UNCLOSED = "unexpected end of data"
_AT_ONCE = 4 * limits.PIECE
"""Characters that are read in one go. A longer text was held for a row without an end: its rows come some at a time."""
_ROWS = 10_000
"""Rows of a long text that are given at a time."""
_ODD = 5
"""Texts of a table that are tried the quick way in vain."""
_BREAK = re.compile(r"\r\n|\r|\n")
_TOLD = 3
"""Lines above the table that are quoted, this many characters of each at most:"""
_QUOTED = 80


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
        self._above: list[str] = []  # the beginnings of lines that were skipped
        self._passed = 0
        self._rest = ""  # what of the text that was read belongs to a row that has not ended
        self._width = 0
        self._odd = 0  # texts that could not be read quickly
        csv.field_size_limit(limits.MAX_CELL)  # Python's own, for all of the program; there is no other user

    @property
    def remarks(self) -> list[str]:
        """On lines above the table, and on the names of the columns."""
        said = super().remarks
        if self._passed:
            were = "was" if self._passed == 1 else "were"
            quoted = ": " + " ".join(f"“{line}”" for line in self._above) if self._above else ""
            said = [f"{count(self._passed, 'line')} above the table {were} skipped{quoted}.", *said]
        return said

    def feed(self, piece: bytes, *, last: bool = False) -> Iterator[RowGroup]:
        """The rows that this piece ends. Raises EncodingAsked, UnreadableTable."""
        self.done += len(piece)
        text = self._decoding.feed(piece, last=last)
        self._suspect = self._suspect or self._decoding.damaged or "\0" in text
        self._held.append(text)
        self._characters += len(text)
        if self._characters < self._wait and not last:
            return
        text = self._skipped("".join(self._held), last=last)
        cut = len(text) if last else _cut(text, self._dialect.quote)
        if len(text) - cut > limits.MAX_RECORD:
            cut = _line_end(text, len(text) - 1)  # a row that long is none: read what there is, line by line
        self._rest = ""
        if cut:
            yield from self._read(text[:cut], last=last)
        self._hold(self._rest, text[cut:], last=last)

    def _hold(self, rest: str, line: str, *, last: bool) -> None:
        """Keep a row that has not ended, of at most ``limits.MAX_RECORD``, and the line behind it that has not."""
        if len(line) > limits.MAX_RECORD and not last:
            raise too_long(limits.MAX_RECORD)
        rest += line
        self._held = [rest] if rest else []
        self._characters = len(rest)
        self._wait = max(1, 2 * len(rest))
        self._suspect = bool(rest) and ("\0" in rest or encodings.is_damaged(rest))

    def _skipped(self, text: str, *, last: bool) -> str:
        """The text without the lines that the person wants skipped."""
        at = 0
        while self._skip and (found := _BREAK.search(text, at)):
            if found[0] == "\r" and found.end() == len(text) and not last:
                break  # it may be half of a line break
            self._pass_over(text[at : found.start()])
            at = found.end()
        if self._skip and last:
            return ""
        return text[at:] if at else text

    def _pass_over(self, line: str) -> None:
        if self._line or not line.lower().startswith("sep="):  # of that nobody wants to hear
            self._passed += 1
            if line.strip() and len(self._above) < _TOLD:
                self._above.append(encodings.shown(shorten(line.strip(), _QUOTED)))
        self._skip -= 1
        self._record += 1
        self._line += 1

    # --- records

    def _read(self, text: str, *, last: bool) -> Iterator[RowGroup]:
        """The rows of a text that ends with a line; what of it belongs to a row that has not ended becomes the rest."""
        text = self._escaped(text)
        if len(text) > _AT_ONCE:
            yield from self._slowly(text, last=last)
            return
        rows = self._quickly(text)
        if rows is None:
            rows = []
            try:
                rows.extend(csv.reader(io.StringIO(text, newline=""), **self._options))
            except csv.Error:
                yield from self._slowly(text, last=last)
                return
        line, self._line = self._line + 1, self._line + csvquick.lines_in(text)
        yield self._taken(rows, line)

    def _quickly(self, text: str) -> list[list[str]] | None:
        """The rows, where that is certain without a look at each character; a table that has its quotes elsewhere is not tried forever."""
        if self._dialect.escape or self._odd >= _ODD or len(text) > limits.MAX_CELL:
            return None
        rows = csvquick.rows_of(text, self._dialect.delimiter, self._dialect.quote)
        self._odd += rows is None
        return rows

    def _escaped(self, text: str) -> str:
        """The text with every escape doubled that escapes nothing: Python's reader would drop it, and ``C:\\temp`` lose its backslash.
        What was doubled stays as it is when it is looked at again."""
        if not (escape := self._dialect.escape) or escape not in text:
            return text
        means = f"{self._dialect.quote}{self._dialect.delimiter}{escape}\r\n"
        return self._escapes.sub(lambda found: found[0] if found[1] in means else escape + found[0], text)

    def _slowly(self, text: str, *, last: bool) -> Iterator[RowGroup]:
        """The same where a record cannot be read or has not ended, or the text is long: record by record."""
        source = _LineSource(text, self._dialect.escape)
        reader = csv.reader(source, **self._options)
        rows: list[list[str]] = []  # those that were read since the last one at fault
        numbers: list[int] = []
        cells: list[Sequence[Cell]] = []
        before = begin = self._line  # lines before the text, and before these rows
        why: str | None = ""
        while why is not None:
            try:
                rows.append(next(reader))
                source.ended()
                why = ""
            except StopIteration:
                why = None
            except csv.Error as error:
                why = str(error)
                if why == _UNCLOSED and not last and len(text) - source.begin <= limits.MAX_RECORD:
                    self._rest, why = text[source.begin :], None
            if rows and (why != "" or len(rows) >= _ROWS):
                group = self._taken(rows, begin + 1)
                numbers += group.numbers
                cells += group.cells
                rows = []
            if why:
                self._refuse(before + source.line + 1, _sentence(why, self._dialect), source.first)
                source.failed(why)
                reader = csv.reader(source, **self._options)
            if not rows:
                begin = before + source.line
            if numbers and (why is None or len(numbers) >= _ROWS):
                yield RowGroup(numbers, cells)
                numbers, cells = [], []
        self._line = begin

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
        """The next record is at fault. Raises UnreadableTable where it should hold the columns' names: the next row is not part of them."""
        self._record += 1
        if not self._width and self._dialect.header:
            raise UnreadableTable(
                f"The first row should hold the column names, and can't be read. {sentence} "
                "Choose another delimiter, quote or encoding, or skip the first lines."
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
                return f"Cell {text.number(at)} holds bytes that are no {self._dialect.encoding.upper()} text."
            if "\0" in cell:
                return f"Cell {text.number(at)} holds a NUL character, as damaged files do."
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
    """The lines of a text, for a reader that goes over it record by record, and after a record that cannot be read from its second line on.

    That is done in time that grows with the text alone, whatever stands in it. Between two lines of a record a reader is within a quoted
    cell, and knows nothing else of what came before. So a record that goes on at a line at which one that could not be read continued, too,
    ends as that one did, and is not read to that end again: of n lines that each open a quote every one is read twice, not n times. (Behind
    an escape at the end of a line it may be within a cell that is not quoted: there nothing is concluded.)"""

    def __init__(self, text: str, escape: str) -> None:
        self._text = io.StringIO(text, newline="")
        self._escape = escape
        self.begin = 0
        """Where the record begins that is being read."""
        self.line = 0
        """Lines before it."""
        self.first = ""
        """Its first line."""
        self._at = self._before = 0  # where the next line begins, and where the last one did
        self._read = 0  # lines of the record
        self._escaped = False  # the last line ends with an escape
        self._lost = range(0)  # between the first and the last of these places a record that could not be read continued
        self._why = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._read and self._at in self._lost and not self._escaped:
            raise csv.Error(self._why)
        line = self._text.readline()
        if not line:
            raise StopIteration
        if not self._read:
            self.first = line
        self._read += 1
        self._before, self._at = self._at, self._at + len(line)
        self._escaped = bool(self._escape) and line.rstrip("\r\n").endswith(self._escape)
        return line

    def ended(self) -> None:
        """The record was read; the next one begins here."""
        self.begin, self.line, self._read = self._at, self.line + self._read, 0

    def failed(self, why: str) -> None:
        """The record cannot be read, with this error of the reader's; the next one begins with its second line."""
        second = self.begin + len(self.first)
        if self._before not in self._lost:
            self._lost, self._why = range(second, self._before + 1), why
        self.begin, self.line = second, self.line + 1
        self._at, self._read = second, 0
        self._text.seek(second)


def options(dialect: Dialect) -> dict[str, Any]:
    """How Python's reader is to read. Raises UnreadableTable for what it does not take."""
    delimiter, quote, escape = dialect.delimiter, dialect.quote, dialect.escape
    if len(delimiter) != 1 or delimiter in "\r\n\0" or max(len(quote), len(escape)) > 1:
        raise UnreadableTable("Delimiter, quote and escape are one character each, and the delimiter is not a line break.")
    if {quote, escape} & {delimiter, "\r", "\n", "\0"} or (quote and quote == escape):
        raise UnreadableTable("Delimiter, quote and escape must be different characters, and not line breaks.")
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
        return f"A cell is longer than {text.number(limits.MAX_CELL)} characters."
    if "expected after" in why:
        return f"There is text after a closing quote ({dialect.quote}): quotes within a quoted cell are written twice."
    return f"It can't be read: {why}."


def _breaks(row: Sequence[str]) -> int:
    """Line breaks within the cells of a row."""
    return sum(cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row if "\n" in cell or "\r" in cell)


def _line_end(text: str, before: int) -> int:
    """The end of the last line of a text that ends with a break before this place."""
    feed = text.rfind("\n", 0, before + 1)
    return max(feed, text.rfind("\r", feed + 1, before)) + 1


def _cut(text: str, quote: str) -> int:
    """Where a text is best cut: a line end with an even number of quotes before it, which is no row's middle in a well-formed table. 0: it
    is within one row. Where quotes stand within cells that are not quoted, this can be wrong; the strict reader finds that."""
    cut = end = _line_end(text, len(text) - 1)  # a ``\\r`` at the very end may be half of a line break
    if not quote or not cut:
        return cut
    odd = text.count(quote, 0, cut) % 2
    for _ in range(_STEPS_BACK):
        if not odd:
            return cut
        before = _line_end(text, text.rfind(quote, 0, cut))
        odd ^= text.count(quote, before, cut) % 2
        cut = before
    return end if odd else cut
