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
    """``target`` is every record after the merge, but for what comes of ``sift`` and ``thin``; ``runs`` maps each byte run of theirs
    to the ids under which it is wanted here; ``billed_twice`` counts requests that are in a batch of either side."""

    target: dict[tuple[str, str], RecordEntry]
    runs: dict[str, list[str]]
    sift: list[FilterIncoming]
    thin: list[RemoveLocal]
    billed_twice: int = 0
    practice_back: int = 0
