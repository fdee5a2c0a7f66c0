"""Workbooks: what is in their cells, what is told of them, and what must never reach the reader."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datasets import limits, workbook_scan
from app.core.datasets.sheets import SheetInfo, SheetTable, Workbook
from app.core.datasets.table import Cell, UnreadableTable
from app.core.model.datasets import Dialect
from tests.kit import workbooks
from tests.kit.tables import refusal
from tests.kit.workbooks import ods, ods_files, packed, sheet, xlsx, xlsx_files

SHEET = Dialect(format="sheet")


def read(data: bytes, dialect: Dialect = SHEET) -> tuple[SheetTable, list[tuple[int, list[Cell]]]]:
    table = Workbook(data).table(dialect)
    rows = [(number, list(row)) for group in table.groups() for number, row in zip(group.numbers, group.cells, strict=True)]
    assert table.done == table.size == len(data)
    return table, rows


def test_cells_are_what_they_are() -> None:
    """Whole numbers are integers again, dates texts, truth stays truth; rows keep the numbers that the sheet shows."""
    data = packed(
        xlsx_files(
            {
                "A": sheet(
                    {
                        3: ["id", "what", "is"],
                        4: ["00123", ('s="1"', "<v>46082</v>"), True],
                        5: [3.0, ('s="3"', "<v>1.25</v>"), 0.125],
                        9: ["a\nb", ("", "<f>1+1</f><v>2</v>"), 1e300],
                    },
                    first=1,
                )
            }
        )
    )
    table, rows = read(data)
    assert table.columns == ["id", "what", "is"]
    assert rows == [(4, ["00123", "2026-03-01", True]), (5, [3, "30:00:00", 0.125]), (9, ["a\nb", 2, 1e300])]
    assert [type(row[0]) for _, row in rows] == [str, int, str]
    assert table.blank == 5


def test_open_document() -> None:
    """The same of ODS."""
    _, rows = read(ods([["a", "b"], [1, True], [None, None], ["x\ny", 2.5]]))
    assert rows == [(2, [1, True]), (4, ["x\ny", 2.5])]


def test_sheets_are_listed_and_chosen() -> None:
    """Hidden ones too; the first that is shown is taken where none was chosen."""
    data = packed(xlsx_files({"Notes": sheet({1: ["x"]}), "Data": sheet({1: ["h"], 2: [1]})}, hidden=["Notes"]))
    book = Workbook(data)
    assert book.sheets == (SheetInfo("Notes", True), SheetInfo("Data", False))
    assert read(data)[0].columns == ["h"]
    assert read(data, Dialect(format="sheet", sheet="Notes", header=False))[1] == [(1, ["x"])]
    with pytest.raises(UnreadableTable, match="no sheet “Others”"):
        book.table(Dialect(sheet="Others"))


def test_rows_can_be_passed_over_and_a_header_be_missing() -> None:
    """As the person says."""
    data = xlsx([["Report of today"], ["a", "b"], [1, 2]])
    table, rows = read(data, Dialect(format="sheet", skip=1))
    assert (table.columns, rows) == (["a", "b"], [(3, [1, 2])])
    table, rows = read(data, Dialect(format="sheet", skip=2, header=False))
    assert (table.columns, rows) == (["column 1", "column 2"], [(3, [1, 2])])


def test_what_the_reader_does_not_say_is_told() -> None:
    """Errors that are read as empty, zeros that are only shown, cells that are merged."""
    more = '<mergeCells count="1"><mergeCell ref="A2:B2"/></mergeCells>'
    rows: dict[int, list[workbooks.Value | tuple[str, str]]] = {
        1: ["a", "b"],
        2: ["x"],
        3: [('t="e"', "<v>#DIV/0!</v>"), ('s="2"', "<v>123</v>")],
    }
    table, found = read(packed(xlsx_files({"A": sheet(rows, more=more)}, padded="00000")))
    assert found == [(2, ["x", ""]), (3, ["", 123])]
    assert [one.split()[:3] for one in table.remarks] == [["Some", "numbers", "in"], ["1", "cell", "of"], ["1", "group", "of"]]
    assert read(xlsx([["a"], ["x"]]))[0].remarks == []


def test_a_formula_without_its_value_is_told() -> None:
    """Programs that write workbooks by themselves store none; an empty text that was calculated is no such formula."""
    rows: dict[int, list[workbooks.Value | tuple[str, str]]] = {
        1: ["a", "b", "c"],
        2: [("", "<f>1+1</f><v></v>"), ('t="str"', "<f>A1</f><v></v>"), ("", "<f>1+1</f><v>2</v>")],
        3: [("", "<f>1+1</f><v/>"), ('s="0"', '<f t="shared" si="0"/>'), "<f>x</f>"],
    }
    table, found = read(packed(xlsx_files({"A": sheet(rows)})))
    assert found == [(2, ["", "", 2]), (3, ["", "", "<f>x</f>"])]
    assert [one.split(" and ")[0] for one in table.remarks] == ["3 formulas of this workbook have no stored value"]


def test_whole_numbers_that_a_sheet_does_not_keep_are_told() -> None:
    """Ids of 16 digits and more, as databases have them; texts of digits are kept, and told nothing of."""
    kept: list[workbooks.Value | tuple[str, str]] = ["9007199254740993", ('t="str"', "<f>A1</f><v>9007199254740993</v>"), 9007199254740992]
    rows: dict[int, list[workbooks.Value | tuple[str, str]]] = {1: ["a", "b", "c"], 2: kept, 3: [9007199254740993, -1234567890123456789, 1]}
    table, found = read(packed(xlsx_files({"A": sheet(rows)})))
    assert found[0][1][:2] == ["9007199254740993"] * 2
    assert [one.partition(" of more")[0] for one in table.remarks] == ["2 cells of this workbook hold whole numbers"]
    assert len(read(ods([["a"], [9007199254740993]]))[0].remarks) == 1
    assert read(ods([["a"], [9007199254740992], ["9007199254740993"]]))[0].remarks == []


def test_an_empty_sheet_is_an_empty_table() -> None:
    """And no error."""
    assert read(packed(xlsx_files({"A": sheet({})})))[1] == []


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
CORNERS = sheet({1: ["a"], 1_048_576: [*[None] * 16_383, "b"]})
ODS_ROW = (
    '<table:table table:name="S"><table:table-row table:number-rows-repeated="{}">'
    '<table:table-cell table:number-columns-repeated="{}"{}/></table:table-row></table:table>'
)
VALUE = ' office:value-type="float" office:value="1"'


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (OLE, "older format"),
        (xlsx([["a"]])[:-30], "incomplete"),
        (b"PK\x03\x04", "incomplete"),
        (packed({"a.txt": "x"}), "not a workbook"),
        (packed({"xl/workbook.bin": "x"}), "XLSB"),
        (packed(ods_files("", "<manifest:encryption-data/>")), "password"),
        (packed({**xlsx_files({"A": sheet({1: ["x"]})}), "xl/worksheets/sheet1.xml": "<worksheet><sheetData><row>"}), "damaged"),
        (packed({**xlsx_files({"A": sheet({})}), "xl/worksheets/sheet1.xml": sheet({1: [('t="s"', "<v>9</v>")]})}), "can't be read"),
        (packed({**xlsx_files({"A": ""}), "xl/workbook.xml": "<workbook/>"}), "workbook"),
        (packed(xlsx_files({"A": CORNERS})), "17,179,869,184 cells"),
        (packed(ods_files(ODS_ROW.format(1_048_576, 16_384, VALUE))), "17,179,869,184 cells"),
        (packed(ods_files(ODS_ROW.format(1, 1, VALUE).removesuffix("</table:table>"))), "content.xml is no whole XML"),  # read for ever
        (packed({**ods_files(""), "content.xml": '<table:table table:name="S">'}), "content.xml is no whole XML"),
    ],
)
def test_what_cannot_be_read_is_told(data: bytes, told: str) -> None:
    """What would exhaust the memory never reaches the reader."""
    with pytest.raises(UnreadableTable, match=told):
        read(data)


def test_empty_cells_far_away_do_no_harm() -> None:
    """Formatted cells without a value, and the rest of a sheet as LibreOffice writes it, are no rectangle."""
    formatted = sheet({1: ["a"], 2: [1]}).replace("</sheetData>", '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>')
    assert read(packed(xlsx_files({"A": formatted})))[1] == [(2, [1])]
    content = ODS_ROW.format(1, 1, VALUE).replace("</table:table>", "")
    content += ODS_ROW.format(1_048_575, 16_384, "").removeprefix('<table:table table:name="S">')
    assert read(packed(ods_files(content)), Dialect(format="sheet", header=False))[1] == [(1, [1])]


def test_a_zip_bomb_is_refused_by_what_it_says_and_by_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the sizes that its directory names; and where these lie, while it is unpacked."""
    monkeypatch.setattr(limits, "MAX_SHEET_BYTES", 1_000_000)
    files = {**xlsx_files({"A": sheet({1: ["a"]})}), "xl/sharedStrings.xml": b"x" * 2_000_000}
    data = packed(files)
    with pytest.raises(UnreadableTable, match="more than 1"):
        Workbook(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        told = archive.getinfo("xl/sharedStrings.xml").file_size.to_bytes(4, "little")
    lying = data.replace(told, (10).to_bytes(4, "little"))
    with pytest.raises(UnreadableTable):
        Workbook(lying)
    monkeypatch.setattr(limits, "MAX_PARTS", 3)
    with pytest.raises(UnreadableTable, match="more than"):
        Workbook(xlsx([["a"]]))


def test_the_rectangle_is_that_of_the_last_cell() -> None:
    """However the pieces are cut, and also where the file says it out of order."""
    text = sheet({7: ["a", "b"], 2: [1] * 30}).encode()
    for step in (1, 7, 1_000):
        parts = [text[at : at + step] for at in range(0, len(text), step)]
        assert workbook_scan.scan_sheet(iter(parts)).cells == 7 * 30
        assert workbook_scan.scan_filled(iter(parts)) == 7 * 30


@given(
    st.lists(st.sampled_from(["x", 2, 9007199254740993, ("", "<f>1</f>"), ("", "<f>1</f><v>2</v>"), ('t="str"', "<f>1</f><v></v>")])),
    st.integers(1, 200),
)
def test_what_is_told_of_cells_is_counted_however_the_pieces_are_cut(cells: list[workbooks.Value | tuple[str, str]], step: int) -> None:
    """No cell is counted twice, or not at all."""
    text = sheet({1: cells}).encode()
    found = workbook_scan.scan_sheet(text[at : at + step] for at in range(0, len(text), step))
    assert (found.unanswered, found.rounded) == (cells.count(("", "<f>1</f>")), cells.count(9007199254740993))


# --- properties

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=8)
VALUES = TEXT | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), min_size=1, max_size=6))


@given(st.lists(st.integers(-(10**20), 10**20) | st.sampled_from([2**53, 2**53 + 1, 10**16 + 1]), min_size=1, max_size=6), st.booleans())
def test_no_number_is_changed_and_nothing_said(numbers: list[int], open_document: bool) -> None:
    """Each whole number is what it was, or a sentence says how many are not."""
    rows: list[list[workbooks.Value]] = [[n] for n in numbers]
    table, found = read(ods(rows) if open_document else xlsx(rows), Dialect(format="sheet", header=False))
    changed = sum(int(row[0]) != n for (_, row), n in zip(found, numbers, strict=True))  # type: ignore[arg-type]  # numbers all of them
    assert [one.partition(" ")[0] for one in table.remarks] == ([str(changed)] if changed else [])


@given(ROWS, st.booleans())
def test_what_was_written_is_read(rows: list[list[Cell]], open_document: bool) -> None:
    """Texts, truth and numbers, as they were: floats that are whole as integers."""
    data = ods(rows) if open_document else xlsx(rows)  # type: ignore[arg-type]  # no Raw among them
    _, found = read(data, Dialect(format="sheet", header=False))
    assert [row for _, row in found] == rows


def damaged(data: bytes, at: list[tuple[int, int]]) -> bytes:
    changed = bytearray(data)
    for place, byte in at:
        changed[place % len(changed)] = byte
    return bytes(changed)


HITS = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=4)
WHOLE = (xlsx([["a", 1, True], ["b", 2.5, None]]), ods([["a", 1, True], ["b", 2.5, None]]))


@given(
    st.binary(max_size=100)
    | st.builds(damaged, st.sampled_from(WHOLE), HITS)
    | st.builds(lambda data, n: data[:n], st.sampled_from(WHOLE), st.integers(0, 3_000))
)
def test_any_bytes_are_a_table_or_a_sentence(data: bytes) -> None:
    """Damaged zips."""
    assert refusal(lambda: read(data))[-1:] in ("", ".")


XML = workbooks.xlsx_files({"A": sheet({1: ["a", 1, True], 2: ["b", 2.5, ('t="e"', "<v>x</v>")]})})
CONTENT = ods_files(ODS_ROW.format(2, 2, VALUE))


@given(st.sampled_from([(XML, name) for name in XML if name.endswith("xml")] + [(CONTENT, "content.xml")]), HITS, st.integers(0, 500))
def test_any_xml_is_a_table_or_a_sentence(part: tuple[dict[str, str | bytes], str], hits: list[tuple[int, int]], cut: int) -> None:
    """Whole zips with damaged parts, which reach the reader."""
    files, name = part
    text = files[name]
    assert isinstance(text, str)
    data = packed({**files, name: damaged(text.encode()[: -cut or None] or b"x", hits)})
    assert refusal(lambda: read(data))[-1:] in ("", ".")
