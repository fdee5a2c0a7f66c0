"""Whether an answer is what is expected."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.judging import Expectation, MatchKind
from app.core.results.expecting import form_of, normalised, number_in, same, wanted


def matched(answer: str, expected: str, how: MatchKind, tolerance: float = 0.0) -> bool:
    """As the table does it."""
    expectation = Expectation(id="d", column="c", how=how, tolerance=tolerance)
    return same(form_of(answer, expectation), form_of(expected, expectation), expectation)


@pytest.mark.parametrize(
    ("how", "answer", "expected", "is_same"),
    [
        ("exact", "Yes", "Yes", True),
        ("exact", "Yes ", "Yes", False),
        ("normalised", " **Yes.**\n", "yes", True),
        ("normalised", "NEW  YORK", "“New York”", True),
        ("normalised", "ﬁne", "FINE", True),
        ("normalised", "no", "yes", False),
        ("normalised", "...", "!", False),
        ("number", "1,234.50 €", "1234.5", True),
        ("number", "3,5", "3.5", True),
        ("number", "$1,234", "1234", True),
        ("number", "42", "42 apples", False),
        ("number", "nan", "nan", False),
        ("json", '{"b": [1, 2.0], "a": null}', '{"a":null,"b":[1.0,2]}', True),
        ("json", '{"a": true}', '{"a": 1}', False),
        ("json", '{"a": 1', '{"a": 1', False),
        ("json", "[1, 2]", "[2, 1]", False),
    ],
)
def test_what_is_the_same(how: MatchKind, answer: str, expected: str, is_same: bool) -> None:
    """By each way to compare."""
    assert matched(answer, expected, how) is is_same


def test_numbers_may_be_off() -> None:
    """By the tolerance, its border included, whatever binary fractions make of it."""
    assert matched("0.3", "0.1", "number", 0.2)
    assert matched("99", "100", "number", 1)
    assert not matched("98.9", "100", "number", 1)
    assert number_in("1e3") == 1000
    assert number_in("9" * 400) is None
    assert number_in("1e999") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_json_is_compared_by_what_it_says(one: Any, other: Any) -> None:
    """However it is written; Python's own equality takes true for 1, which JSON does not, so both are compared as they are written."""
    written = json.dumps(one, sort_keys=True)
    assert matched(json.dumps(one, indent=2), written, "json")
    assert matched(json.dumps(other), written, "json") == (json.dumps(other, sort_keys=True) == written)


@given(st.text(max_size=12), st.text(max_size=400))
def test_what_is_exactly_the_same_is_the_same_normalised(one: str, long: str) -> None:
    """And normalising a second time changes nothing; long texts are told apart by all of what they say."""
    assert normalised(normalised(one)) == normalised(one)
    assert matched(one, one, "exact")
    assert matched(one, one, "normalised")
    assert not matched(f"{'x' * 200}{long}1{'y' * 200}", f"{'x' * 200}{long}2{'y' * 200}", "exact")


def test_a_field_of_the_answer_is_compared() -> None:
    """By its name, or within an object; without it there is nothing to compare."""

    def field(answer: str, path: str) -> str | None:
        return wanted(answer, Expectation(id="d", column="c", field=path))

    assert field('{"label": "spam", "n": 3}', "label") == "spam"
    assert field('{"label": "spam", "n": 3}', "n") == "3"
    assert field('{"a": {"b": [1]}}', "a.b") == "[1]"
    assert field('{"a.b": 1}', "a.b") == "1"
    assert field('{"label": null}', "label") is None
    assert field("[1]", "label") is None
    assert field('{"label": ', "label") is None
    assert wanted("all", Expectation(id="d", column="c")) == "all"
