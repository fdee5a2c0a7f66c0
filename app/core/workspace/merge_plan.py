"""The plan of a merge of two workspaces, as data: services carry it out."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from app.core.model.entries import RecordEntry

Fresh = Callable[[str], str]
"""Makes a new id with this prefix."""


class FilterIncoming(msgspec.Struct, frozen=True):
    """A queue segment of theirs with requests that may be here already: those that are not become a segment of their own. ``skip``:
    positions that are not wanted in any case."""

    entry: RecordEntry
    skip: frozenset[int]


class RemoveLocal(msgspec.Struct, frozen=True):
    """A queue segment of ours that loses the requests at the positions ``drop``: they are in a batch of theirs. ``fresh``: what is
    left becomes another segment, since theirs has its id."""

    entry: RecordEntry
    drop: frozenset[int]
    fresh: bool


class MergePlan(msgspec.Struct):
    """What a merge does with both sides' records."""

    target: dict[tuple[str, str], RecordEntry]
    """Every record after the merge, except those made by ``incoming_filters`` and ``local_removals``."""
    runs: dict[str, list[str]]
    """By the id of a byte run of theirs, the ids under which it is stored here."""
    incoming_filters: list[FilterIncoming]
    local_removals: list[RemoveLocal]
    billed_twice: int = 0
    """Requests that are in a batch of either side."""
    practice_back: int = 0
