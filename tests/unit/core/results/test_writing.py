"""Files of rows: what is read back is what was written, whatever stands in the cells."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app.core.datasets.limits import MAX_COLUMNS
from app.core.datasets.table import Cell
from app.core.results.workbook import MOST_UNITS, WorkbookWriter, cut_units
from app.core.results.writing import CsvWriter, JsonLinesWriter, RowWriter, Unwritable

HOSTILE = [
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "=cmd|' /C calc'!A0", "00123", "-5", "1e5", "TRUE", "NULL"),
    *(
        "a\nb",
        "a\r\nb",
        'say "hi"',
        "a,b;c",
        "👩🏽‍🚀",
        "مرحبا",
        "\x00\x01\x1f",
        "_x0041_",
        "__x0041_",
        "\ufffe\uffff",
        "&<>]]>",
        " pad ",
        "",
    ),
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
cells: st.SearchStrategy[Cell] = st.one_of(texts, st.none(), st.booleans(), st.integers(-(10**14), 10**14), st.floats(-1e14, 1e14))


def written(writer: RowWriter, columns: list[str], rows: list[list[Cell]], at_once: int = 3) -> bytes:
    data = writer.begin(columns)
    for n in range(0, len(rows), at_once):
        data += writer.put(list(zip(*rows[n : n + at_once], strict=True)))
    return data + writer.end()


def sheets(data: bytes) -> dict[str, Sequence[Sequence[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


@given(st.lists(st.lists(texts, min_size=3, max_size=3), max_size=8))
def test_csv_is_read_back_as_it_was(rows: list[list[Cell]]) -> None:
    """Delimiters, quotes, line breaks and control characters."""
    data = written(CsvWriter(bom=True, neutral=False), ["a", "b", "c"], rows)
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))) == [["a", "b", "c"], *rows]


@given(st.data(), st.booleans())
def test_rows_together_are_written_as_row_by_row(data: st.DataObject, neutral: bool) -> None:
    """Also where all columns but some are the same in every row, as outcomes mostly are."""
    count = data.draw(st.integers(0, 6))
    same = st.one_of(cells, texts).map(lambda cell: [cell] * count)
    columns = data.draw(
        st.lists(st.one_of(same, st.lists(st.one_of(cells, texts), min_size=count, max_size=count)), min_size=1, max_size=4)
    )
    together, alone = CsvWriter(bom=False, neutral=neutral), CsvWriter(bom=False, neutral=neutral)
    assert together.put(columns) == b"".join(alone.put([[column[n]] for column in columns]) for n in range(count))
    assert together.remarks == alone.remarks


@given(st.lists(st.lists(texts, min_size=2, max_size=2), max_size=8))
def test_no_cell_of_a_csv_is_a_formula(rows: list[list[Cell]]) -> None:
    """Each that a spreadsheet would take for one has an apostrophe before it, and is counted; without it the cell is as it was."""
    writer = CsvWriter(bom=False, neutral=True)
    data = written(writer, ["a", "=b"], rows)
    found = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert found[0] == ["a", "'=b"]
    changed = 1
    for row, before in zip(found[1:], rows, strict=True):
        for text, original in zip(row, before, strict=True):
            if text != original:
                changed += 1
                assert text == "'" + str(original)
            elif text.startswith(("=", "+", "-", "@", "\t", "\r")):
                float(text)
    assert f"{changed} cell" in writer.remarks[0]


def test_a_csv_can_do_without_a_byte_order_mark() -> None:
    """Programs want none; Excel takes the file for another encoding then."""
    assert written(CsvWriter(bom=False, neutral=True), ["ä"], []).startswith("ä".encode())
    assert written(CsvWriter(bom=True, neutral=True), ["ä"], []).startswith(b"\xef\xbb\xbf")


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8))
def test_json_lines_are_read_back_as_they_were(rows: list[list[Cell]]) -> None:
    """With their types."""
    data = written(JsonLinesWriter(), ["a", "b", "ü"], rows)
    assert [list(json.loads(line).values()) for line in data.splitlines()] == rows


def test_json_lines_keep_numbers_of_any_length() -> None:
    """And JSON that stands in a cell."""
    data = written(JsonLinesWriter(), ["n", "raw", "half"], [[2**80, msgspec.Raw(b'[1.10, {"a": null}]'), "\ud83d"]])
    assert data == b'{"n":1208925819614629174706176,"raw":[1.10, {"a": null}],"half":"?"}\n'


# --- workbooks


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=8))
def test_workbooks_are_read_back_as_they_were(rows: list[list[Cell]]) -> None:
    """Each cell as it was and where it was; null and an empty text are an empty cell."""
    data = written(WorkbookWriter(), ["a", "b", "c"], rows)
    (found,) = sheets(data).values()
    width = len(found[0])
    for row, before in zip(found[1:], rows, strict=False):
        for cell, original in zip(row, before, strict=False):
            if original in (None, ""):
                assert cell == ""
            elif isinstance(original, str):  # XML has no way to write these two, and calamine does not read what stands for them
                assert cell == original.replace("\ufffe", "_xFFFE_").replace("\uffff", "_xFFFF_")
            else:
                assert cell == original
    assert width <= 3


def test_nothing_in_a_workbook_is_a_formula() -> None:
    """Whatever a text begins with, it is a text."""
    data = written(WorkbookWriter(), ["a"], [[one] for one in HOSTILE])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
        assert archive.testzip() is None
    assert "<f>" not in xml
    assert xml.count('t="inlineStr"') == len(HOSTILE)


def test_numbers_that_excel_would_round_are_texts() -> None:
    """It keeps 15 digits."""
    (found,) = sheets(
        written(
            WorkbookWriter(),
            ["n"],
            [[10**15], [10**15 - 1], [1e300], [float("inf")], [msgspec.Raw(b"1.10")], [msgspec.Raw(b"0.1234567890123456")]],
        )
    ).values()
    assert [row[0] for row in found[1:]] == ["1000000000000000", 999999999999999.0, "1e+300", "inf", 1.1, "0.1234567890123456"]


def test_long_cells_are_cut_and_that_is_said() -> None:
    """By UTF-16 units, and no character in two."""
    writer = WorkbookWriter()
    (found,) = sheets(written(writer, ["a", "b"], [["x" * 40_000, "👠" * 20_000], ["x" * MOST_UNITS, "y"]])).values()
    assert [len(str(cell)) for cell in found[1]] == [MOST_UNITS, MOST_UNITS // 2]
    assert len(str(found[2][0])) == MOST_UNITS
    assert writer.remarks == ["2 cells had more than 32,767 characters, the maximum for a workbook: cut."]
    assert cut_units("a👠b", 2) == "a"


def test_rows_beyond_a_sheet_go_on_in_the_next() -> None:
    """Each with the header; the order goes on."""
    writer = WorkbookWriter(most=4)
    found = sheets(written(writer, ["n"], [[n] for n in range(8)]))
    assert list(found) == ["Answers", "Answers 2", "Answers 3"]
    assert [row[0] for rows in found.values() for row in rows] == ["n", 0.0, 1.0, 2.0, "n", 3.0, 4.0, 5.0, "n", 6.0, 7.0]
    assert "3 sheets" in writer.remarks[0]


def test_more_columns_than_a_sheet_has_are_refused() -> None:
    """In a sentence, before anything is written."""
    with pytest.raises(Unwritable, match="16,385"):
        WorkbookWriter().begin(["x"] * (MAX_COLUMNS + 1))
