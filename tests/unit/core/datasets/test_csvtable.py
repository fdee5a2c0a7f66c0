"""Text with delimiters: what is read, what is at fault, and that nothing else happens to a table."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datasets import csvtable, limits
from app.core.datasets.csvtable import CsvTable
from app.core.datasets.encodings import EncodingAsked
from app.core.datasets.table import UnreadableTable
from app.core.model.datasets import Dialect
from tests.kit import tables
from tests.kit.tables import read, read_as

PLAIN = Dialect()


def faults(found: tables.ReadTable) -> list[tuple[int, int]]:
    return [(one.row, one.line) for one in found.faults]


def test_cells_stay_as_they_are_written() -> None:
    """Leading zeros, spaces, signs, formulas, line breaks and quotes within quotes, and marks that other readers take for line ends."""
    found = read(b'id,text\n00123, a \n1e5,"=1+1\r\n""x"""\n+7,a\xe2\x80\xa8b\n')
    assert found.rows == [["00123", " a "], ["1e5", '=1+1\r\n"x"'], ["+7", "a\u2028b"]]
    assert found.numbers == [2, 3, 4]
    assert found.faults == []


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1 << 20])
def test_rows_at_fault_are_told_by_number_and_line_and_the_others_stay(piece: int) -> None:
    """Too few cells, too many, something behind a closing quote, a NUL, a quote that is never closed."""
    data = b'a,b\n1,"x\ny"\n2\n3,x,y\n4,"x"y\n\n5,x\0\n6,ok\n7,"never\n8,ok\n'
    found = read_as(PLAIN, data, piece=piece)
    assert found.rows == [["1", "x\ny"], ["6", "ok"], ["8", "ok"]]
    assert found.numbers == [2, 8, 10]
    assert faults(found) == [(3, 4), (4, 5), (5, 6), (7, 8), (9, 10)]
    assert [one.sentence.split(".")[0] for one in found.faults] == [
        "It has 1 cell, the table has 2 columns",
        "It has 3 cells, the table has 2 columns",
        'There is text after a closing quote ("): quotes within a quoted cell are written twice',
        "Cell 2 holds a NUL character, as damaged files do",
        'A quote (") that opens here is never closed',
    ]
    assert found.blank == 1
    assert found.faults[0].text == "2"


@pytest.mark.slow
def test_a_quote_that_is_never_closed_does_not_swallow_a_long_file() -> None:
    """The row is at fault; the 20,000 behind it, over several pieces, are rows."""
    data = b'a,b\n1,"x\n' + b"".join(b"%d,some text to fill it\n" % i for i in range(20_000))
    found = read_as(PLAIN, data, piece=64_000)
    assert faults(found) == [(2, 2)]
    assert len(found.rows) == 20_000
    assert found.numbers[0] == 3


def test_rows_can_be_filled() -> None:
    """Where the person wants it, missing cells are empty ones, and empty ones too many are dropped; text beyond the columns is not."""
    found = read(b"a,b,c\n1\n1,2,3,,\n1,2,3,4\n", fill=True)
    assert found.rows == [["1", "", ""], ["1", "2", "3"]]
    assert faults(found) == [(4, 4)]


def test_names_of_columns_are_each_there_once() -> None:
    """Equal and empty headers get names of their own, and that is said."""
    found = read(b"x,x,,x (2)\n1,2,3,4\n", header=True)
    assert found.names == ["x", "x (2)", "column 3", "x (2) (2)"]
    assert found.remarks == [
        "1 column had no name and got one by position.",
        "2 columns had the same name as another and got a number.",
    ]


def test_a_table_without_a_header_has_its_first_row() -> None:
    """Columns are named by place."""
    found = read(b"1,2\n3,4\n")
    assert found.dialect.header is False
    assert (found.names, found.rows, found.numbers) == (["column 1", "column 2"], [["1", "2"], ["3", "4"]], [1, 2])


def test_lines_before_the_table_are_passed_over() -> None:
    """Excel's ``sep=`` line by itself; others where the person says how many."""
    assert read(b"sep=;\r\na;b\r\n1,5;2\r\n").rows == [["1,5", "2"]]
    found = read_as(Dialect(skip=2), b'a report, "of\ntoday\nx,y\n1,2\n', piece=5)
    assert (found.names, found.rows, found.numbers) == (["x", "y"], [["1", "2"]], [4])
    assert found.remarks == ['2 lines above the table were skipped: “a report, "of” “today”.']


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_a_title_above_the_table_is_passed_over_and_said(piece: int) -> None:
    """Otherwise it would be the header, and every row at fault."""
    found = read("Größen 2026\r\n\r\nname,size\r\nx,1\r\n\r\ny,2\r\n".encode(), piece=piece)
    assert (found.names, found.rows, found.numbers, found.blank) == (["name", "size"], [["x", "1"], ["y", "2"]], [4, 6], 1)
    assert found.remarks == ["2 lines above the table were skipped: “Größen 2026”."]
    assert read(b"sep=;\na;b\n1;2\n").remarks == []
    assert read_as(Dialect(skip=5_000), b"\n" * 5_000 + b"x,y\n1,2\n", piece=piece).remarks == ["5,000 lines above the table were skipped."]


def test_five_thousand_columns() -> None:
    """They are read; more than a sheet can have are refused in a sentence."""
    names = [f"c{i}" for i in range(5_000)]
    data = (",".join(names) + "\n" + ",".join("0" * 5_000) + "\n").encode()
    found = read(data)
    assert found.names == names
    assert found.rows == [["0"] * 5_000]
    with pytest.raises(UnreadableTable, match="16,385 columns"):
        read(b"x" + b"," * limits.MAX_COLUMNS + b"\n")


@pytest.mark.slow
def test_a_cell_of_ten_megabytes() -> None:
    """It is read in pieces like any other, with line breaks in it."""
    cell = b"some text\n" * 1_000_000
    found = read(b'id,text\n1,"' + cell + b'"\n2,x\n')
    assert found.rows == [["1", cell.decode()], ["2", "x"]]
    assert found.columns[1].longest == 10_000_000


def test_a_cell_that_is_too_long_is_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows beside it stay."""
    monkeypatch.setattr(limits, "MAX_CELL", 100)
    found = read_as(PLAIN, b"a,b\n1,x\n2," + b"x" * 200 + b"\n3,x\n")
    assert found.numbers == [2, 4]
    assert "longer than 100 characters" in found.faults[0].sentence


def test_a_line_without_end_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not gathered in memory."""
    monkeypatch.setattr(limits, "MAX_RECORD", 1_000)
    with pytest.raises(UnreadableTable, match="longer than"):
        read_as(PLAIN, b"x" * 5_000, piece=100)


def test_a_header_that_cannot_be_read_is_not_replaced_by_the_first_row() -> None:
    """Else its cells would silently become the columns' names."""
    with pytest.raises(UnreadableTable, match="column names"):
        read_as(PLAIN, b'"a"x,b\n1,2\n')


def test_bytes_that_are_no_utf8_are_asked_about_wherever_they_come() -> None:
    """Strictly UTF-8 until they come; then the person is asked, with what each encoding makes of the place."""
    start = b"a,b\n" + b"1,x\n" * 100_000
    data = start + "2,größer\n".encode("cp1252")
    with pytest.raises(EncodingAsked) as asked:
        read(data)
    best = asked.value.candidates[0]
    assert (best.encoding, best.lines) == ("windows-1252", ("2,größer",))
    assert asked.value.candidates[-1].encoding == "utf-8"


def test_whoever_says_that_it_is_utf8_gets_the_good_rows() -> None:
    """The others are at fault, and their bytes are shown as what they are not."""
    found = read_as(Dialect(chosen=True), b"a,b\n1,x\n2,\xfc\n3,\xc3\xbc\n", piece=11)
    assert found.rows == [["1", "x"], ["3", "ü"]]
    assert [(one.row, one.text) for one in found.faults] == [(3, "2,\ufffd")]


def test_another_encoding_is_decoded_by_what_the_caller_gives() -> None:
    """In pieces that cut characters; bytes that it does not have put their row at fault."""
    data = "名前,値\n太郎,１\n".encode("shift_jis") + b"\x81\xff,1\n" + "花子,２\n".encode("shift_jis")
    found = read_as(Dialect(encoding="shift_jis"), data, piece=3)
    assert (found.names, found.rows) == (["名前", "値"], [["太郎", "１"], ["花子", "２"]])
    assert faults(found) == [(3, 3)]
    with pytest.raises(UnreadableTable, match="klingon"):
        read_as(Dialect(encoding="klingon"), data)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("piece", [1, 3, 1 << 20])
def test_a_byte_order_mark_says_which_unicode_it_is(encoding: str, piece: int) -> None:
    """It is no part of the first name."""
    found = read("näme\t値\n1\t😀\n".encode(encoding), piece=piece)
    assert (found.names, found.rows) == (["näme", "値"], [["1", "😀"]])


@pytest.mark.parametrize(
    "dialect",
    [Dialect(delimiter=""), Dialect(delimiter="::"), Dialect(delimiter="\n"), Dialect(quote=","), Dialect(quote='"', escape='"')],
)
def test_a_dialect_that_cannot_be_is_refused_in_words(dialect: Dialect) -> None:
    """Not by what Python says."""
    with pytest.raises(UnreadableTable, match="Delimiter"):
        CsvTable(dialect, 1)


# --- time and memory


def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines are read record by record from here on: the first number."""
    looked, read_line = [0], csvtable._LineSource.__next__

    def counted(source: csvtable._LineSource) -> str:
        looked[0] += 1
        return read_line(source)

    monkeypatch.setattr(csvtable._LineSource, "__next__", counted)
    return looked


@pytest.mark.parametrize("lines", [b'x","y\n' * 3_000, b'x","y\n' * 3_000 + b'a,"b"c\n', b'"a\n' * 3_000, b'1,"' + b"2,3\n" * 3_000])
@pytest.mark.parametrize("piece", [1_000, 1 << 20])
def test_quotes_cost_no_more_than_the_text_is_long(monkeypatch: pytest.MonkeyPatch, lines: bytes, piece: int) -> None:
    """Lines that each open a quote which the next one closes and opens again, up to the end or to a fault; one that is never closed."""
    monkeypatch.setattr(limits, "MAX_RECORD", 4_000)
    looked = looked_at(monkeypatch)
    found = read_as(PLAIN, b"a,b\n" + lines, piece=piece)
    assert len(found.rows) + len(found.faults) >= 1_000
    assert looked[0] <= 8 * 3_000


def test_rows_of_a_long_text_come_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was held behind a quote that is never closed is not all in memory as rows."""
    data = b'a,b\n1,"x\n' + b"".join(b"%d,y\n" % n for n in range(2_000))
    expected = read_as(PLAIN, data)
    monkeypatch.setattr(csvtable, "_AT_ONCE", 1_000)
    monkeypatch.setattr(csvtable, "_ROWS", 50)
    reader = CsvTable(PLAIN, len(data))
    groups = [*reader.feed(data), *reader.feed(b"", last=True)]
    assert max(len(one.numbers) for one in groups) < 100
    assert [n for one in groups for n in one.numbers] == expected.numbers
    assert [list(row) for one in groups for row in one.cells] == expected.rows
    assert reader.faults.kept == expected.faults


# --- properties

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8) | st.sampled_from(
    ['"', "a,b", "x\ny", "\r", '""', "'", ";", "\t", "\\", "00123", "\u2028", "\x85", "\ufeff", " "]
)
DIALECTS = st.builds(
    Dialect,
    delimiter=st.sampled_from([",", ";", "\t", "|", "^"]),
    quote=st.sampled_from(['"', "'"]),
    header=st.booleans(),
)


def written(rows: list[list[str]], dialect: Dialect, end: str) -> bytes:
    out = io.StringIO(newline="")
    made = csv.writer(out, delimiter=dialect.delimiter, quotechar=dialect.quote, lineterminator=end, quoting=csv.QUOTE_ALL)
    made.writerows(rows)
    return out.getvalue().encode()


@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8)),
    DIALECTS,
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(1, 40),
)
def test_what_was_written_is_read(rows: list[list[str]], dialect: Dialect, end: str, piece: int) -> None:
    """Every table, in every dialect, however its pieces are cut; only rows without any text are passed over."""
    found = read_as(dialect, written(rows, dialect, end), piece=piece)
    filled = [row for row in rows if any(row)]
    kept = filled[1:] if dialect.header else filled
    assert found.faults == []
    assert found.rows == kept
    assert found.blank == len(rows) - len(filled)


@given(
    st.lists(st.lists(st.text('a":,\\nt ü', max_size=6), min_size=2, max_size=2), min_size=1, max_size=8),
    st.integers(1, 40),
    st.booleans(),
)
def test_an_escape_takes_nothing_out_of_a_cell(rows: list[list[str]], piece: int, sparing: bool) -> None:
    """Also where a writer escapes quotes only (``sparing``), and leaves the backslashes of paths and patterns as they are."""
    dialect = Dialect(escape="\\", header=False)
    if sparing:  # where what follows a backslash is no sign of the table, it means itself
        rows = [[re.sub(r'\\+(?=[",\\]|$)', "", cell) for cell in row] for row in rows]
    double = (lambda cell: cell) if sparing else (lambda cell: cell.replace("\\", "\\\\"))
    lines = [",".join('"' + double(cell).replace('"', '\\"') + '"' for cell in row) for row in rows]
    found = read_as(dialect, "".join(f"{line}\n" for line in lines).encode(), piece=piece)
    assert found.faults == []
    assert found.rows == [row for row in rows if any(row)]


SENTENCES = st.lists(st.sampled_from(["good", "good, cheap", "no; never", "so, so, so", "a, b, c, d", "x | y"]), max_size=9, unique=True)


@given(SENTENCES)
def test_a_list_of_sentences_is_one_column(sentences: list[str]) -> None:
    """A list of reviews under one word: marks stand in its texts, in hardly two of them equally often."""
    found = read("\n".join(["review", "fine", *sentences]).encode())
    assert (found.names, found.rows, found.faults) == (["review"], [[one] for one in ["fine", *sentences]], [])


@given(st.binary(max_size=300) | st.text('a1",;\t\n\r\\\0ü').map(str.encode), st.integers(1, 30), DIALECTS, st.booleans())
def test_any_bytes_are_a_table_or_a_sentence(data: bytes, piece: int, dialect: Dialect, chosen: bool) -> None:
    """Nothing else is raised, and the pieces make no difference to what is read."""
    dialect = Dialect(delimiter=dialect.delimiter, quote=dialect.quote, header=False, chosen=chosen)
    refused = tables.refusal(lambda: read_as(dialect, data))
    assert tables.refusal(lambda: read_as(dialect, data, piece=piece)) == refused
    if not refused:
        assert read_as(dialect, data, piece=piece) == read_as(dialect, data)


@given(
    st.binary(max_size=300) | st.text('a1",;\t\n\r{}[]:\\\0ü').map(str.encode), st.sampled_from(["x.csv", "x.json", "x.jsonl", "", "x.tsv"])
)
def test_any_file_is_examined_and_read_or_refused_in_words(data: bytes, name: str) -> None:
    """From its first byte to its last row."""
    assert tables.refusal(lambda: read(data, name))[-1:] in ("", ".")


def outcome(dialect: Dialect, data: bytes, piece: int) -> tables.ReadTable | str:
    """The table, or why there is none."""
    try:
        return read_as(dialect, data, piece=piece)
    except UnreadableTable as error:
        return str(error)


@given(
    st.lists(
        st.sampled_from(['x","y\n', '"a\n', "b,c\n", 'x""\n', '"","\n', '"p\\\n', "q,r\\\n", '"s"t\n', '1,"z"\r\n', '"\n', ',"k', "\r"]),
        max_size=14,
    ),
    st.integers(1, 40),
    st.sampled_from(["", "\\"]),
    st.integers(10, 60),
)
def test_what_is_concluded_of_a_line_is_what_reading_it_says(lines: list[str], piece: int, escape: str, most: int) -> None:
    """Every record that cannot be read read to its end gives the same rows and faults, and so does each text read record by record."""
    dialect, data = Dialect(escape=escape, header=False), "".join(lines).encode()
    failed = csvtable._LineSource.failed

    def forgetting(source: csvtable._LineSource, why: str) -> None:
        failed(source, why)
        source._lost = range(0)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(limits, "MAX_RECORD", most)
        found = [outcome(dialect, data, piece)]
        patched.setattr(csvtable, "_AT_ONCE", 0)
        found.append(outcome(dialect, data, piece))
        patched.setattr(csvtable._LineSource, "failed", forgetting)
        found.append(outcome(dialect, data, piece))
    assert found[0] == found[1] == found[2]


def test_one_damaged_row_makes_no_short_table_binary() -> None:
    """Nor does half a character at the end of UTF-16: the good rows stay."""
    found = read(b"id,t\n1,a\0b\n2,b\n")
    assert (found.rows, [one.row for one in found.faults]) == ([["2", "b"]], [2])
    found = read("id,t\n1,ä\n2,".encode("utf-16") + b"\x00")
    assert (found.rows, [one.row for one in found.faults]) == ([["1", "ä"]], [3])
