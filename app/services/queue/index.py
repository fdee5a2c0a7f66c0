"""The segments of all queues as summaries: as they were kept from the last visit, and read only where they were written since."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import ClassVar
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.segments import Segment
from app.core.queue.summaries import SegmentSummary, summary
from app.ports import Clock, Store, Table
from app.services.queue import keeping
from app.services.queue.lane import LaneQueue
from app.services.runtime.records import Records
from app.services.runtime.touched import Touched

TOGETHER = 16
"""Segments that are read or changed together at most: 16,000 requests, half a megabyte of indexes."""
APPEND_LINES, APPEND_BYTES = 200, 64_000
"""Up to which a segment may be added to."""


class QueueIndex:
    """One for each store, for all who read it. Raises what the store raises."""

    _known: ClassVar[WeakKeyDictionary[Store, QueueIndex]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._lanes: dict[str, dict[str, SegmentSummary]] = {}
        self._owner: dict[str, str] = {}
        self._made: dict[str, LaneQueue] = {}
        self._turn = asyncio.Lock()
        self._damage = 0
        self._begun = False
        self._unkept = 0

    @classmethod
    def of(cls, store: Store) -> QueueIndex:
        """The one of this store."""
        found = cls._known.get(store)
        if found is None:
            found = cls._known[store] = cls()
        return found

    async def lane(self, records: Records, clock: Clock, lane: Lane) -> LaneQueue:
        """A lane as it is stored now."""
        async with self._turn:
            await self._refresh(records, clock)
            return self._lane(lane)

    async def lanes(self, records: Records, clock: Clock) -> list[LaneQueue]:
        """Every lane that has segments."""
        async with self._turn:
            await self._refresh(records, clock)
            return [self._lane(keys.lane_of(owner)) for owner, held in self._lanes.items() if held and keys.names_lane(owner)]

    def _lane(self, lane: Lane) -> LaneQueue:
        owner = keys.queue_owner(lane)
        found = self._made.get(owner)
        if found is None:
            held = self._lanes.get(owner, {})
            found = self._made[owner] = LaneQueue.of(lane, tuple(sorted(held.values(), key=lambda one: (one.seq, one.id))))
        return found

    # --- keeping up

    async def _refresh(self, records: Records, clock: Clock) -> None:
        touched = Touched.of(records.store)
        owners = touched.take()
        if self._damage != records.damage.changes:
            owners = None  # what could not be read can be now, or the other way round
        try:
            if owners is None:
                await self._compare(records, clock)
            elif owners:
                for id in [id for id, owner in owners.items() if not keys.in_queue(owner)]:
                    self._drop(id)
                await self._read(records, clock, [id for id, owner in owners.items() if keys.in_queue(owner)])
        except BaseException:
            touched.give_back(owners)
            raise
        self._damage = records.damage.changes
        self._keep_tails()
        if self._unkept >= keeping.WORTH:
            self._unkept = 0
            await keeping.keep(records.store, (one for held in self._lanes.values() for one in held.values()))

    async def _recall(self, store: Store) -> None:
        """Begin with what was kept. What is another one by now is read by who compares it with what is there."""
        for one in await keeping.kept(store):
            if keys.names_lane(one.owner):
                self._put(one)
        self._begun, self._unkept = True, 0

    async def _compare(self, records: Records, clock: Clock) -> None:
        """Any segment may have been written by another tab: only those are read whose revision is another one."""
        if not self._begun:
            await self._recall(records.store)
        damaged = {id for table, id in records.damage.found if table == Table.SEGMENTS}
        there: set[str] = set()
        for owner in await records.store.owners(Table.SEGMENTS):
            if not keys.in_queue(owner):
                continue
            if not keys.names_lane(owner):  # what it owns is damaged: it can be found by its index only
                for row in await records.store.scan(Table.SEGMENTS, owner=owner):
                    records.damage.add(Table.SEGMENTS, row, f"it belongs to {owner!r}, which is not a queue group")
                continue
            held = self._lanes.get(owner, {})
            found = await records.store.revisions(Table.SEGMENTS, owner)
            there.update(id for id, _ in found)
            await self._read(records, clock, [id for id, rev in found if id not in held or held[id].rev != rev or id in damaged])
        for id in self._owner.keys() - there:
            self._drop(id)

    async def _read(self, records: Records, clock: Clock, ids: Collection[str]) -> None:
        for n, some in enumerate(together(ids)):
            if n:
                await clock.sleep(0)  # so many are a slice of their own
            here = set(some)
            for row in await records.store.get_many(Table.SEGMENTS, some):
                stored = records.read(Segment, row)
                if stored is not None and keys.names_lane(stored.value.owner):
                    here.discard(row.id)
                    self._put(summary(stored.value, stored.rev, with_ids=_may_grow(stored.value)))
            for id in here:
                self._drop(id)

    def _put(self, one: SegmentSummary) -> None:
        if self._owner.get(one.id, one.owner) != one.owner:
            self._drop(one.id)
        self._owner[one.id] = one.owner
        self._unkept += keeping.small(one)
        self._lanes.setdefault(one.owner, {})[one.id] = one
        self._made.pop(one.owner, None)

    def _drop(self, id: str) -> None:
        owner = self._owner.pop(id, "")
        if owner:
            self._unkept += 1
            del self._lanes[owner][id]
            self._made.pop(owner, None)

    def _keep_tails(self) -> None:
        """Ids are kept of a lane's last segment alone."""
        for owner, held in self._lanes.items():
            if owner in self._made or not held:
                continue
            last = max(held.values(), key=lambda one: (one.seq, one.id))
            for one in [one for one in held.values() if one.ids and one is not last]:
                held[one.id] = replace(one, ids=())


def _may_grow(segment: Segment) -> bool:
    return len(segment.ids) < APPEND_LINES and segment.size < APPEND_BYTES


def together(segments: Iterable[str]) -> list[list[str]]:
    """Segments, a few at a time."""
    ids = list(segments)
    return [ids[n : n + TOGETHER] for n in range(0, len(ids), TOGETHER)]
