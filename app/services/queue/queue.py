"""The queue: requests by lane, kept in segments, listed by window.

Every change reads the lane's segments, decides, and commits with their revisions; when another tab was faster, it reads and decides anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence

from msgspec.structs import replace

from app.core.base import ids
from app.core.base.findings import errors
from app.core.base.lru import Lru
from app.core.bodies import bodies, requests, tokens
from app.core.bodies.requests import LineFault, LineRun, Preview
from app.core.json import jsonread
from app.core.json.jsontext import JsonFault
from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.segments import Segment
from app.core.queue import lanes
from app.ports import Change, Clock, DropBytes, PutBytes, Random, Table
from app.services.queue.lane import NEW, LaneQueue, Provenance, QueueRow
from app.services.runtime import passed_over
from app.services.runtime.records import Records, Stored, put, remove
from app.services.runtime.slices import Slicer

SPACE = 1e-3
"""What is between the ``seq`` of two segments at least when they are made."""
_APPEND_LINES, _APPEND_BYTES = 200, 64_000
_CACHED_SEGMENTS = 8
_CACHED_PREVIEWS = 2_000
_YIELD_AFTER_SEGMENTS = 8
GivenUp = Callable[[Sequence[str]], Awaitable[list[Change]]]
_LOST = Preview(fault="This request is gone from this browser: its text can no longer be read. Delete it, and add it anew.")


HANDED = Provenance(from_program=True)
"""Lines that a program just handed in."""
CREATED = Provenance(from_program=True, submit_immediately=True)
"""Lines of a batch that a program created."""


class _PendingAppend:
    """What is to be added to a lane by one commit, and the task that does it."""

    task: asyncio.Task[None]

    def __init__(self) -> None:
        self.pairs: list[tuple[str, bytes]] = []


class RequestNotFound(Exception):
    """The request is no longer in the queue: submitted, deleted, or changed in another tab."""


class Changed(Exception):
    """The request was given another body meanwhile, which is the argument."""


def live_positions(segment: Segment) -> Sequence[int]:
    """The positions of the lines that were not deleted."""
    if not segment.gone:
        return range(len(segment.ids))
    gone = frozenset(segment.gone)
    return [i for i in range(len(segment.ids)) if i not in gone]


class Queue:
    """Reads and changes the queue. ``given_up`` gives the changes that tell programs of their requests which a person deleted, by the
    requests' ids. Raises the store's errors, Conflict only when others keep winning."""

    def __init__(self, records: Records, clock: Clock, random: Random, given_up: GivenUp) -> None:
        self._records, self._clock, self._random, self._given_up = records, clock, random, given_up
        self.turn = asyncio.Lock()
        """Held by whoever changes the queue from this tab, so that only other tabs can be in the way."""
        self._joint: dict[Lane, _PendingAppend] = {}
        self._cache: Lru[str, bytes] = Lru(_CACHED_SEGMENTS)
        self._previews: Lru[tuple[str, int], Preview] = Lru(_CACHED_PREVIEWS)

    # --- reading

    async def lane(self, lane: Lane) -> LaneQueue:
        segments = tuple(await self._records.all(Segment, keys.queue_owner(lane)))
        if len(segments) > _YIELD_AFTER_SEGMENTS:
            await self._clock.sleep(0)  # reading the index of 50,000 requests was a task of its own
        return LaneQueue.of(lane, segments)

    async def lanes(self) -> list[LaneQueue]:
        """Every lane that holds requests or deleted ones, sorted."""
        owners = [one for one in await self._records.store.owners(Table.SEGMENTS) if keys.in_queue(one)]
        found = [await self.lane(keys.lane_of(owner)) for owner in owners if await self._is_lane(owner)]
        return sorted((one for one in found if one.requests or one.deleted), key=lambda one: one.lane)

    async def _is_lane(self, owner: str) -> bool:
        """Whether an owner names a lane; if not, what it owns is damaged: it can be found by its index only."""
        if keys.names_lane(owner):
            return True
        for row in await self._records.store.scan(Table.SEGMENTS, owner=owner):
            self._records.damage.add(Table.SEGMENTS, row, f"it belongs to {owner!r}, which is no lane")
        return False

    async def data(self, segment: Segment) -> bytes:
        """A segment's bytes, from a small cache. KeyError names bytes that are missing."""
        found = self._cache.get(segment.bytes_id)
        if found is None:
            (found,) = await self._records.store.load([segment.bytes_id])
            if found is None:
                raise KeyError(segment.bytes_id)
            self._cache.put(segment.bytes_id, found)
        return found

    async def run(self, segment: Segment) -> LineRun:
        return LineRun(segment.ids, segment.ends, await self.data(segment))

    async def rows(self, queue: LaneQueue, first: int, last: int) -> list[QueueRow]:
        """The requests ``first`` to ``last`` (exclusive) of a lane, in order."""
        found: list[QueueRow] = []
        at = 0
        for stored in queue.segments:
            segment = stored.value
            if at + segment.live > first and at < last:
                positions = live_positions(segment)[max(0, first - at) : last - at]
                previews = await self._previews_of(segment, positions)
                found += [QueueRow(segment.ids[i], preview) for i, preview in zip(positions, previews, strict=True)]
            at += segment.live
            if at >= last:
                break
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
        stored, i = _find((await self.lane(lane)).segments, id)
        return requests.pick(await self.data(stored.value), stored.value.ends, i)

    def all_ids(self, queue: LaneQueue) -> set[str]:
        return {one.value.ids[i] for one in queue.segments for i in live_positions(one.value)}

    def deleted_ids(self, queue: LaneQueue) -> set[str]:
        """Those that can still be restored."""
        return {one.value.ids[i] for one in queue.segments for i in one.value.gone}

    # --- changing

    async def _amend(self, lane: Lane, decide: Callable[[LaneQueue], Awaitable[list[Change]]]) -> None:
        """Read, decide, commit; again if somebody else changed the lane in between."""

        async def decided() -> tuple[list[Change], None]:
            changes = await decide(await self.lane(lane))
            if len(changes) > _YIELD_AFTER_SEGMENTS:
                await self._clock.sleep(0)  # the commit of many segments is a slice of its own
            return changes, None

        async with self.turn:
            await self._records.transact(decided, between=lambda: self._clock.sleep(0.01 * self._random.unit()))

    def _id(self, prefix: str) -> str:
        return ids.new_id(prefix, self._clock.now(), self._random.token(10))

    def new_request_id(self) -> str:
        """A custom_id: unique for life."""
        return self._id("r")

    def fresh(self, owner: str, seq: float, run: LineRun, gone: Sequence[int] = (), past: Provenance = NEW) -> list[Change]:
        """The changes that store a run as a new segment. ``past`` is that of its lines."""
        id = self._id("s")
        segment = Segment(
            id=id,
            owner=owner,
            seq=seq,
            bytes_id=keys.lines_id(id),
            gone=tuple(gone),
            created=self._clock.now(),
            resent=past.resent,
            previous_batches=past.previous_batches,
            from_program=past.from_program,
            submitted_by_person=past.submitted_by_person,
            submit_immediately=past.submit_immediately,
            metadata=dict(past.metadata),
            **tokens.index(run),
        )
        return [PutBytes(segment.bytes_id, run.data), put(segment, 0)]

    def rewritten(self, stored: Stored[Segment], run: LineRun, gone: Sequence[int]) -> list[Change]:
        """The changes that give a segment other lines; without lines it is removed."""
        segment = stored.value
        if not run.ids:
            return [remove(Segment, segment.id, stored.rev), DropBytes(segment.bytes_id)]
        bytes_id = keys.lines_id(self._id("s"))
        changed = replace(segment, bytes_id=bytes_id, gone=tuple(gone), **tokens.index(run))
        return [PutBytes(bytes_id, run.data), put(changed, stored.rev), DropBytes(segment.bytes_id)]

    async def add(self, lane: Lane, lines: Sequence[tuple[str, bytes]]) -> None:
        """Append (custom_id, line) pairs. What many callers add while a commit is under way goes with the next one, for all or for none."""
        joint = self._joint.get(lane)
        if joint is None:
            joint = self._joint[lane] = _PendingAppend()
            joint.task = asyncio.ensure_future(self._append(lane, joint))
        joint.pairs += lines
        await asyncio.shield(joint.task)

    async def _append(self, lane: Lane, joint: _PendingAppend) -> None:
        """Few lines go into the last segment while it is small, many become segments of their own."""
        contended = False

        def close() -> None:
            """Who comes from now on waits for the next commit."""
            if self._joint.get(lane) is joint:
                del self._joint[lane]

        async def decide(queue: LaneQueue) -> list[Change]:
            nonlocal contended
            close()
            pairs = joint.pairs
            last = queue.segments[-1] if queue.segments and not contended else None
            if last is not None and not last.value.live:
                last = Stored(replace(last.value, created=self._clock.now()), last.rev)  # its age is that of what waits in it
            contended = True  # should another tab be faster: segments of our own conflict with nobody
            if last is not None and Provenance.of(last.value) == NEW and len(pairs) + len(last.value.ids) <= _APPEND_LINES:
                run = await self.run(last.value)
                if len(run.data) + sum(len(data) for _, data in pairs) <= _APPEND_BYTES:
                    (whole,) = requests.make_segments([*requests.lines_of(run), *pairs])
                    return self.rewritten(last, whole, last.value.gone)
            seq = max(self._clock.now(), queue.segments[-1].value.seq + SPACE if queue.segments else 0.0)
            changes: list[Change] = []
            for n, run in enumerate(requests.make_segments(pairs)):
                changes += self.fresh(keys.queue_owner(lane), seq + n * SPACE, run)
            return changes

        try:
            await self._amend(lane, decide)
        finally:
            close()

    async def _mark(self, lane: Lane, wanted: Callable[[Segment], Collection[int]]) -> int:
        changed = 0

        async def decide(queue: LaneQueue) -> list[Change]:
            nonlocal changed
            changed, changes = 0, list[Change]()
            slicer = Slicer(self._clock)
            for stored in queue.segments:
                if slicer.over():
                    await slicer.rest()
                gone = tuple(sorted(wanted(stored.value)))
                if gone != stored.value.gone:
                    changed += abs(len(gone) - len(stored.value.gone))
                    changes.append(put(replace(stored.value, gone=gone), stored.rev))
            return changes

        await self._amend(lane, decide)
        return changed

    async def delete(self, lane: Lane, chosen: Collection[str]) -> int:
        """Mark requests as deleted; returns how many. They can be restored until the lane's deleted requests are removed for good."""
        return await self._mark(lane, lambda one: {*one.gone, *(i for i, id in enumerate(one.ids) if id in chosen)})

    async def restore(self, lane: Lane, chosen: Collection[str] | None = None) -> int:
        """Bring deleted requests back (all, or these); returns how many."""
        return await self._mark(lane, lambda one: [i for i in one.gone if chosen is not None and one.ids[i] not in chosen])

    async def forget(self, lane: Lane, chosen: Collection[str] | None = None) -> None:
        """Remove deleted requests (all, or these) for good. Programs that handed any of them in are told that it was cancelled."""

        async def decide(queue: LaneQueue) -> list[Change]:
            changes: list[Change] = []
            for stored in queue.segments:
                segment = stored.value
                going = {i for i in segment.gone if chosen is None or segment.ids[i] in chosen}
                if segment.from_program and going:
                    changes += await self._given_up([segment.ids[i] for i in sorted(going)])
                if len(going) == len(segment.ids):
                    changes += self.rewritten(stored, LineRun((), (), b""), ())
                elif going:
                    kept = [i for i in range(len(segment.ids)) if i not in going]
                    left = [n for n, i in enumerate(kept) if i in segment.gone]
                    changes += self.rewritten(stored, requests.without(await self.run(segment), going), left)
            return changes

        await self._amend(lane, decide)

    async def edit(self, lane: Lane, id: str, text: str, before: str | None = None) -> Lane | JsonFault:
        """Give a request another body (JSON text). A changed model moves it to that model's lane, which is returned. ``before``: the body
        that the text was made from. Raises RequestNotFound, Changed where the body is another one by now, requests.LineFault."""
        line = requests.check_line(id, lane.endpoint, text)
        if isinstance(line, JsonFault):
            return line
        body = jsonread.value(requests.decode(line).body)
        if wrong := errors(bodies.body_problems(lane.endpoint, body, text)):
            raise LineFault(" ".join(f"{one.sentence} {one.remedy}".strip() for one in wrong))
        home = lanes.lane_of(lane.profile, lane.endpoint, body)

        async def decide(queue: LaneQueue) -> list[Change]:
            stored, i = _find(queue.segments, id)
            run = await self.run(stored.value)
            present = requests.pick(run.data, run.ends, i)
            now = requests.body_text(present) if before is not None else None
            # what was typed and saved before is laid out otherwise, and is the same line
            if (
                now is not None
                and before is not None
                and now not in (before, text)
                and requests.check_line(id, home.endpoint, before) != present
            ):
                raise Changed(now)
            if home == lane:
                return self.rewritten(stored, requests.replaced(run, i, line), stored.value.gone)
            gone = [g - (g > i) for g in stored.value.gone]
            moved = LineRun((id,), (len(line),), line)
            return [
                *self.rewritten(stored, requests.without(run, [i]), gone),
                *self.fresh(keys.queue_owner(home), self._clock.now(), moved, past=Provenance.of(stored.value)),
            ]

        await self._amend(lane, decide)
        return home


def _find(segments: Sequence[Stored[Segment]], id: str) -> tuple[Stored[Segment], int]:
    for stored in segments:
        if id in stored.value.ids:
            i = stored.value.ids.index(id)
            if i not in stored.value.gone:
                return stored, i
    raise RequestNotFound(id)
