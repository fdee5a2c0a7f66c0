"""JSON as typed: every fault has a place and a helpful sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.json import jsontext
from app.core.json.jsonscan import Walker, position
from tests.unit.core.strategies import values

FAULTS = [
    ('{"a":1,}', 1, 7, "comma before the closing }"),
    ("[1,\n 2,\n]", 2, 3, "comma before the closing ]"),
    ("{'a':1}", 1, 2, "not single ones"),
    ("{“a”:1}", 1, 2, "straight double quotes"),
    ('{"a": NaN}', 1, 7, "NaN isn't JSON"),
    ("[-Infinity]", 1, 2, "-Infinity isn't JSON"),
    ("[1e999]", 1, 2, "too large"),
    ('{"a":[1,2}', 1, 10, "can't close the [ of line 1, column 6"),
    ('{"a": [1,\n 2', 2, 3, "the [ of line 1, column 7 is still open"),
    ('{"a":1 "b":2}', 1, 8, "A comma is missing"),
    ('{"a" 1}', 1, 6, "colon is missing"),
    ("{a: 1}", 1, 2, 'The name a needs double quotes: "a"'),
    ('{"a": yes}', 1, 7, "The text yes needs double quotes"),
    ('["abc]', 1, 2, "no closing quote"),
    ('["abc\n]', 1, 2, 'no closing quote (") on its line'),
    ('["a\tb"]', 1, 4, "a tab: write \\t"),
    ('["a\x00b"]', 1, 4, "U+0000"),
    ('["\\x41"]', 1, 3, "write two"),
    ('["\\ud83d"]', 1, 3, "half a character"),
    ('["😀\ud83d"]', 1, 4, "half a character"),
    ("[True]", 1, 2, "write true"),
    ("[None]", 1, 2, "write null"),
    ("[01]", 1, 2, "leading 0"),
    ("[.5]", 1, 2, "0 before the point"),
    ("// c\n{}", 1, 1, "no comments"),
    ("[1, /* c */ 2]", 1, 5, "no comments"),
    ("{} {}", 1, 4, "second JSON value"),
    ("[1]]", 1, 4, "closes nothing"),
    ("", 1, 1, "no JSON here"),
    ("\ufeff  \n", 2, 1, "no JSON here"),
    ("[" * 201 + "]" * 201, 1, 201, "200 brackets"),
    ('\r\n{"a":\r1,}', 3, 2, "comma before"),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), FAULTS)
def test_a_fault_has_its_place_and_says_what_is_wrong(text, line, column, words):
    """Each common mistake is told in its own words, at its line and column."""
    fault = jsontext.parse(text).fault
    assert fault is not None
    assert (fault.line, fault.column) == (line, column)
    assert words in fault.sentence


@given(values)
def test_what_was_written_is_read(value):
    """Any value survives writing and reading."""
    assert jsontext.parse(jsontext.dumps(value)) == jsontext.Parsed(value)


@given(st.text() | st.text('{}[]",:\\ \n0123456789.eE+-aNtrufls/'))
def test_no_text_makes_it_raise(text):
    """Any text gives a value or a fault whose place lies in the text."""
    parsed = jsontext.parse(text)
    if parsed.fault:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert 1 <= parsed.fault.line <= len(lines)
        assert 1 <= parsed.fault.column <= len(lines[parsed.fault.line - 1]) + 1
        assert "can't be read as JSON" not in parsed.fault.sentence
    else:
        assert parsed.value == json.loads(text.removeprefix("\ufeff"))


@given(values, st.integers(0, 400), st.sampled_from(list('{}[]",:\\ \n01.e-+N')))
def test_a_damaged_text_never_passes_in_silence(value, at, char):
    """A changed text is either JSON, and read as the standard library reads it, or has a fault."""
    text = jsontext.dumps(value)
    at = min(at, len(text))
    damaged = text[:at] + char + text[at:]
    parsed = jsontext.parse(damaged)
    if parsed.fault is None:
        assert parsed.value == json.loads(damaged)


def test_a_name_that_stands_twice_is_warned_of():
    """The last value of a doubled name counts, and the place of the second is told."""
    parsed = jsontext.parse('{"a": 1,\n "b": {"a": 2},\n "a": 3}')
    assert parsed.value == {"a": 3, "b": {"a": 2}}
    (warning,) = parsed.warnings
    assert (warning.line, warning.column) == (3, 2)


def test_brackets_in_texts_do_not_count_as_depth():
    """A text full of brackets is not deep."""
    assert jsontext.parse(json.dumps(["[" * 500])).value == ["[" * 500]


@pytest.mark.parametrize(
    ("path", "place"),
    [("", (1, 1)), ("/a", (2, 8)), ("/a/1", (3, 3)), ("/a/1/x~1y", (3, 11)), ("/a/9/z", (2, 8)), ("/none", (1, 1))],
)
def test_a_pointer_leads_to_its_place(path, place):
    """A value is found by its JSON pointer; where it is missing, what would contain it."""
    assert jsontext.Places('{\n  "a": [1,\n  {"x/y": true}\n]}').of(path) == place


def test_a_pointer_can_lead_to_the_name():
    """With ``key`` the name of a member is pointed to."""
    assert jsontext.Places('{\n  "a": 1}').of("/a", key=True) == (2, 3)


def test_places_before_a_fault_are_found():
    """A faulty text still shows what stands before the fault."""
    assert jsontext.Places('{"a":\n 1, "b": ').of("/a") == (2, 2)


@given(values)
def test_every_value_is_found(value):
    """Each place that the walker knows can be found again by its pointer."""
    text = jsontext.dumps(value)
    for place in list(Walker(text).places())[:10]:
        if not any("~" in str(step) or "/" in str(step) for step in place.path):
            assert jsontext.Places(text).of(jsontext.pointer(place.path)) == position(text, place.offset)
