"""The summaries of all queues from one visit to the next: read in one piece at the start, so that what waits need not be read for it.

What is kept is never trusted for itself. Each summary says of which revision of its segment it is, and counts for that one alone; so it
does not matter who wrote it, or when, and one that is missing costs a reading.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from app.core.json import jsonread
from app.core.model.stored_names import row_id
from app.core.queue.summaries import FORM, QueueSummaries, SegmentSummary
from app.ports import Conflict, StorageFull, Store, Table
from app.services.runtime.records import put

KEPT = "queue"
"""The id of the one record."""
ROW = row_id(QueueSummaries.stored, KEPT)
WORTH = 32
"""Segments that are other ones than those that are kept: up to as many are read again at the start, with more all are kept again."""
SMALL = 512
"""Bytes of what a summary says beside its figures; a longer one is not kept, and its segment is read at the start. So what is kept of a
million requests is half a megabyte, whatever is said of them."""


def small(one: SegmentSummary) -> bool:
    """Whether it is kept."""
    said = sum(len(name) + len(value) for name, value in one.metadata) + sum(map(len, one.previous_batches)) + len(one.deleted)
    return said <= SMALL


async def kept(store: Store) -> tuple[SegmentSummary, ...]:
    """What was kept last; nothing where it is of another form, or not what was written. Raises what the store raises."""
    for row in await store.get_many(Table.SETTINGS, [ROW]):  # one by one, a record comes as a JS text, which crosses ten times slower
        try:
            found = jsonread.typed(row.doc, QueueSummaries)
            return jsonread.typed(bytes(found.segments), tuple[SegmentSummary, ...]) if found.form == FORM else ()
        except jsonread.Unreadable:
            return ()  # nothing of a person's is in it, and it is made again
    return ()


async def keep(store: Store, segments: Iterable[SegmentSummary]) -> None:
    """Keep those of these that are small. Where there is no room nothing is kept, and the next start reads more. Raises StorageLost."""
    said = msgspec.Raw(msgspec.json.encode(tuple(filter(small, segments))))
    try:
        await store.commit([put(QueueSummaries(id=KEPT, form=FORM, segments=said), -1, quiet=True)])
    except (StorageFull, Conflict):
        return
