"""Edits of many queued requests: few are changed in the page, many apart from it; each can be undone for a while."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from app.core.base.ids import new_id
from app.core.model.lanes import Lane
from app.core.model.queue_edits import QueueEdit, RequestChange
from app.core.queue.changing import ChangeReport
from app.core.queue.scope import Scope
from app.ports import Conflict, Locks, StorageFull, StorageLost
from app.ports.compute import Compute, unheard
from app.services.queue.bulk_edit import BulkEditor, EditOrder
from app.services.queue.bulk_jobs import CHANGE, LOOK, UNDO, Undone, UndoOrder
from app.services.queue.queue import Queue
from app.services.runtime.isolation import Isolation
from app.services.runtime.runtime import Runtime
from app.services.runtime.slices import Slicer

T = TypeVar("T")
Moved = Callable[[int, int], None]
FEW: Final = 500
"""Requests that are looked at and changed within the page: a worker takes longer to begin."""
KEPT: Final = 3
"""Edits that can be undone at a time; what undoes an older one is dropped."""
DAY: Final = 86_400.0
"""Seconds for which an edit can be undone."""


class _PagePace:
    """Gives way as all that runs in the page does."""

    def __init__(self, slicer: Slicer, moved: Moved) -> None:
        self.over, self.rest, self.moved = slicer.over, slicer.rest, moved


class QueueEdits:
    """Raises what the store raises, and the failures of jobs."""

    def __init__(self, runtime: Runtime, queue: Queue, compute: Compute, locks: Locks) -> None:
        self._records, self._clock, self._random = runtime.records, runtime.clock, runtime.random
        self._queue, self._compute, self._locks = queue, compute, locks
        self._old = Isolation(runtime.tasks, "edits")

    def order(self, lane: Lane, meant: Scope, change: RequestChange) -> EditOrder:
        """A change of these requests, to be looked at and carried out."""
        now = self._clock.now()
        return EditOrder(new_id("e", now, self._random.token(10)), lane, dict(meant), change, now)

    def _here(self, moved: Moved = unheard) -> BulkEditor:
        return BulkEditor(self._queue, self._records, _PagePace(Slicer(self._clock), moved))

    async def look(self, order: EditOrder, requests: int, moved: Moved = unheard) -> ChangeReport:
        """What it would do to so many requests; nothing is stored."""
        if requests <= FEW:
            return await self._here(moved).look(order)
        return (await self._compute.run(LOOK, order, moved=moved)).value

    async def change(self, order: EditOrder, requests: int, moved: Moved = unheard) -> ChangeReport:
        """Carry it out. Cancelled or failed, what was changed is put back, as far as the store lets it; the rest stays in :meth:`all`."""

        async def work() -> ChangeReport:
            try:
                if requests <= FEW:
                    return await self._here(moved).change(order)
                return (await self._compute.run(CHANGE, order, moved=moved)).value
            except BaseException:
                with contextlib.suppress(StorageFull, StorageLost, Conflict):
                    await asyncio.shield(self._here().undo(order.id))
                raise

        done = await self._alone(order.id, work)
        for old in (await self.all())[KEPT:]:
            await self._old.run(old.id, self.forget(old.id))
        return done

    async def all(self) -> list[QueueEdit]:
        """Those that can be undone, the newest first."""
        found = [one.value for one in await self._records.all(QueueEdit)]
        return sorted((one for one in found if one.segments), key=lambda one: (-one.at, one.id))

    async def undo(self, edit: QueueEdit, moved: Moved = unheard) -> Undone:
        """Put back what it changed, but what was submitted, deleted or changed since."""

        async def work() -> Undone:
            if edit.requests <= FEW:
                return Undone(*await self._here(moved).undo(edit.id))
            return (await self._compute.run(UNDO, UndoOrder(edit.id), moved=moved)).value

        return await self._alone(edit.id, work)

    async def forget(self, id: str) -> None:
        """It stays as it is, and cannot be undone any more."""
        await self._alone(id, lambda: self._here().forget(id))

    async def tidy(self) -> None:
        """At a start: those that are older than a day stay as they are."""
        now = self._clock.now()
        for one in await self._records.all(QueueEdit):
            if not 0 <= now - one.value.at < DAY:
                await self._old.run(one.value.id, self.forget(one.value.id))

    async def _alone(self, id: str, work: Callable[[], Awaitable[T]]) -> T:
        """While no other tab does anything about the same edit."""
        found: list[T] = []

        async def held() -> None:
            found.append(await work())

        await self._locks.hold(f"nightshift-edit-{id}", held)
        return found[0]
