"""What a workbook unpacks to, known before its reader sees it.

The reader (calamine) lays a sheet out as a rectangle from its first cell to its last: two cells of a few bytes, in the first and in the
last corner of a sheet, ask for 400 GB, and a memory that is exhausted ends Python in the page. So parts are unpacked here first, a piece
at a time, counting their bytes and the rectangle. The sizes that a zip's directory names can be wrong, so what comes out counts as well.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from app.core.base.text import number, size
from app.core.datasets import limits
from app.core.datasets.table import UnreadableTable

MAX_CELLS: Final = 20_000_000
"""Cells of the rectangle: calamine takes 32 bytes and its text for each, and WebAssembly has 4 GB."""
_PIECE: Final = 1 << 18
_CELL: Final = 1 << 16
"""Bytes within which the next cell is waited for, so that none is cut."""
_COLUMNS: Final = re.compile(rb"""\sr=["']([A-Z]{1,3})[0-9]""")
_ROWS: Final = re.compile(rb"""\sr=["'][A-Z]{0,3}([0-9]{1,9})["']""")
_FILLED: Final = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r=["']([A-Z]{1,3})([0-9]{1,9})["'](?:[^<>]*[^/<>])?>""")
_WRONG: Final = re.compile(rb"""\st=["']e["']""")
_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*[^/<>])>\s*<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>|</(?:\w+:)?c>)"
)
_SEEMS_LONG: Final = re.compile(rb"v>-?[0-9]{16}")
_LONG: Final = re.compile(
    rb"<(?:\w+:)?c\b([^<>]*)>\s*(?:<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*)?<(?:\w+:)?v>(-?[0-9]{16,300})(?:\.0*)?</"
)
_TYPED: Final = re.compile(rb"""\st=["'](?!n["'])""")
_LONG_ODS: Final = re.compile(rb"""office:value=["'](-?[0-9]{16,300})(?:\.0*)?["']""")
_ODS: Final = re.compile(rb"<table:table(?=[\s>])|<table:table-row\b([^>]*)>|<table:(?:covered-)?table-cell\b([^>]*)>")
_REPEATED: Final = re.compile(rb"""table:number-(?:rows|columns)-repeated=["']([0-9]{1,18})["']""")


class ScannedPart(NamedTuple):
    """One part of a workbook. ``wrong``: cells that hold an error (#DIV/0! and the like); ``unanswered``: formulas without the value that
    the workbook's program would have stored with them; ``rounded``: whole numbers that a sheet's 64-bit floats do not hold."""

    bytes: int
    cells: int
    wrong: int
    unanswered: int = 0
    rounded: int = 0


def pieces(archive: zipfile.ZipFile, name: str, most: int) -> Iterator[bytes]:
    """A part, unpacked a piece at a time. Raises UnreadableTable: above ``most`` bytes, or damaged."""
    total = 0
    try:
        with archive.open(name) as part:
            while piece := part.read(_PIECE):
                total += len(piece)
                if total > most:
                    raise too_large()
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise UnreadableTable(f"This workbook is damaged: its part {name[:80]} can't be unpacked ({str(error)[:80]}).") from None


def well_formed(parts: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The same pieces of an XML part. Raises UnreadableTable, at the latest after the last one, where an element is not closed or the part
    is no XML: python-calamine 0.9.1 reads an ODS sheet for ever whose end is missing, and nothing in Python ends that."""
    import pyexpat  # on demand; xml.parsers is not in the page's library

    parser = pyexpat.ParserCreate()
    try:
        for piece in parts:
            parser.Parse(piece, False)
            yield piece
        parser.Parse(b"", True)
    except (pyexpat.ExpatError, ValueError, LookupError) as error:
        raise UnreadableTable(f"This workbook is damaged: its part {name[:80]} is no whole XML ({str(error)[:80]}).") from None


def too_large() -> UnreadableTable:
    return UnreadableTable(f"This workbook unpacks to more than {size(limits.MAX_SHEET_BYTES)}, which can't be held in memory.")


def scan_sheet(parts: Iterator[bytes]) -> ScannedPart:
    """A worksheet of XLSX."""
    columns: set[bytes] = set()
    rows: set[bytes] = set()
    total = wrong = unanswered = rounded = 0
    for piece in _at_tags(parts):
        total += len(piece)
        # each of these words costs a tenth of the pattern that begins with any blank
        if b'r="' in piece or b"r='" in piece:
            columns.update(_COLUMNS.findall(piece))
            rows.update(_ROWS.findall(piece))
        if b't="e"' in piece or b"t='e'" in piece:
            wrong += len(_WRONG.findall(piece))
        if b"<f" in piece or b":f" in piece:
            unanswered += sum(not _TYPED.search(about) for about in _FORMULA.findall(piece))
        if _SEEMS_LONG.search(piece):
            rounded += sum(_is_rounded(digits) for about, digits in _LONG.findall(piece) if not _TYPED.search(about))
    cells = max(map(_column, columns), default=0) * max(map(int, rows), default=0)
    return ScannedPart(total, cells, wrong, unanswered, rounded)


def _is_rounded(digits: bytes) -> bool:
    return int(float(digits)) != int(digits)


def scan_filled(parts: Iterator[bytes]) -> int:
    """The rectangle of a worksheet's cells that hold anything: slower, for those that are large by formatted cells without a value."""
    last_column = last_row = 0
    for piece in _at_tags(parts):
        for column, row in _FILLED.findall(piece):
            last_column, last_row = max(last_column, _column(column)), max(last_row, int(row))
    return last_column * last_row


def scan_ods(parts: Iterator[bytes]) -> ScannedPart:
    """The content of an OpenDocument spreadsheet: rows and cells say how often they are repeated."""
    total = cells = rounded = 0
    row = repeat = column = width = filled = 0  # of the table so far
    for piece in _at_tags(parts):
        total += len(piece)
        rounded += sum(map(_is_rounded, _LONG_ODS.findall(piece)))
        for found in _ODS.finditer(piece):
            about_row, about_cell = found.groups()
            if about_cell is not None:
                column += _times(about_cell)
                if b"value" in about_cell or b"formula" in about_cell or not found[0].endswith(b"/>"):
                    width, filled = max(width, column), row + repeat
            elif about_row is not None:
                row, repeat, column = row + repeat, _times(about_row), 0
            else:
                cells = max(cells, width * filled)
                row = repeat = column = width = filled = 0
    return ScannedPart(total, max(cells, width * filled), 0, 0, rounded)


def check_cells(cells: int) -> None:
    """Raises UnreadableTable where a rectangle is too large."""
    if cells > MAX_CELLS:
        raise UnreadableTable(
            f"A sheet of this workbook reaches over {number(cells)} cells, most of them empty; the maximum is {number(MAX_CELLS)}. "
            "Delete what is far from the table, or save the sheet as CSV."
        )


def _times(attributes: bytes) -> int:
    found = _REPEATED.search(attributes)
    return int(found[1]) if found else 1


def _column(name: bytes) -> int:
    """The number of a column, from 1: A, B, … XFD."""
    at = 0
    for letter in name:
        at = 26 * at + letter - 64
    return at


def _at_tags(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut before a cell, or where there is none before a tag: no pattern is looked for over a cut. Raises UnreadableTable
    where no tag comes."""
    held: list[bytes] = []
    size = 0
    for piece in parts:
        held.append(piece)
        size += len(piece)
        cut = 0
        if size < _CELL or b"<" in piece:
            held = [b"".join(held)]
            cut = held[0].rfind(b"<c ")
            if cut <= 0 and size >= _CELL:
                cut = held[0].rfind(b"<")
        if cut > 0:
            yield held[0][:cut]
            held = [held[0][cut:]]
            size -= cut
        elif size > limits.MAX_RECORD:
            raise UnreadableTable("This workbook is damaged: a part of it is not XML.")
    yield b"".join(held)
