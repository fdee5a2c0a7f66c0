"""Going on from answers: what follows them is looked over, added to the queue, and found again from either side."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from app.core.batches.rows import Rows
from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.sendings import FollowUp, QueuedRows
from app.core.results.following import Followed
from app.core.results.joining import JoinOrder
from app.ports import Locks
from app.ports.compute import Compute, unheard
from app.services.planning.adding import Additions
from app.services.results.follow_job import FOLLOW, FollowOrder, FollowReport
from app.services.runtime.records import Records
from app.services.runtime.runtime import Runtime

Chosen = dict[str, tuple[int, ...]]
"""Rows by the ids of their batches."""
MOST_LINKS: Final = 20
"""Followers of one answer that are named."""


class FollowLink(NamedTuple):
    """A request that another follows or is followed by; ``row`` of -1: it waits in the queue, or was deleted there."""

    id: str
    batch: str
    row: int


class FollowUps:
    """Raises what the store raises."""

    def __init__(self, runtime: Runtime, compute: Compute, locks: Locks) -> None:
        self._records, self._clock, self._compute = runtime.records, runtime.clock, compute
        self._additions = Additions(runtime, locks)

    async def look(self, join: JoinOrder, rows: Chosen, follow: FollowUp, moved: Callable[[int, int], None] = unheard) -> FollowReport:
        """What would follow these answers; nothing is stored. Raises RowsMissing, JobFailed."""
        return (await self._compute.run(FOLLOW, FollowOrder(self._record(join, follow), join, rows), moved=moved)).value

    async def add(self, join: JoinOrder, rows: Chosen, follow: FollowUp, moved: Callable[[int, int], None] = unheard) -> FollowReport:
        """Have it in the queue: all at once, or none. Cancelling it leaves nothing behind. Raises Unplannable, RowsMissing, JobFailed."""
        record = self._record(join, follow)
        order = FollowOrder(record, join, rows, queued=True)
        done = await self._additions.carried_out(record.id, record.at, lambda: self._compute.run(FOLLOW, order, moved=moved))
        return done.value

    def _record(self, join: JoinOrder, follow: FollowUp) -> QueuedRows:
        return QueuedRows(
            id=self._additions.fresh(),
            dataset=join.dataset,
            dataset_version=join.version,
            at=self._clock.now(),
            follow=follow,
        )


class FollowLinks:
    """Which answer a request follows, and which requests follow an answer. ``rows``: the requests of a batch by row."""

    def __init__(self, records: Records, rows: Callable[[Batch], Awaitable[Rows]]) -> None:
        self._records, self._rows = records, rows

    async def before(self, batch: Batch, id: str) -> FollowLink | None:
        """The answer that a request of a batch follows; None: none that is known."""
        for addition in batch.additions:
            stored = await self._records.get(QueuedRows, addition) if id.startswith(f"{addition}-") else None
            if stored is not None and stored.value.follow is not None:
                found = next((one for one in await self._links(addition) if one.id == id), None)
                here = found is not None and await self._records.get(Batch, found.batch) is not None
                return FollowLink("", found.batch, found.row) if found is not None and here else None
        return None

    async def behind(self, batch: str, row: int) -> list[FollowLink]:
        """The requests that follow an answer, oldest first."""
        found: list[FollowLink] = []
        additions = [one.value for one in await self._records.all(QueuedRows) if batch in one.value.followed]
        for addition in sorted(additions, key=lambda one: one.at):
            ids = {one.id for one in await self._links(addition.id) if (one.batch, one.row) == (batch, row)}
            found += await self._where(addition.id, ids) if ids else []
        return found[:MOST_LINKS]

    async def _where(self, addition: str, ids: set[str]) -> list[FollowLink]:
        """In which batches these are; those in none wait in the queue, or were deleted there."""
        found: dict[str, FollowLink] = {id: FollowLink(id, "", -1) for id in ids}
        for batch in [one.value for one in await self._records.all(Batch)]:
            if addition in batch.additions and batch.state != "withdrawn":
                rows = await self._rows(batch)
                found.update({id: FollowLink(id, batch.id, row) for row, id in enumerate(rows.ids) if id in ids})
        return list(found.values())

    async def _links(self, addition: str) -> list[Followed]:
        (data,) = await self._records.store.load([keys.sent_rows_id(addition)])
        try:
            return jsonread.typed(data or b"[]", list[Followed])
        except Unreadable:
            return []
