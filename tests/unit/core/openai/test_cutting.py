"""Files of answers that are no JSONL: every object is found whole, wherever the stream is cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.openai.cutting import LineCutter, each_object, each_value, spans_lines
from app.core.openai.wrapped import wraps

leaves = st.none() | st.booleans() | st.integers(-9, 9) | st.text('a"\\{}[],\n é', max_size=6)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("k{", max_size=2), inner, max_size=3))
objects = st.lists(st.dictionaries(st.just("custom_id"), values, min_size=1, max_size=1), min_size=1, max_size=6)
WRITERS: dict[str, Callable[[Any], str]] = {
    "lines": lambda found: "\n".join(map(json.dumps, found)) + "\n",
    "array": json.dumps,
    "indented array": lambda found: json.dumps(found, indent=2),
    "indented objects": lambda found: "\n".join(json.dumps(one, indent=1) for one in found),
    "an array, a line an object": lambda found: "[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n",
    "in an object": lambda found: json.dumps({"object": "list", "data": found, "has_more": False}),
    "in an object, indented": lambda found: json.dumps({"results": found}, indent=2),
    "in an object, a line an object": lambda found: '{"items": [\n' + ",\n".join(map(json.dumps, found)) + "\n]}\n",
    "with a BOM": lambda found: "\ufeff" + json.dumps(found),
}


@pytest.mark.slow
@given(objects, st.sampled_from(sorted(WRITERS)), st.lists(st.integers(1, 40), max_size=8), st.integers(1, 200))
def test_every_object_is_found_whole_wherever_the_stream_is_cut(found, writer, steps, size):
    """The segments are the stream, byte for byte, and their values are the objects, in order."""
    data = WRITERS[writer](found).encode()
    cutter, segments, at = LineCutter(size), list[bytes](), 0
    for step in (*steps, len(data) or 1):
        segments += cutter.feed(data[at : at + step])
        at += step
    segments.append(cutter.finish())
    assert b"".join(segments) == data
    read = [json.loads(one[at : at + length].decode("utf-8-sig")) for one in segments for at, length in each_value(one)]
    assert read == found


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd(data):
    """Whatever comes, nothing is raised, and what is found lies in it, in order, and does not overlap."""
    for finder in (each_value, each_object):
        last = 0
        for at, length in finder(data):
            assert last <= at < at + length <= len(data)
            last = at + length


@pytest.mark.parametrize(
    ("head", "whole", "said"),
    [
        (b'{"a":1}\n{"b":2}', False, False),
        (b'{"a":1}', False, None),
        (b'{"a":1}', True, False),
        (b"[", False, True),
        (b"\xef\xbb\xbf [", False, True),
        (b'{\n  "a"', False, True),
        (b'{"custom_id":"a","resp\n{"custom_id":"b"}\n', False, False),
        (b'{"a":1},\n{"b":2}', False, False),
        (b'{"a":1},{"b":2},', True, True),
        (b"", False, None),
        (b"# words\n", False, False),
    ],
)
def test_what_a_file_is_shows_at_its_beginning(head, whole, said):
    """A damaged first line makes no array of a JSONL file."""
    assert spans_lines(head, whole=whole) is said


def test_what_stands_between_objects_is_kept():
    """Words between two objects are a value of their own, which is then told as damaged."""
    data = b'[{"a": 1}, nonsense, {"b": 2}]'
    assert [data[at : at + length] for at, length in each_value(data)] == [b'{"a": 1}', b"nonsense", b'{"b": 2}']


@pytest.mark.slow
@given(objects, objects, st.sampled_from(("\n", "", "\r\n\r\n")))
def test_two_lists_one_behind_the_other_are_both_read(first, second, between):
    """Pages of a listing, appended to each other; and lines behind them."""
    data = (json.dumps({"data": first}) + between + json.dumps({"next": None, "results": second}) + "\n").encode()
    lines = "".join(json.dumps(one) + "\n" for one in first).encode()
    read = [json.loads((data + lines)[at : at + length]) for at, length in each_value(data + lines)]
    assert read == [*first, *second, *first]


@pytest.mark.parametrize(
    "line",
    [
        b'{"custom_id":"a","data":[{"custom_id":"b"}]}',
        b'{"id":"x","response":{"body":{"data":[{"custom_id":"b"}]}}}',
        b'{"response":null,"data":[{"custom_id":"b"}]}',
        b'{"data":[{"embedding":[1]},{"custom_id":"b"}]}',
        b'{"data":{"custom_id":"b"}}',
        b'{"data":[[{"custom_id":"b"}]]}',
        b'{"data":["custom_id"]}',
        b'{"data":[{"x":"custom_id"}]}',
        b'{"note":[{"custom_id":"b"}]}',
        b'{"data":[{"x":{"custom_id":"b"}}]}',
        b'{"data":[',
        b'{"data',
        b"",
    ],
)
def test_what_is_no_list_of_lines_stays_one_value(line):
    """A line with an id or a response of its own is one line, whatever lists it holds."""
    assert not wraps(line)
    assert len(list(each_value(line))) == bool(line)


def test_a_list_that_is_cut_off_gives_what_is_whole():
    """And what is left of the last one, so that it is counted."""
    data = b'{"data":[{"custom_id":"a"},{"custom_id":"b","respo'
    assert [data[at : at + length] for at, length in each_value(data)] == [b'{"custom_id":"a"}', b'{"custom_id":"b","respo']
