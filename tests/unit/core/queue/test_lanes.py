"""Lanes, and cutting them into batches."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.model.segments import Segment
from app.core.queue import lanes
from app.core.queue.lanes import BatchLimits, Sums


def segment(id: str, sizes: list[int], gone: tuple[int, ...] = (), tokens: tuple[int, ...] = (), inputs: tuple[int, ...] = ()) -> Segment:
    ends, total = [], 0
    for size in sizes:
        total += size
        ends.append(total)
    return Segment(
        id=id,
        owner="queue:x",
        seq=1.0,
        bytes_id=id,
        ids=tuple(f"{id}.{i}" for i in range(len(sizes))),
        ends=tuple(ends),
        gone=gone,
        tokens=tokens,
        inputs=inputs,
    )


@st.composite
def segments(draw):
    found = []
    for number in range(draw(st.integers(0, 5))):
        sizes = draw(st.lists(st.integers(1, 40), max_size=8))
        gone = draw(st.sets(st.integers(0, max(len(sizes) - 1, 0)))) if sizes else set()
        counted = st.just(()) | st.tuples(*[st.integers(0, 9) for _ in sizes])
        found.append(segment(f"s{number}", sizes, tuple(sorted(gone)), draw(counted), draw(counted)))
    return found


def positions(load):
    return [(piece.segment, i) for piece in load.pieces for start, stop in piece.runs for i in range(start, stop)]


def line_sums(one: Segment, i: int) -> Sums:
    begin, end = one.ends[i - 1] if i else 0, one.ends[i]
    tokens = one.tokens[i] if one.tokens else end // 4 - begin // 4
    return Sums(1, end - begin, tokens, one.inputs[i] if one.inputs else 1)


def within(sums: Sums, limits: BatchLimits) -> bool:
    return (
        sums.requests <= limits.requests
        and sums.size <= limits.size
        and (not limits.tokens or sums.tokens <= limits.tokens)
        and (not limits.inputs or sums.inputs <= limits.inputs)
    )


some_limits = st.builds(BatchLimits, st.integers(1, 7), st.integers(1, 60), st.integers(0, 20), st.integers(0, 12))


@given(segments(), some_limits)
def test_a_plan_is_a_partition_in_order_within_limits(given_segments, limits):
    """Every live line stands in one batch or is refused by itself; order is kept; no batch is empty or over a limit of requests, bytes,
    tokens or inputs, and each is filled: the line behind it had no room."""
    by_id = {one.id: one for one in given_segments}
    plan = lanes.cut(given_segments, limits)

    def sums_of(places) -> Sums:
        return sum((line_sums(by_id[name], i) for name, i in places), Sums())

    live = [(one.id, i) for one in given_segments for i in range(len(one.ids)) if i not in one.gone]
    assert sum(map(lanes.live_sums, given_segments), Sums()) == sums_of(live)
    refused = [(one.segment, one.position) for one in plan.refused]
    planned = [place for load in plan.batches for place in positions(load)]
    assert planned == [place for place in live if place not in refused]
    assert refused == [place for place in live if not within(sums_of([place]), limits)]
    for load in plan.batches:
        held = positions(load)
        assert held
        assert load.sums == sums_of(held) == sum((piece.sums for piece in load.pieces), Sums())
        assert within(load.sums, limits)
        assert len({piece.segment for piece in load.pieces}) == len(load.pieces)
        for piece in load.pieces:
            assert piece.whole == (piece.sums.requests == len(by_id[piece.segment].ids))
    for load, following in itertools.pairwise(plan.batches):
        assert not within(load.sums + sums_of(positions(following)[:1]), limits)
        assert load.full
    if plan.batches:
        assert plan.batches[-1].full == limits.reached(plan.batches[-1].sums)


@given(segments(), some_limits, st.lists(st.sampled_from([{}, {"run": "1"}, {"run": "2"}]), min_size=5, max_size=5))
def test_lines_of_different_metadata_share_no_batch(given_segments, limits, metadata):
    """However they are mixed in the queue: those of one metadata are cut as if they were alone, those that came first before the others."""
    mixed = [replace(one, metadata=given) for one, given in zip(given_segments, metadata, strict=False)]
    plan = lanes.cut(mixed, limits)
    kinds: list[dict[str, str]] = []
    for one in mixed:
        if one.metadata not in kinds:
            kinds.append(one.metadata)
    alone = [lanes.cut([one for one in mixed if one.metadata == kind], limits) for kind in kinds]
    assert plan.batches == tuple(load for one in alone for load in one.batches)
    assert plan.refused == tuple(refused for one in alone for refused in one.refused)


def test_segments_that_fit_go_whole():
    """Where everything fits, no line is touched."""
    plan = lanes.cut([segment("a", [10, 10]), segment("b", [5])], BatchLimits(100, 1000))
    assert [(piece.segment, piece.whole) for piece in plan.batches[0].pieces] == [("a", True), ("b", True)]
    assert plan.batches[0].sums == Sums(3, 25, 25 // 4, 3)
    assert not plan.batches[0].full


def test_a_segment_is_split_only_at_the_edge_of_a_batch():
    """A batch is filled to its limit; the rest begins the next one."""
    plan = lanes.cut([segment("a", [10, 10, 10]), segment("b", [10, 10])], BatchLimits(2, 1000))
    assert [positions(load) for load in plan.batches] == [[("a", 0), ("a", 1)], [("a", 2), ("b", 0)], [("b", 1)]]


def test_a_line_over_the_limit_is_refused_by_name():
    """One line too large for any batch stops itself only."""
    plan = lanes.cut([segment("a", [10, 5000, 10])], BatchLimits(100, 1000))
    assert [positions(load) for load in plan.batches] == [[("a", 0), ("a", 2)]]
    (refusal,) = plan.refused
    assert (refusal.position, refusal.custom_id) == (1, "a.1")
    assert "“a.1” has 5.0 kB" in refusal.sentence
    assert "1.0 kB" in refusal.sentence


def test_nothing_makes_no_batch():
    """An empty lane, and one whose requests were all deleted, make no batch."""
    assert lanes.cut([], BatchLimits(10, 10)) == lanes.BatchPlan(())
    assert lanes.cut([segment("a", [1, 1], (0, 1))], BatchLimits(10, 10)) == lanes.BatchPlan(())


@pytest.mark.parametrize(("max_requests", "max_bytes"), [(0, 10), (10, 0), (-1, -1)])
def test_limits_start_at_one(max_requests, max_bytes):
    """A profile with a limit of nothing is an error, not an endless loop."""
    with pytest.raises(ValueError, match="limits"):
        lanes.cut([segment("a", [1])], BatchLimits(max_requests, max_bytes))


def test_fifty_thousand_requests_make_one_batch():
    """The provider's limit is reached exactly."""
    many = [segment(f"s{n}", [1200] * 833) for n in range(61)]
    plan = lanes.cut(many, BatchLimits(50_000, 100_000_000))
    assert [load.sums.requests for load in plan.batches] == [50_000, 61 * 833 - 50_000]


def test_a_batch_over_the_enqueued_limit_would_fail_whole():
    """Trap of the contract: ``token_limit_exceeded`` fails a batch as a whole, so a lane is cut by estimated tokens too."""
    plan = lanes.cut([segment("a", [400] * 10)], BatchLimits(50_000, 100_000_000, tokens=300))
    assert [load.sums.tokens for load in plan.batches] == [300, 300, 300, 100]
    assert [load.full for load in plan.batches] == [True, True, True, False]


def test_a_line_over_the_tokens_of_its_model_is_refused_by_name():
    """Its figure is called an estimate."""
    plan = lanes.cut([segment("a", [40, 4_000, 40])], BatchLimits(100, 100_000, tokens=900))
    assert [positions(load) for load in plan.batches] == [[("a", 0), ("a", 2)]]
    (refusal,) = plan.refused
    assert refusal.sentence.startswith("The request “a.1” has about 1,000 tokens (estimated); this model may have 900 enqueued.")


def test_a_batch_of_embeddings_takes_50_000_inputs():
    """However few requests they stand in (OpenAI batch guide)."""
    lane = Lane("openai", "/v1/embeddings", "text-embedding-3-small")
    limits = lanes.limits_of(lane, Profile(id="openai", name="OpenAI"))
    plan = lanes.cut([segment("a", [100] * 60, inputs=(2_000,) * 59 + (50_001,))], limits)
    assert [load.sums.inputs for load in plan.batches] == [50_000, 50_000, 18_000]
    assert plan.refused[0].sentence == "The request “a.59” has 50,001 inputs; an embeddings batch takes 50,000."
    chat = Lane("openai", "/v1/chat/completions", "gpt-4o-mini")
    assert lanes.limits_of(chat, Profile(id="openai", name="OpenAI"), 90_000) == BatchLimits(50_000, 100_000_000, 90_000, 0)


def test_a_batch_file_has_100_mb_and_never_more_than_200():
    """OpenAI takes 200 MB, and refused files from 158 MB on. A profile of an older Nightshift may say more."""
    lane = Lane("p", "/v1/responses", "m")
    assert lanes.limits_of(lane, Profile(id="p", name="P")).size == 100_000_000
    assert lanes.limits_of(lane, Profile(id="p", name="P", max_bytes=2_000_000_000)).size == 200_000_000


@pytest.mark.parametrize(("body", "model"), [({"model": "m"}, "m"), ({}, ""), ({"model": 3}, "")])
def test_a_lane_has_the_model_of_the_body(body, model):
    """The body decides the lane."""
    lane = lanes.lane_of("p", "/v1/responses", body)
    assert (lane.profile, lane.endpoint, lane.model, lane.key) == ("p", "/v1/responses", model, f"p|/v1/responses|{model}")
