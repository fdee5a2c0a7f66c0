"""The parts of the state that come from the store, reread when it changed: threads, lanes, batches, answers, limits, histories, storage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from app.core.batches import pipeline
from app.core.batches.durations import History
from app.core.model.batches import Batch
from app.services.queue.lane import LaneQueue
from app.services.runtime.tasks import Tasks
from app.ui.base.services import Services
from app.ui.base.state import State

MANY = 1_000_000_000
"""More rows than any list has."""


class Readings(ABC):
    """Reads the store into the state. A reading that is overtaken by a later one is not shown."""

    def __init__(self, state: State, services: Services, tasks: Tasks) -> None:
        self.state, self.services, self.tasks = state, services, tasks
        self.batches_told = 0
        """How many batches the engine has told of since the start."""
        self._asked_to_keep = False
        self._behind: dict[str, bool] = {}
        self._readings: dict[str, tuple[int, int]] = {}

    @abstractmethod
    def changed(self) -> None:
        """The state is another one: have it drawn."""

    @abstractmethod
    def progressed(self) -> None:
        """Something that goes on by itself is farther: have it drawn soon."""

    @abstractmethod
    def queue_changed(self) -> None:
        """What goes out by itself, and when, is another thing now."""

    def reading(self, name: str) -> Callable[[], bool]:
        """Call this before something is read, and what it returns when it was: False when what was read later is shown already."""
        asked, shown = self._readings.get(name, (0, 0))
        mine = asked + 1
        self._readings[name] = (mine, shown)

        def newest() -> bool:
            asked, shown = self._readings[name]
            if shown > mine:
                return False
            self._readings[name] = (asked, mine)
            return True

        return newest

    async def refresh_threads(self) -> None:
        newest = self.reading("threads")
        found = await self.services.drafts.all()
        if newest():
            self.state.threads.all = found
        self.changed()

    async def refresh_queue(self, *, rows: bool = True) -> None:
        """Read the lanes again, and the ``rows`` in sight."""
        state = self.state
        newest = self.reading("queue")
        lanes = await self.services.queue.lanes()
        if not newest():
            return
        state.queue.lanes = lanes
        self.queue_changed()
        for queued in state.queue.lanes:
            await self._still_selected(queued)
            await self.search_again(queued)
            if rows:
                await self.refresh_rows(queued)
        for key in state.queue.selected.keys() - {lane.lane.key for lane in state.queue.lanes}:
            del state.queue.selected[key]
        self.changed()

    async def _still_selected(self, queued: LaneQueue) -> None:
        """Requests that were selected one by one, and have left the queue, are not selected any more."""
        selection = self.state.queue.selected.get(queued.lane.key)
        if selection is None or not selection.ids:
            return
        asked = frozenset(selection.ids)  # what is selected meanwhile stays
        selection.ids -= asked - await self.services.queue.present(queued.lane, asked)

    async def search_again(self, queued: LaneQueue) -> None:
        """What a lane's list is searched for, in what changed since."""
        key = queued.lane.key
        before = self.state.queue.found.get(key)
        if before is None:
            return
        from app.services.queue.search import search

        found = await search(self.services.queue, self.services.clock, queued, before.words, before.hits)
        if found is not None and self.state.queue.found.get(key) is before:
            self.state.queue.found[key] = found

    async def refresh_rows(self, queued: LaneQueue) -> None:
        """The rows of one lane that are in sight."""
        key = queued.lane.key
        found = self.state.queue.found.get(key)
        newest = self.reading(f"rows {key}")
        if found is None:
            first, last = self.state.scrolled(key).window(queued.requests)
            rows = await self.services.queue.rows(queued, first, last)
        else:
            from app.services.queue import search

            first, last = self.state.scrolled(key).window(found.requests)
            rows = await search.rows(self.services.queue, found, first, last)
        if newest():
            self.state.queue.lines[key] = (first, rows)
        self.changed()

    async def refresh_batches(self) -> None:
        newest, seen = self.reading("batches"), -1
        while seen != self.batches_told:  # what was stored while it was read may not be in it
            seen = self.batches_told
            found = [one.value for one in await self.services.records.all(Batch)]
        if newest():
            self.state.batches.all = found
        await self.refresh_answers()
        self.changed()

    async def batches_left(self) -> None:
        """Old batches were removed from this browser: say so."""
        self.state.batches.removed = await self.services.retention.last()
        await self.refresh_batches()
        await self.refresh_usage()

    async def refresh_answers(self) -> None:
        """The rows of the open batch that are in sight."""
        substate = self.state.batch
        batch = next((batch for batch in self.state.batches.all if batch.id == substate.id), None)
        if batch is None or batch.state == "withdrawn":
            substate.total, substate.rows = 0, ()
            return
        first, last = self.state.scrolled("answers").window(MANY)
        newest = self.reading("answers")
        total, rows = await self.services.review.rows(batch, substate.which, first, last)
        if newest():
            substate.total, substate.first, substate.rows = total, min(first, total), tuple(rows)
        await self._group(batch)
        self.changed()

    async def _group(self, batch: Batch) -> None:
        """What of the open batch was not answered, by error code: once for each ending, not with each scroll."""
        substate = self.state.batch
        of = (batch.id, len(batch.timeline), batch.resent)
        if batch.state in pipeline.FETCHED and substate.groups_of != of:
            substate.groups_of = of
            substate.groups = tuple(await self.services.review.groups(batch))
            substate.match = None
            if batch.tally.unfound and batch.tally.unexpected:
                from app.services.batches.matching import Matcher

                substate.match = await Matcher(self.services.records, self.services.clock).propose(batch)

    def ask_to_keep(self) -> None:
        """Have the browser asked, once and silently, not to clear what is stored: from the first submission on it is worth money."""
        if not self._asked_to_keep and not (self.state.browser.usage and self.state.browser.usage.persisted):
            self._asked_to_keep = True
            self.tasks.start("persist", self._ask_to_keep())

    async def _ask_to_keep(self) -> None:
        await self.services.store.persist()
        await self.refresh_usage()

    async def refresh_limits(self) -> None:
        """How much may be enqueued, by provider."""
        found = await self.services.limits.all()
        if found != self.state.provider.limits:
            self.state.provider.limits = found
            self.queue_changed()  # it decides how a lane is cut
            self.changed()

    async def refresh_usage(self) -> None:
        usage = await self.services.store.usage()
        if usage != self.state.browser.usage:
            self.state.browser.usage = usage
            self.changed()

    async def refresh_histories(self) -> None:
        """How long batches took."""
        self.state.batches.histories = {one.value.id: one.value for one in await self.services.records.all(History)}
        self.changed()

    def catch_up(self, name: str, read: Callable[[], Awaitable[None]]) -> None:
        """Read once now, and again when it was told again meanwhile: however many notices come, two readings are enough."""
        if name in self._behind:
            self._behind[name] = True
            return
        self._behind[name] = False
        self.tasks.start(name, self._read(name, read))

    async def _read(self, name: str, read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        finally:
            if self._behind.pop(name):
                self.catch_up(name, read)
