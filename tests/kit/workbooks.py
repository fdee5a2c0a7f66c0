"""Workbooks as Excel and LibreOffice write them, made by hand: XLSX (ECMA-376) and ODS (OpenDocument 1.3)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = f"""<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
_STYLES = f"""<styleSheet xmlns="{_MAIN}">
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="{{padded}}"/></numFmts>
<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="46"/></cellXfs></styleSheet>"""

Value = str | float | bool | None


def column(n: int) -> str:
    """The name of a column, from 0: A, B, … AA."""
    return (column(n // 26 - 1) if n >= 26 else "") + chr(65 + n % 26)


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def cell(at: str, value: Value | tuple[str, str]) -> str:
    """A cell of a sheet; a pair is its attributes and what stands in it, as XML."""
    match value:
        case None:
            return ""
        case tuple():
            return f'<c r="{at}" {value[0]}>{value[1]}</c>'
        case bool():
            return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
        case str():
            return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        case _:
            return f'<c r="{at}"><v>{value}</v></c>'


def sheet(rows: Mapping[int, Sequence[Value | tuple[str, str]]], first: int = 0, more: str = "") -> str:
    """The XML of a sheet: rows by their number from 1, their cells from the column ``first`` on."""
    lines = [
        f'<row r="{n}">' + "".join(cell(f"{column(first + i)}{n}", value) for i, value in enumerate(row)) + "</row>"
        for n, row in rows.items()
    ]
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData>{more}</worksheet>'


def xlsx_files(sheets: Mapping[str, str], hidden: Sequence[str] = (), padded: str = "0.00") -> dict[str, str | bytes]:
    """The files of a workbook of these sheets, as XML by name."""
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"{" state=" + chr(34) + "hidden" + chr(34) if name in hidden else ""}/>'
        for n, name in enumerate(sheets, 1)
    )
    led = "".join(f'<Relationship Id="r{n}" Type="{_DOC}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(sheets) + 1))
    led += f'<Relationship Id="s" Type="{_DOC}/styles" Target="styles.xml"/>'
    return {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="w" Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{led}</Relationships>',
        "xl/styles.xml": _STYLES.replace("{padded}", padded),
        **{f"xl/worksheets/sheet{n}.xml": text for n, text in enumerate(sheets.values(), 1)},
    }


def xlsx(rows: Sequence[Sequence[Value | tuple[str, str]]]) -> bytes:
    """A workbook of one sheet."""
    return packed(xlsx_files({"Sheet1": sheet(dict(enumerate(rows, 1)))}))


def ods_files(content: str, encrypted: str = "") -> dict[str, str | bytes]:
    """The files of an OpenDocument spreadsheet; ``content`` is what stands within ``office:spreadsheet``."""
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>{encrypted}'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>',
        "content.xml": f"<office:document-content {names}><office:body><office:spreadsheet>{content}"
        "</office:spreadsheet></office:body></office:document-content>",
    }


def ods_cell(value: Value) -> str:
    """A cell of an OpenDocument table."""
    match value:
        case None:
            return "<table:table-cell/>"
        case bool():
            return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
        case str():
            paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in value.split("\n"))
            return f'<table:table-cell office:value-type="string">{paragraphs}</table:table-cell>'
        case _:
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def ods(rows: Sequence[Sequence[Value]]) -> bytes:
    """A spreadsheet of one table."""
    lines = "".join("<table:table-row>" + "".join(map(ods_cell, row)) + "</table:table-row>" for row in rows)
    return packed(ods_files(f'<table:table table:name="S">{lines}</table:table>'))
