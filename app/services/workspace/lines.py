"""Queues of two workspaces become one, request by request: what a plan says of segments that are neither taken nor left as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from app.core.base.lru import Lru
from app.core.bodies import requests, tokens
from app.core.bodies.requests import LineRun
from app.core.json import jsonread
from app.core.model import keys
from app.core.model.entries import RecordEntry, decoded, rewritten
from app.core.model.segments import Segment
from app.core.workspace.merge_plan import FilterIncoming, MergePlan, RemoveLocal
from app.ports import Clock, Store
from app.services.runtime.slices import Slicer

_CACHED = 8


class BuiltSegment(msgspec.Struct, frozen=True):
    """A segment that was made, with its bytes."""

    entry: RecordEntry
    bytes_id: str
    data: bytes


class Lines:
    """``theirs`` says under which id a run of theirs is stored here. A segment whose bytes are missing stays as it is, or is left out."""

    def __init__(self, store: Store, clock: Clock, fresh: Callable[[str], str], theirs: Callable[[str], str]) -> None:
        self._store, self._clock, self._fresh, self._theirs = store, clock, fresh, theirs
        self._cache: Lru[str, bytes | None] = Lru(_CACHED)

    async def make(self, plan: MergePlan) -> list[BuiltSegment]:
        """What comes of the plan's segments to thin and to sift, one after another."""
        made: list[BuiltSegment] = []
        slicer = Slicer(self._clock)
        for removal in plan.local_removals:
            made += await self._without_removed(removal)
            await slicer.rest()
        ours = _places([*(one for one in plan.target.values() if one.table == "segments"), *(one.entry for one in plan.local_removals)])
        for filtered in plan.incoming_filters:
            made += await self._filtered(filtered, ours)
            await slicer.rest()
        return made

    async def _data(self, id: str) -> bytes | None:
        async def load() -> bytes | None:
            return (await self._store.load([id]))[0]

        return await self._cache.got(id, load)

    async def _run(self, segment: Segment, id: str) -> LineRun | None:
        data = await self._data(id)
        return None if data is None or len(data) != segment.size else LineRun(segment.ids, segment.ends, data)

    async def _without_removed(self, removal: RemoveLocal) -> list[BuiltSegment]:
        segment = decoded(Segment, removal.entry)
        run = await self._run(segment, segment.bytes_id) if segment else None
        if segment is None or run is None:
            return []
        kept = [i for i in range(len(segment.ids)) if i not in removal.drop]
        gone = set(segment.gone)
        return [
            self._made(
                removal.entry, requests.without(run, removal.drop), [n for n, i in enumerate(kept) if i in gone], fresh=removal.fresh
            )
        ]

    async def _filtered(self, filtered: FilterIncoming, ours: dict[str, tuple[Segment, int]]) -> list[BuiltSegment]:
        segment = decoded(Segment, filtered.entry)
        run = await self._run(segment, self._theirs(segment.bytes_id)) if segment else None
        if segment is None or run is None:
            return []
        slicer = Slicer(self._clock)
        pairs: list[tuple[str, bytes]] = []
        gone: list[int] = []
        for i, (id, line) in enumerate(requests.lines_of(run)):
            deleted = i in segment.gone
            pair = None if i in filtered.skip else await self._wanted(id, line, deleted, ours)
            if pair is not None:
                if deleted:
                    gone.append(len(pairs))
                pairs.append(pair)
            if slicer.over():
                await slicer.rest()
        if not pairs:
            return []
        (whole,) = requests.make_segments(pairs, max_lines=len(pairs), max_bytes=sum(len(line) for _, line in pairs) + 1)
        return [self._made(filtered.entry, whole, gone, fresh=True)]

    async def _wanted(self, id: str, line: bytes, deleted: bool, ours: dict[str, tuple[Segment, int]]) -> tuple[str, bytes] | None:
        """The request as it is to be added; None if it is here. One that was edited on one side comes under an id of its own."""
        if id not in ours:
            return id, line
        segment, i = ours[id]
        data = await self._data(segment.bytes_id)
        if deleted or data is None or i in segment.gone or requests.pick(data, segment.ends, i) == line:
            return None
        try:
            request = requests.decode(line)
        except requests.LineFault:
            return None
        own = self._fresh("r")
        return own, requests.line(own, request.url, jsonread.value(request.body, depth=jsonread.OWN_DEPTH))

    def _made(self, entry: RecordEntry, run: LineRun, gone: list[int], *, fresh: bool) -> BuiltSegment:
        id = self._fresh("s")
        bytes_id = keys.lines_id(id)
        fields = {"bytes_id": bytes_id, "gone": tuple(gone), **tokens.index(run)}
        if fresh:
            return BuiltSegment(rewritten(entry, {"id": id, **fields}, id=id, rev=1), bytes_id, run.data)
        return BuiltSegment(rewritten(entry, fields, rev=entry.rev + 1), bytes_id, run.data)


def _places(segments: Iterable[RecordEntry]) -> dict[str, tuple[Segment, int]]:
    """Where each request of these queues stands."""
    found: dict[str, tuple[Segment, int]] = {}
    for one in segments:
        segment = decoded(Segment, one) if keys.in_queue(one.owner) else None
        if segment is not None:
            found.update((id, (segment, i)) for i, id in enumerate(segment.ids))
    return found
