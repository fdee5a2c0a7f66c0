"""What is read quickly is what Python's reader reads."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.datasets import csvquick
from app.core.datasets.csvtable import options
from app.core.model.datasets import Dialect


def by_python(text: str, delimiter: str, quote: str) -> tuple[list[list[str]], int] | None:
    """Rows and lines; None where the strict reader refuses it."""
    reader = csv.reader(io.StringIO(text, newline=""), **options(Dialect(delimiter=delimiter, quote=quote)))
    try:
        return list(reader), reader.line_num
    except csv.Error:
        return None


@given(
    st.text(st.sampled_from('"",\n\r;a \'é\0'), min_size=1, max_size=14), st.sampled_from([(",", '"'), (";", "'"), (",", ""), ("\t", '"')])
)
@example('a,"b\r\n"\r\n"",""""\n', (",", '"'))
@example('a\r"b"', (",", '"'))
def test_it_is_what_pythons_reader_reads(text: str, signs: tuple[str, str]) -> None:
    """Or nothing."""
    found = csvquick.rows_of(text, *signs)
    assert found is None or (found, csvquick.lines_in(text)) == by_python(text, *signs)


@given(st.data())
@example(None)
def test_a_table_whose_rows_are_alike_is_what_pythons_reader_reads(data: st.DataObject | None) -> None:
    """The same columns are quoted in every row, or in all but one: it is read column by column where that is sure."""
    cell = st.text(st.sampled_from("ab ,;\n\r'é"), max_size=4)
    if data is None:
        rows, quoted = [["1", "x,\n"], ["2", ""], ["3", 'say "so"']], {1}
    else:
        width = data.draw(st.integers(1, 4))
        rows = data.draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=5))
        quoted = data.draw(st.sets(st.integers(0, width - 1)))
    plain = str.maketrans("", "", ',\n\r"')
    written = [['"' + one.replace('"', '""') + '"' if at in quoted else one.translate(plain) for at, one in enumerate(row)] for row in rows]
    text = "\n".join(map(",".join, written)) + "\n"
    found = csvquick.rows_of(text, ",", '"')
    assert found is None or (found, csvquick.lines_in(text)) == by_python(text, ",", '"')
    assert found is not None or "\r" in text


@pytest.mark.parametrize(
    "text",
    ["a,b\n1,2\n", 'id,text\r\n1,"two\r\nlines, and ""quotes"""\r\n', '"a","b"\n"",x\n\n', "a\n"],
)
def test_usual_texts_are_read_so(text: str) -> None:
    """Quoted, with line breaks and quotes within, empty cells and empty lines."""
    assert csvquick.rows_of(text, ",", '"') is not None


@pytest.mark.parametrize("text", ['a"b"\n', '"a"b\n', '"a\n', ' "a"\n', "a\rb\n", "a\0\n"])
def test_others_are_left_to_pythons_reader(text: str) -> None:
    """Quotes within a cell, behind one, without an end, behind a space; old line ends; what is not text."""
    assert csvquick.rows_of(text, ",", '"') is None
