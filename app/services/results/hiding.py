"""Rows that a person took out of the tables of answers. Nothing of them is lost: their batches keep requests and answers, and they come
back whenever they are wanted.

Which rows of a batch these are lies beside its ledger (``keys.hidden_id``), a byte a row, and is written in one commit with the batch, so
that every tab hears of it as of any other change of a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from app.core.model import keys
from app.core.model.batches import Batch
from app.ports import Change, Clock, DropBytes, PutBytes
from app.services.runtime.records import Records, put


class HiddenRows:
    """Raises the store's errors, and Conflict only when others keep winning."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock

    async def hide(self, rows: Mapping[str, Sequence[int]]) -> int:
        """Take these rows out, by the ids of their batches; how many were not out already. A batch that is not here any more is passed
        over."""
        return sum([await self._change(batch, some, 1) for batch, some in rows.items()])

    async def show(self, rows: Mapping[str, Sequence[int] | None]) -> int:
        """Bring these back (None: all of a batch); how many."""
        return sum([await self._change(batch, some, 0) for batch, some in rows.items()])

    async def _change(self, id: str, rows: Iterable[int] | None, to: int) -> int:
        async def decide() -> tuple[list[Change], int]:
            stored = await self._records.get(Batch, id)
            if stored is None:
                return [], 0
            batch = stored.value
            (data,) = await self._records.store.load([keys.hidden_id(id)])
            before = hidden_mask(batch, data)
            after = bytearray(before)
            for row in range(len(after)) if rows is None else rows:
                if 0 <= row < len(after):
                    after[row] = to
            hidden, was = after.count(1), before.count(1)
            if after == before and hidden == batch.hidden:
                return [], 0
            key = keys.hidden_id(id)
            bytes_now: list[Change] = [DropBytes(key), *([PutBytes(key, bytes(after))] if hidden else [])]
            return [*bytes_now, put(replace(batch, hidden=hidden, hidden_at=self._clock.now()), stored.rev)], abs(hidden - was)

        return await self._records.transact(decide)


def hidden_mask(batch: Batch, data: bytes | None) -> bytes:
    """By the batch's rows 1 where one is out. What was stored and is of another length is damaged: then none is, and nothing is lost."""
    return data if batch.hidden and data is not None and len(data) == batch.requests else bytes(batch.requests)
