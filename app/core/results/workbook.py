"""Workbooks (XLSX) as they are written: texts inline, nothing is ever a formula. ECMA-376; 50,000 rows of ten cells take 1.4 s in the page.

What a sheet cannot hold (Excel specifications and limits): more than 1,048,576 rows go on in the next sheet, a text of more than 32,767
UTF-16 units is cut, and a number of more than 15 digits is a text. Control characters are written as ``_x0001_``, and what already looks so
has its underscore written so (ECMA-376, ST_Xstring).
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import IO, Final, cast

import msgspec

from app.core.base.patterns import pattern
from app.core.base.text import count, number
from app.core.datasets.limits import MAX_COLUMNS
from app.core.datasets.table import Cell, cell_text
from app.core.results.kinds import number_of
from app.core.results.writing import Unwritable, each

MOST_ROWS: Final = 1_048_576
MOST_UNITS: Final = 32_767
"""UTF-16 units of a cell's text."""
_MOST_BYTES: Final = 2_000_000_000
"""XML of a sheet, from which on the next begins: readers without ZIP64 end at 4 GB."""
_LARGEST: Final = 10**15
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""No time is written into the file: the same rows make the same bytes."""
_ESCAPED: Final = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_FINE: Final = bytes(set(range(256)) - set(range(0x20)) | set(b"\t\n\r"))
"""Bytes of UTF-8 that nothing is escaped for, but for two characters that begin with EF BF."""
_XML: Final = ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;"), (b"\r", b"_x000D_"))
_TEXT: Final = b'<c t="inlineStr"><is><t xml:space="preserve">'
_TEXT_END: Final = b"</t></is></c>"
_SPACES: Final = "http://schemas.openxmlformats.org/"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TYPES: Final = "application/vnd.openxmlformats-"
_SHEET: Final = (
    f'{_HEAD}<worksheet xmlns="{_SPACES}spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)


class _Pieces:
    """A file that only goes on: what was written is taken from it now and then."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._at = 0

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        held, self._held = self._held, []
        return b"".join(held)


class WorkbookWriter:
    """A RowWriter. ``most``: rows of a sheet, the header among them."""

    def __init__(self, most: int = MOST_ROWS) -> None:
        self._most = most
        self._pieces = _Pieces()
        self._archive = zipfile.ZipFile(cast("IO[bytes]", self._pieces), "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._sheets = self._at = self._bytes = self._cut = 0

    def begin(self, columns: Sequence[str]) -> bytes:
        if len(columns) > MAX_COLUMNS:
            raise Unwritable(
                f"A workbook has at most {number(MAX_COLUMNS)} columns, and these are {number(len(columns))}. Remove some, or choose CSV."
            )
        self._columns = columns
        self._open()
        return self._pieces.taken()

    def put(self, columns: Sequence[Sequence[Cell]]) -> bytes:
        rows = list(map(b"".join, zip(*[each(cells, self._cell) for cells in columns], strict=True)))
        at = 0
        while at < len(rows):
            if self._at >= self._most or self._bytes > _MOST_BYTES:
                self._close()
                self._open()
            some = rows[at : at + self._most - self._at]
            self._put(some)
            at += len(some)
        return self._pieces.taken()

    def end(self) -> bytes:
        self._close()
        for name, xml in _parts(self._sheets).items():
            self._archive.writestr(_named(name), (_HEAD + xml).encode())
        self._archive.close()
        return self._pieces.taken()

    @property
    def remarks(self) -> list[str]:
        found = []
        if self._cut:
            found.append(f"{count(self._cut, 'cell')} had more than {number(MOST_UNITS)} characters, the maximum for a workbook: cut.")
        if self._sheets > 1:
            found.append(f"The rows are in {number(self._sheets)} sheets: one holds {number(self._most)} at most.")
        return found

    def _open(self) -> None:
        self._sheets += 1
        # By its name: a ZipInfo of ours would be packed by zlib's default level, which takes ten times as long as the archive's.
        self._sheet = self._archive.open(f"xl/worksheets/sheet{self._sheets}.xml", "w")
        self._at = self._bytes = 0
        self._sheet.write(_SHEET.encode())
        self._put([b"".join(map(self._cell, self._columns))])

    def _close(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()

    def _put(self, rows: list[bytes]) -> None:
        data = b"<row>" + b"</row><row>".join(rows) + b"</row>"
        self._at += len(rows)
        self._bytes += len(data)
        self._sheet.write(data)

    def _cell(self, cell: Cell) -> bytes:
        if type(cell) is str and cell:
            return _TEXT + self._text(cell) + _TEXT_END
        if isinstance(cell, msgspec.Raw) and (kept := number_of(cell)) is not None:
            cell = kept
        match cell:
            case None | "":
                return b"<c/>"
            case bool():
                return b'<c t="b"><v>%d</v></c>' % cell
            case int() | float() if -_LARGEST < cell < _LARGEST:
                return f"<c><v>{cell!r}</v></c>".encode()
            case _:
                return _TEXT + self._text(cell_text(cell)) + _TEXT_END

    def _text(self, text: str) -> bytes:
        """In XML; as bytes at once, since a text with one emoji has four bytes a character, which all would be copied with each step."""
        if len(text) > MOST_UNITS // 2 and (cut := cut_units(text, MOST_UNITS)) is not text:
            self._cut += 1
            text = cut
        data = text.encode("utf-8", "replace")
        if b"_x" in data or b"\xef\xbf" in data or data.translate(None, _FINE):
            data = _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text).encode("utf-8", "replace")
        for one, written in _XML:
            if one in data:
                data = data.replace(one, written)
        return data


def cut_units(text: str, most: int) -> str:
    """The beginning of a text that has at most so many UTF-16 units; the text itself where all of it has."""
    if len(text) <= most and len(text) + sum(one > "\uffff" for one in text) <= most:
        return text
    units = 0
    for at, one in enumerate(text):
        units += 2 if one > "\uffff" else 1
        if units > most:
            return text[:at]
    return text


def _named(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, _EPOCH)
    found.compress_type = zipfile.ZIP_DEFLATED
    return found


def _parts(sheets: int) -> dict[str, str]:
    """What stands around the sheets."""
    numbers = range(1, sheets + 1)
    of_sheets = f"{_TYPES}officedocument.spreadsheetml.worksheet+xml"
    sheet_types = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{of_sheets}"/>' for n in numbers)
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{_SPACES}officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    names = "".join(f'<sheet name="Answers{f" {n}" if n > 1 else ""}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{_SPACES}package/2006/content-types">'
            f'<Default Extension="rels" ContentType="{_TYPES}package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
            f'ContentType="{_TYPES}officedocument.spreadsheetml.sheet.main+xml"/>{sheet_types}</Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{_SPACES}package/2006/relationships"><Relationship Id="r1" '
            f'Type="{_SPACES}officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_SPACES}spreadsheetml/2006/main" xmlns:r="{_SPACES}officeDocument/2006/relationships">'
            f"<sheets>{names}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_SPACES}package/2006/relationships">{relations}</Relationships>',
    }
