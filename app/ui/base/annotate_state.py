"""What a person is saying of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from app.core.model.annotations import Annotation
    from app.core.results.annotating import AnnotationEdit
    from app.services.results.annotating import AnnotationChange


class AnnotatingState(msgspec.Struct):
    """Marks, ratings, tags, notes and corrections as they are being given, and what can be taken back."""

    said: Annotation | None = None
    """What is said of the open answer; None while it is being read."""
    rev: int = 0
    """Goes up when its texts are others than those that were typed here."""
    field: Literal["", "tags", "note", "correction"] = ""
    """Which of its fields is open because it was asked for."""
    refocus: int = 0
    """How often such a field was entered or left."""
    tags: str = ""
    """Tags as typed, before they are added; ``note``: likewise, for several answers."""
    note: str = ""
    changes: list[AnnotationChange] = []
    """What can be taken back, oldest first."""
    typing: tuple[AnnotationChange, str] | None = None
    """That of them to which what is typed next in this field belongs."""
    unsaved: dict[tuple[str, int, str], AnnotationEdit] = {}
    """What is typed into a note or a correction and not stored yet, by batch, row and field."""
    stale: set[str] = msgspec.field(default_factory=set)
    """Records of annotations that the table has not read again yet."""
    revisions: dict[str, int] = {}
    """Of the records of annotations, as they were when another tab wrote last."""

    def with_typed(self, at: tuple[str, int], said: Annotation) -> Annotation:
        """What is said of an answer, with what is being typed of it: that is ahead of what was stored."""
        from app.core.results.annotating import edited

        for what in ("note", "correction"):
            edit = self.unsaved.get((*at, what))
            said = edited(said, edit, said.at) if edit is not None else said
        return said
