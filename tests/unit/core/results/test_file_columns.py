"""Which columns go into a file of answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.results.file_columns import group_of, groups_of, lacking, picked

ids = st.lists(
    st.sampled_from(["cell:a", "cell:b", "prompt", "answer", "field:x", "field:x.y", "field:xy", "judge:j: score", "id"]), max_size=12
)


@given(ids, ids)
def test_what_is_shown_is_there_once_and_in_its_order(every: list[str], shown: list[str]) -> None:
    """No column twice; what there is none of is told; a field brings those within it and no other."""
    places = picked(every, shown=shown)
    assert len(set(places)) == len(places)
    for n in places if shown else ():
        assert every[n] in shown or any(every[n].startswith(f"{one}.") for one in shown)
    if shown:
        assert {one for one in shown if one in every} <= {every[n] for n in places}
        assert not set(lacking(every, shown)) & set(every)


@given(ids, ids)
def test_what_is_left_out_is_all_that_is_missing(every: list[str], left_out: list[str]) -> None:
    """The others stay in their order."""
    assert [every[n] for n in picked(every, left_out=left_out)] == [one for one in every if one not in left_out]


def test_columns_know_their_group() -> None:
    """Also those that a person's table or answers have; one of none is no column of a file."""
    assert groups_of(["cell:a", "answer", "matches", "python:mine", "cell:b"]) == ("table", "answer", "annotations")
    assert group_of("nothing:mine") is None
