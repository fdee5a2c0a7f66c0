"""What batches would take is told from summaries alone, as cutting the lines themselves tells it."""

from __future__ import annotations

from itertools import accumulate

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.segments import Segment
from app.core.queue import lanes
from app.core.queue.lanes import BatchLimits, Sums, live_sums
from app.core.queue.summaries import FORM, forecast, may_refuse, summary


@st.composite
def segments(draw: st.DrawFn) -> list[Segment]:
    """Some segments with deleted lines, lines of any length, inputs, and metadata."""
    found = []
    for n in range(draw(st.integers(0, 5))):
        sizes = draw(st.lists(st.integers(4, 90), min_size=1, max_size=12))
        gone = draw(st.sets(st.integers(0, len(sizes) - 1)))
        inputs = draw(st.one_of(st.just(()), st.lists(st.integers(1, 9), min_size=len(sizes), max_size=len(sizes)).map(tuple)))
        found.append(
            Segment(
                id=f"s{n}",
                owner="queue:p|/v1/embeddings|m",
                seq=float(n),
                bytes_id=f"lines:{n}",
                ids=tuple(f"{n}-{i}" for i in range(len(sizes))),
                ends=tuple(accumulate(4 * size for size in sizes)),
                gone=tuple(sorted(gone)),
                inputs=inputs,
                metadata=draw(st.sampled_from([{}, {"a": "b"}])),
            )
        )
    return found


@given(segments(), st.integers(1, 20), st.integers(40, 2_000), st.sampled_from([0, 60, 400]), st.sampled_from([0, 5, 30]))
def test_a_forecast_is_what_cutting_makes_of_it(given_segments: list[Segment], requests: int, size: int, tokens: int, inputs: int) -> None:
    """As many requests, the same refused ones, and a full batch where there is one."""
    limits = BatchLimits(requests, size, tokens, inputs)
    plan = lanes.cut(given_segments, limits)
    summaries = [summary(one, 1) for one in given_segments]
    details = {one.id: one for one in given_segments if may_refuse(summary(one, 1), limits)}
    found = forecast(summaries, limits, details)
    assert found.requests == sum(one.sums.requests for one in plan.batches)
    assert found.full == any(one.full for one in plan.batches)
    assert sorted(one.custom_id for one in found.refused) == sorted(one.custom_id for one in plan.refused)


@given(segments())
def test_a_summary_sums_up_what_is_there(given_segments: list[Segment]) -> None:
    """Its sums are those of the lines that were not deleted; the deleted ones are known by their positions."""
    for one in given_segments:
        found = summary(one, 7)
        assert found.sums == (live_sums(one) if one.live else Sums())
        assert (found.live, found.gone, found.rev, found.lines) == (one.live, len(one.gone), 7, len(one.ids))
        assert found.gone_positions() == list(one.gone)
        assert found.ids == ()
        assert summary(one, 7, with_ids=True).ids == one.ids


def test_what_a_summary_says_is_as_it_was_kept() -> None:
    """Summaries are kept from visit to visit (app/services/queue/keeping.py): whoever makes another one of the same segment raises FORM
    with it, else older ones count for it."""
    one = Segment(
        id="s",
        owner="queue:p|e|m",
        seq=1.5,
        bytes_id="l",
        ids=("a", "b"),
        ends=(40, 90),
        gone=(1,),
        inputs=(2, 3),
        tokens=(7, 9),
        created=5.0,
        from_program=True,
        metadata={"k": "v"},
    )
    said = (
        '{"id":"s","rev":3,"owner":"queue:p|e|m","seq":1.5,"bytes_id":"l","lines":2,'
        '"sums":{"requests":1,"size":40,"tokens":7,"inputs":2},"longest":{"requests":1,"size":50,"tokens":9,"inputs":3},'
        '"deleted":"AQAAAA==","created":5.0,"origin":"programs","previous_batches":[],"metadata":[["k","v"]],"ids":["a","b"]}'
    )
    assert (FORM, msgspec.json.encode(summary(one, 3, with_ids=True)).decode()) == (1, said)
