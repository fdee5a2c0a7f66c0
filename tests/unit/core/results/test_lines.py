"""Lines of answers read for a table of them: the few fields that its columns show, of whatever shape a line has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.results.fields import LONGEST_PATH
from app.core.results.lines import MOST_FIELDS, answer_cells, fields_of, prompt_text, snippet
from tests.kit.answered import said

CHAT = "/v1/chat/completions"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=LONGEST_PATH), JSON, max_size=6))
def test_fields_are_texts_by_a_path_that_can_be_a_column(value: dict[str, Any]) -> None:
    """Of an object each leaf within one level, as one line; numbers as they are written."""
    found = fields_of(json.dumps(value))
    assert found is not None
    assert all(len(path) <= LONGEST_PATH and "\n" not in text and len(text) <= 60 for path, text in found.items())
    for name, leaf in value.items():
        if isinstance(leaf, int) and not isinstance(leaf, bool) and abs(leaf) < 1e15:
            assert found[name] == str(leaf) or any(name.startswith(f"{other}.") for other in value)


def test_what_an_answer_says_makes_no_column_that_cannot_be_named() -> None:
    """Names become columns, addresses and headers: thousands of characters, or of names, do not; the answer itself has all of them."""
    long = {"x" * 10_000 + str(n): n for n in range(MOST_FIELDS)}
    assert fields_of(json.dumps({"ok": 1, **dict(list(long.items())[:5]), "deep": {"y" * 10_000: 2, "z": 3}})) == {"ok": "1", "deep.z": "3"}
    many = fields_of(json.dumps({str(n): {str(m): m for m in range(100)} for n in range(100)}))
    assert many is not None
    assert len(many) == MOST_FIELDS**2
    assert fields_of(json.dumps({"a.b": "first", "a": {"b": "second"}})) == {"a.b": "first"}
    assert fields_of("[1]") is None
    assert fields_of("{") is None


@given(st.sampled_from((CHAT, "/v1/responses", "/v1/completions", "")), JSON | st.binary(max_size=40))
def test_no_line_keeps_the_others_from_being_read(endpoint: str, shape: Any) -> None:
    """Whatever stands where an answer or a request is: bytes, another JSON, a usual line with something else for its parts."""
    line = shape if isinstance(shape, bytes) else json.dumps(shape).encode()
    whole = said("r-1", "x")
    for each in (line, whole.replace(b'"x"', line), whole[: len(whole) // 2] + line, whole.replace(b"200", line)):
        assert isinstance(answer_cells(endpoint, each).text, str)
        assert isinstance(prompt_text(each), str)


@pytest.mark.parametrize(("text", "words", "seen"), [("a\n b", "", "a b"), ("x" * 900 + " needle " + "y" * 90, "NEEDLE", "needle")])
def test_a_snippet_shows_the_words(text: str, words: str, seen: str) -> None:
    """On one line, cut."""
    found = snippet(text, words, 300)
    assert seen in found
    assert len(found) <= 302
