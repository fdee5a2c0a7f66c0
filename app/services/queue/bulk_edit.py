"""Many queued requests changed together: looked at first, changed a few segments by one commit, and put back as they were.

Each commit stores with the changed segments what they were before, and says in the edit's record how many there are: so an edit that was
stopped, failed or died with its page can be undone as far as it arrived. Only what is in the queue at that moment is changed or put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol

import msgspec
from msgspec.structs import replace

from app.core.bodies import requests, tokens
from app.core.bodies.requests import LineRun
from app.core.json import jsonread
from app.core.model import keys, trail
from app.core.model.lanes import Lane
from app.core.model.queue_edits import EditedSegment, QueueEdit, RequestChange
from app.core.model.segments import Segment
from app.core.queue.changing import ChangeReport, ChangeTally, LineChanger, Unchangeable, contents_of
from app.core.queue.scope import Pick
from app.ports import Change, DropBytes, PutBytes, Table
from app.services.queue.index import together
from app.services.queue.queue import Queue
from app.services.queue.reading import live_positions
from app.services.runtime.records import Records, Stored, put, remove

LOST: Final = "Its text can no longer be read."
NOT_READ: Final = "It stopped the page when it was read before."
GROUP: Final = 4
"""Segments that are changed by one commit: 4 MB, and what they were before beside them."""


_DROPPED: Final = 50
"""Segments whose lines as they were are dropped in one commit."""


class Pace(Protocol):
    """What a long use case gives way by; a job is one."""

    def over(self, items: int = 1) -> bool: ...

    async def rest(self) -> None: ...

    def moved(self, done: int, total: int) -> None: ...


class EditOrder(msgspec.Struct, frozen=True):
    """Which requests of a lane are changed, and how. ``id``: of the QueueEdit; ``at``: unix seconds."""

    id: str
    lane: Lane
    meant: dict[str, Pick]
    change: RequestChange
    at: float = 0.0


class _Made(NamedTuple):
    """What becomes of a segment's lines: the new ones by their positions."""

    stored: Stored[Segment]
    run: LineRun
    lines: dict[int, bytes]


class BulkEditor:
    """Raises the store's errors, Conflict only when others keep winning."""

    def __init__(self, queue: Queue, records: Records, pace: Pace) -> None:
        self._queue, self._records, self._pace = queue, records, pace

    # --- looking and changing

    async def look(self, order: EditOrder) -> ChangeReport:
        """What the change would do; nothing is stored."""
        tally, changer = ChangeTally(), LineChanger(order.lane.endpoint, order.change)
        for n, id in enumerate(order.meant):
            for stored in await self._stored(order.lane, [id]):
                await self._made(stored, order.meant[id], changer, tally)
            self._pace.moved(n + 1, len(order.meant))
        return tally.report()

    async def change(self, order: EditOrder) -> ChangeReport:
        """Change them. What was changed until it fails or is cancelled is said in the record, and can be undone."""
        record = QueueEdit(id=order.id, lane=order.lane.key, change=order.change, at=order.at)
        changer, total = LineChanger(order.lane.endpoint, order.change), ChangeTally()
        groups = _groups(list(order.meant))
        for n, some in enumerate(groups):
            here = some

            async def decided() -> tuple[list[Change], tuple[QueueEdit, ChangeTally]]:
                tally = ChangeTally()
                changes: list[Change] = []
                after = record  # noqa: B023  # likewise
                for stored in await self._stored(order.lane, here):  # noqa: B023  # awaited before the next
                    made = await self._made(stored, order.meant[stored.value.id], changer, tally)
                    if made is not None:
                        changes += self._changed(order, made, after.segments)
                        after = replace(after, segments=after.segments + 1, requests=after.requests + len(made.lines))
                return [*changes, *([put(after, -1, quiet=True)] if changes else [])], (after, tally)

            async with self._queue.turn:
                record, tally = await self._records.transact(decided)
            total.add(tally)
            self._pace.moved(n + 1, len(groups))
        if record.segments:
            await self._records.commit([put(replace(record, finished=True), -1)])
        return total.report()

    async def _made(self, stored: Stored[Segment], pick: Pick, changer: LineChanger, tally: ChangeTally) -> _Made | None:
        """The changed lines of a segment; None where there is none."""
        segment, contents = stored.value, contents_of(changer.endpoint)
        meant = pick.positions(segment, live_positions(segment))
        try:
            run = LineRun(segment.ids, segment.ends, await self._queue.read(segment.bytes_id))
        except KeyError:
            tally.refuse(LOST, len(meant))
            return None
        lines: dict[int, bytes] = {}
        for i in meant:
            item = trail.line(segment.bytes_id, segment.ends[i - 1] if i else 0)
            if trail.suspected(item):
                tally.refuse(NOT_READ)
                continue
            try:
                with trail.at(item):
                    made = changer(requests.pick(run.data, run.ends, i))
            except Unchangeable as error:
                tally.refuse(str(error))
            else:
                tally.take(segment.ids[i], made, contents)
                if made.line is not None:
                    lines[i] = made.line
            if self._pace.over():
                await self._pace.rest()
        return _Made(stored, run, lines) if lines else None

    def _changed(self, order: EditOrder, made: _Made, n: int) -> list[Change]:
        """The changes that give a segment its new lines, and keep what it was."""
        segment, lines = made.stored.value, made.lines
        home = _home(order.lane, order.change)
        note = EditedSegment(segment, len(lines), keys.lines_id(self._queue.new_segment_id()))
        if home == order.lane or len(lines) == len(segment.ids):
            changes = self._written(made.stored, _with(made.run, lines), note.bytes_id, segment.gone, home)
        else:
            id = self._queue.new_segment_id()
            note = replace(note, moved=id, moved_bytes_id=keys.lines_id(id))
            kept, gone = _left(made.run, segment.gone, lines)
            changes = self._written(made.stored, kept, note.bytes_id, gone, order.lane)
            part = replace(segment, id=id, gone=())
            moved = _run([(segment.ids[i], line) for i, line in sorted(lines.items())])
            changes += self._written(Stored(part, 0), moved, note.moved_bytes_id, (), home)
        kept_before = [
            PutBytes(keys.edited_lines_id(order.id, n), made.run.data),
            PutBytes(keys.edited_before_id(order.id, n), msgspec.json.encode(note)),
        ]
        return [*changes, DropBytes(segment.bytes_id), *kept_before]

    def _written(self, stored: Stored[Segment], run: LineRun, bytes_id: str, gone: Sequence[int], lane: Lane) -> list[Change]:
        after = replace(stored.value, owner=keys.queue_owner(lane), bytes_id=bytes_id, gone=tuple(gone), **tokens.index(run))
        return [PutBytes(bytes_id, run.data), put(after, stored.rev)]

    async def _stored(self, lane: Lane | None, ids: Sequence[str]) -> list[Stored[Segment]]:
        """Those of these segments that are in the queue now; of one ``lane`` alone."""
        rows = await self._records.store.get_many(Table.SEGMENTS, [id for id in ids if id])
        found = [stored for row in rows if (stored := self._records.read(Segment, row)) is not None]
        owner = keys.queue_owner(lane) if lane is not None else ""
        return [one for one in found if (one.value.owner == owner if owner else keys.names_lane(one.value.owner))]

    # --- back again

    async def undo(self, id: str) -> tuple[int, int]:
        """Put back what the edit changed, and forget it: how many requests are as they were, and how many stay as they are since they were
        submitted, deleted or changed meanwhile. Broken off, it can be begun again."""
        stored = await self._records.get(QueueEdit, id)
        if stored is None:
            return 0, 0
        back = changed = 0
        for n in range(stored.value.segments):
            known = n

            async def decided() -> tuple[list[Change], tuple[int, int]]:
                return await self._put_back(stored.value, known)  # noqa: B023  # awaited before the next

            async with self._queue.turn:
                here, of = await self._records.transact(decided)
            back, changed = back + here, changed + of
            self._pace.moved(n + 1, stored.value.segments)
            if self._pace.over(1_000):
                await self._pace.rest()
        await self._records.commit([remove(QueueEdit, id)])
        return back, changed - back

    async def _put_back(self, edit: QueueEdit, n: int) -> tuple[list[Change], tuple[int, int]]:
        drops = _drops(edit.id, n)
        data, note = await self._records.store.load([keys.edited_lines_id(edit.id, n), keys.edited_before_id(edit.id, n)])
        if data is None or note is None:  # put back before this was broken off, or replaced by an import
            return drops, (0, 0)
        one = jsonread.typed(note, EditedSegment, depth=jsonread.OWN_DEPTH)
        pieces = {stored.value.id: stored for stored in await self._stored(None, [one.before.id, one.moved])}
        first, second = pieces.get(one.before.id), pieces.get(one.moved)
        untouched = first is not None and first.value.bytes_id == one.bytes_id
        if one.moved:
            untouched = untouched and second is not None and second.value.bytes_id == one.moved_bytes_id
        if first is not None and untouched:
            return [*self._whole(one, data, first, second), *drops], (one.requests, one.requests)
        changes, back = await self._lines_back(edit, one, data, pieces.values())
        return [*changes, *drops], (back, one.requests)

    def _whole(self, one: EditedSegment, data: bytes, first: Stored[Segment], second: Stored[Segment] | None) -> list[Change]:
        """Nobody wrote its lines since: it is again what it was, but for what was deleted or restored since."""
        gone_ids = {part.value.ids[i] for part in (first, second) if part is not None for i in part.value.gone}
        gone = tuple(i for i, id in enumerate(one.before.ids) if id in gone_ids)
        bytes_id = keys.lines_id(self._queue.new_segment_id())
        changes: list[Change] = [
            PutBytes(bytes_id, data),
            put(replace(one.before, bytes_id=bytes_id, gone=gone), first.rev),
            DropBytes(one.bytes_id),
        ]
        if second is not None:
            changes += [remove(Segment, second.value.id, second.rev), DropBytes(one.moved_bytes_id)]
        return changes

    async def _lines_back(
        self, edit: QueueEdit, one: EditedSegment, data: bytes, pieces: Iterable[Stored[Segment]]
    ) -> tuple[list[Change], int]:
        """Some lines were written, submitted or forgotten since: those that are still as they were changed to are put back."""
        changer = LineChanger(keys.lane_of_key(edit.lane).endpoint, edit.change)
        before = dict(requests.lines_of(LineRun(one.before.ids, one.before.ends, data)))
        changes: list[Change] = []
        count = 0
        for piece in pieces:
            segment = piece.value
            try:
                run = LineRun(segment.ids, segment.ends, await self._queue.read(segment.bytes_id))
            except KeyError:
                continue  # its list says so
            back = {
                i: before[id]
                for i, (id, line) in enumerate(requests.lines_of(run))
                if id in before and _changed_line(changer, before[id]) == line
            }
            if back:
                count += len(back)
                changes += self._moved_back(piece, run, back, one.before)
        return changes, count

    def _moved_back(self, piece: Stored[Segment], run: LineRun, back: dict[int, bytes], before: Segment) -> list[Change]:
        segment, lane = piece.value, keys.lane_of(piece.value.owner)
        drop = DropBytes(segment.bytes_id)
        bytes_id = keys.lines_id(self._queue.new_segment_id())
        if segment.owner == before.owner:
            return [*self._written(piece, _with(run, back), bytes_id, segment.gone, lane), drop]
        kept, gone = _left(run, segment.gone, back)
        changes: list[Change] = [drop]
        changes += self._written(piece, kept, bytes_id, gone, lane) if kept.ids else [remove(Segment, segment.id, piece.rev)]
        id, dead = self._queue.new_segment_id(), frozenset(segment.gone)
        part = Stored(replace(before, id=id), 0)
        lines = _run([(segment.ids[i], line) for i, line in sorted(back.items())])
        deleted = [n for n, i in enumerate(sorted(back)) if i in dead]
        return [*changes, *self._written(part, lines, keys.lines_id(id), deleted, keys.lane_of(before.owner))]

    async def forget(self, id: str) -> None:
        """The edit stays as it is: what would undo it is dropped."""
        stored = await self._records.get(QueueEdit, id)
        if stored is None:
            return
        for at in range(0, stored.value.segments, _DROPPED):
            some = range(at, min(at + _DROPPED, stored.value.segments))
            await self._records.commit([drop for n in some for drop in _drops(id, n)])
        await self._records.commit([remove(QueueEdit, id)])


def _changed_line(changer: LineChanger, line: bytes) -> bytes | None:
    try:
        return changer(line).line
    except Unchangeable:
        return None


def _home(lane: Lane, change: RequestChange) -> Lane:
    """The lane of what is changed so."""
    if change.path != ("model",) or change.value is None:
        return lane
    model = jsonread.value(change.value)
    return replace(lane, model=model if isinstance(model, str) else "")


def _groups(ids: Sequence[str]) -> list[list[str]]:
    return [part[at : at + GROUP] for part in together(ids) for at in range(0, len(part), GROUP)]


def _with(run: LineRun, lines: dict[int, bytes]) -> LineRun:
    """The run with these lines in their places."""
    return _run([(id, lines.get(i, line)) for i, (id, line) in enumerate(requests.lines_of(run))])


def _run(pairs: Sequence[tuple[str, bytes]]) -> LineRun:
    ends: list[int] = []
    size = 0
    for _, line in pairs:
        size += len(line)
        ends.append(size)
    return LineRun(tuple(id for id, _ in pairs), tuple(ends), b"".join(line for _, line in pairs))


def _left(run: LineRun, gone: Sequence[int], taken: dict[int, bytes]) -> tuple[LineRun, list[int]]:
    """The run without the lines that are taken, and which of the others are deleted."""
    dead = frozenset(gone)
    kept = [i for i in range(len(run.ids)) if i not in taken]
    return requests.without(run, taken), [at for at, i in enumerate(kept) if i in dead]


def _drops(edit: str, n: int) -> list[Change]:
    return [DropBytes(keys.edited_lines_id(edit, n)), DropBytes(keys.edited_before_id(edit, n))]
