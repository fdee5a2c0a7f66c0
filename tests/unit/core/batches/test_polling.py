"""How closely batches are watched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.base import retry
from app.core.batches import pipeline, polling
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.remote import Remote

NOW = 1_700_000_000.0
BATCH = Batch(
    id="b", state="in_progress", lane=Lane("openai", "/v1/responses", "m"), remote=Remote(id="batch_1"), updated=NOW, retry_at=NOW + 40
)


@given(st.floats(0, 100_000), st.floats(0, 1, exclude_max=True))
def test_a_hidden_tab_asks_five_times_less_often_and_never_sooner(age: float, jitter: float) -> None:
    """From half a minute for a young batch to at most six minutes for an old one."""
    wait = retry.poll_interval(age, jitter)
    hidden = polling.hidden_until(replace(BATCH, retry_at=NOW + wait)) - NOW
    assert hidden == pytest.approx(5 * wait)
    assert wait <= hidden <= 360


def test_a_wait_after_a_failure_is_not_stretched() -> None:
    """It grows by itself."""
    failed = replace(BATCH, problem=Problem(code="server", what="500"), retry_at=NOW + 300)
    assert polling.hidden_until(failed) == NOW + 300


def test_practice_is_not_stretched_and_neither_is_a_look_that_was_asked_for() -> None:
    """«Try now» and a cancelling that must go out have no wait to be stretched."""
    assert polling.hidden_until(replace(BATCH, practice=True)) == NOW + 40
    asked = pipeline.advance(BATCH, pipeline.TryNow(), NOW + 7)
    assert polling.hidden_until(asked) <= NOW + 7


def test_what_nobody_asked_about_is_stale() -> None:
    """Only a batch at the provider, and not one that was looked at a moment ago."""
    assert polling.is_stale(BATCH, NOW + 5)
    assert not polling.is_stale(BATCH, NOW + 4)
    assert not polling.is_stale(BATCH, NOW + 39, older=60)
    for state in ("uploading", "creating", "downloading", *pipeline.FINAL):
        assert not polling.is_stale(replace(BATCH, state=state), NOW + 5)


@pytest.mark.parametrize(("code", "stale"), [("offline", True), ("unreachable", True), ("server", False), ("wrong_key", False)])
def test_what_found_no_way_is_tried_again(code: str, stale: bool) -> None:
    """Whatever its state; other failures keep their growing waits."""
    failed = replace(BATCH, state="uploading", problem=Problem(code=code, what="It failed."))
    assert polling.is_stale(failed, NOW + 1) is stale
