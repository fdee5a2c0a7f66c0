"""Additions to the queue: one stores that it is under way before it stores requests, and holds a lock of its own as long as it runs. What
it left when it was stopped, failed or died with its page is cleared: at once, or at the next start."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final, TypeVar

from app.core.base.ids import new_id
from app.core.base.text import count
from app.core.model import keys
from app.core.model.sendings import QueuedRows, QueueingRows, segment_id
from app.ports import Change, DropBytes, Locks
from app.services.runtime.isolation import Isolation
from app.services.runtime.records import put, remove
from app.services.runtime.runtime import Runtime

T = TypeVar("T")
_DROPPED: Final = 100
"""Runs that are dropped in one commit."""


class AddedMeanwhile(Exception):
    """Another tab added the same, and the person who adds it here was not told. The text is sentences for people."""

    def __init__(self, requests: int) -> None:
        was = "was" if requests == 1 else "were"
        super().__init__(
            f"{count(requests, 'request')} of the same {was} added to the queue in another tab meanwhile. "
            "Add these only if you want them sent, and billed, a second time."
        )


class Additions:
    """Raises what the store raises."""

    def __init__(self, runtime: Runtime, locks: Locks) -> None:
        self._records, self._clock, self._random, self._locks = runtime.records, runtime.clock, runtime.random, locks
        self._broken_off = Isolation(runtime.tasks, "queueing")

    def fresh(self) -> str:
        """An id for requests that may be added in one go."""
        return new_id("r", self._clock.now(), self._random.token(10))

    async def one_by_one(
        self, of: str, seen: Collection[str] | None, known: Callable[[], Awaitable[Sequence[QueuedRows]]], add: Callable[[], Awaitable[T]]
    ) -> T:
        """Have ``add`` add what is named by ``of`` while no other tab does, and only if ``known``, which tells what was added of it, has
        none but those whose ids the person has ``seen`` (None: whatever there is). Raises AddedMeanwhile."""
        found: list[T] = []

        async def work() -> None:
            others = [] if seen is None else [one for one in await known() if one.id not in seen]
            if others:
                raise AddedMeanwhile(sum(one.requests for one in others))
            found.append(await add())

        await self._locks.hold(f"nightshift-adding-{of}", work)
        return found[0]

    async def carried_out(self, run: str, now: float, add: Callable[[], Awaitable[T]]) -> T:
        """Have ``add`` store the requests of this id, all or none: cancelled or failed it leaves nothing behind."""
        found: list[T] = []

        async def work() -> None:
            await self._records.commit([put(QueueingRows(id=run, at=now), 0)])
            try:
                found.append(await add())
            except BaseException:
                await asyncio.shield(self._clear(run))
                raise

        await self._locks.hold(_lock(run), work)
        return found[0]

    async def _clear(self, run: str) -> None:
        """Forget what an addition left that did not come to its end. Its note goes last."""
        note = await self._records.get(QueueingRows, run)
        if note is None:
            return
        drops: list[Change] = [DropBytes(keys.lines_id(segment_id(run, n))) for n in range(note.value.runs)]
        for at in range(0, len(drops), _DROPPED):
            await self._records.commit(drops[at : at + _DROPPED])
        await self._records.commit([remove(QueueingRows, run, note.rev)])

    async def tidy(self) -> None:
        """At a start: clear what additions left that died with their page. Those that run in another tab hold their lock."""
        for note in await self._records.all(QueueingRows):
            id = note.value.id
            work = self._locks.hold(_lock(id), lambda id=id: self._clear(id))  # type: ignore[misc]  # mypy cannot infer such a lambda
            await self._broken_off.run(id, work)


def _lock(run: str) -> str:
    return f"nightshift-queueing-{run}"
