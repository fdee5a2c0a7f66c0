"""Workbooks as tables: XLSX, XLSM and ODS, read by python-calamine, which must have been loaded before (docs/dependencies.md).

What calamine does not say is looked for here and told: cells whose error value it reads as empty, formulas without a stored value, whole
numbers that floats do not hold, numbers that a format shows with leading zeros, merged cells. It gives every number as a float; whole ones
become integers again. Dates become ISO texts.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeGuard

import msgspec

from app.core.base.text import count
from app.core.datasets import limits, workbook_scan
from app.core.datasets.table import Cell, RowGroup, TableSoFar, UnreadableTable, cell_text
from app.core.model.datasets import Dialect

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_GROUP: Final = 500
"""Rows that are given at a time."""
_EXACT: Final = 2.0**53
"""Below it a float is the whole number that it seems to be."""
_PADDED: Final = re.compile(rb"""formatCode=["']0{2,}["'; ]""")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


class SheetInfo(msgspec.Struct, frozen=True):
    """A sheet of a workbook."""

    name: str
    hidden: bool


class Workbook:
    """A workbook, its sheets unread. Raises UnreadableTable: damaged, protected by a password, too large, of another kind."""

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self._remarks, self._wrong = _looked_through(data)
        from python_calamine import CalamineWorkbook  # on demand: most pages never read a workbook

        self._book = _asked(lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)))
        self.sheets = tuple(
            SheetInfo(one.name, "Visible" not in str(one.visible).rpartition(".")[2])
            for one in self._book.sheets_metadata
            if str(one.typ).endswith("WorkSheet")
        )
        if not self.sheets:
            raise UnreadableTable("This workbook has no sheet with cells.")

    def table(self, dialect: Dialect) -> SheetTable:
        """The sheet that the dialect names, or the first that is not hidden. Raises UnreadableTable."""
        shown = [one.name for one in self.sheets if not one.hidden] or [one.name for one in self.sheets]
        name = dialect.sheet or shown[0]
        if name not in {one.name for one in self.sheets}:
            raise UnreadableTable(f"This workbook has no sheet “{name[:80]}”.")
        sheet = _asked(lambda: self._book.get_sheet_by_name(name))
        return SheetTable(sheet, dialect, self.size, self._remarks, self._wrong)


class SheetTable(TableSoFar):
    """A reader of one sheet (core.datasets.table.WholeReader)."""

    def __init__(self, sheet: CalamineSheet, dialect: Dialect, size: int, remarks: Sequence[str], wrong: int) -> None:
        super().__init__(size)
        self._sheet, self._dialect = sheet, dialect
        self._remarks = list(remarks)
        if wrong:
            is_are = "is" if wrong == 1 else "are"
            self._remarks.append(f"{count(wrong, 'cell')} of this workbook {is_are} an error (#DIV/0! and the like), read as empty.")
        if merged := sheet.merged_cell_ranges:
            is_are = "is" if len(merged) == 1 else "are"
            self._remarks.append(f"{count(len(merged), 'group')} of cells {is_are} merged: only the first cell of each has its text.")

    @property
    def remarks(self) -> list[str]:
        """On the workbook, and on the names of the columns."""
        return [*self._remarks, *super().remarks]

    def groups(self) -> Iterator[RowGroup]:
        """All rows. Raises UnreadableTable."""
        height = max(1, self._sheet.total_height)
        rows = iter(self._sheet.iter_rows())
        number = 0
        while some := _asked(lambda: list(islice(rows, _GROUP))):
            numbers: list[int] = []
            cells: list[Sequence[Cell]] = []
            for row in some:
                number += 1
                if number <= self._dialect.skip:
                    continue
                texts = set(map(type, row)) == {str}  # nearly always: then it is looked at as a whole
                values = row if texts else [value if type(value) is str else _cell(value) for value in row]
                if not any(values) and not any(value != "" for value in values):
                    self.blank += 1
                elif self.columns or not self._begin(values):
                    if max(map(len, values if texts else filter(_is_text, values)), default=0) > limits.MAX_CELL:
                        self.faults.add(number, 0, _LONG_CELL, ", ".join(map(cell_text, values[:20]))[:1_000])
                        continue
                    numbers.append(number)
                    cells.append(values)
            self.done = min(self.size, self.size * number // height)
            if numbers:
                yield RowGroup(numbers, cells)
        self.done = self.size

    def _begin(self, row: Sequence[Cell]) -> bool:
        """Columns from the first row; whether it is the header."""
        header = self._dialect.header
        self._names.add([cell_text(cell) for cell in row] if header else [f"column {n}" for n in range(1, len(row) + 1)])
        return header


def _cell(value: Any) -> Cell:
    match value:
        case bool():
            return value
        case float():
            return int(value) if value.is_integer() and abs(value) < _EXACT else value
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return _duration(value)
        case int():
            return value
        case _:
            return str(value)


def _duration(value: timedelta) -> str:
    """As a sheet shows it: ``30:00:00``."""
    seconds = round(value.total_seconds())
    minutes, seconds = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{'-' if value < timedelta() else ''}{hours}:{minutes:02}:{seconds:02}"


_LONG_CELL: Final = f"A cell is longer than {limits.MAX_CELL:,} characters."


def _is_text(cell: Cell) -> TypeGuard[str]:
    return type(cell) is str


def _asked(call: Any) -> Any:
    """What calamine answers. Raises UnreadableTable: its own errors, and what its Rust panics with, which is no Exception."""
    try:
        return call()
    except Exception as error:
        raise UnreadableTable(_sentence(type(error).__name__, str(error))) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableTable(_sentence("PanicException", str(error))) from None


def _sentence(kind: str, said: str) -> str:
    if kind == "PasswordError" or "password" in said.lower():
        return _PROTECTED
    return f"This workbook can't be read: it is damaged, or not a valid file of its kind ({said[:120].rstrip('.')})."


_PROTECTED: Final = "This workbook is protected by a password. Save it without one, or save the sheet as CSV."
_NOT_WHOLE: Final = "This workbook is damaged or incomplete: it can't be unpacked. Copy it again, or save it again."


def _looked_through(data: bytes) -> tuple[list[str], int]:
    """What calamine would not say: sentences, and how many cells hold an error. Raises UnreadableTable for what it must not be given."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if _ENCRYPTED in data:
            raise UnreadableTable(_PROTECTED)
        raise UnreadableTable("This is a workbook in the older format (XLS). Open it and save it as XLSX or CSV.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        listed = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError, RuntimeError):
        raise UnreadableTable(_NOT_WHOLE) from None
    if len(listed) > limits.MAX_PARTS or sum(one.file_size for one in listed) > limits.MAX_SHEET_BYTES:
        raise workbook_scan.too_large()
    if any(one.flag_bits & 1 for one in listed):
        raise UnreadableTable(_PROTECTED)
    names = {one.filename.lstrip("/").lower(): one.filename for one in listed}
    if "content.xml" in names:
        return _open_document(archive, names)
    if "xl/workbook.bin" in names:
        raise UnreadableTable("This is a binary workbook (XLSB). Open it and save it as XLSX or CSV.")
    if "xl/workbook.xml" not in names:
        raise UnreadableTable("This is an archive, not a workbook. Unpack it first, and import what is in it.")
    return _office(archive, names)


def _open_document(archive: zipfile.ZipFile, names: dict[str, str]) -> tuple[list[str], int]:
    if "meta-inf/manifest.xml" in names:
        manifest = b"".join(workbook_scan.pieces(archive, names["meta-inf/manifest.xml"], 10_000_000))
        if b"encryption-data" in manifest:
            raise UnreadableTable(_PROTECTED)
    parts = workbook_scan.pieces(archive, names["content.xml"], limits.MAX_SHEET_BYTES)
    found = workbook_scan.scan_ods(workbook_scan.well_formed(parts, "content.xml"))
    workbook_scan.check_cells(found.cells)
    return _numbers_told(found.rounded), 0


def _numbers_told(rounded: int) -> list[str]:
    if not rounded:
        return []
    return [
        f"{count(rounded, 'cell')} of this workbook {'holds a whole number' if rounded == 1 else 'hold whole numbers'} of more digits than "
        "a sheet's numbers keep: the last ones are rounded. Where they are ids, make those cells text, or import a CSV file."
    ]


def _office(archive: zipfile.ZipFile, names: dict[str, str]) -> tuple[list[str], int]:
    left, wrong, unanswered, rounded = limits.MAX_SHEET_BYTES, 0, 0, 0
    for name, stored in names.items():
        if not name.endswith((".xml", ".rels")):
            continue
        if not name.startswith("xl/worksheets/"):
            left -= sum(map(len, workbook_scan.pieces(archive, stored, left)))
            continue
        found = workbook_scan.scan_sheet(workbook_scan.pieces(archive, stored, left))
        left -= found.bytes
        wrong += found.wrong
        unanswered += found.unanswered
        rounded += found.rounded
        if found.cells > workbook_scan.MAX_CELLS:
            workbook_scan.check_cells(workbook_scan.scan_filled(workbook_scan.pieces(archive, stored, limits.MAX_SHEET_BYTES)))
    remarks = _numbers_told(rounded)
    if unanswered:
        remarks.append(
            f"{count(unanswered, 'formula')} of this workbook {'has' if unanswered == 1 else 'have'} no stored value and "
            f"{'is' if unanswered == 1 else 'are'} read as empty. Open the workbook in its program, save it, and import it again."
        )
    if "xl/styles.xml" in names and _PADDED.search(b"".join(workbook_scan.pieces(archive, names["xl/styles.xml"], 50_000_000))):
        remarks.append(
            "Some numbers in this workbook have leading zeros only in their format (00000): they are read without them. If the zeros "
            "matter, make those cells text in the workbook."
        )
    return remarks, wrong
