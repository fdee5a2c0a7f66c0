"""What people say of answers in a workspace that is brought in."""

from __future__ import annotations

import msgspec

from app.core.model import stored_names
from app.core.model.annotations import AnnotatedRows, Annotation
from app.core.model.entries import RecordEntry, decoded
from app.core.model.judging import Expectation
from app.core.workspace.judged import followed
from app.core.workspace.merging import merge
from app.core.workspace.scope import is_local


def entry(id: str, rev: int, rows: dict[int, Annotation]) -> RecordEntry:
    doc = msgspec.json.encode(AnnotatedRows(id=id, rows=rows)).decode()
    return RecordEntry("settings", stored_names.row_id(stored_names.ANNOTATIONS, id), rev, doc, stored_names.ANNOTATIONS.name)


def test_what_both_sides_say_is_kept() -> None:
    """Of each answer what was said last; a record that only they have comes as it is, and brought in again it changes nothing."""
    ours = entry("b:0", 5, {0: Annotation("good", at=2), 1: Annotation("bad", at=2)})
    theirs = entry("b:0", 1, {1: Annotation("good", at=3), 2: Annotation(rating=4, at=1)})
    more = entry("b:1", 2, {300: Annotation(tags=("x",), at=1)})
    plan = merge([ours], [theirs, more], [], (float("-inf"), float("-inf")), lambda prefix: f"{prefix}-9")
    both = plan.target["settings", ours.id]
    found = decoded(AnnotatedRows, both)
    assert found is not None
    assert found.rows == {0: Annotation("good", at=2), 1: Annotation("good", at=3), 2: Annotation(rating=4, at=1)}
    assert both.rev == 6
    assert plan.target["settings", more.id] == more
    again = merge([both, more], [theirs, more], [], (float("-inf"), float("-inf")), lambda prefix: f"{prefix}-9")
    assert again.target["settings", ours.id] == both
    assert not is_local(ours)


def test_a_damaged_one_of_theirs_changes_nothing() -> None:
    """Ours stays as it is."""
    ours = entry("b:0", 5, {0: Annotation("good", at=2)})
    broken = msgspec.structs.replace(ours, doc="{", rev=9)
    plan = merge([ours], [broken], [], (float("-inf"), float("-inf")), lambda prefix: f"{prefix}-9")
    assert plan.target["settings", ours.id] == ours


def test_what_answers_are_held_against_follows_its_table() -> None:
    """To the id that their table has here; ours stays where both sides have one."""
    ours, theirs = (
        RecordEntry(
            "settings",
            "expectation:d",
            1,
            msgspec.json.encode(Expectation(id="d", column=column)).decode(),
            stored_names.EXPECTATION.name,
        )
        for column in ("gold", "label")
    )
    assert followed(theirs, {"e": "f"}) is theirs
    moved = followed(theirs, {"d": "d-9"})
    assert (moved.id, decoded(Expectation, moved)) == ("expectation:d-9", Expectation(id="d-9", column="label"))
    plan = merge([ours], [theirs], [], (float("-inf"), float("-inf")), lambda prefix: f"{prefix}-9")
    assert plan.target["settings", "expectation:d"] == ours
