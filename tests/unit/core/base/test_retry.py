"""Waits are decisions without a clock."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.base import retry

jitters = st.floats(0, 1, exclude_max=True)


@given(jitters)
def test_calm_waits_grow_and_end(jitter):
    """2, 5, 15 and 40 seconds, each ±20 %, then none."""
    waits = [retry.calm(tries, jitter) for tries in range(1, 7)]
    assert waits[4:] == [None, None]
    for wait, plain in zip(waits[:4], (2, 5, 15, 40), strict=True):
        assert wait is not None
        assert plain * 0.8 <= wait <= plain * 1.2


@given(st.integers(-5, 10_000), jitters)
def test_patient_waits_never_end_and_stay_within_five_minutes(tries, jitter):
    """Whatever the count, there is a wait of at most 300 s (±20 %)."""
    assert 4 <= retry.patient(tries, jitter) <= 360


@given(st.floats(0, 1e7), jitters)
def test_polling_slows_down_with_age(age, jitter):
    """Every 5 s at first, every 60 s in the end, never outside; an older batch is never asked more often."""
    wait = retry.poll_interval(age, jitter)
    assert 4 <= wait <= 72
    assert retry.poll_interval(age + 100, jitter) >= wait


def test_practice_is_polled_every_second():
    """A practice batch is over in a minute; nobody pays for asking."""
    assert retry.poll_interval(0, 0.3, practice=True) == retry.poll_interval(1e6, 0.9, practice=True) == 1.0
