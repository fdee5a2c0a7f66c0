"""Reading the queue: lanes in summary, the rows in sight, single requests, and where they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.core.base.lru import Lru
from app.core.bodies import requests
from app.core.bodies.requests import LineRun, Preview
from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.segments import Segment
from app.core.queue.lanes import BatchLimits
from app.core.queue.scope import Pick
from app.core.queue.summaries import Forecast, SegmentSummary, forecast, may_refuse
from app.ports import Clock, Table
from app.services.queue.index import QueueIndex, together
from app.services.queue.lane import LaneQueue, QueueRow
from app.services.runtime import passed_over
from app.services.runtime.records import Records, Stored
from app.services.runtime.slices import Slicer
from app.services.runtime.touched import Touched

_CACHED_SEGMENTS = 8
_CACHED_PREVIEWS = 2_000
_KNOWN_PLACES = 4_000
_LOST = Preview(fault="This request is no longer in this browser: its text cannot be read. Delete it, and add it again.")


class RequestNotFound(Exception):
    """The request is no longer in the queue: submitted, deleted, or changed in another tab."""


def live_positions(segment: Segment) -> Sequence[int]:
    """The positions of the lines that were not deleted."""
    if not segment.gone:
        return range(len(segment.ids))
    gone = frozenset(segment.gone)
    return [i for i in range(len(segment.ids)) if i not in gone]


class QueueReader:
    """Raises what the store raises."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock
        self._cache: Lru[str, bytes] = Lru(_CACHED_SEGMENTS)
        self._previews: Lru[tuple[str, int], Preview] = Lru(_CACHED_PREVIEWS)
        self._read: Lru[tuple[str, int], Segment] = Lru(_CACHED_SEGMENTS)
        self._places: Lru[str, str] = Lru(_KNOWN_PLACES)
        self._index = QueueIndex.of(records.store)

    async def lane(self, lane: Lane) -> LaneQueue:
        return await self._index.lane(self._records, self._clock, lane)

    async def lanes(self) -> list[LaneQueue]:
        """Every lane that holds requests or deleted ones, sorted."""
        found = await self._index.lanes(self._records, self._clock)
        return sorted((one for one in found if one.requests or one.deleted), key=lambda one: one.lane)

    async def segment(self, one: SegmentSummary) -> Segment | None:
        """A segment with its lines, as it was when its summary was made; None where it is another one by now."""
        found = self._read.get((one.id, one.rev))
        if found is None:
            stored = await self._records.get(Segment, one.id)
            if stored is None or stored.rev != one.rev or stored.value.owner != one.owner:
                Touched.of(self._records.store).everything()
                return None
            found = stored.value
            self._read.put((one.id, one.rev), found)
        return found

    async def forecast(self, queue: LaneQueue, limits: BatchLimits) -> Forecast:
        """What batches would take of these requests. Only segments that may hold a line that is too large are read."""
        details: dict[str, Segment] = {}
        known: list[SegmentSummary] = []
        for one in queue.segments:
            if one.live and may_refuse(one, limits):
                segment = await self.segment(one)
                if segment is None:
                    continue
                details[one.id] = segment
            known.append(one)
        return forecast(known, limits, details)

    async def data(self, segment: Segment) -> bytes:
        """A segment's bytes, from a small cache. KeyError names bytes that are missing."""
        found = self._cache.get(segment.bytes_id)
        if found is None:
            found = await self.read(segment.bytes_id)
            self._cache.put(segment.bytes_id, found)
        return found

    async def read(self, bytes_id: str) -> bytes:
        """A byte run, which is not kept. KeyError names one that is missing."""
        (found,) = await self._records.store.load([bytes_id])
        if found is None:
            raise KeyError(bytes_id)
        return found

    async def run(self, segment: Segment) -> LineRun:
        return LineRun(segment.ids, segment.ends, await self.data(segment))

    async def rows(self, queue: LaneQueue, first: int, last: int) -> list[QueueRow]:
        """The requests ``first`` to ``last`` (exclusive) of a lane, in order."""
        found: list[QueueRow] = []
        for one, start, stop in queue.window(first, last):
            segment = await self.segment(one)
            if segment is not None:  # else it is another one by now: who listed it reads the lane again
                found += await self.rows_at(segment, live_positions(segment)[start:stop])
        return found

    async def rows_at(self, segment: Segment, positions: Sequence[int]) -> list[QueueRow]:
        """The rows of these lines of a segment."""
        previews = await self._previews_of(segment, positions)
        found = [QueueRow(segment.ids[i], preview) for i, preview in zip(positions, previews, strict=True)]
        for row in found:
            self._places.put(row.id, segment.id)
        return found

    async def _previews_of(self, segment: Segment, positions: Sequence[int]) -> list[Preview]:
        """What the list shows of these lines. Bytes never change under their id, so a preview is made once."""
        known = {i: preview for i in positions if (preview := self._previews.get((segment.bytes_id, i))) is not None}
        wanted = [i for i in positions if i not in known]
        try:
            data = await self.data(segment) if wanted else b""
        except KeyError:
            return [_LOST for _ in positions]
        made = {
            i: passed_over.preview(segment.bytes_id, segment.ends[i - 1] if i else 0, requests.pick(data, segment.ends, i), segment.ids[i])
            for i in wanted
        }
        for i, preview in made.items():
            self._previews.put((segment.bytes_id, i), preview)
        return [made[i] if i in made else known[i] for i in positions]

    async def line(self, lane: Lane, id: str) -> bytes:
        """One request's line. Raises RequestNotFound."""
        stored, i = await self._find(lane, id)
        return requests.pick(await self.data(stored.value), stored.value.ends, i)

    async def _find(self, lane: Lane, id: str) -> tuple[Stored[Segment], int]:
        """A request that was not deleted. Raises RequestNotFound."""
        for place in await self.places(lane, [id]):
            for stored in await self._stored(lane, [place]):
                if id in stored.value.ids and (i := stored.value.ids.index(id)) not in stored.value.gone:
                    return stored, i
        raise RequestNotFound(id)

    async def _stored(self, lane: Lane, segments: Sequence[str]) -> list[Stored[Segment]]:
        """Those of these segments that are in the lane now."""
        rows = await self._records.store.get_many(Table.SEGMENTS, segments)
        found = [stored for row in rows if (stored := self._records.read(Segment, row)) is not None]
        return [one for one in found if one.value.owner == keys.queue_owner(lane)]

    async def places(self, lane: Lane, ids: Iterable[str]) -> dict[str, Pick]:
        """The lane's segments that hold these requests, each with which of them. Where requests were listed before, only those segments are
        read that held them then; the others are looked for in all."""
        missing, found = set(ids), dict[str, Pick]()

        async def look(some: Sequence[str]) -> None:
            for stored in await self._stored(lane, some):
                here = missing.intersection(stored.value.ids)
                if here:
                    before = found[stored.value.id].ids if stored.value.id in found else None
                    found[stored.value.id] = Pick(ids=frozenset(here) | (before or frozenset()))
                    missing.difference_update(here)

        known = dict.fromkeys(place for id in missing if (place := self._places.get(id)) is not None)
        for some in together(known):
            await look(some)
        if missing:
            slicer = Slicer(self._clock)
            others = [one.id for one in reversed((await self.lane(lane)).segments) if one.id not in found]
            for n, some in enumerate([others[:1], *together(others[1:])]):  # what was added last is asked for most
                if n > 1:
                    await slicer.rest()
                await look(some)
                if not missing:
                    break
        return found

    async def present(self, lane: Lane, ids: Iterable[str]) -> set[str]:
        """Those of these requests that are in the queue."""
        found: set[str] = set()
        for id, pick in (await self.places(lane, ids)).items():
            for stored in await self._stored(lane, [id]):
                one = stored.value
                found |= {one.ids[i] for i in pick.positions(one, live_positions(one))}
        return found
