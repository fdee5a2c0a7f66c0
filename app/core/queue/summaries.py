"""What is kept in memory of a queue's segments: how much each holds, and nothing of a single line.

A million requests are a thousand summaries. The ids and lengths of a segment's lines are read when they are needed: for the rows in sight,
for what is changed, and where a batch begins or ends.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec

from app.core.bodies import tokens
from app.core.model import stored_names
from app.core.model.records import Record
from app.core.model.segments import Segment
from app.core.queue.auto_submit import Origin, origin
from app.core.queue.lanes import BatchLimits, LineRefusal, Sums, live_sums, sums_without, too_large

Metadata = tuple[tuple[str, str], ...]


class SegmentSummary(msgspec.Struct, frozen=True):
    """A segment without its lines. ``sums`` are of the lines that were not deleted, ``longest`` is the most that any line has in each way,
    ``deleted`` their positions as an array of 32 bits. ``ids`` are kept of the segment alone that further requests may be added to."""

    id: str
    rev: int
    owner: str
    seq: float
    bytes_id: str
    lines: int
    sums: Sums
    longest: Sums
    deleted: bytes
    created: float
    origin: Origin
    previous_batches: tuple[str, ...]
    metadata: Metadata
    ids: tuple[str, ...] = ()

    @property
    def live(self) -> int:
        """Requests that were not deleted."""
        return self.sums.requests

    @property
    def gone(self) -> int:
        """Requests that were deleted and can be restored."""
        return len(self.deleted) // _WIDTH

    def gone_positions(self) -> list[int]:
        """The positions of the deleted lines."""
        return array("I", self.deleted).tolist()


FORM = 1
"""Counts what :func:`summary` ever made of one and the same segment. Whoever changes that raises it, and what is kept is made again."""


class QueueSummaries(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The summaries of all queues as some tab knew them, so that the next start reads none of the segments that are still at the same
    revision. Each counts only for that revision; so whatever was written since, this may lie there. Not part of the workspace."""

    stored = stored_names.QUEUE_SUMMARIES
    form: int = 0
    segments: msgspec.Raw = msgspec.Raw(b"[]")
    """JSON of a list of SegmentSummary, whose fields are those of :data:`FORM`."""


_WIDTH = array("I").itemsize


def positions(found: Iterable[int]) -> bytes:
    """Positions of lines as they are kept."""
    return array("I", found).tobytes()


def summary(segment: Segment, rev: int, *, with_ids: bool = False) -> SegmentSummary:
    """What is kept of a segment."""
    sizes = [stop - start for start, stop in pairwise((0, *segment.ends))]
    most = max(sizes, default=0)
    longest = Sums(
        1,
        most,
        max(segment.tokens) if segment.tokens else most // tokens.BYTES + 1,  # the lines share their roundings
        max(segment.inputs, default=1),
    )
    return SegmentSummary(
        id=segment.id,
        rev=rev,
        owner=segment.owner,
        seq=segment.seq,
        bytes_id=segment.bytes_id,
        lines=len(segment.ends),
        sums=live_sums(segment) if segment.live else Sums(),
        longest=longest,
        deleted=positions(segment.gone),
        created=segment.created,
        origin=origin(segment),
        previous_batches=segment.previous_batches,
        metadata=tuple(sorted(segment.metadata.items())),
        ids=segment.ids if with_ids else (),
    )


class Forecast(msgspec.Struct, frozen=True):
    """What batches would take of some requests: how many, whether any batch would be full, and those that none can hold."""

    requests: int
    full: bool
    refused: tuple[LineRefusal, ...] = ()


NO_FORECAST = Forecast(0, full=False)


def may_refuse(one: SegmentSummary, limits: BatchLimits) -> bool:
    """Whether a line of the segment may be more than any batch holds: whoever wants to know has to look at its lines."""
    return limits.exceeded(one.longest)


def forecast(segments: Iterable[SegmentSummary], limits: BatchLimits, details: Mapping[str, Segment]) -> Forecast:
    """What ``lanes.cut`` would make of these segments, from their summaries alone. ``details`` are those of the segments for which
    :func:`may_refuse` says so. KeyError names one that is missing."""
    groups: dict[Metadata, Sums] = {}
    refused: list[LineRefusal] = []
    for one in segments:
        sums = one.sums
        if one.live and may_refuse(one, limits):
            segment = details[one.id]
            found = too_large(segment, limits)
            refused += found
            sums = sums_without(segment, [each.position for each in found])
        if sums.requests:
            groups[one.metadata] = groups.get(one.metadata, Sums()) + sums
    return Forecast(
        sum(sums.requests for sums in groups.values()),
        any(limits.exceeded(sums) or limits.reached(sums) for sums in groups.values()),
        tuple(refused),
    )
