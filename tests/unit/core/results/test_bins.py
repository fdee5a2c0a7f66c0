"""Numbers in bins: each number is in one of them, and the filter of a bin lets through what it counts."""

from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.results.bins import MOST, Distribution, distribution

HUGE = 1.7976931348623157e308
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 5_000).map(float), st.floats(0, 1).map(lambda one: one**9)
)


@settings(max_examples=60)
@given(st.lists(NUMBERS, min_size=1, max_size=60))
@example([0.0])
@example([-HUGE, HUGE])
@example([5e-324, HUGE, 0.0, 5e-324])
@example([1e16, 1e16 + 2, 1e16 + 8])
@example([0.0] * 50 + [3.0, 70_000.0])
@example([-0.0, 0.0, 1e-300, 1e-300, 1e-300])
@example([math.inf, 1.0])
@example([1.0, 1.0 + 2**-52])
def test_every_number_is_in_one_bin(numbers: list[float]) -> None:
    """The counts add up to all numbers; each bin counts the numbers between its borders, both among them; bins rise and do not overlap."""
    found = distribution(array("d", numbers))
    assert sum(one.count for one in found.bins) == found.count == len(numbers)
    assert all(one.count == sum(one.low <= number <= one.high for number in numbers) for one in found.bins)
    borders = [border for one in found.bins for border in (one.low, one.high)]
    assert borders == sorted(borders)
    assert all(before.high < after.low for before, after in zip(found.bins, found.bins[1:], strict=False))
    assert (found.low, found.high) == (min(numbers), max(numbers))
    ordered = sorted(numbers)
    assert found.median == ordered[math.ceil(len(ordered) / 2) - 1]
    assert found.most == ordered[max(0, math.ceil(0.9 * len(ordered) - 1e-9) - 1)]
    assert len(found.bins) <= 2 * MOST + 8


def test_without_numbers_there_are_no_bins() -> None:
    """A column that is blank has nothing to draw."""
    assert distribution(array("d")) == Distribution()


@pytest.mark.parametrize(
    ("numbers", "ratio", "bins"),
    [
        pytest.param([3.0] * 4, False, [(3, 3)], id="one value"),
        pytest.param([1.0, 2.0, 2.0, 4.0, 5.0], False, [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)], id="ratings keep their gap"),
        pytest.param([0.1, 0.3, 0.95], False, [(0.1, None), (0.15, None)], id="round borders"),
        pytest.param([-30.0, 0.0, 170.0], False, [(-30, -21), (-20, -11)], id="negative ones"),
        pytest.param([0.0, *[7.0] * 9, 15.0, 4_000.0], True, [(0, 0), (5, 9), (10, 19), (20, 49)], id="mostly small"),
        pytest.param([-1.0, *[7.0] * 9, 4_000.0], False, [(-500, -1)], id="below 0 there is no ratio"),
    ],
)
def test_bins_are_as_people_read_them(numbers: list[float], ratio: bool, bins: list[tuple[float, float | None]]) -> None:  # a parameter
    """Whole numbers have whole borders; where most are small the bins are of equal ratio, and 0 has its own."""
    found = distribution(array("d", numbers))
    assert found.ratio == ratio
    for one, (low, high) in zip(found.bins, bins, strict=False):
        assert one.low == pytest.approx(low)
        assert high is None or one.high == high


def test_many_repeated_numbers_are_as_many_different_ones() -> None:
    """Whether numbers are counted before they are sorted makes no difference."""
    repeated = array("d", [float(n % 40) for n in range(4_000)])
    different = array("d", [n % 40 + n / 1e9 for n in range(4_000)])
    counted, ordered = distribution(repeated), distribution(different)
    assert (counted.count, counted.median, counted.most) == (4_000, 19.0, 35.0)
    assert (int(ordered.median), int(ordered.most)) == (19, 35)
    assert sum(one.count for one in ordered.bins) == 4_000
