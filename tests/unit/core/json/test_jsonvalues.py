"""Files of JSON whose values are not one a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.json.jsonvalues import Shape, Values, shape_of

LINES = Path(__file__).resolve().parents[3] / "data" / "lines"


@pytest.mark.parametrize(("name", "shape"), [("array", "array"), ("pretty", "values"), ("hostile", "lines"), ("foreign-shapes", "lines")])
def test_the_shape_of_a_file(name: str, shape: str) -> None:
    """Its beginning tells; a damaged first line does not make it another shape."""
    data = (LINES / f"{name}.jsonl").read_bytes()
    assert shape_of(data) == shape
    assert shape_of(data.splitlines(keepends=True)[0][:-40] + b'\n{"custom_id": "b"}\n') in (shape, "lines")


@pytest.mark.parametrize("start", [b"", b"\n\n", b"[1, 2]\n", b'{"a": 1}\n', b'{"cut": "he', b"[]", b"null", b"{", b'{"a": [\n{"b": 1}\n'])
def test_what_is_taken_line_by_line(start: bytes) -> None:
    """Everything that may be one value a line."""
    assert shape_of(start) == "lines"


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.lists(st.dictionaries(st.text(max_size=4), values, max_size=3), min_size=1, max_size=5), st.integers(1, 40), st.booleans())
def test_values_are_the_same_however_they_come(objects: list[object], size: int, listed: bool) -> None:
    """In pieces of any size, from an array or one after another, and read on from where any of them ended: the same values."""
    shape: Shape = "array" if listed else "values"
    data = (json.dumps(objects, indent=1) if listed else "\n".join(json.dumps(one, indent=1) for one in objects)).encode()
    cutter, found = Values(shape, 10_000), list[object]()
    for at in range(0, len(data), size):
        some = cutter.feed(data[at : at + size], last=at + size >= len(data))
        found += [json.loads(value) for _line, value in some if value is not None]
        if some:
            cutter = Values(shape, 10_000, cutter.read, cutter.lines)
            rest = data[cutter.read : at + size]
            if rest:
                found += [json.loads(value) for _line, value in cutter.feed(rest, last=at + size >= len(data)) if value is not None]
    assert found == objects


def test_what_stands_between_is_not_lost() -> None:
    """Whatever is no object comes as it is, with its line, for its reader to refuse."""
    found = Values("array", 1_000).feed(b'[1,\n {"a": "]}"},\n "x{", [2],\n null] rest', last=True)
    assert found == [(1, b"1"), (2, b'{"a": "]}"}'), (3, b'"x{"'), (3, b"[2]"), (4, b"null"), (4, b"rest")]


def test_a_value_that_is_too_long_is_told_and_the_next_one_read() -> None:
    """Nothing larger than the limit is held."""
    cutter = Values("values", 100)
    found = [one for at in range(0, 1_000, 50) for one in cutter.feed((b'{"a": "' + b"x" * 943 + b'"}' + b" " * 48)[at : at + 50])]
    found += cutter.feed(b'{"b": 1}', last=True)
    assert found == [(1, None), (1, b'{"b": 1}')]
