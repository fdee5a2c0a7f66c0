"""Taking in what programs hand over, whichever way it came: each message is checked as a person's request is, and stored with its record.

A portion is one commit: the records of its messages, the lines in their lanes' queues, and what was refused. Only after it may the sender
be told. A message whose ``custom_id`` is known is a duplicate: nothing is taken, and the sender is told the same as the first time.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from app.core.base import ids
from app.core.bodies import requests
from app.core.model import keys
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.model.segments import Segment
from app.core.programs.folder import file_of
from app.core.programs.intake import Message, MessageRefusal, Source
from app.core.programs.judging import JudgedMessage, MessageJudge, Place, not_taken
from app.core.programs.message import IntakeCounters, ProgramMessage, Programs, RejectedMessage, ResultFile
from app.ports import Change, Put, Table
from app.services.queue.index import APPEND_BYTES, APPEND_LINES
from app.services.queue.lane import Provenance
from app.services.queue.queue import CREATED, HANDED, SPACE, Queue
from app.services.runtime.contention import contended
from app.services.runtime.isolation import bisected
from app.services.runtime.records import Records, Stored, put
from app.services.runtime.runtime import Runtime
from app.services.runtime.slices import Slicer

PORTION: Final = 1_000
"""Messages of one commit at most."""
PORTION_BYTES: Final = 4_000_000
"""Bytes of one commit, about."""
KEPT: Final = 100
"""Refused messages that are kept for the screen."""
KEPT_TEXT: Final = 2_000
"""Characters of a refused message that are kept."""
MINUTES: Final = 60
_MANY: Final = 50
"""Lines of a file from which on the commit finds those that are here already."""


class RawMessage(msgspec.Struct, frozen=True):
    """One message as it arrived. ``message_id`` is RabbitMQ's, or a place in a folder; ``correlation_id`` and ``reply_to`` are RabbitMQ's.
    ``file`` is where the result goes if the message does not say so. ``metadata`` is that of the batch that a program created of it."""

    data: bytes
    source: Source
    message_id: str = ""
    correlation_id: str = ""
    reply_to: str = ""
    file: ResultFile | None = None
    metadata: dict[str, str] = {}


class Accepted(msgspec.Struct, frozen=True):
    """The message is stored."""


class Duplicate(msgspec.Struct, frozen=True):
    """A message of this ``custom_id`` was taken before, or earlier in this portion. ``first``: of a line of a file, the place of the one
    that was taken."""

    first: str = ""


Verdict = Accepted | Duplicate | MessageRefusal


class _Read(NamedTuple):
    """A message that can be taken, and its place in the portion."""

    at: int
    judged: JudgedMessage

    @property
    def message(self) -> Message:
        """As it is kept."""
        return self.judged.message

    @property
    def caller_id(self) -> str:
        """The custom_id as a file has it."""
        return self.judged.caller_id


class _Rest:
    """What of a portion is to be counted with its next commit: messages that were refused, and duplicates within the portion."""

    def __init__(self, refused: list[tuple[RawMessage, MessageRefusal]]) -> None:
        self.refused, self.twice = refused, 0
        self.first: dict[int, str] = {}  # of lines that were taken before: the place of the first


async def programs(records: Records) -> Programs:
    """What the person chose about programs."""
    stored = await records.get(Programs, "programs")
    return stored.value if stored else Programs(id="programs")


class Intake:
    """One at a time, in the tab that leads. ``provider`` gives the profile that programs' requests go to; ``notify`` is called after each
    commit that took something. Raises the store's errors: then nothing of that portion was taken."""

    def __init__(self, runtime: Runtime, queue: Queue, provider: Callable[[], Awaitable[Profile]], notify: Callable[[], None]) -> None:
        self._records, self._clock, self._random = runtime.records, runtime.clock, runtime.random
        self._queue, self._provider, self._notify = queue, provider, notify
        self._open: dict[tuple[Lane, Provenance], str] = {}
        self._last: dict[Lane, float] = {}
        self._minutes: deque[tuple[int, Counter[str]]] = deque(maxlen=MINUTES)

    def moved(self) -> None:
        """What programs handed in has left the queue, or come: show it."""
        self._notify()

    @property
    def minutes(self) -> dict[int, Counter[str]]:
        """How many messages came in each of the last minutes (unix time / 60), by source and ``refused``. Since the page opened."""
        return dict(self._minutes)

    async def take(self, given: Sequence[RawMessage]) -> list[Verdict]:
        """Check and store messages, portion by portion; one verdict each, in their order."""
        found: list[Verdict] = []
        start = 0
        while start < len(given):
            stop, size = start, 0
            while stop < len(given) and stop - start < PORTION and (size == 0 or size + len(given[stop].data) <= PORTION_BYTES):
                size += len(given[stop].data)
                stop += 1
            found += await self._portion(given[start:stop])
            start = stop
        return found

    async def _portion(self, given: Sequence[RawMessage]) -> list[Verdict]:
        profile = await self._provider()
        verdicts: list[Verdict] = [Duplicate() for _ in given]
        read: dict[str, _Read] = {}
        slicer = Slicer(self._clock)
        judge = MessageJudge(profile)
        for at, one in enumerate(given):
            judged = judge.of(one.data, Place(one.file.folder, one.file.file) if one.file is not None else None)
            if isinstance(judged, MessageRefusal):
                verdicts[at] = judged
            elif (first := read.setdefault(judged.message.custom_id, _Read(at, judged))).at != at and one.file is not None:
                verdicts[at] = Duplicate(given[first.at].message_id)
            if slicer.over():
                await slicer.rest()
        rest = _Rest([(one, verdict) for one, verdict in zip(given, verdicts, strict=True) if isinstance(verdict, MessageRefusal)])
        rest.twice = len(given) - len(read) - len(rest.refused)

        async def store(some: Sequence[_Read]) -> None:
            for found in await self._fresh(given, some, rest):
                verdicts[found.at] = Accepted()

        def refuse(one: _Read, error: Exception) -> None:
            verdicts[one.at] = refused = not_taken(one.message.custom_id, error)
            rest.refused.append((given[one.at], refused))

        await bisected(list(read.values()), store, refuse)
        for at, place in rest.first.items():
            verdicts[at] = Duplicate(place)
        if rest.refused or rest.twice:
            await self._fresh(given, (), rest)
        self._count(given, verdicts)
        if any(isinstance(one, Accepted) for one in verdicts):
            self._notify()
        return verdicts

    async def _fresh(self, given: Sequence[RawMessage], some: Sequence[_Read], rest: _Rest) -> list[_Read]:
        """Store those that are not here yet, in one commit; returns them. Raises Conflict when others keep winning."""

        # Lines of a file are mostly new: that some are here already is found by the commit, which is faster than asking for each.
        expected = len(some) < _MANY or any(not one.caller_id for one in some) or bool(self._records.damage.found)

        async def attempt() -> tuple[dict[int, str], list[_Read]]:
            nonlocal expected
            known = await self._known(given, some, expected)
            expected = True
            fresh = [one for one in some if one.at not in known]
            await self._store(given, fresh, len(known), rest)
            return known, fresh

        async def between() -> None:
            self._open.clear()
            await self._clock.sleep(0.01 * self._random.unit())

        known, fresh = await contended(attempt, between)
        rest.refused, rest.twice = [], 0
        rest.first |= {at: place for at, place in known.items() if given[at].file is not None}
        return fresh

    async def _known(self, given: Sequence[RawMessage], some: Sequence[_Read], expected: bool) -> dict[int, str]:
        """Those that were taken before, by their place in the portion, each with the first one's ``message_id``. A line of a file that an
        older Nightshift took has its custom_id for an id; one of another file, or of a program, is not this line. Not ``expected``: only
        those are looked for."""
        ids = [one.caller_id for one in some if one.caller_id]
        if expected:
            ids += [one.message.custom_id for one in some]
        rows = await self._records.store.get_many(Table.HANDED, ids) if ids else []
        found = {row.id: row for row in rows}
        known: dict[int, str] = {}
        for one in some:
            if row := found.get(one.message.custom_id):
                known[one.at] = stored.value.message_id if (stored := self._records.read(ProgramMessage, row)) else ""
            elif (row := found.get(one.caller_id)) and (stored := self._records.read(ProgramMessage, row)):
                place = stored.value.message_id
                if stored.value.source == "folder" and file_of(place) == file_of(given[one.at].message_id):
                    known[one.at] = place
        return known

    async def _store(self, given: Sequence[RawMessage], fresh: Sequence[_Read], known: int, rest: _Rest) -> None:
        now = self._clock.now()
        keys = ids.series("d", now, self._random.token(12), len(fresh))
        by_lane: dict[tuple[Lane, Provenance], list[tuple[str, bytes]]] = {}
        changes: list[Change] = []
        slicer = Slicer(self._clock)
        for found, key in zip(fresh, keys, strict=True):
            past = HANDED
            if given[found.at].source == "sdk":
                past = CREATED._replace(metadata=tuple(given[found.at].metadata.items()))
            by_lane.setdefault((found.judged.lane, past), []).append((found.message.custom_id, found.judged.line))
            changes.append(put(_record(found, given[found.at], key, now), 0))
            if slicer.over():
                await slicer.rest()
        async with self._queue.turn:
            opened: dict[tuple[Lane, Provenance], str] = {}
            for (lane, past), pairs in by_lane.items():
                added, opened[lane, past] = await self._added(lane, past, pairs)
                changes += added
            changes.append(await self._sums(len(fresh), known + rest.twice, rest.refused, now))
            await slicer.rest()  # the commit is a slice of its own
            await self._records.commit(changes)
            self._open.update(opened)

    async def _added(self, lane: Lane, past: Provenance, pairs: list[tuple[str, bytes]]) -> tuple[list[Change], str]:
        """The changes that put lines into a lane's queue, and the id of the segment that more can join."""
        last = await self._joinable(lane, past, pairs)
        if last is not None:
            run = await self._queue.run(last.value)
            (whole,) = requests.make_segments([*requests.lines_of(run), *pairs])
            return self._queue.rewritten(last, whole, last.value.gone), last.value.id
        changes: list[Change] = []
        seq = max(self._clock.now(), self._last.get(lane, 0.0) + SPACE)
        id = ""
        for run in requests.make_segments(pairs):
            made = self._queue.fresh(keys.queue_owner(lane), seq, run, past=past)
            id = next(one.id for one in made if isinstance(one, Put))
            changes += made
            self._last[lane] = seq
            seq += SPACE
            await self._clock.sleep(0)  # its index is made of every line
        return changes, id

    async def _joinable(self, lane: Lane, past: Provenance, pairs: Sequence[tuple[str, bytes]]) -> Stored[Segment] | None:
        """The lane's last segment of programs while it is small, still in the queue, and here. Portions of a created batch stay apart: when
        the last one came says whether all are here."""
        if past.submit_immediately or (lane, past) not in self._open or len(pairs) > APPEND_LINES:
            return None
        last = await self._records.get(Segment, self._open[lane, past])
        if last is None or last.value.owner != keys.queue_owner(lane) or Provenance.of(last.value) != past or not last.value.live:
            return None
        small = len(last.value.ids) + len(pairs) <= APPEND_LINES and last.value.size + sum(len(line) for _, line in pairs) <= APPEND_BYTES
        if not small or len({*last.value.ids, *(id for id, _ in pairs)}) < len(last.value.ids) + len(pairs):
            return None
        try:
            await self._queue.data(last.value)
        except KeyError:
            return None
        return last

    async def _sums(self, taken: int, twice: int, refused: Sequence[tuple[RawMessage, MessageRefusal]], now: float) -> Change:
        stored = await self._records.get(IntakeCounters, "programs")
        before = stored.value if stored else IntakeCounters(id="programs")
        rejected = (*before.rejected, *(_turned(one, verdict, now) for one, verdict in refused[-KEPT:]))
        after = replace(
            before,
            taken=before.taken + taken,
            duplicates=before.duplicates + twice,
            refused=before.refused + len(refused),
            rejected=rejected[-KEPT:],
        )
        return put(after, stored.rev if stored else 0)

    def _count(self, given: Sequence[RawMessage], verdicts: Sequence[Verdict]) -> None:
        minute = int(self._clock.now() // 60)
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append((minute, Counter()))
        for one, verdict in zip(given, verdicts, strict=True):
            self._minutes[-1][1]["refused" if isinstance(verdict, MessageRefusal) else one.source] += 1

    async def record(self) -> IntakeCounters:
        """What came in so far."""
        stored = await self._records.get(IntakeCounters, "programs")
        return stored.value if stored else IntakeCounters(id="programs")


def _record(one: _Read, given: RawMessage, key: str, now: float) -> ProgramMessage:
    return ProgramMessage(
        id=one.message.custom_id,
        source=given.source,
        at=now,
        lane=one.judged.lane.key,
        target=one.message.delivery_config or given.file,
        reply_to=given.reply_to,
        correlation_id=given.correlation_id,
        message_id=given.message_id,
        caller_id=one.caller_id,
        key=key,
    )


def _turned(one: RawMessage, refused: MessageRefusal, now: float) -> RejectedMessage:
    shown = one.data[: 4 * KEPT_TEXT].decode("utf-8", "replace")[:KEPT_TEXT]
    return RejectedMessage(now, one.source, refused.code, refused.detail[:1_000], refused.custom_id, refused.pointer, shown)
