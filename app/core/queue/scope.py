"""Which requests of a lane an action is about, by segment, so that its cost depends on them and not on the lane."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

import msgspec

from app.core.model.segments import Segment
from app.core.queue.summaries import SegmentSummary


class Pick(msgspec.Struct, frozen=True):
    """Which lines of one segment: those with these ``ids`` (None: all), but not those ``without``. ``at`` names single lines by their
    positions in one byte run: in another run they are none."""

    ids: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    at: tuple[str, bytes] | None = None

    @property
    def whole(self) -> bool:
        """Whether every line is meant."""
        return self == EVERY

    def positions(self, segment: Segment, among: Iterable[int]) -> list[int]:
        """Those of the positions ``among`` that are meant, in their order."""
        if self.at is not None:
            bytes_id, marked = self.at
            here = frozenset(array("I", marked)) if bytes_id == segment.bytes_id else frozenset[int]()
            among = [i for i in among if i in here]
        ids, wanted, without = segment.ids, self.ids, self.without
        if wanted is None and not without:
            return list(among)
        return [i for i in among if (wanted is None or ids[i] in wanted) and ids[i] not in without]


EVERY = Pick()
Scope = Mapping[str, Pick]
"""By the segment's id."""


def seen(segments: Iterable[SegmentSummary], without: frozenset[str] = frozenset()) -> dict[str, Pick]:
    """What the page shows of these segments, to be acted upon later: what is added meanwhile is not meant. ``without``: ids that were taken
    out."""
    return {
        one.id: Pick(ids=frozenset(one.ids) if one.ids else None, without=without) if one.ids or without else EVERY
        for one in segments
        if one.live
    }


def deleted(segments: Iterable[SegmentSummary]) -> dict[str, Pick]:
    """The deleted requests of these segments that the page tells of: what another tab deletes from here on is not meant."""
    return {one.id: Pick(at=(one.bytes_id, one.deleted)) for one in segments if one.gone}


def undoing(segment: Segment, taken: Iterable[int]) -> Pick:
    """What brings back these lines of a segment, which has them marked as deleted now: named by the shorter of two lists."""
    chosen = {segment.ids[i] for i in taken}
    others = {segment.ids[i] for i in segment.gone} - chosen
    return Pick(ids=frozenset(chosen)) if len(chosen) <= len(others) else Pick(without=frozenset(others))
