"""Lanes, and cutting them into batches."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import lanes
from app.core.records import Segment


def segment(id: str, sizes: list[int], gone: tuple[int, ...] = ()) -> Segment:
    ends, total = [], 0
    for size in sizes:
        total += size
        ends.append(total)
    return Segment(
        id=id, owner="queue:x", seq=1.0, bytes_id=id, ids=tuple(f"{id}.{i}" for i in range(len(sizes))), ends=tuple(ends), gone=gone
    )


@st.composite
def segments(draw):
    found = []
    for number in range(draw(st.integers(0, 5))):
        sizes = draw(st.lists(st.integers(1, 40), max_size=8))
        gone = draw(st.sets(st.integers(0, max(len(sizes) - 1, 0)))) if sizes else set()
        found.append(segment(f"s{number}", sizes, tuple(sorted(gone))))
    return found


def positions(load):
    return [(piece.segment, i) for piece in load.pieces for start, stop in piece.runs for i in range(start, stop)]


@given(segments(), st.integers(1, 7), st.integers(1, 60))
def test_a_plan_is_a_partition_in_order_within_limits(given_segments, max_requests, max_bytes):
    """Every live line stands in one batch or is refused; order is kept; no batch is empty or over a limit, and each is filled."""
    by_id = {one.id: one for one in given_segments}
    plan = lanes.cut(given_segments, max_requests, max_bytes)

    def size_of(place):
        one, i = by_id[place[0]], place[1]
        return one.ends[i] - (one.ends[i - 1] if i else 0)

    live = [(one.id, i) for one in given_segments for i in range(len(one.ids)) if i not in one.gone]
    refused = [(one.segment, one.position) for one in plan.refused]
    planned = [place for load in plan.batches for place in positions(load)]
    assert planned == [place for place in live if place not in refused]
    assert refused == [place for place in live if size_of(place) > max_bytes]
    for load in plan.batches:
        held = positions(load)
        assert load.requests == len(held) == sum(piece.requests for piece in load.pieces)
        assert load.size == sum(map(size_of, held)) == sum(piece.size for piece in load.pieces)
        assert 1 <= load.requests <= max_requests
        assert load.size <= max_bytes
        assert len({piece.segment for piece in load.pieces}) == len(load.pieces)
        for piece in load.pieces:
            assert piece.whole == (piece.requests == len(by_id[piece.segment].ids))
    for load, following in itertools.pairwise(plan.batches):
        assert load.requests == max_requests or load.size + size_of(positions(following)[0]) > max_bytes


def test_segments_that_fit_go_whole():
    """Where everything fits, no line is touched."""
    plan = lanes.cut([segment("a", [10, 10]), segment("b", [5])], 100, 1000)
    assert [(piece.segment, piece.whole) for piece in plan.batches[0].pieces] == [("a", True), ("b", True)]
    assert (plan.batches[0].requests, plan.batches[0].size) == (3, 25)


def test_a_segment_is_split_only_at_the_edge_of_a_batch():
    """A batch is filled to its limit; the rest begins the next one."""
    plan = lanes.cut([segment("a", [10, 10, 10]), segment("b", [10, 10])], 2, 1000)
    assert [positions(load) for load in plan.batches] == [[("a", 0), ("a", 1)], [("a", 2), ("b", 0)], [("b", 1)]]


def test_a_line_over_the_limit_is_refused_by_name():
    """One line too large for any batch stops itself only."""
    plan = lanes.cut([segment("a", [10, 5000, 10])], 100, 1000)
    assert [positions(load) for load in plan.batches] == [[("a", 0), ("a", 2)]]
    (refusal,) = plan.refused
    assert (refusal.position, refusal.custom_id, refusal.size) == (1, "a.1", 5000)
    assert "“a.1” has 5.0 kB" in refusal.sentence
    assert "1.0 kB" in refusal.sentence


def test_nothing_makes_no_batch():
    """An empty lane, and one whose requests were all deleted, make no batch."""
    assert lanes.cut([], 10, 10) == lanes.Plan(())
    assert lanes.cut([segment("a", [1, 1], (0, 1))], 10, 10) == lanes.Plan(())


@pytest.mark.parametrize(("max_requests", "max_bytes"), [(0, 10), (10, 0), (-1, -1)])
def test_limits_start_at_one(max_requests, max_bytes):
    """A profile with a limit of nothing is an error, not an endless loop."""
    with pytest.raises(ValueError, match="limits"):
        lanes.cut([segment("a", [1])], max_requests, max_bytes)


def test_fifty_thousand_requests_make_one_batch():
    """The provider's limit is reached exactly."""
    many = [segment(f"s{n}", [1200] * 833) for n in range(61)]
    plan = lanes.cut(many, 50_000, 100_000_000)
    assert [load.requests for load in plan.batches] == [50_000, 61 * 833 - 50_000]


@pytest.mark.parametrize(("body", "model"), [({"model": "m"}, "m"), ({}, ""), ({"model": 3}, "")])
def test_a_lane_has_the_model_of_the_body(body, model):
    """The body decides the lane."""
    lane = lanes.lane_of("p", "/v1/responses", body)
    assert (lane.profile, lane.endpoint, lane.model, lane.key) == ("p", "/v1/responses", model, f"p|/v1/responses|{model}")
