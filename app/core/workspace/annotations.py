"""What people say of answers, of two workspaces that are merged."""

from __future__ import annotations

import msgspec

from app.core.model.annotations import AnnotatedRows
from app.core.model.entries import RecordEntry, decoded, rewritten
from app.core.results.annotating import merged


def both_annotations(mine: RecordEntry | None, theirs: RecordEntry) -> RecordEntry:
    """One record of both sides: of each answer what was said last. Ours as it is where theirs is damaged or says nothing newer, and where
    ours is damaged, so that it stays to be looked at."""
    if mine is None:
        return theirs
    ours, other = decoded(AnnotatedRows, mine), decoded(AnnotatedRows, theirs)
    if ours is None or other is None:
        return mine
    both = merged(ours.rows, other.rows)
    return mine if both == ours.rows else rewritten(mine, {"rows": msgspec.to_builtins(both, str_keys=True)}, rev=mine.rev + 1)
