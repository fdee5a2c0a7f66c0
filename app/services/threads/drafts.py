"""Threads: opened, saved as they are typed, kept when deleted until the person empties the bin.

One write at a time for each thread, and always the newest text: a key stroke never waits for the disk and no text is written over a newer
one. A thread that another tab changed is not overwritten: the person chooses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal

import msgspec
from msgspec.structs import replace

from app.core.base import ids
from app.core.model.threads import Options, Thread, ThreadMessage
from app.core.threads import editing
from app.ports import Clock, Conflict, Random, StorageFull, StorageLost
from app.services.runtime.records import Records, Stored, remove
from app.services.runtime.tasks import Tasks

Saving = Literal["saved", "saving", "conflict", "full", "lost"]


class UnsavedDraft(msgspec.Struct, frozen=True):
    """A text that is not on disk, and the revision that it was typed over."""

    thread: Thread
    rev: int


class Drafts:
    """The thread editor's disk. ``notify(thread_id, saving)`` is called with each change of state."""

    def __init__(self, records: Records, clock: Clock, random: Random, tasks: Tasks, notify: Callable[[str, Saving], None]) -> None:
        self._records, self._clock, self._random, self._tasks, self._notify = records, clock, random, tasks, notify
        self._revs: dict[str, int] = {}
        self._wanted: dict[str, Thread] = {}
        self._writing: set[str] = set()
        self._writes = 0

    def new(self, options: Options | None = None) -> Thread:
        """An empty thread with one user message, not stored until something is typed."""
        now = self._clock.now()
        message = ThreadMessage(id=ids.new_id("m", now, self._random.token(8)), role="user")
        thread = Thread(
            id=ids.new_id("t", now, self._random.token(8)), messages=(message,), options=options or Options(), created=now, updated=now
        )
        self._revs[thread.id] = 0
        return thread

    async def all(self) -> list[Thread]:
        """Every thread, deleted ones included, newest change first."""
        writes = -1
        while writes != self._writes:  # what is read while a text is being written may be the text before it
            writes = self._writes
            stored = await self._records.all(Thread)
        for one in stored:
            # A thread that is known keeps its revision: what another tab wrote must be shown before it may be written over.
            self._revs.setdefault(one.value.id, one.rev)
        return sorted((self._wanted.get(one.value.id, one.value) for one in stored), key=lambda t: -t.updated)

    async def get(self, id: str) -> Thread | None:
        writes = -1
        stored: Stored[Thread] | None = None
        while writes != self._writes:
            writes = self._writes
            if id in self._wanted:
                return self._wanted[id]
            stored = await self._records.get(Thread, id)
        if id in self._wanted:
            return self._wanted[id]  # typed while it was read: what another tab wrote meanwhile must be met as a conflict
        if stored is None:
            return None
        self._revs[id] = stored.rev
        return stored.value

    def save(self, thread: Thread) -> None:
        """Have this text written. Returns at once; ``settled`` waits."""
        self._wanted[thread.id] = thread
        if thread.id not in self._writing:
            self._writing.add(thread.id)
            self._notify(thread.id, "saving")
            self._tasks.start(f"save {thread.id}", self._write(thread.id))

    async def _write(self, id: str) -> None:
        try:
            while (thread := self._wanted.get(id)) is not None:
                rev = self._revs.get(id, 0)
                try:
                    await self._records.save(thread, rev)
                except (Conflict, StorageFull, StorageLost) as error:
                    outcome: Saving = "conflict" if isinstance(error, Conflict) else "full" if isinstance(error, StorageFull) else "lost"
                    self._notify(id, outcome)
                    return
                self._revs[id] = rev + 1
                self._writes += 1
                if self._wanted.get(id) is thread:
                    del self._wanted[id]
                    self._notify(id, "saved")
        finally:
            self._writing.discard(id)

    async def stored(self, id: str) -> Thread | None:
        """The text on disk, which may be another tab's; what this tab knows of it stays as it is."""
        found = await self._records.get(Thread, id)
        return found.value if found else None

    async def keep_mine(self, thread: Thread) -> Thread | None:
        """Write this text, also over one that this tab has not seen: that one is kept as a thread of its own first, and returned."""
        stored = await self._records.get(Thread, thread.id)
        unseen = stored is not None and stored.rev != self._revs.get(thread.id, 0) and not editing.same(stored.value, thread)
        kept = await self._keep_copy(stored.value) if stored is not None and unseen else None
        self._revs[thread.id] = stored.rev if stored else 0
        self.save(thread)
        return kept

    async def _keep_copy(self, thread: Thread) -> Thread:
        """Write a copy of a thread under an id of its own; it is on disk when this returns."""
        now = self._clock.now()
        copy = replace(editing.duplicate(thread, ids.new_id("t", now, self._random.token(8)), now), deleted=0.0)
        await self._records.save(copy, 0)
        self._revs[copy.id] = 1
        self._writes += 1
        return copy

    async def take_theirs(self, id: str) -> Thread | None:
        """After a conflict: forget this tab's text and read the other's."""
        self._wanted.pop(id, None)
        return await self.get(id)

    def unsaved(self, id: str) -> bool:
        """Whether the newest text of a thread is not on disk yet."""
        return id in self._wanted

    def unwritten(self) -> list[UnsavedDraft]:
        """Every text that is not on disk yet."""
        return [UnsavedDraft(thread, self._revs.get(id, 0)) for id, thread in self._wanted.items()]

    def take_up(self, one: UnsavedDraft) -> None:
        """Have a text written that could not be before a reload; what was written since then is met as a conflict."""
        self._revs[one.thread.id] = one.rev
        self.save(one.thread)

    async def empty_bin(self, chosen: Collection[str]) -> list[Thread]:
        """Remove those of these threads that are deleted for good; returns them. One that is written again meanwhile stays."""
        found = [await self._records.get(Thread, id) for id in chosen]
        gone = [one for one in found if one is not None and one.value.deleted and one.value.id not in self._wanted]
        await self._records.commit([remove(Thread, one.value.id, one.rev) for one in gone])
        return [one.value for one in gone]

    async def settled(self) -> None:
        """Return when every text asked for is written or has failed visibly."""
        await self._tasks.settled()
