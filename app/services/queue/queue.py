"""The queue: requests by lane, kept in segments, listed by window.

Every change reads the lane's segments, decides, and commits with their revisions; when another tab was faster, it reads and decides again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

from msgspec.structs import replace

from app.core.base import ids
from app.core.base.findings import errors
from app.core.bodies import bodies, requests, tokens
from app.core.bodies.requests import LineFault, LineRun
from app.core.json import jsonread
from app.core.json.jsontext import JsonFault
from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.segments import Segment
from app.core.queue import lanes, scope
from app.core.queue.scope import Pick, Scope
from app.ports import Change, Clock, DropBytes, PutBytes, Random
from app.services.queue.index import APPEND_BYTES, APPEND_LINES, TOGETHER, together
from app.services.queue.lane import NEW, LaneQueue, Provenance
from app.services.queue.reading import QueueReader, live_positions
from app.services.runtime.records import Records, Stored, put, remove

SPACE = 1e-3
"""What is between the ``seq`` of two segments at least when they are made."""
GivenUp = Callable[[Sequence[str]], Awaitable[list[Change]]]


HANDED = Provenance(from_program=True)
"""Lines that a program just handed in."""
CREATED = Provenance(from_program=True, submit_immediately=True)
"""Lines of a batch that a program created."""


class _PendingAppend:
    """What is to be added to a lane by one commit, and the task that does it."""

    task: asyncio.Task[None]

    def __init__(self) -> None:
        self.pairs: list[tuple[str, bytes]] = []


class Changed(Exception):
    """The request was given another body meanwhile, which is the argument."""


class Queue(QueueReader):
    """Reads and changes the queue. ``given_up`` gives the changes that tell programs of their requests which a person deleted, by the
    requests' ids. Raises the store's errors, Conflict only when others keep winning."""

    def __init__(self, records: Records, clock: Clock, random: Random, given_up: GivenUp) -> None:
        super().__init__(records, clock)
        self._random, self._given_up = random, given_up
        self.turn = asyncio.Lock()
        """Held by whoever changes the queue from this tab, so that only other tabs can be in the way."""
        self._joint: dict[Lane, _PendingAppend] = {}

    # --- changing

    async def _amend(self, lane: Lane, decide: Callable[[LaneQueue], Awaitable[list[Change]]]) -> None:
        """Read, decide, commit; again if someone else changed the lane in between."""

        async def decided() -> tuple[list[Change], None]:
            return await decide(await self.lane(lane)), None

        async with self.turn:
            await self._transact(decided)

    async def _transact(self, decided: Callable[[], Awaitable[tuple[list[Change], None]]]) -> None:
        await self._records.transact(decided, between=lambda: self._clock.sleep(0.01 * self._random.unit()))

    async def _each(self, lane: Lane, chosen: Scope, decide: Callable[[Stored[Segment], Pick], Awaitable[list[Change]]]) -> None:
        """Change the chosen segments that are still in the lane, a few by one commit; again if someone else changed one in between."""
        for some in together(chosen):
            here = some

            async def decided() -> tuple[list[Change], None]:
                changes: list[Change] = []
                for stored in await self._stored(lane, here):  # noqa: B023  # awaited before the next
                    changes += await decide(stored, chosen[stored.value.id])
                return changes, None

            async with self.turn:
                await self._transact(decided)
            if len(chosen) > TOGETHER:
                await self._clock.sleep(0)

    def _id(self, prefix: str) -> str:
        return ids.new_id(prefix, self._clock.now(), self._random.token(10))

    def new_request_id(self) -> str:
        """A custom_id: unique for life."""
        return self._id("r")

    def new_segment_id(self) -> str:
        """The id of a segment or of its lines: unique for life."""
        return self._id("s")

    def fresh(self, owner: str, seq: float, run: LineRun, gone: Sequence[int] = (), past: Provenance = NEW) -> list[Change]:
        """The changes that store a run as a new segment. ``past`` is that of its lines."""
        id = self.new_segment_id()
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
            addition=past.addition,
            **tokens.index(run),
        )
        return [PutBytes(segment.bytes_id, run.data), put(segment, 0)]

    def rewritten(self, stored: Stored[Segment], run: LineRun, gone: Sequence[int]) -> list[Change]:
        """The changes that give a segment other lines; without lines it is removed."""
        segment = stored.value
        if not run.ids:
            return [remove(Segment, segment.id, stored.rev), DropBytes(segment.bytes_id)]
        bytes_id = keys.lines_id(self.new_segment_id())
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
            last = await self._growing(lane, queue) if not contended else None
            if last is not None and not last.value.live:
                last = Stored(replace(last.value, created=self._clock.now()), last.rev)  # its age is that of what waits in it
            contended = True  # should another tab be faster: segments of our own conflict with nobody
            if last is not None and Provenance.of(last.value) == NEW and len(pairs) + len(last.value.ids) <= APPEND_LINES:
                run = await self.run(last.value)
                if len(run.data) + sum(len(data) for _, data in pairs) <= APPEND_BYTES:
                    (whole,) = requests.make_segments([*requests.lines_of(run), *pairs])
                    return self.rewritten(last, whole, last.value.gone)
            seq = max(self._clock.now(), queue.segments[-1].seq + SPACE if queue.segments else 0.0)
            changes: list[Change] = []
            for n, run in enumerate(requests.make_segments(pairs)):
                changes += self.fresh(keys.queue_owner(lane), seq + n * SPACE, run)
            return changes

        try:
            await self._amend(lane, decide)
        finally:
            close()

    async def _growing(self, lane: Lane, queue: LaneQueue) -> Stored[Segment] | None:
        """The segment that requests may be added to: the lane's last, while it is small."""
        if not queue.segments or not queue.segments[-1].ids:
            return None
        found = await self._stored(lane, [queue.segments[-1].id])
        return found[0] if found else None

    async def _mark(
        self, lane: Lane, chosen: Scope, wanted: Callable[[Segment, list[int]], Collection[int]], among: Callable[[Segment], Iterable[int]]
    ) -> tuple[int, dict[str, Pick]]:
        """Let ``wanted`` say which lines are deleted once those of the scope ``among`` some are to be changed. How many that are, and what
        undoes it."""
        counts: dict[str, int] = {}
        undo: dict[str, Pick] = {}

        async def decide(stored: Stored[Segment], pick: Pick) -> list[Change]:
            segment = stored.value
            hit = pick.positions(segment, among(segment))
            gone = tuple(sorted(wanted(segment, hit)))
            counts[segment.id] = len(hit)
            undo.pop(segment.id, None)
            if not hit:
                return []
            after = replace(segment, gone=gone)
            undo[segment.id] = scope.undoing(after, hit)
            return [put(after, stored.rev)]

        await self._each(lane, chosen, decide)
        return sum(counts.values()), undo

    async def remove(self, lane: Lane, chosen: Scope) -> tuple[int, dict[str, Pick]]:
        """Mark requests as deleted; how many, and what :meth:`restore` takes to undo it. They can be restored until the lane's deleted
        requests are removed for good."""
        return await self._mark(lane, chosen, lambda segment, hit: {*segment.gone, *hit}, live_positions)

    async def delete(self, lane: Lane, chosen: Collection[str]) -> int:
        """The same by ids; returns how many."""
        return (await self.remove(lane, await self.places(lane, chosen)))[0]

    async def restore(self, lane: Lane, chosen: Collection[str] | Scope | None = None) -> int:
        """Bring deleted requests back (all, or these); returns how many."""
        return (
            await self._mark(
                lane, await self._deleted(lane, chosen), lambda segment, hit: set(segment.gone) - set(hit), lambda segment: segment.gone
            )
        )[0]

    async def _deleted(self, lane: Lane, chosen: Collection[str] | Scope | None) -> Scope:
        if chosen is not None:
            return chosen if isinstance(chosen, Mapping) else await self.places(lane, chosen)
        return {one.id: scope.EVERY for one in (await self.lane(lane)).segments if one.gone}

    async def forget(self, lane: Lane, chosen: Collection[str] | Scope | None = None) -> None:
        """Remove deleted requests (all, or these) for good. Programs that sent any of them are told that it was cancelled."""

        async def decide(stored: Stored[Segment], pick: Pick) -> list[Change]:
            segment = stored.value
            going = set(pick.positions(segment, segment.gone))
            changes: list[Change] = []
            if segment.from_program and going:
                changes += await self._given_up([segment.ids[i] for i in sorted(going)])
            if len(going) == len(segment.ids):
                changes += self.rewritten(stored, LineRun((), (), b""), ())
            elif going:
                kept = [i for i in range(len(segment.ids)) if i not in going]
                gone = frozenset(segment.gone)
                left = [n for n, i in enumerate(kept) if i in gone]
                changes += self.rewritten(stored, requests.without(await self.run(segment), going), left)
            return changes

        await self._each(lane, await self._deleted(lane, chosen), decide)

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

        async def decide() -> list[Change]:
            stored, i = await self._find(lane, id)
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

        async def decided() -> tuple[list[Change], None]:
            return await decide(), None

        async with self.turn:
            await self._transact(decided)
        return home
