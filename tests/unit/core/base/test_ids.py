"""Ids sort by time and fit file names, metadata and custom_id."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.base import ids
from app.core.programs import folder
from app.core.programs.folder import own_id

tokens = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=17)
times = st.floats(min_value=-10, max_value=1e12)


@given(times, times, tokens, tokens)
def test_later_ids_sort_later(early, late, a, b):
    """Of two ids made at least a millisecond apart, the later one sorts behind."""
    if int(late * 1000) > int(early * 1000) >= 0 and late < 1e11:
        assert ids.new_id("b", early, a) < ids.new_id("b", late, b)


@given(times, tokens)
def test_ids_fit_everywhere(now, token):
    """An id is at most 40 characters of 0-9, a-z and -, whatever the clock says."""
    assert re.fullmatch(r"[0-9a-z-]{1,40}", ids.new_id("practicefile", now, token))


@pytest.mark.parametrize(("prefix", "token"), [("", "a"), ("B", "a"), ("a/b", "a"), ("b", ""), ("b", "A"), ("b", "x" * 18)])
def test_odd_parts_are_refused(prefix, token):
    """A prefix or token that would spoil a file name is refused."""
    with pytest.raises(ValueError, match="id"):
        ids.new_id(prefix, 0, token)


@given(st.integers(0, 200), tokens)
def test_a_series_is_distinct_and_in_order(count, token):
    """Ids made at one moment are all different and sort in their order."""
    made = ids.series("m", 1.0, token, count)
    assert len(set(made)) == count
    assert list(made) == sorted(made)
    assert all(len(id) <= 40 for id in made)


@given(st.text(max_size=80), st.text("0123456789abcdef~", max_size=20))
def test_an_id_loses_its_file_alone(custom_id, end):
    """What a file's mark is added to comes back; an id without one stays as it is."""
    if custom_id:
        assert ids.without_file(own_id("in", "a.jsonl", custom_id)) == custom_id[: folder.WHOLE]
    assert ids.without_file(end) in (end, end[:-17])
    assert ids.without_file(f"~{'a' * 16}") == f"~{'a' * 16}"
