"""Answers under other ids: matched where the ids prove it or number the requests, and not otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.batches.matching import propose

OURS = ["invoice-1", "invoice-2", "letter-77", "Résumé"]


@pytest.mark.parametrize(
    "change",
    [
        lambda id: f"batch/{id}",
        lambda id: f"{id}#0",
        lambda id: f"x-{id}-y",
        str.upper,
        lambda id: f" {id} ",
    ],
)
def test_ids_that_were_changed_alike_are_matched(change):
    """A prefix, a suffix, another case, white space: each stands for one request, in any order."""
    match = propose(OURS, [change(id) for id in reversed(OURS)])
    assert match is not None
    assert (match.by, match.pairs) == ("name", {change(id): id for id in OURS})


def test_ids_that_were_cut_off_are_matched_if_they_are_still_different():
    """Two requests that begin alike cannot be told apart."""
    long = [f"request-about-{name}-" + "x" * 80 for name in ("a", "b")]
    match = propose(long, [id[:64] for id in long])
    assert match is not None
    assert match.pairs == {id[:64]: id for id in long}
    assert propose(["same-beginning-1", "same-beginning-2"], ["same-beginning-", "same-beginning-"]) is None


def test_numbers_stand_for_the_order_only_when_they_cover_all():
    """From 0 or from 1; the person is told that it is by number."""
    match = propose(["p", "q", "r"], ["request-2", "request-0", "request-1"])
    assert match is not None
    assert (match.by, match.pairs) == ("number", {"request-0": "p", "request-1": "q", "request-2": "r"})
    assert propose(["p", "q", "r"], ["request-5", "request-6", "request-7"]) is None
    assert propose(["p", "q", "r"], ["request-0", "request-1"]) is None


@pytest.mark.parametrize("strange", [[], ["a", "b", "c", "d", "e"], ["zz", "yy", "xx", "ww"], ["batch/invoice-1", "other/invoice-2"]])
def test_what_cannot_be_told_apart_is_not_matched(strange):
    """Nobody guesses."""
    assert propose(OURS, strange) is None


@given(st.lists(st.text("ab1-", min_size=1, max_size=5), max_size=5, unique=True), st.lists(st.text("ab1-", max_size=6), max_size=5))
def test_a_match_is_one_to_one(ours, strange):
    """Whatever the ids: each strange one has one of ours, and no two the same."""
    match = propose(ours, strange)
    if match is not None:
        assert set(match.pairs) == set(strange)
        assert len(set(match.pairs.values())) == len(match.pairs)
        assert set(match.pairs.values()) <= set(ours)
