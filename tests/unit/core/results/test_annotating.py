"""What people say of answers: how it changes, where it is kept, and how two sides of it come together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.core.model.annotations import Annotation, Mark
from app.core.results.annotating import (
    GROUP,
    HIGHEST,
    MOST_TAGS,
    SEPARATOR,
    AnnotationEdit,
    batch_of,
    edited,
    merged,
    record_id,
    tags_of,
)
from app.core.results.columns import TagColumn

MARKS: st.SearchStrategy[Mark] = st.sampled_from(["", "good", "bad"])
TAGS = st.lists(st.sampled_from("abcd"), max_size=3, unique=True).map(tuple)
SAID = st.builds(
    Annotation, mark=MARKS, rating=st.integers(0, 5), tags=TAGS, note=st.sampled_from(["", "n"]), at=st.integers(0, 3).map(float)
)
EDITS = st.builds(
    AnnotationEdit,
    mark=st.none() | MARKS,
    rating=st.none() | st.integers(-3, 9),
    add=TAGS,
    drop=TAGS,
    note=st.none() | st.text(max_size=3),
    correction=st.none() | st.text(max_size=3),
    uncorrect=st.booleans(),
)


@given(SAID, EDITS, st.integers(0, 9))
def test_a_change_changes_what_it_names_and_is_done_once(before: Annotation, edit: AnnotationEdit, at: int) -> None:
    """Done a second time it changes nothing, which is told by the same object; times never go back, and ratings stay within 1 to 5."""
    after = edited(before, edit, at)
    assert edited(after, edit, at + 1) is after
    assert after.at >= before.at
    assert 0 <= after.rating <= HIGHEST
    assert set(edit.add) <= set(after.tags)
    assert (edit.mark is not None) or after.mark == before.mark
    assert (edit.note is not None) or after.note == before.note


@given(st.text(max_size=40))
def test_tags_that_were_typed_come_apart_as_they_were_put_together(typed: str) -> None:
    """Each once, none blank, none with a comma: so a column of them can be one text a row."""
    tags = tags_of(typed)
    assert len(set(tags)) == len(tags) <= MOST_TAGS
    assert all(one.strip() and "," not in one and "\n" not in one for one in tags)
    assert tags_of(SEPARATOR.join(tags)) == tags
    assert TagColumn.of([SEPARATOR.join(tags)]).parts(1 if tags else 0) == tags


@given(st.dictionaries(st.integers(0, 9), SAID), st.dictionaries(st.integers(0, 9), SAID))
def test_of_two_sides_the_later_one_counts_whichever_is_brought_in(ours: dict[int, Annotation], theirs: dict[int, Annotation]) -> None:
    """Nothing is lost that only one side has; brought in once more it changes nothing."""
    both = merged(ours, theirs)
    assert both.keys() == ours.keys() | theirs.keys()
    for row, one in both.items():
        assert one.at == max(side[row].at for side in (ours, theirs) if row in side)
    assert merged(both, theirs) == both
    assert {row: one.at for row, one in merged(theirs, ours).items()} == {row: one.at for row, one in both.items()}


def test_neighbours_share_a_record() -> None:
    """A key that is pressed writes a small record, however many rows the batch has."""
    assert record_id("b-1", 0) == record_id("b-1", GROUP - 1) == "b-1:0"
    assert record_id("b-1", GROUP) == "b-1:1"
    assert batch_of(record_id("b-1", 7 * GROUP)) == "b-1"
