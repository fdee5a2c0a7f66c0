"""Results that are delivered again because a person or a program asked for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from app.core.programs import delivery
from app.core.programs.message import ProgramMessage
from app.core.programs.targets import Target
from app.ports import Change, Clock, Table
from app.services.programs.delivery_scheduling import untold
from app.services.runtime.isolation import Isolation, bisected
from app.services.runtime.records import Records, put

PAGE: Final = 200
"""Records that are read at a time."""


class ByHand(ABC):
    """What any tab can ask for; the tab that leads delivers. ``notify`` is called when something changed. Raises the store's errors."""

    def __init__(self, records: Records, clock: Clock, asides: Isolation, notify: Callable[[], None]) -> None:
        self._records, self._clock, self._asides, self._notify = records, clock, asides, notify

    @abstractmethod
    def nudge(self) -> None:
        """Something is due, or may be: whoever delivers looks soon."""

    async def each_again(self, ids: Sequence[str]) -> int:
        """Make these due again; how many that changed. One whose record cannot be changed is put aside and reported."""
        done = 0

        async def some_again(some: Sequence[str]) -> None:
            nonlocal done
            done += await self.again(some)

        await bisected(ids, some_again, self._asides.put)
        return done

    async def again(self, ids: Sequence[str], target: Target | None = None) -> int:
        """Make these due again, perhaps to another target; how many that changed. Raises what is wrong with one of them:
        then the others of its portion are as they were."""
        done = 0
        for n in range(0, len(ids), PAGE):
            done += await self._records.transact(partial(self._again, ids[n : n + PAGE], target))
            await self._clock.sleep(0)
        self.nudge()
        self._notify()
        return done

    async def _again(self, ids: Sequence[str], target: Target | None) -> tuple[list[Change], int]:
        rows = await self._records.store.get_many(Table.HANDED, ids)
        found = [stored for row in rows if (stored := self._records.read(ProgramMessage, row)) is not None]
        now = self._clock.now()
        changed = [(after, one.rev) for one in found if (after := delivery.again(one.value, now, target)) is not None]
        return [change for after, rev in changed for change in (put(after, rev), *untold(after, now))], len(changed)

    async def all_again(
        self, *, state: str | None = None, owner: str | None = None, only: Callable[[ProgramMessage], bool] = lambda _one: True
    ) -> int:
        """Make due again what is in this state, or of this batch. Read wholly before anything is changed."""
        ids: list[str] = []
        after: tuple[float, str] | None = None
        while rows := await self._records.store.page(Table.HANDED, state=state, owner=owner, after=after, limit=PAGE):
            after = (rows[-1].order, rows[-1].id)
            found = [one.value for row in rows if (one := self._records.read(ProgramMessage, row)) is not None]
            ids += [one.id for one in found if only(one)]
            await self._clock.sleep(0)
        return await self.each_again(ids)
