"""Segments: the index over a run of request lines. Queues and batches are made of them."""

from __future__ import annotations

from app.core.model import stored_names
from app.core.model.records import Record


class Segment(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An index over one immutable run of JSONL lines (about 1 MB, at most 1,000), kept apart as bytes under ``bytes_id``.

    ``owner`` is ``queue:<lane key>`` or ``batch:<batch id>``; ``seq`` orders the segments of one owner. ``ids[i]`` is the custom_id of
    line i, which ends before byte ``ends[i]`` (newline included). ``gone`` holds the positions of deleted lines: their bytes stay
    until the segment is planned, so that a deletion can be undone.

    ``resent`` says how often the lines were sent again before, ``former`` in which batches they were, oldest first: the same for all of
    a segment's lines.

    ``tokens`` are the estimated prompt tokens of each line where some are not simply its bytes / 4, and ``inputs`` the inputs of each
    embeddings request where some have several; empty otherwise (core.bodies.tokens).

    ``asks``: whether a line may ask for an answer of a certain form (core.openai.conformance; None: written by a version that did not
    look).

    ``handed``: programs handed the lines in, and each has its record (core.programs.message). ``asked``: a person submitted the lines,
    and they came
    back for a reason that passes by itself, so that sending them once more is what that person asked for (core.queue.auto_submit).
    ``at_once``: a program created a batch of them, so they go as soon as they are all here; not any more once they came back.
    """

    stored = stored_names.SEGMENT
    owner: str
    seq: float
    bytes_id: str
    ids: tuple[str, ...]
    ends: tuple[int, ...]
    gone: tuple[int, ...] = ()
    tokens: tuple[int, ...] = ()
    inputs: tuple[int, ...] = ()
    asks: bool | None = None
    created: float = 0.0
    resent: int = 0
    former: tuple[str, ...] = ()
    handed: bool = False
    asked: bool = False
    at_once: bool = False

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
