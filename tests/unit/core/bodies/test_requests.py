"""Lines of JSONL, and runs of them."""

import itertools
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.bodies import requests
from app.core.bodies.requests import LineFault, LineRun
from app.core.json.jsontext import JsonFault
from tests.unit.core.strategies import objects, texts, values

URL = "/v1/chat/completions"
pairs = st.lists(st.tuples(texts, st.binary(max_size=12).map(lambda data: data.replace(b"\n", b" ") + b"\n")), max_size=30)


@pytest.mark.slow
@given(texts, objects)
def test_a_line_holds_exactly_what_was_given(id, body):
    """One line, UTF-8 without BOM, that reads back the same; only its end is a newline."""
    line = requests.line(id, URL, body)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"custom_id": id, "method": "POST", "url": URL, "body": body}
    assert json.loads(bytes(requests.decode(line).body)) == body
    assert requests.decode(line).custom_id == id


@pytest.mark.parametrize("text", ["\u2028\u2029\x85", "😀", "\x00\x1f", "é" * 10, '"\\\n\r\t', "\ufeff"])
def test_odd_characters_stay_themselves(text):
    """U+2028, 4-byte characters, control characters and quotes round-trip within one line."""
    line = requests.line("a", URL, {"t": text})
    assert line.count(b"\n") == 1
    assert json.loads(line)["body"]["t"] == text


@pytest.mark.parametrize(("id", "body"), [("a", {"t": "\ud83d"}), ("a", {"\udc00": 1}), ("\ud83d", {})])
def test_half_a_character_is_refused_in_words(id, body):
    """A lone surrogate can't be written as UTF-8, and a sentence says so."""
    with pytest.raises(LineFault, match="half a character"):
        requests.line(id, URL, body)


def test_numbers_beyond_64_bits_are_kept():
    """JSON has no limit on numbers, so neither has a line."""
    assert json.loads(requests.line("a", URL, {"n": 2**70}))["body"]["n"] == 2**70


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{", b'{"custom_id": 3}', b'{"custom_id": "\xff"}', b"[" * 5000, b'{"body": ' + b"[" * 100_000]
)
def test_a_line_that_is_none_is_told_in_words(line):
    """Reading a broken line raises one kind of error, with a sentence."""
    with pytest.raises(LineFault, match="isn't a batch request"):
        requests.decode(line)


@given(pairs, st.integers(1, 8), st.integers(1, 40))
def test_segments_partition_the_lines_within_limits(lines, max_lines, max_bytes):
    """Every line stands in one run, in order; a run keeps the limits, or is one line; none is empty and none could take the next line."""
    runs = list(requests.make_segments(lines, max_lines, max_bytes))
    assert [pair for run in runs for pair in requests.lines_of(run)] == lines
    for run in runs:
        assert 1 <= len(run.ids) == len(run.ends) <= max_lines
        assert len(run.data) == run.ends[-1]
        assert len(run.data) <= max_bytes or len(run.ids) == 1
    for run, following in itertools.pairwise(runs):
        first = following.ends[0]
        assert len(run.ids) == max_lines or len(run.data) + first > max_bytes


def run_of(lines) -> LineRun:
    return next(requests.make_segments(lines, 10_000, 10**9), LineRun((), (), b""))


@given(pairs)
def test_a_picked_line_is_the_one_that_was_put(lines):
    """Positions lead to their lines."""
    run = run_of(lines)
    for i, (_, line) in enumerate(lines):
        assert requests.pick(run.data, run.ends, i) == line
    with pytest.raises(IndexError):
        requests.pick(run.data, run.ends, len(lines))
    with pytest.raises(IndexError):
        requests.pick(run.data, run.ends, -1)


@given(pairs, st.sets(st.integers(0, 30)))
def test_dropping_positions_keeps_the_rest(lines, gone):
    """Lines without those dropped are the others, in order."""
    run = run_of(lines)
    kept = [pair for i, pair in enumerate(lines) if i not in gone]
    assert list(requests.lines_of(run, gone)) == kept
    assert list(requests.lines_of(requests.without(run, gone))) == kept


@given(pairs.filter(bool), st.data())
def test_a_replaced_line_leaves_the_others(lines, data):
    """Exchanging a line changes that line only."""
    i = data.draw(st.integers(0, len(lines) - 1))
    run = requests.replaced(run_of(lines), i, b"new line\n", "new")
    assert list(requests.lines_of(run)) == [*lines[:i], ("new", b"new line\n"), *lines[i + 1 :]]


@pytest.mark.parametrize(
    ("body", "text", "messages", "images"),
    [
        ({"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Hi\nthere"}]}, "Hi there", 2, 0),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}, {"type": "text", "text": "See"}]}]}, "See", 1, 1),
        ({"input": [{"role": "user", "content": [{"type": "input_text", "text": "R"}, {"type": "input_image"}]}]}, "R", 1, 1),
        ({"input": "One text"}, "One text", 1, 0),
        ({"input": ["first", "second"]}, "first", 2, 0),
        ({"prompt": "P"}, "P", 1, 0),
        ({"messages": [{"role": "system", "content": "Only"}]}, "Only", 1, 0),
        ({"instructions": "I"}, "I", 0, 0),
        ({}, "", 0, 0),
        ({"messages": 3}, "", 1, 0),
    ],
)
def test_a_preview_shows_the_first_user_text(body, text, messages, images):
    """A list row shows what was asked, whatever the shape of the body."""
    row = requests.preview(requests.line("a", URL, {"model": "m", **body}))
    assert (row.custom_id, row.url, row.model, row.text, row.messages, row.images) == ("a", URL, "m", text, messages, images)
    assert row.fault == ""


@given(values)
def test_any_line_has_a_preview(value):
    """Whatever JSON stands in a line or in its body, a row comes back."""
    assert isinstance(requests.preview(msgspec.json.encode(str(value))), requests.Preview)
    assert isinstance(requests.preview(json.dumps(value).encode()), requests.Preview)
    assert isinstance(requests.preview(json.dumps({"body": {"messages": value, "model": value}}).encode()), requests.Preview)


@pytest.mark.parametrize("line", [b"", b"{", b"\xff", b"[]", b'{"custom_id": "a"}', b"[" * 5000, b'{"body": ' + b"[" * 100_000])
def test_a_broken_line_has_a_preview_that_says_so(line):
    """A row of a line that can't be read holds a sentence and the size."""
    row = requests.preview(line)
    assert row.fault
    assert row.size == len(line)


def test_an_edited_body_becomes_a_line_or_a_place():
    """Editing a request by hand gives the new line, or where the JSON is wrong."""
    assert requests.check_line("a", URL, '{\n "model": "m"\n}') == requests.line("a", URL, {"model": "m"})
    fault = requests.check_line("a", URL, '{\n "model": "m",\n}')
    assert isinstance(fault, JsonFault)
    assert (fault.line, fault.column) == (2, 14)
    assert isinstance(requests.check_line("a", URL, "[]"), JsonFault)


def test_a_body_is_shown_indented():
    """An editor shows the body alone, readable, characters kept."""
    assert requests.body_text(requests.line("a", URL, {"m": "é"})) == '{\n  "m": "é"\n}'
