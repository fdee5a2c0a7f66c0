"""What people say of answers: a mark, a rating, tags, a note, a correction. The rules of changing them: core.results.annotating."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record

Mark = Literal["", "good", "bad"]


class Annotation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person said of one answer. One that says nothing any more is kept: it says that there was one and when it was taken back."""

    mark: Mark = ""
    rating: int = 0
    """1 to 5; 0: none."""
    tags: tuple[str, ...] = ()
    note: str = ""
    correction: str | None = None
    """What the answer should have been; None: it was not corrected."""
    at: float = 0.0
    """When it was changed last, in unix seconds."""

    @property
    def says_something(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.mark or self.rating or self.tags or self.note) or self.correction is not None


class AnnotatedRows(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The annotations of some rows of a batch that follow one another; its id is ``<batch>:<number of the group>``. Many small records: a
    key that is pressed writes one of them, however many rows there are."""

    stored = stored_names.ANNOTATIONS
    rows: dict[int, Annotation] = msgspec.field(default_factory=dict)
    """By the row in the batch, as its ledger counts them."""
