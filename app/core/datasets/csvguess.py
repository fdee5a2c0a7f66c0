"""The dialect of a text with delimiters, guessed from its beginning.

Python's ``csv.Sniffer`` is not used. It takes letters for delimiters where words repeat, raises on one column, runs for seconds on long
quoted cells (its patterns backtrack), knows no escape, and its ``has_header`` takes any column of one length for data. Here the usual
delimiters are tried with the reader itself, and the one that gives most rows the same width wins.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Final

from msgspec.structs import replace

from app.core.base.patterns import pattern
from app.core.datasets import csvtable
from app.core.model.datasets import Dialect

DELIMITERS: Final = ("\t", ";", "|", ",")
"""Of two that fit equally well the first is taken: commas stand in texts as well."""
_ROWS: Final = 200
"""Rows that are looked at."""
_ABOVE: Final = 20
"""Lines with text that may stand above a table: its title, its source, a date."""
_PADDED: Final = 3
"""Columns of a table from which on a first row with text in its first cell alone is a title, and no row that lacks the others."""
_SEP: Final = pattern(r"sep=([^\r\n])\r?\n", 0)
"""What Excel writes before a table for its own sake."""
_NUMBER: Final = pattern(r"[-+]?[0-9][0-9.,' ]*([eE][-+]?[0-9]+)?%?")
_SINGLE: Final = pattern(r"(?:^|[,;\t|\n])'(?:[^'\n]|'')*'(?=[,;\t|\r\n]|$)")
_DOUBLE: Final = pattern(r'(?:^|[,;\t|\n])"')


def guessed(text: str, *, name: str = "", whole: bool = False) -> Dialect:
    """How a table that begins with ``text`` is written. ``name``: the file's; ``whole``: that is all of it."""
    dialect = Dialect()
    if found := _SEP.match(text):
        dialect = replace(dialect, skip=1, delimiter=found[1])
        text = text[found.end() :]
    if not whole:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    quote = "'" if _SINGLE.search(text) and not _DOUBLE.search(text) else '"'
    escape = "\\" if f"\\{quote}" in text and quote * 2 not in text.replace(f"\\{quote}", "") else ""
    dialect = replace(dialect, quote=quote, escape=escape)
    if dialect.skip == 0:
        dialect = replace(dialect, delimiter=_delimiter(text, dialect, name))
    rows = _numbered(text, dialect)
    if dialect.skip == 0 and (above := _above(rows)):
        dialect = replace(dialect, skip=above)
        rows = [(line, row) for line, row in rows if line >= above]
    return replace(dialect, header=_has_header([row for _, row in rows if row]))


def _above(rows: list[tuple[int, list[str]]]) -> int:
    """Lines above the table: else the first one would say how many columns there are, and every row of the table be at fault. They have
    fewer cells than at least half of the rows, and text in no more than half of the columns: a header that lacks one name is none. Or they
    have text in the first cell alone (spreadsheets write a title with empty cells behind it), and a header stands below them."""
    width, times = max(Counter(len(row) for _, row in rows if row).items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    if 2 * times < len(rows):
        return 0
    padded = False
    for n, (line, row) in enumerate(rows[: _ABOVE + 1]):
        if len(row) == width:
            if width < _PADDED or any(cell.strip() for cell in row[1:]) or _NUMBER.fullmatch(row[0].strip()):
                return line if n and (not padded or _has_header([row for _, row in rows[n:] if row])) else 0
            padded = True
        elif not row or len(row) > width or 2 * sum(1 for cell in row if cell.strip()) > width:
            return 0
    return 0


def _delimiter(text: str, dialect: Dialect, name: str) -> str:
    if name.lower().endswith((".tsv", ".tab")) and "\t" in text[: 1 << 14]:
        return "\t"
    best = (0.0, 0, "")
    single: list[str] = []  # those with which every row is one cell
    for one in DELIMITERS:
        rows = _rows(text, replace(dialect, delimiter=one))
        widths = Counter(len(row) for row in rows)
        width, times = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if widths.keys() == {1}:
            single.append(one)
        if width > 1 and (2 * times >= len(rows) or len(rows[0]) > 1):
            best = max(best, (times / len(rows), width, one), key=lambda item: (round(item[0], 1), item[1]))
    return best[2] or (
        "," if "," in single or not single else single[0]
    )  # a list of sentences has commas in some rows, and is one column all the same


def _rows(text: str, dialect: Dialect) -> list[list[str]]:
    """The first rows that can be read."""
    return [row for _, row in _numbered(text, dialect) if row]


def _numbered(text: str, dialect: Dialect) -> list[tuple[int, list[str]]]:
    """The first rows with any text, each with the number of lines before it. One that cannot be read has no cell."""
    reader = csv.reader(io.StringIO(text, newline=""), **csvtable.options(dialect))
    rows: list[tuple[int, list[str]]] = []
    tries = 0
    while len(rows) < _ROWS and tries < 2 * _ROWS:
        tries += 1
        before = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            rows.append((before, []))
            continue
        if any(row):
            rows.append((before, row))
    return rows


def _has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names columns: it holds no number, no cell twice, and no empty one but at most a first (an index) or last."""
    if not rows:
        return True
    first = [cell.strip() for cell in rows[0]]
    inner = [cell for cell in first if cell]
    if not inner or any(_NUMBER.fullmatch(cell) for cell in inner) or len(inner) * 2 < len(first):
        return False
    if len(rows) > 1 and len(first) > 1 and rows[0] in rows[1:]:
        return False
    return max(map(len, inner)) <= 200 or len(rows) == 1
