"""What a table's answers are compared with, as it is kept. How answers are compared with it: core.results.expecting."""

from __future__ import annotations

from typing import Literal

from app.core.model import stored_names
from app.core.model.records import Record

MatchKind = Literal["exact", "normalised", "number", "json"]


class Expectation(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Which column of a table has the expected answers, and how they are compared. Its id is the dataset's."""

    stored = stored_names.EXPECTATION
    column: str
    """Name of the column."""
    how: MatchKind = "normalised"
    field: str = ""
    """Of a structured answer the field that is compared; empty: the whole answer."""
    tolerance: float = 0.0
    """By how much numbers may differ, in their own unit."""


class Evaluation(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A table of answers that a model judges; its id is the dataset's. What comes for its rows are columns beside the answers."""

    stored = stored_names.EVALUATION
    name: str
    """What the columns are called by."""
    batches: tuple[str, ...] = ()
    """Ids of the batches whose answers are judged."""
    batch_column: str = ""
    """The column of the table with the batch's id; ``id_column``: the one with the request's id, its custom_id."""
    id_column: str = ""
    fields: tuple[str, ...] = ()
    """The fields that the judge is asked for, the verdict first."""
    at: float = 0.0
    """When it was made, in unix seconds."""
