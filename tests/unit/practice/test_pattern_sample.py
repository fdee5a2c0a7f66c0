"""Texts for schemas with a pattern."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.practice.pattern_sample import matching
from app.practice.schema_sample import sample


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[a-z]{2}$",
        r"^\d{4}-\d{2}-\d{2}$",
        r"^(?:[A-Z]{3}|x)\w+\s?[^a-z]$",
        r"^[^aA0]$",
        r"^(a|b)?c*$",
        r"^[A-Z]{2}\d{2}(?: ?\d{4}){4}$",
        r"^.{5,}$",
        r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$",
        r"^$",
    ],
)
def test_what_is_made_matches(pattern: str) -> None:
    """The usual patterns of schemas, by themselves and in one."""
    found = matching(pattern)
    assert found is not None
    assert re.search(pattern, found)
    assert re.search(pattern, sample({"type": "string", "pattern": pattern}, 5))


@pytest.mark.parametrize("pattern", ["(", r"^(?!a)a$", "^a{1000000}$", "a" * 600, r"^(?:a{20}){20}$", "\\ud800", r"^[^\x00-\uffff]$"])
def test_what_cannot_be_made_is_none(pattern: str) -> None:
    """Wrong, impossible or far too long: there is an end, and no text."""
    assert matching(pattern) is None
    assert sample({"type": "string", "pattern": pattern}, 5) == "simulated" or re.search(pattern, "simulated")


@pytest.mark.filterwarnings("ignore::FutureWarning")
@given(st.lists(st.sampled_from([*r"ab01.*+?^$|()[]{}-\dws,"]), max_size=12).map("".join))
def test_any_text_as_a_pattern(pattern: str) -> None:
    """It ends, raises nothing, and what it gives matches."""
    found = matching(pattern)
    assert found is None or re.search(pattern, found)
