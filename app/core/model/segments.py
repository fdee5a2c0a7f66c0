"""Segments: the index over a run of request lines. Queues and batches are made of them."""

from __future__ import annotations

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record


class Segment(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An index over one immutable run of JSONL lines (about 1 MB, at most 1,000 lines), which is stored apart as bytes."""

    stored = stored_names.SEGMENT
    owner: str
    """``queue:<lane key>`` or ``batch:<batch id>``."""
    seq: float
    """Orders the segments of one owner."""
    bytes_id: str
    """Id of the byte run with the lines."""
    ids: tuple[str, ...]
    """The custom_id of each line."""
    ends: tuple[int, ...]
    """Line i ends before byte ``ends[i]``, its newline included."""
    gone: tuple[int, ...] = ()
    """Positions of deleted lines. Their bytes stay until the segment is planned, so that a deletion can be undone."""
    tokens: tuple[int, ...] = ()
    """Estimated prompt tokens of each line, where some are not simply bytes / 4; else empty (core.bodies.tokens)."""
    inputs: tuple[int, ...] = ()
    """Inputs of each embeddings request, where some have several; else empty."""
    asks: bool | None = None
    """Whether any line may ask for an answer of a certain form (core.openai.conformance); None: written by a version that did not look."""
    created: float = 0.0
    resent: int = 0
    """How often the lines were sent again before; the same for all lines."""
    previous_batches: tuple[str, ...] = msgspec.field(default=(), name="former")
    """Batches in which the lines were before, oldest first; the same for all lines."""
    from_program: bool = msgspec.field(default=False, name="handed")
    """The lines came from programs, and each has its record (core.programs.message)."""
    submitted_by_person: bool = msgspec.field(default=False, name="asked")
    """A person submitted the lines, and they came back for a reason that passes by itself: sending them again is what that person
    asked for (core.queue.auto_submit)."""
    submit_immediately: bool = msgspec.field(default=False, name="at_once")
    """A program created a batch of them, so they are sent as soon as all are here; cleared once they came back."""
    metadata: dict[str, str] = msgspec.field(default_factory=dict)
    """What the program gave the batch that it created; sent to the provider with every batch that holds the lines."""

    addition: str = ""
    """Id of the QueuedRows by which the lines came into the queue, where they came so; the same for all lines."""

    @property
    def index(self) -> tuple[str, str, float]:
        return self.owner, "", self.seq

    @property
    def live(self) -> int:
        """How many requests the segment holds that were not deleted."""
        return len(self.ids) - len(self.gone)

    @property
    def size(self) -> int:
        """Bytes of all lines, deleted ones included."""
        return self.ends[-1] if self.ends else 0
