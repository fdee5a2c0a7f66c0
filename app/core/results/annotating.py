"""Rules of annotations: how one is changed, which record it is kept in, and how those of two workspaces come together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.model.annotations import Annotation, Mark

GROUP: Final = 250
"""Rows of a batch whose annotations are kept in one record."""
HIGHEST: Final = 5
MOST_TAGS: Final = 20
LONGEST_TAG: Final = 60
LONGEST_NOTE: Final = 10_000
LONGEST_CORRECTION: Final = 200_000
SEPARATOR: Final = ", "
"""Stands between tags where they are one text; no tag has a comma."""


class AnnotationEdit(msgspec.Struct, frozen=True):
    """What is changed of annotations; what is None, or names no tag, stays."""

    mark: Mark | None = None
    rating: int | None = None
    """1 to 5; 0 takes it away."""
    add: tuple[str, ...] = ()
    """Tags."""
    drop: tuple[str, ...] = ()
    note: str | None = None
    correction: str | None = None
    uncorrect: bool = False
    """The correction is taken back."""


def edited(before: Annotation, edit: AnnotationEdit, at: float) -> Annotation:
    """An annotation after a change at this time; the same object where nothing changes."""
    tags = tuple(dict.fromkeys([*(one for one in before.tags if one in edit.add or one not in edit.drop), *edit.add]))[:MOST_TAGS]
    after = replace(
        before,
        mark=before.mark if edit.mark is None else edit.mark,
        rating=before.rating if edit.rating is None else min(max(edit.rating, 0), HIGHEST),
        tags=tags,
        note=before.note if edit.note is None else edit.note[:LONGEST_NOTE],
        correction=None if edit.uncorrect else before.correction if edit.correction is None else edit.correction[:LONGEST_CORRECTION],
    )
    return before if after == before else replace(after, at=max(at, before.at))


def tags_of(typed: str) -> tuple[str, ...]:
    """The tags that a text names: parted by commas or line breaks, each once, blanks within them single."""
    words = (" ".join(one.split())[:LONGEST_TAG].strip() for one in typed[: 10 * MOST_TAGS * LONGEST_TAG].replace("\n", ",").split(","))
    return tuple(dict.fromkeys(one for one in words if one))[:MOST_TAGS]


def record_id(batch: str, row: int) -> str:
    """The record that holds the annotation of a row of a batch."""
    return f"{batch}:{row // GROUP}"


def batch_of(record_id: str) -> str:
    """The batch that a record's rows are in."""
    return record_id.rpartition(":")[0]


def merged(ours: Mapping[int, Annotation], theirs: Mapping[int, Annotation]) -> dict[int, Annotation]:
    """The annotations of both sides: of each row the one that was changed last; of equally old ones ours."""
    return {**theirs, **{row: one for row, one in ours.items() if row not in theirs or one.at >= theirs[row].at}}
