"""From queue to batches: which requests go, cut by the provider's limits, moved in one transaction a batch.

The move out of the queue and the new batch are one commit, so a request is in the queue or in a batch, never in both and never in none.
Submitting twice finds an empty queue the second time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec.structs import replace

from app.core.activity.log import draft
from app.core.base import ids, text
from app.core.batches import capacity, pipeline, rows
from app.core.bodies import requests
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.model.segments import Segment
from app.core.model.sendings import QueuedRows
from app.core.openai.metadata import not_carried
from app.core.openai.recognition import OUR_ID
from app.core.queue import lanes
from app.core.queue.auto_submit import Origin
from app.core.queue.scope import Pick, Scope, seen
from app.core.queue.summaries import Metadata, SegmentSummary
from app.core.threads.sending import MOST_PROMPTS, prompt_of, prompts_of
from app.ports import Change, Conflict, PutBytes, Table
from app.services.provider.limits import LimitBook
from app.services.queue.lane import LaneQueue, Provenance
from app.services.queue.queue import SPACE, Queue
from app.services.queue.reading import live_positions
from app.services.runtime.contention import contended
from app.services.runtime.records import Stored, put
from app.services.runtime.runtime import Runtime
from app.services.runtime.slices import Slicer

if TYPE_CHECKING:
    from app.core.batches.spending import BudgetVerdict
    from app.services.queue.spending import Allowed, SpendBook

_SPLIT_SEQ_STEP = SPACE / requests.MAX_LINES
"""Difference of ``seq`` between two parts of a split segment: even one split into single lines ends before the next segment."""


class Submitted(msgspec.Struct, frozen=True):
    """What became of a submission."""

    batches: tuple[Batch, ...]
    refused: tuple[lanes.LineRefusal, ...] = ()
    stopped: BudgetVerdict | None = None
    """Why a budget kept the rest in the queue."""


class Planned(msgspec.Struct, frozen=True):
    """One batch to be made, and the segments that its lines are of."""

    load: lanes.Load
    segments: tuple[Stored[Segment], ...]


class Submitter:
    """Plans batches. The engine carries them out."""

    def __init__(self, runtime: Runtime, queue: Queue) -> None:
        self._records, self._clock, self._random, self._log = runtime.records, runtime.clock, runtime.random, runtime.log
        self._queue, self._limits = queue, LimitBook(runtime.records)
        self._book: SpendBook | None = None

    async def submit(
        self,
        lane: Lane,
        profile: Profile,
        chosen: Collection[str] | Scope | None = None,
        name: str = "",
        *,
        kind: Origin | None = None,
        full: bool = False,
        note: str = "",
        live: Literal["", "standard", "flex"] = "",
    ) -> Submitted:
        """Move the lane's requests (all, or those chosen) into as many batches as the limits need; with ``full`` only as many as they
        fill, with ``kind`` only requests of that origin. Only requests that are in the queue when this begins are moved. ``note`` stands
        in the batches' timelines; ``live``: they are asked one by one, at this price (``Batch.live``). Raises
        Conflict when other tabs keep changing the lane; what was planned by then stays planned."""
        wanted: Scope | None = chosen if chosen is None or isinstance(chosen, Mapping) else await self._queue.places(lane, chosen)
        made: list[Batch] = []
        stopped: BudgetVerdict | None = None

        async def next_batch() -> tuple[lanes.LineRefusal, ...] | None:
            """Move the requests of one batch; where there is none left to be made, the lines that no batch holds."""
            nonlocal wanted, stopped
            async with self._queue.turn:  # from the reading on, so that this tab's own changes wait and cannot make the plan stale
                queue = await self._queue.lane(lane)
                if kind is not None:
                    queue = queue.parts().get(kind, LaneQueue.of(lane, ()))
                if wanted is None:
                    wanted = seen(queue.segments)
                known = await self._limits.all()
                found = await self._plan(queue, capacity.batch_limits(lane, profile, known), wanted, full=full)
                if isinstance(found, tuple):
                    return found
                allowed = await self._spending().ask(
                    profile, known.get(profile.id), lane, found.load.sums, _addition(found), live or "batch"
                )
                if isinstance(allowed, msgspec.Struct):
                    stopped = allowed
                    return ()
                made.append(await self._move(found, lane, profile, name, note, allowed, live))
                return None

        while (refused := await contended(next_batch)) is None:
            pass
        return Submitted(tuple(made), refused, stopped)

    def _spending(self) -> SpendBook:
        """What decides about money; with the table of prices, which most pages never need."""
        if self._book is None:
            from app.services.queue.spending import SpendBook

            self._book = SpendBook(self._records, self._clock)
        return self._book

    async def _plan(
        self, queue: LaneQueue, limits: lanes.BatchLimits, wanted: Scope, *, full: bool
    ) -> Planned | tuple[lanes.LineRefusal, ...]:
        """The next batch; where there is none, what no batch can hold. Segments are read only until a batch is full: what waits behind it
        costs nothing."""
        groups: dict[Metadata, list[SegmentSummary]] = {}
        for one in queue.segments:
            if one.live and one.id in wanted:
                groups.setdefault(one.metadata, []).append(one)
        refused: list[lanes.LineRefusal] = []
        slicer = Slicer(self._clock)
        for alike in groups.values():
            read: list[Stored[Segment]] = []
            chosen: list[Segment] = []
            held = lanes.Sums()
            for one in alike:
                segment = await self._queue.segment(one)
                if segment is None:
                    raise Conflict(Table.SEGMENTS, one.id, one.rev, one.rev + 1)
                only = _only(segment, wanted[one.id])
                bad = lanes.too_large(only, limits)
                refused += bad
                if only.live:
                    read.append(Stored(segment, one.rev))
                    chosen.append(only)
                    held += lanes.sums_without(only, [each.position for each in bad])
                if limits.exceeded(held):
                    break
                if slicer.over():
                    await slicer.rest()
            load = next((each for each in lanes.cut(chosen, limits).batches if each.full or not full), None)
            if load is not None:
                return Planned(load, tuple(read))
        return tuple(refused)

    async def _move(
        self, planned: Planned, lane: Lane, profile: Profile, name: str, note: str, allowed: Allowed, live: Literal["", "standard", "flex"]
    ) -> Batch:
        load = planned.load
        now = self._clock.now()
        id = ids.new_id("b", now, self._random.token(10))
        pieces = {piece.segment: piece for piece in load.pieces}
        changes: list[Change] = []
        kept: list[str] = []
        previous_batches: dict[str, None] = {}
        additions: dict[str, None] = {}
        prompts: dict[str, None] = {}
        metadata: dict[str, str] = {}
        slicer = Slicer(self._clock)
        for stored in planned.segments:
            if piece := pieces.get(stored.value.id):
                changes += await self._taken(stored, piece, keys.batch_owner(id))
                before = len(kept)
                for start, stop in piece.runs:
                    kept += stored.value.ids[start:stop]
                prompts.update(dict.fromkeys(prompts_of(kept[before:])))
                previous_batches.update(dict.fromkeys(stored.value.previous_batches))
                additions[stored.value.addition] = None
                metadata = stored.value.metadata  # all have the same (lanes.cut)
                if slicer.over():
                    await slicer.rest()
        name = name or await self._table(additions) or await self._prompt(prompts, kept) or await self._first_words(planned)
        batch = Batch(
            id=id,
            name=name,
            lane=lane,
            requests=load.sums.requests,
            size=load.sums.size,
            tokens=load.sums.tokens,
            practice=profile.practice,
            foreseen=None if profile.practice else allowed.foreseen,
            previous_batches=tuple(previous_batches),
            metadata=metadata,
            additions=tuple(filter(None, additions)),
            prompts=tuple(prompts)[:MOST_PROMPTS],
            live=live,
            ignore_capacity=bool(live),
            uniqueness_verified=bool(live),
        )
        batch = pipeline.plan(batch, now, "; ".join(filter(None, (note, not_carried(metadata, OUR_ID)))))
        await slicer.rest()
        changes.append(PutBytes(keys.rows_id(id), rows.to_bytes(kept)))
        await slicer.rest()  # the commit of many segments is a slice of its own
        logged = self._log.put(draft("batch", "submitted", batch=id, counts={"requests": batch.requests, "bytes": batch.size}))
        await self._records.commit([*changes, put(batch, 0), *allowed.written_with(id), *logged])
        self._spending().made(profile, allowed)
        return batch

    async def _table(self, additions: Collection[str]) -> str:
        """What a batch without a name is called whose requests are all of one table or one file: the name of that; else empty. The
        ``additions`` are theirs, "" among them where some came in another way."""
        from app.core.model.datasets import Dataset

        sources: set[str] = set()
        for addition in additions:
            added = await self._records.get(QueuedRows, addition) if addition else None
            if added is None:
                return ""
            dataset = await self._records.get(Dataset, added.value.dataset) if added.value.dataset else None
            sources.add(dataset.value.name if dataset is not None else added.value.file)
        return text.shorten(sources.pop(), 80) if len(sources) == 1 else ""

    async def _prompt(self, prompts: Collection[str], custom_ids: Sequence[str]) -> str:
        """What a batch without a name is called whose requests are all of one prompt that has a name: that; else empty."""
        from app.core.model.threads import Thread

        if len(prompts) != 1 or not all(map(prompt_of, custom_ids)):
            return ""
        thread = await self._records.get(Thread, next(iter(prompts)))
        return text.shorten(thread.value.name.strip(), 80) if thread is not None else ""

    async def _first_words(self, planned: Planned) -> str:
        """What any other batch without a name is called: the first words of its first request, and how many more there are."""
        load = planned.load
        piece = load.pieces[0]
        segment = next(one.value for one in planned.segments if one.value.id == piece.segment)
        try:
            line = requests.pick(await self._queue.data(segment), segment.ends, piece.runs[0][0])
        except KeyError:
            return ""  # its bytes are gone: the upload says so
        words = requests.preview(line, 48).text
        return f"{words} + {text.number(load.sums.requests - 1)} more" if words and load.sums.requests > 1 else words

    async def _taken(self, stored: Stored[Segment], piece: lanes.Piece, owner: str) -> list[Change]:
        """The changes that move these lines of a segment to another owner."""
        segment = stored.value
        if piece.whole and not segment.gone:
            return [put(replace(segment, owner=owner), stored.rev)]
        try:
            run = await self._queue.run(segment)
        except KeyError:
            now = await self._records.get(Segment, segment.id)
            if now is None or now.rev != stored.rev:  # another tab gave it other lines since it was read
                raise Conflict(Table.SEGMENTS, segment.id, stored.rev, 0 if now is None else now.rev) from None
            raise
        going = {i for start, stop in piece.runs for i in range(start, stop)}
        kept = [i for i in range(len(segment.ids)) if i not in going]
        deleted = set(segment.gone)
        gone = [n for n, i in enumerate(kept) if i in deleted]
        # Should the batch be withdrawn, its lines return before those that they stood before.
        first = not kept or min(going) < kept[0]
        seq = segment.seq if first else segment.seq + _SPLIT_SEQ_STEP
        rest = Stored(replace(segment, seq=segment.seq + _SPLIT_SEQ_STEP), stored.rev) if first else stored
        return [
            *self._queue.fresh(owner, seq, requests.slices(run, piece.runs), past=Provenance.of(segment)),
            *self._queue.rewritten(rest, requests.without(run, going), gone),
        ]


def _addition(planned: Planned) -> str:
    """By which addition to the queue all lines of a batch came; "" where it was not one."""
    going = {piece.segment for piece in planned.load.pieces}
    found = {one.value.addition for one in planned.segments if one.value.id in going}
    return found.pop() if len(found) == 1 else ""


def _only(segment: Segment, pick: Pick) -> Segment:
    """The segment as if all lines but the wanted ones were deleted."""
    if pick.whole:
        return segment
    here = live_positions(segment)
    keep = frozenset(pick.positions(segment, here))
    if len(keep) == len(segment.ids):
        return segment
    return replace(segment, gone=tuple(i for i in range(len(segment.ids)) if i not in keep))
