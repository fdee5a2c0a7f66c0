"""What programs wait for: they are told of requests that a person deleted, and asked for before a batch leaves this browser.

The queue and the retention know nothing of programs: whoever puts the program together gives them these. What only programs need is
imported when there is one, since most pages never have any.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.core.model.batches import Batch
from app.ports import Change, Clock, Table
from app.services.runtime.records import Records, put


class WaitingMessages:
    """Raises the store's errors."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock

    async def given_up(self, ids: Sequence[str]) -> list[Change]:
        """The changes that tell programs of their requests which a person deleted: else they would wait forever."""
        from app.core.programs import delivery
        from app.core.programs.message import ProgramMessage
        from app.services.programs.delivery_scheduling import untold
        from app.services.programs.intake import programs

        chosen, now = await programs(self._records), self._clock.now()
        changes: list[Change] = []
        for row in await self._records.store.get_many(Table.HANDED, ids):
            stored = self._records.read(ProgramMessage, row)
            if stored is not None and stored.value.state == "waiting":
                after = delivery.ended(stored.value, "", -1, "cancelled", chosen, stored.value.key, now)
                changes += [put(after, stored.rev), *untold(after, now)] if after is not None else []
        return changes

    async def awaits(self, batch: Batch) -> bool:
        """Whether programs still wait for results of a batch: not all were handed over to be delivered, or some were not delivered."""
        if not await self._records.store.counts(Table.HANDED):
            return False
        from app.services.programs.delivery_scheduling import is_open

        mine = await self._records.store.counts(Table.HANDED, owner=batch.id)
        return is_open(batch) or bool(mine.get("due") or mine.get("failed"))
