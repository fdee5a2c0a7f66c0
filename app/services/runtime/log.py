"""Writing the log and the history, in the same commit as the change that they tell of wherever there is one.

Every commit writes a page of its own, so that no two writers ever meet; the leading tab binds pages together later
(services.runtime.logbook). Only the looks at a batch that tell nothing new are one entry, which is written again.
"""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
from msgspec.structs import replace

from app.core.activity import log
from app.core.activity.log import LogEntry, LogPage
from app.core.base import ids
from app.core.batches import durations, pipeline
from app.core.batches.durations import History
from app.core.batches.pipeline import Effect, Event
from app.core.model.batches import Batch
from app.ports import Change, Clock, Conflict, Random, StorageFull, StorageLost
from app.services.runtime.records import Records, put

_APART = 1e-3
"""Seconds: ids are ordered by milliseconds."""


class Step(msgspec.Struct, frozen=True):
    """What a step of a batch adds to its commit. ``last`` is the entry that the next look at the batch may continue with."""

    batch: str
    changes: list[Change]
    last: LogEntry | None = None


class Log:
    """The writer of one tab."""

    def __init__(self, records: Records, clock: Clock, random: Random) -> None:
        self._records, self._clock, self._random = records, clock, random
        self._last: dict[str, LogEntry] = {}
        self._at = 0.0  # when it was written last: no two entries have one moment, so that they stay in their order

    def put(self, *drafts: LogEntry) -> list[Change]:
        """The changes that write these entries, to be committed with what they tell of."""
        if not drafts:
            return []
        now = self._at = max(self._clock.now(), self._at + _APART)
        names = ids.series("e", now, self._random.token(8), len(drafts))
        entries = tuple(replace(one, id=name, at=now) for one, name in zip(drafts, names, strict=True))
        return [put(LogPage(id=names[0], entries=entries), -1)]

    async def note(self, kind: str, what: str, **facts: Any) -> None:
        """Write one entry by itself. Where the browser stores nothing there is no entry: what it tells of goes on without."""
        with contextlib.suppress(StorageFull, StorageLost, Conflict):
            await self._records.commit(self.put(log.draft(kind, what, **facts)))

    async def step(self, before: Batch, after: Batch, event: Event, effect: Effect | None = None, took: float = 0.0) -> Step:
        """What is told of a step of a batch's life, and its history where it has ended. Call :meth:`kept` once it is committed."""
        drafts = log.of_step(before, after, event, effect, self._clock.now(), took)
        history = await self._history(before, after)
        if len(drafts) == 1:
            entry = replace(drafts[0], at=self._clock.now())
            if (same := log.again(self._last.get(after.id), entry)) is not None:
                return Step(after.id, [put(LogPage(id=same.id, entries=(same,)), -1), *history], same)
        changes = self.put(*drafts)
        last = None
        if len(drafts) == 1:
            (page,) = changes
            last = replace(drafts[0], id=page.id, at=self._at)
        return Step(after.id, [*changes, *history], last)

    def kept(self, step: Step) -> None:
        """The step is stored."""
        if step.last is not None:
            self._last[step.batch] = step.last
        else:
            self._last.pop(step.batch, None)

    def bound(self) -> None:
        """Pages were bound together: no entry is written again."""
        self._last.clear()

    async def _history(self, before: Batch, after: Batch) -> list[Change]:
        """What a batch that has just ended adds to the history of its lane."""
        if after.state not in pipeline.FINAL or before.state in pipeline.FINAL:
            return []
        if (run := durations.run_of(after)) is None:
            return []
        stored = await self._records.get(History, after.lane.key)
        history = durations.with_run(stored.value if stored else History(id=after.lane.key), run)
        return [] if stored and history == stored.value else [put(history, stored.rev if stored else 0)]
