"""What people say of answers, and what answers are compared with, of two workspaces that are merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from app.core.model import stored_names
from app.core.model.annotations import AnnotatedRows
from app.core.model.entries import RecordEntry, decoded, rewritten
from app.core.results.annotating import merged

WITH_DATASETS: Final = (stored_names.EVALUATION.name, stored_names.EXPECTATION.name)
"""Kinds of settings whose id is a dataset's and that say nothing of other records."""


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


def followed(entry: RecordEntry, copied: Mapping[str, str]) -> RecordEntry:
    """A setting of theirs with the dataset that it is of under the id that this has here (``copied``: by the id that it had)."""
    if entry.owner not in WITH_DATASETS or (id := copied.get(entry.id.partition(":")[2])) is None:
        return entry
    return rewritten(entry, {"id": id}, id=f"{entry.owner}:{id}", rev=1)
