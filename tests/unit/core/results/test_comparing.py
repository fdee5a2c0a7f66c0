"""The same rows in several ways: differences, their order, what differs between texts, and votes with how sure they are."""

from __future__ import annotations

from array import array
from math import isclose, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.votes import Vote
from app.core.results import layout
from app.core.results.columns import NumberColumn, WordColumn
from app.core.results.comparing import ArmSums, Means, deltas, filled, tally, wanted
from app.core.results.layout import MOST_ARMS, Comparison, TableLayout
from app.core.results.preference import sign_test, swapped, verdict, wilson
from app.core.results.worddiff import MOST_WORDS, word_diff

FIRST: list[Vote] = ["first"]
SECOND: list[Vote] = ["second"]
TIE: list[Vote] = ["tie"]
ALL = bytes([1] * 5)
TEXT = st.text(alphabet="ab cé.\n😀", max_size=30)


@given(TEXT, TEXT)
def test_both_texts_can_be_read_from_their_difference(before: str, after: str) -> None:
    """Whatever stands in them: nothing is lost and nothing made up."""
    pieces = word_diff(before, after)
    assert "".join(one.text for one in pieces if one.kind != "new") == before
    assert "".join(one.text for one in pieces if one.kind != "gone") == after
    assert all(one.text for one in pieces)


def test_words_are_compared_and_not_letters() -> None:
    """A word that changed is gone and new as a whole; of very long texts the end counts as one word."""
    assert word_diff("a red shoe.", "a blue shoe.") == [("same", "a "), ("gone", "red"), ("new", "blue"), ("same", " shoe.")]
    long = "x " * MOST_WORDS
    assert "".join(one.text for one in word_diff(long, long + "y") if one.kind != "gone") == long + "y"


def test_figures_are_means_of_repeats_and_leave_out_what_says_nothing() -> None:
    """Two arms over three items; the second arm answers the first item twice and the last one not at all."""
    items, arms = [0, 0, 0, 1, 1, 2], [0, 1, 1, 0, 1, 0]
    means = Means(NumberColumn([1.0, 2.0, 4.0, 5.0, nan, 7.0]), 3, 2)
    means.add([0, 1], items, arms)
    means.add([2, 3, 5], items, arms)
    base, other = (means.of(arm, 0, 3) for arm in (0, 1))
    assert list(base) == [1.0, 5.0, 7.0]
    assert other[0] == 3.0
    assert other[1] != other[1]
    found = deltas(base, other, words=False, down=False)
    assert found[0] == 2.0
    assert tally(found) == (1, 0, 0)
    assert deltas(base, other, words=False, down=True)[0] == -2.0
    assert list(means.of(0, 1, 2)) == [5.0]


def test_words_are_the_same_or_not() -> None:
    """Repeats that do not agree say nothing."""
    column = WordColumn.of(["good", "good", "bad", "good", "bad", "good"])
    means = Means(column, 3, 2)
    means.add(range(6), [0, 0, 0, 1, 1, 2], [0, 1, 1, 0, 1, 0])
    base, other = (means.of(arm, 0, 3) for arm in (0, 1))
    assert other[0] != other[0]
    found = deltas(base, other, words=True, down=False)
    assert tally(found) == (0, 1, 0)
    assert wanted(found, "differs", ALL[:3]) == bytes([0, 1, 0])


def test_what_is_wanted_is_told_item_by_item() -> None:
    """Whether there is a difference at all is another question."""
    found = array("d", [0.0, -1.0, nan, 2.0, -3.0])
    assert wanted(found, "all", ALL) == ALL
    assert wanted(found, "worse", bytes([1, 1, 1, 1, 0])) == bytes([0, 1, 0, 0, 0])
    assert filled(found) == bytes([1, 1, 0, 1, 1])


def test_facts_are_the_same_in_parts_and_in_one() -> None:
    """Costs and lengths that are not known count nothing; an arm without a figure has no mean."""
    whole, parted = ArmSums(), ArmSums()
    whole.add_answers([0.25, nan, 0.5], [10.0, nan], 2)
    whole.add_items([1.0, nan, 3.0, 5.0], array("d", [-1.0, nan, 0.0, 4.0]))
    parted.add_answers([0.25], [10.0], 1)
    parted.add_answers([nan, 0.5], [nan], 1)
    parted.add_items([1.0, nan], array("d", [-1.0, nan]))
    parted.add_items([3.0, 5.0], array("d", [0.0, 4.0]))
    facts = whole.facts("a", "A", numbers=True)
    assert parted.facts("a", "A", numbers=True) == facts
    assert (facts.rows, facts.mean, facts.delta, facts.cost, facts.length) == (3, 3.0, 1.0, 0.75, 10.0)
    assert (facts.answers, facts.good, facts.better, facts.worse, facts.same) == (3, 2, 1, 1, 1)
    assert (whole.facts("a", "A", numbers=False).mean, ArmSums().facts("a", "A", numbers=True).mean) == (None, None)


def test_votes_come_to_a_verdict() -> None:
    """The exact two-sided sign test (9 of 10: 2 · 11 / 1,024), and Wilson's interval with its two sides."""
    assert isclose(sign_test(9, 1), 0.021484375)
    assert isclose(sign_test(5, 5), 1.0)
    assert sign_test(0, 0) == 1.0
    low, high = wilson(9, 10)
    assert isclose(low, 0.5958499732047615, rel_tol=1e-9)
    assert isclose(high, 0.9821237869049271, rel_tol=1e-9)
    assert wilson(0, 0) == (0.0, 1.0)
    first, second, tie = FIRST * 9, SECOND * 1, TIE * 4
    found = verdict(first + second + tie)
    assert (found.votes, found.better, found.share) == (14, "first", 0.9)
    assert verdict(SECOND * 3).better == "open"
    assert verdict(SECOND * 30).better == "second"
    assert 0.04 < sign_test(540, 610) < 0.05


@given(st.integers(0, 60), st.integers(0, 60))
def test_an_interval_holds_its_share(one: int, other: int) -> None:
    """And both figures are probabilities, the same for both sides."""
    low, high = wilson(one, one + other)
    assert 0 <= low <= high <= 1
    if one + other:
        assert low <= one / (one + other) <= high
    assert 0 <= sign_test(one, other) == sign_test(other, one) <= 1


def test_sides_change_and_stay() -> None:
    """About as often left as right, and for one row always the same."""
    sides = [swapped("a|b", f"r-{n}") for n in range(400)]
    assert 140 < sum(sides) < 260
    assert sides == [swapped("a|b", f"r-{n}") for n in range(400)]


NAME = st.text(min_size=1, max_size=6).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)


@given(
    st.lists(st.tuples(NAME, st.integers(layout.NARROWEST, layout.WIDEST)), max_size=3, unique_by=lambda one: one[0]),
    st.sampled_from(list(layout.HEIGHTS)),
    st.one_of(
        st.none(),
        st.builds(
            Comparison,
            st.lists(NAME.filter(lambda one: one != "*"), max_size=3, unique=True).map(tuple),
            NAME,
            st.sampled_from([None, True, False]),
            NAME,
            st.sampled_from(["rows", "worse", "better"]),
            st.sampled_from(["all", "worse", "differs"]),
        ),
    ),
    st.booleans(),
)
def test_an_address_brings_the_layout_back(widths: list[tuple[str, int]], lines: int, compare: Comparison | None, diff: bool) -> None:
    """Whatever stands in names."""
    made = TableLayout(tuple(widths), lines, compare, diff)
    assert layout.parsed(layout.address(made)) == made


@pytest.mark.parametrize("text", ["w=a~999.b.~4&h=9", "h=x&o=none", "a=" + ".".join(map(str, range(50))), "d=2"])
def test_what_cannot_be_read_of_a_layout_is_left_out(text: str) -> None:
    """An old or mistyped address opens the table all the same."""
    found = layout.parsed(text)
    assert (found.widths, found.lines, found.diff) == ((), 1, False)
    assert found.compare is None or len(found.compare.arms) <= MOST_ARMS


def test_a_column_is_made_wider_within_bounds() -> None:
    """From its usual width on."""
    wide = TableLayout().widened("a", layout.STEP)
    assert wide.width("a") == layout.USUAL + layout.STEP
    assert wide.widened("a", -1_000).width("a") == layout.NARROWEST
    assert wide.width("b") == 0
    assert (TableLayout(lines=4).row, TableLayout(lines=3).row) == (96, 36)
