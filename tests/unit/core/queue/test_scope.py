"""Which requests are meant: by segment, and none that came later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.core.model.segments import Segment
from app.core.queue.scope import EVERY, Pick, deleted, seen, undoing
from app.core.queue.selection import Selection
from app.core.queue.summaries import positions, summary


def segment(count: int, gone: tuple[int, ...] = (), id: str = "s") -> Segment:
    return Segment(
        id=id,
        owner="queue:p|/v1/responses|m",
        seq=1.0,
        bytes_id=f"lines:{id}",
        ids=tuple(f"r{n}" for n in range(count)),
        ends=tuple(10 * (n + 1) for n in range(count)),
        gone=gone,
    )


def test_a_scope_of_what_is_seen_leaves_out_what_comes_later() -> None:
    """Of a segment that may still grow the ids are named; of one that is closed every line is meant, but those that were taken out."""
    growing, closed = summary(segment(2), 1, with_ids=True), summary(segment(1_000, id="big"), 1)
    empty = summary(segment(2, (0, 1), "empty"), 1)
    scope = seen([growing, closed, empty])
    assert scope == {"s": Pick(ids=frozenset({"r0", "r1"})), "big": EVERY}
    assert scope["s"].positions(segment(5), range(5)) == [0, 1]
    assert scope["big"].whole
    without = seen([closed], frozenset({"r1", "r999"}))["big"]
    assert without.positions(segment(1_000), range(1_000)) == [0, *range(2, 999)]


def test_lines_named_by_their_place_are_none_in_other_bytes() -> None:
    """What was found or deleted in one run of bytes says nothing of another, in which other lines may stand there."""
    one = segment(5, (1, 3))
    scope = deleted([summary(one, 1), summary(segment(3, id="t"), 1)])
    assert scope.keys() == {"s"}
    assert scope["s"].positions(one, one.gone) == [1, 3]
    assert scope["s"].positions(replace(one, gone=(1, 2, 3)), (1, 2, 3)) == [1, 3]
    assert scope["s"].positions(replace(one, bytes_id="lines:other"), one.gone) == []
    assert Pick(at=("lines:s", positions([0, 4])), without=frozenset({"r4"})).positions(one, [0, 2, 4]) == [0]


@given(count=st.integers(1, 40), data=st.data())
def test_undoing_names_exactly_what_was_deleted(count: int, data: st.DataObject) -> None:
    """However many were deleted before and now: what undoes it brings back these lines and no other."""
    lines = st.sets(st.integers(0, count - 1))
    before, now = data.draw(lines), data.draw(lines)
    hit = sorted(now - before)
    after = segment(count, tuple(sorted(before | now)))
    pick = undoing(after, hit)
    assert pick.positions(after, after.gone) == hit
    assert len(pick.ids or ()) + len(pick.without) <= count // 2 + 1


@given(st.lists(st.tuples(st.sampled_from(["all", "none", "on", "off"]), st.integers(0, 9)), max_size=30))
def test_a_selection_is_what_the_boxes_say(steps: list[tuple[str, int]]) -> None:
    """Whichever boxes are ticked, with and without «select all»: each row is selected as a plain set would have it."""
    selection, plain = Selection(), set[str]()
    every = {str(n) for n in range(10)}
    for what, n in steps:
        if what in ("all", "none"):
            selection, plain = Selection(everything=what == "all"), set(every) if what == "all" else set()
        else:
            selection.mark(str(n), what == "on")
            (plain.add if what == "on" else plain.discard)(str(n))
    assert {one for one in every if selection.has(one)} == plain
    assert selection.count(10) == len(plain)
