"""Changes to many queued requests at once, and what is kept so that each can be undone."""

from __future__ import annotations

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record
from app.core.model.segments import Segment


class RequestChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value of a body. ``path``: where it is; ``value``: the JSON text that is to be there, None to take it out."""

    path: tuple[str, ...]
    value: str | None = None

    @property
    def words(self) -> str:
        """What is changed, in short."""
        name = ".".join(self.path)
        return f"{name} removed" if self.value is None else f"{name} = {self.value}"


class QueueEdit(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Requests of a lane that were changed together. Written with each group of segments that is changed, so that what was changed before a
    page died can be undone as well. Not part of the workspace: what it names is this browser's queue as it stood."""

    stored = stored_names.QUEUE_EDIT
    lane: str
    """Key of the lane that they were in."""
    change: RequestChange
    at: float = 0.0
    """Unix seconds."""
    segments: int = 0
    """Segments that were changed; of the n-th, from 0, ``keys.edited_lines_id`` holds the lines as they were, ``keys.edited_before_id`` an
    :class:`EditedSegment`."""
    requests: int = 0
    finished: bool = False
    """It came to its end."""


class EditedSegment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A segment as it was, and what became of it: the byte run that it was given, and the segment that its changed requests moved to, with
    that one's byte run, where only some of them have another model now."""

    before: Segment
    requests: int
    """How many were changed."""
    bytes_id: str
    moved: str = ""
    moved_bytes_id: str = ""
