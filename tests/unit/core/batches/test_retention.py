"""Which ended batches may leave this browser by themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.batches import pipeline, retention
from app.core.model.batches import Batch, Fetched, Moment
from app.core.model.lanes import Lane

NOW = 1_700_000_000.0
DAY = retention.DAY
ENDED = NOW - 31 * DAY
DONE = Batch(
    id="b-1",
    lane=Lane("openai", "/v1/responses", "m"),
    state="done",
    fetched=(Fetched("output", 1, 10),),
    timeline=(Moment(ENDED - 9, "planned"), Moment(ENDED, "done"), Moment(NOW, "done", "a note")),
    updated=NOW,
    exported=ENDED + 5,
)


def gone(*batches: Batch, days: int = 30, now: float = NOW) -> list[str]:
    return [one.id for one in retention.removable(batches, days, now)]


def test_nothing_leaves_unless_it_was_chosen() -> None:
    """The default is to keep."""
    assert gone(DONE, days=0) == []
    assert gone(DONE) == ["b-1"]


def test_thirty_days_count_from_the_end() -> None:
    """Not from what was noted later, and not from its creation."""
    assert gone(DONE, now=ENDED + 30 * DAY) == []
    assert gone(DONE, now=ENDED + 30 * DAY + 1) == ["b-1"]


def test_what_was_not_exported_since_it_ended_stays() -> None:
    """Never exported, or exported before the answers were fetched again."""
    assert gone(replace(DONE, exported=0.0)) == []
    assert gone(replace(DONE, exported=ENDED - 1)) == []
    again = replace(DONE, timeline=(*DONE.timeline, Moment(ENDED + 10, "done")))
    assert gone(again) == []


def test_a_batch_whose_requests_are_in_the_queue_may_leave() -> None:
    """It has no answers; one that sends requests again is not through."""
    assert gone(replace(DONE, state="withdrawn", exported=0.0, updated=ENDED, timeline=())) == ["b-1"]
    assert gone(replace(DONE, resending=True)) == []


def test_what_counts_as_handing_out() -> None:
    """The answers; where there are none the errors, and where there is no file at all the requests."""
    both = (Fetched("error", 1, 10), Fetched("output", 1, 10))
    assert [which for which in ("input", "output", "error") if retention.hands_out(replace(DONE, fetched=both), which)] == ["output"]
    failed = replace(DONE, state="failed", fetched=(Fetched("output", gone=True), Fetched("error", 1, 10)))
    assert retention.hands_out(failed, "error")
    assert retention.hands_out(replace(DONE, state="failed", fetched=()), "input")
    assert not retention.hands_out(replace(DONE, state="downloading"), "output")


@given(
    st.sampled_from(sorted(set(pipeline.MOVES) - {""})),
    st.floats(0, 2 * NOW),
    st.lists(st.tuples(st.floats(1, NOW), st.sampled_from(["done", "failed", "downloading", "withdrawn"])), max_size=5),
    st.integers(0, 400),
)
def test_whatever_is_stored_nothing_leaves_that_was_not_handed_out(
    state: str, exported: float, past: list[tuple[float, str]], days: int
) -> None:
    """In no state on the way, and with answers never before they were exported."""
    batch = replace(DONE, state=state, exported=exported, timeline=tuple(Moment(at, where) for at, where in sorted(past)))
    if gone(batch, days=days):
        assert days > 0
        assert state in pipeline.FINAL
        last = max((at for at, where in past if where == state), default=batch.updated)
        assert state == "withdrawn" or exported >= last
        assert NOW - last > days * DAY
