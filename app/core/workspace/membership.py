"""In which batches each request is, so that a request in a batch does not wait in a queue as well."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.model import keys
from app.core.model.entries import RecordEntry, decoded
from app.core.model.segments import Segment


class MembershipIndex:
    """In which batches each request stands."""

    def __init__(self, segments: Iterable[RecordEntry]) -> None:
        self._once: dict[str, Segment] = {}
        self._more: dict[str, list[Segment]] = {}  # few: those that were sent again
        for entry in segments:
            if (segment := decoded(Segment, entry)) is not None:
                for id in segment.ids:
                    if self._once.setdefault(id, segment) is not segment:
                        self._more.setdefault(id, []).append(segment)

    def at(self, segment: Segment | None) -> frozenset[int]:
        """The positions of a segment's requests that are in another batch for the same sending: neither was sent again after the
        other."""
        if segment is None:
            return frozenset()
        return frozenset(
            i
            for i, id in enumerate(segment.ids)
            if id in self._once and any(_same_sending(segment, other) for other in (self._once[id], *self._more.get(id, ())))
        )


def _same_sending(first: Segment, second: Segment) -> bool:
    return keys.batch_of(second.owner) not in first.previous_batches and keys.batch_of(first.owner) not in second.previous_batches
