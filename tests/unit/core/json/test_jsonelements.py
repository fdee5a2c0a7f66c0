"""The elements of an array, found without decoding it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.json.jsonelements import BREATH, elements

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.lists(VALUES, max_size=6), st.sampled_from([None, 1]), st.booleans())
def test_they_are_those_that_a_decoder_finds(given: list[Any], indent: int | None, plain: bool) -> None:
    """However the array is laid out and its texts are written."""
    data = b" " + json.dumps(given, indent=indent, ensure_ascii=plain).encode() + b" \n"
    assert [json.loads(data[one[0] : one[1]]) for one in elements(data) if one] == given


@given(st.binary(max_size=40) | st.text('[]{},"\\\\ 1', max_size=20).map(str.encode))
def test_whatever_comes_is_an_array_or_a_value_error(data: bytes) -> None:
    """What is JSON but no array, and what is none at all, is refused; an array never is."""
    try:
        found = [one for one in elements(data) if one]
    except ValueError:
        found = []
        with pytest.raises((ValueError, AssertionError)):
            assert isinstance(json.loads(data), list)
    assert all(data[start:stop].strip() == data[start:stop] != b"" for start, stop in found)


def test_a_long_one_lets_others_have_their_turn() -> None:
    """The caller may take a breath after some thousand brackets, also within one element."""
    data = b"[1," + b"[" * BREATH + b"]" * BREATH + b"]"
    assert list(elements(data)).count(None) == 2
