"""JSON as rows: lines, arrays, objects one after another; values are kept exactly."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.datasets import limits
from app.core.model.datasets import Dialect
from tests.kit import tables
from tests.kit.tables import read, read_as
from tests.unit.core import strategies


@pytest.mark.parametrize("piece", [1, 5, 1 << 20])
def test_lines_of_objects(piece: int) -> None:
    """Columns in the order in which they are met; a row may bring new ones, or lack some; what is no JSON is at fault, by its line."""
    data = b'{"id": "00123", "n": 1.10}\n\n{"id": "x", "more": [1, {"a":  2}], "big": 12345678901234567890123}\nno\n{"n": null}\n'
    found = read(data, "x.jsonl", piece=piece)
    assert found.names == ["id", "n", "more", "big"]
    assert found.texts == [["00123", "1.10"], ["x", "", '[1, {"a":  2}]', "12345678901234567890123"], ["", ""]]
    assert found.numbers == [1, 3, 5]
    assert [(one.row, one.line, one.text) for one in found.faults] == [(4, 4, "no")]
    assert [column.kind for column in found.columns] == ["text", "number", "json", "integer"]


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_an_array_over_many_lines(piece: int) -> None:
    """Nested values are put on one line; a damaged element costs the others nothing."""
    data = b'\xef\xbb\xbf[\n {"a": 1,\n  "b": {"c":\n 2}},\n {"a": nope},\n {"a": "]}"}\n]\n'
    found = read(data, "x.json", piece=piece)
    assert found.texts == [["1", '{"c":2}'], ["]}"]]
    assert [(one.row, one.line) for one in found.faults] == [(2, 5)]


def test_objects_one_after_another() -> None:
    """As some programs dump them."""
    found = read(b'{\n"a": 1\n}\n{\n"a": 2\n}\n', "x.json")
    assert found.texts == [["1"], ["2"]]


def test_lists_and_single_values_are_rows_too() -> None:
    """With columns by place, or one column."""
    assert read(b'[1, "x"]\n[2, "y", true]\n', "x.jsonl").texts == [["1", "x"], ["2", "y", "true"]]
    found = read(b'"one"\n"two"\n', "x.jsonl")
    assert (found.names, found.texts) == (["value"], [["one"], ["two"]])


def test_deep_and_huge_values_are_at_fault() -> None:
    """Python would die of the one in the page, and no memory holds the other."""
    found = read(b'{"a": ' + b"[" * 300 + b"]" * 300 + b'}\n{"a": 1}\n', "x.jsonl")
    assert found.numbers == [2]
    assert "more than 200 levels" in found.faults[0].sentence


def test_a_row_with_too_many_columns_is_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table stays as it is."""
    monkeypatch.setattr(limits, "MAX_COLUMNS", 3)
    found = read(b'{"a": 1}\n{"b": 1, "c": 2, "d": 3}\n{"b": 1}\n', "x.jsonl")
    assert (found.names, found.numbers) == (["a", "b"], [1, 3])
    assert "has 4 columns" in found.faults[0].sentence


def test_other_encodings_are_read() -> None:
    """What is written in UTF-16 is JSON all the same."""
    assert read('{"ä": "ö"}\n'.encode("utf-16"), "x.jsonl").rows == [["ö"]]


ROWS = st.lists(st.dictionaries(strategies.texts.filter(str.strip), strategies.values, min_size=1, max_size=4), min_size=1, max_size=6)


def test_half_a_character_is_told_as_what_it_is() -> None:
    """JavaScript writes it where a text was cut within an emoji; pairs and escaped backslashes are none."""
    data = rb"""{"a":"\ud83d"}
{"a":"\ud83d\ude00"}
{"a":"\\ud83d","b":NaN}
"""
    found = read_as(Dialect(format="jsonl"), data)
    assert found.texts == [["😀"]]
    assert ["half a character" in one.sentence for one in found.faults] == [True, False]


@pytest.mark.slow
@given(ROWS, st.booleans(), st.integers(1, 60))
def test_what_was_written_is_read(rows: list[dict[str, object]], array: bool, piece: int) -> None:
    """Every value, exactly, however the pieces are cut and the JSON is laid out."""
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    data = (json.dumps(rows, indent=1, ensure_ascii=False) if array else lines).encode()
    found = read_as(Dialect(format="json" if array else "jsonl"), data, piece=piece)
    assert found.faults == []
    order = list(dict.fromkeys(name for row in rows for name in row))
    for row, cells in zip(rows, found.rows, strict=True):
        given_back = [json.loads(bytes(cell)) if isinstance(cell, msgspec.Raw) else cell for cell in cells]
        given_back += [None] * (len(order) - len(given_back))
        assert given_back == [row.get(name) for name in order]


@given(st.binary(max_size=200) | st.text('{}[],:"\\ \n1anulltrue').map(str.encode), st.sampled_from(["json", "jsonl"]), st.integers(1, 20))
def test_any_bytes_are_rows_and_faults(data: bytes, form: str, piece: int) -> None:
    """Nothing is raised but the reader's own error, and the pieces make no difference."""
    dialect = msgspec.convert({"format": form}, Dialect)
    refused = tables.refusal(lambda: read_as(dialect, data))
    assert tables.refusal(lambda: read_as(dialect, data, piece=piece)) == refused
    if not refused:
        assert read_as(dialect, data, piece=piece).texts == read_as(dialect, data).texts
