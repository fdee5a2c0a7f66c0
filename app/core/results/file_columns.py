"""Which columns a file of answers may have: each has an id that it keeps wherever it is, and is of a group that is chosen together. The
ids are those that the table of answers has for the same things."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import msgspec

from app.core.model.settings import ColumnGroup
from app.core.results.kinds import CellKind

CELL: Final = "cell:"
FIELD: Final = "field:"
JUDGE: Final = "judge:"
PYTHON: Final = "python:"
MATCHES: Final = "matches"
LENGTH: Final = "length"
MOST_LEFT_OUT: Final = 1_000
"""Columns that are remembered as left out."""


class BlockColumn(NamedTuple):
    """A column of one answer, before it is given a name of its own."""

    id: str
    title: str
    kind: CellKind = "text"


CUSTOM_ID: Final = BlockColumn("custom_id", "custom_id")
"""Of requests that were made of no table's rows: what tells them apart in the file or program that they came from."""
OUTCOME: Final = (BlockColumn("outcome", "Outcome"), BlockColumn("code", "Error"), BlockColumn("finish", "Finish reason"))
USAGE: Final = (
    BlockColumn("input_tokens", "Input tokens", "integer"),
    BlockColumn("cached_tokens", "Cached tokens", "integer"),
    BlockColumn("output_tokens", "Output tokens", "integer"),
    BlockColumn("reasoning_tokens", "Reasoning tokens", "integer"),
    BlockColumn("cost", "Cost (USD)", "number"),
)
ANNOTATIONS: Final = (
    BlockColumn("mark", "Mark"),
    BlockColumn("rating", "Rating", "integer"),
    BlockColumn("tags", "Tags"),
    BlockColumn("note", "Note"),
    BlockColumn("correction", "Correction"),
)
REQUEST: Final = (
    BlockColumn("id", "Request id"),
    BlockColumn("request_id", "Provider request id"),
    BlockColumn("model", "Model"),
    BlockColumn("batch", "Batch"),
    BlockColumn("batch_id", "Batch id"),
    BlockColumn("attempts", "Attempts", "integer"),
    BlockColumn("sample", "Sample", "integer"),
)
_GROUPS: Final[dict[str, ColumnGroup]] = {
    CUSTOM_ID.id: "table",
    "prompt": "prompt",
    "answer": "answer",
    LENGTH: "answer",
    "variant": "request",
    "json": "fields",
    MATCHES: "annotations",
    **{one.id: "annotations" for one in ANNOTATIONS},
    **{one.id: "outcome" for one in OUTCOME},
    **{one.id: "usage" for one in USAGE},
    **{one.id: "request" for one in REQUEST},
}
_PREFIXES: Final[dict[str, ColumnGroup]] = {CELL: "table", FIELD: "fields", JUDGE: "annotations", PYTHON: "annotations"}


class FileColumn(msgspec.Struct, frozen=True):
    """A column that a file can have, under its name there."""

    id: str
    title: str
    group: ColumnGroup


def group_of(id: str) -> ColumnGroup | None:
    """The group that a column is of; None for one that no file has."""
    return _GROUPS.get(id) or next((group for begin, group in _PREFIXES.items() if id.startswith(begin)), None)


def groups_of(ids: Collection[str]) -> tuple[ColumnGroup, ...]:
    """The groups that have these columns."""
    return tuple(dict.fromkeys(group for one in ids if (group := group_of(one)) is not None))


def picked(ids: Sequence[str], *, left_out: Collection[str] = (), shown: Sequence[str] = ()) -> list[int]:
    """The places of the columns that go into a file, in its order: those that are ``shown``, in that order, else all but ``left_out``. A
    field that is shown stands for those within it; of several answers side by side each has the column."""
    if not shown:
        without = frozenset(left_out)
        return [n for n, id in enumerate(ids) if id not in without]
    found: dict[int, None] = {}
    for one in dict.fromkeys(shown):
        inner = f"{one}." if one.startswith(FIELD) else one
        found |= dict.fromkeys(n for n, id in enumerate(ids) if id == one or (inner != one and id.startswith(inner)))
    return list(found)


def lacking(ids: Sequence[str], shown: Sequence[str]) -> list[str]:
    """Which of the columns that are shown a file cannot have."""
    return [one for one in shown if not picked(ids, shown=(one,))]
