"""A plan is cut as the queue is, without its lines, and again when a limit is another one."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.segments import Segment
from app.core.planning import cutting
from app.core.planning.cutting import LaneCutter, LaneShape, PlannedLane, RunShape, Waves
from app.core.queue import lanes
from app.core.queue.lanes import BatchLimits, Sums

Run = list[tuple[int, int, int]]
"""Bytes, tokens and inputs of each line."""

runs = st.lists(
    st.tuples(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 40), st.integers(1, 4)), min_size=1, max_size=9), st.booleans()),
    max_size=5,
)
limits = st.builds(BatchLimits, st.integers(1, 9), st.integers(1, 200), st.integers(0, 60), st.integers(0, 9))


def shape(given: list[tuple[Run, bool]]) -> LaneShape:
    """The same lines as :func:`segments` has; those with True have figures of their own."""
    found = []
    for run, own in given:
        sizes, tokens, inputs = zip(*run, strict=True)
        found.append(RunShape.of(tuple(accumulate(sizes)), tokens if own else (), inputs if own and max(inputs) > 1 else ()))
    return LaneShape("m", tuple(found))


def segments(given: list[tuple[Run, bool]]) -> list[Segment]:
    return [
        Segment(
            id=str(n),
            owner="queue:a|b|m",
            seq=float(n),
            bytes_id="",
            ids=tuple(str(i) for i in range(len(one.ends))),
            ends=tuple(one.ends),
            tokens=tuple(one.tokens),
            inputs=tuple(one.inputs),
        )
        for n, one in enumerate(shape(given).runs)
    ]


def cut(made: LaneShape, most: BatchLimits) -> PlannedLane:
    cutter = LaneCutter(made.model, most)
    for run in made.runs:
        cutter.take(run)
    return cutter.end()


@given(runs, limits)
def test_it_is_cut_as_the_queue_will_be(lines: list[tuple[Run, bool]], most: BatchLimits) -> None:
    """Batch for batch, whatever the limits; and what no batch can hold is in none."""
    there = lanes.cut(segments(lines), most)
    found = cut(shape(lines), most)
    assert [one.sums for one in found.batches] == [one.sums for one in there.batches]
    assert (found.cut, found.refused, found.room) == (len(there.batches), len(there.refused), most.tokens)
    assert found.sums == sum((one.sums for one in there.batches), Sums())
    assert found.waves == max((one.wave for one in found.batches), default=0)


@given(st.lists(runs, max_size=3))
def test_lengths_cross_as_bytes(several: list[list[tuple[Run, bool]]]) -> None:
    """And come back as they were."""
    made = [shape(one) for one in several]
    data = b"".join(part for one in made for part in one.parts())
    assert cutting.shapes([one.index for one in made], data) == tuple(made)


def test_lengths_that_do_not_fit_are_refused() -> None:
    """Neither too few nor too many."""
    made = shape([([(10, 2, 1)], False)])
    data = b"".join(made.parts())
    for wrong in (data[:-1], data + b"1234"):
        with pytest.raises(ValueError, match="lengths"):
            cutting.shapes([made.index], wrong)


def test_only_the_first_batches_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are counted, and all have their wave."""
    monkeypatch.setattr(cutting, "MOST_BATCHES", 3)
    found = cut(shape([([(10, 2, 1)] * 9, False)]), BatchLimits(1, 100, 4))
    assert (found.cut, len(found.batches), found.sums.requests, found.waves) == (9, 3, 9, 9)


def test_waves_fit_into_the_room() -> None:
    """One that is larger than the room goes alone; without a limit all go together."""

    def waves(needs: list[int], room: int) -> list[int]:
        made = Waves(room)
        return [made.of(need) for need in needs]

    assert waves([4, 4, 4, 20, 1], 10) == [1, 1, 2, 3, 4]
    assert waves([4, 4, 4], 0) == [1, 1, 1]
