"""The outbox: sends what is due, in the tab that leads, and records every try.

What is due is in the store, in the order of when; so a reload, or another tab that takes the lead, continues with it. A try is recorded
after it ended: one that a crash cut off is made again, with the same idempotency key. At least once, never lost.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from app.core.model import quoting
from app.core.programs import delivery
from app.core.programs.message import DeliveryAttempt, ProgramMessage, Programs, ResultFile
from app.ports import Change, Conflict, Table
from app.services.programs.delivery_scheduling import DeliveryScheduler, untold
from app.services.programs.rabbit_publisher import Publisher
from app.services.programs.redelivery import PAGE, ByHand
from app.services.programs.result_lines import Results
from app.services.programs.webhook_lanes import Lanes
from app.services.programs.webhooks import Webhooks
from app.services.runtime.isolation import Isolation, bisected
from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.records import Stored, put
from app.services.runtime.runtime import Runtime
from app.services.runtime.slices import Slicer

if TYPE_CHECKING:
    from app.services.programs.rabbit import Brokers
    from app.services.programs.result_files import ResultFileWriter

FILED: Final = 500
"""Results of one writing into a file, about."""
LOOK_AGAIN: Final = 60.0
"""Seconds after which it looks for what is due even if nobody told it to."""
AFTER_FAULT: Final = 10.0
"""Seconds before what failed is tried again."""
_FIRST: Final = 2.0
"""Seconds from the lead to the first look: a page that was just opened has other things to do."""
_GROUP: Final = 0.2
"""Seconds in which ends of tries are gathered into one commit."""
_FURTHER: Final = 0.2
"""Seconds from one page of what is due to the next, where nobody says that there is room: looking further must not keep the calls that are
under way from going on."""


class _EndedAttempt(NamedTuple):
    """A try that ended, with the record that it was made for. ``broken``: trying again by itself is of no use."""

    stored: Stored[ProgramMessage]
    attempt: DeliveryAttempt
    broken: bool = False


class Transports(msgspec.Struct, frozen=True):
    """How results go out. ``brokers``: None where there is no RabbitMQ."""

    webhooks: Webhooks
    brokers: Brokers | None
    file_writer: ResultFileWriter


class Dispatcher(ByHand):
    """``chosen`` gives the settings; ``notify`` is called when something changed. What fails here is reported and tried again."""

    def __init__(
        self,
        runtime: Runtime,
        scheduler: DeliveryScheduler,
        results: Results,
        ways: Transports,
        chosen: Callable[[], Awaitable[Programs]],
        notify: Callable[[], None],
    ) -> None:
        clock, tasks = runtime.clock, runtime.tasks
        super().__init__(runtime.records, clock, Isolation(tasks, "deliveries"), notify)
        self._scheduler, self._results = scheduler, results
        self._publisher, self._file_writer = Publisher(ways.brokers, clock), ways.file_writer
        self._webhooks = ways.webhooks
        self._locked: frozenset[str] = frozenset()
        """The names of secrets that were under a passphrase at the last look: what needs them waits."""
        self._isolation = Isolation(tasks, "deliveries")
        self._random, self._tasks, self._chosen = runtime.random, tasks, chosen
        self._worker = PeriodicWorker(
            clock, tasks, "deliveries", self._look, LOOK_AGAIN, first=_FIRST, retry=AFTER_FAULT, longest=AFTER_FAULT, between=self._pause
        )
        self._flying: set[str] = set()
        self._lanes = Lanes(ways.webhooks, clock, tasks, self._called, self._look_soon)
        self._ends: list[_EndedAttempt] = []
        self._heads: dict[str, tuple[float, str]] | None = None
        self._cursor: tuple[float, str] | None = None
        self._hinted = True
        """Whether something may be due, or may go, since the last look; the end of a try alone is no such hint."""
        self._scheduling, self._scheduled = True, 0.0
        """Whether a batch may have ended since all batches were looked at, and when that was: there may be many."""
        self._used = False
        """Whether any program has handed anything in, as far as was looked."""
        self._wake = 0.0
        """When to look again without a hint."""
        self._further = False
        """Whether there is more behind what the last look has seen."""

    def nudge(self) -> None:
        """Something is due, or may be: look soon."""
        self._scheduling = True
        self._look_soon()

    def _look_soon(self) -> None:
        self._hinted = True
        self._worker.nudge()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            await self._worker.run()
        finally:
            await self._lanes.stop()
            self._flying.clear()
            self._ends.clear()  # what was not recorded is sent again, with the same key
            self._heads = self._cursor = None
            self._hinted, self._scheduling, self._further = True, True, False

    async def _pause(self) -> None:
        """Results whose calls have ended at about the same time are recorded together."""
        if self._ends:
            await self._clock.sleep(_GROUP)

    # --- one look

    async def _look(self) -> float:
        """Record the tries that ended, send what is due as far as there is room, and return when to look again."""
        await self._flush()
        if self._hinted or self._clock.now() >= self._wake:
            hinted, self._hinted = self._hinted, False
            try:
                self._wake = await self._send(hinted=hinted)
            except BaseException:
                self._hinted = True
                raise
        return self._wake

    async def _send(self, *, hinted: bool) -> float:
        """Post, send what is due as far as there is room, and return when to look again. Without a hint, where the last look continued."""
        self._used = self._used or bool(await self._records.store.counts(Table.HANDED))  # counting takes longer the more there are
        if not self._used:
            return self._clock.now() + LOOK_AGAIN  # nobody hands anything in: nothing more is read
        chosen = await self._chosen()
        self._locked = await self._webhooks.locked()
        await self._schedule(chosen)
        if chosen.ordered and self._heads is None:
            self._heads = await self._first_ones()
        elif not chosen.ordered:
            self._heads = None
        now = self._clock.now()
        wake = now + LOOK_AGAIN
        calls: list[Stored[ProgramMessage]] = []
        queued: list[Stored[ProgramMessage]] = []
        filed: dict[ResultFile, list[Stored[ProgramMessage]]] = {}
        further = self._further and not hinted and self._heads is None  # in order: the first of each target is looked for first
        for after in dict.fromkeys((self._cursor,) if further else (None, self._cursor)):  # one target's must not hide the others'
            rows = await self._records.store.page(Table.HANDED, state="due", after=after, limit=PAGE)
            fresh = [row for row in rows if row.id not in self._flying]  # what is under way stands at the front until its end is recorded
            due = [one for row in fresh if (one := self._records.read(ProgramMessage, row)) is not None]
            later = next((one.value.retry_at for one in due if delivery.waits(one.value, now)), None)
            wake = min(wake, later or wake)
            for one in due:
                if not delivery.waits(one.value, now) and self._may_go(one):
                    self._flying.add(one.value.id)
                    if isinstance(one.value.target, ResultFile):
                        filed.setdefault(one.value.target, []).append(one)
                    else:
                        (calls if one.value.transport == "http" else queued).append(one)
            whole = len(rows) == PAGE and later is None
            self._cursor = (rows[-1].order, rows[-1].id) if whole else None
            if not whole:
                break
        waiting = {one.value.id for some in (queued, *filed.values()) for one in some}
        try:
            await self._hand_over(calls, chosen)
            if queued:
                waiting.difference_update(one.value.id for one in queued)
                await self._publish(queued)
            for file, some in filed.items():
                waiting.difference_update(one.value.id for one in some)
                await self._file(file, some, chosen)
        finally:
            self._flying.difference_update(waiting)  # what was not reached is looked at again
        self._further = self._cursor is not None and not (queued or filed)
        if queued or filed:
            return self._clock.now()
        return min(wake, self._clock.now() + _FURTHER) if self._further else wake

    async def _schedule(self, chosen: Programs) -> None:
        """Make due what has its outcome by now, where someone says that there may be some, and now and then."""
        now = self._clock.now()
        if self._scheduling or not self._scheduled <= now < self._scheduled + LOOK_AGAIN:
            self._scheduling, self._scheduled = False, now
            try:
                await self._scheduler.turn(chosen)
            except BaseException:
                self._scheduling = True
                raise

    def _may_go(self, one: Stored[ProgramMessage]) -> bool:
        try:
            return self._may(one.value)
        except Exception as error:  # the boundary of one result: its record says what is wrong with it
            self._broke(one, quoting.quote(f"It cannot be delivered there ({type(error).__name__}: {error})."))
            return False

    def _broke(self, one: Stored[ProgramMessage], why: str) -> None:
        """It cannot be delivered as it is: it is recorded as failed, with the reason, and can be delivered again by hand."""
        self._flying.add(one.value.id)
        attempt = DeliveryAttempt(self._clock.now(), one.value.where, "other", error=why, by_hand=one.value.by_hand)
        self._ends.append(_EndedAttempt(one, attempt, broken=True))
        self._worker.nudge()

    def _may(self, one: ProgramMessage) -> bool:
        """Whether one that is due may go now; then it is its target's turn."""
        if one.id in self._flying:
            return False
        if isinstance(one.target, ResultFile):
            return True  # a file gets its results in their order in any case
        if self._locked and self._waits_for_passphrase(one):
            return False
        if self._heads is not None:
            if self._heads.get(one.where, (one.place, one.id)) < (one.place, one.id):
                return False  # an earlier one of this target is not through yet
            self._heads[one.where] = (one.place, one.id)
        return one.transport != "http" or self._lanes.has_room(one.where)

    def _waits_for_passphrase(self, one: ProgramMessage) -> bool:
        if one.transport == "http":
            return delivery.secret_name(one.where) in self._locked
        return any(name.startswith(delivery.BROKER) for name in self._locked)

    async def _first_ones(self) -> dict[str, tuple[float, str]]:
        """For each target the first of those that are due: after a reload it is not known which was tried last."""
        found: dict[str, tuple[float, str]] = {}
        after: tuple[float, str] | None = None
        while rows := await self._records.store.page(Table.HANDED, state="due", after=after, limit=PAGE):
            after = (rows[-1].order, rows[-1].id)
            for row in rows:
                if (stored := self._records.read(ProgramMessage, row)) is not None:
                    one = stored.value
                    found[one.where] = min(found.get(one.where, (one.place, one.id)), (one.place, one.id))
            if len(rows) < PAGE:
                break
            await self._clock.sleep(0)
        return found

    # --- webhooks

    async def _readable(self, some: Sequence[Stored[ProgramMessage]]) -> tuple[list[Stored[ProgramMessage]], dict[str, bytes]]:
        """Those whose results can be sent, and these by custom_id. The others are recorded as failed."""
        try:
            found = await self._results.contents([one.value for one in some])
        except BaseException:
            self._flying.difference_update(one.value.id for one in some)
            raise
        for one in some:
            if one.value.id in found.faults:
                self._broke(one, found.faults[one.value.id])
        return [one for one in some if one.value.id in found.bodies], found.bodies

    async def _hand_over(self, calls: Sequence[Stored[ProgramMessage]], chosen: Programs) -> None:
        """Give calls to the lanes of their hosts."""
        good, bodies = await self._readable(calls)
        self._lanes.put([(one, bodies[one.value.id]) for one in good], chosen)

    def _called(self, stored: Stored[ProgramMessage], attempt: DeliveryAttempt) -> None:
        self._ends.append(_EndedAttempt(stored, attempt))
        self._worker.nudge()

    # --- RabbitMQ

    async def _publish(self, queued: Sequence[Stored[ProgramMessage]]) -> None:
        """Send a portion of results to the broker and record what it says of each."""
        good, bodies = await self._readable(queued)
        try:
            tried = await self._publisher.publish([one.value for one in good], bodies)
        except BaseException:
            self._flying.difference_update(one.value.id for one in queued)
            raise
        self._ends += [_EndedAttempt(one, tried[one.value.id]) for one in good]
        await self._flush()

    # --- files

    async def _file(self, file: ResultFile, some: Sequence[Stored[ProgramMessage]], chosen: Programs) -> None:
        """Write a portion of results beside the file that they belong to, and record it together with how long that is now. If someone
        else changed one of them meanwhile nothing is recorded: the portion is written again, in its place."""
        flying = {one.value.id for one in some}

        async def write(good: Sequence[Stored[ProgramMessage]]) -> None:
            began = self._clock.now()
            done = await self._file_writer.write(file, [bodies[one.value.id] for one in good])
            took = self._clock.now() - began
            changes = [*done.changes]
            slicer = Slicer(self._clock)
            for one in good:
                attempt = DeliveryAttempt(began, one.value.where, done.outcome, 0, done.error, took, "page", one.value.by_hand)
                changes += self._after(_EndedAttempt(one, attempt), chosen)
                if slicer.over():
                    await slicer.rest()
            with contextlib.suppress(Conflict):
                await self._records.commit(changes)

        def put_aside(one: Stored[ProgramMessage], error: Exception) -> None:
            flying.discard(one.value.id)  # it stays with this tab until a reload, and is not written over and over
            self._isolation.put(one.value.id, error)

        try:
            some = [*some, *await self._more_of(file, some[-1].value)]
            flying = {one.value.id for one in some}
            good, bodies = await self._readable(some)
            flying = {one.value.id for one in good}  # the others are recorded as failed with the next flush
            await bisected(good, write, put_aside)
        finally:
            self._flying.difference_update(flying)
        self._notify()

    async def _more_of(self, file: ResultFile, last: ProgramMessage) -> list[Stored[ProgramMessage]]:
        """What is due for the same file behind this one: the browser copies the whole file with each portion."""
        now, found = self._clock.now(), list[Stored[ProgramMessage]]()
        while len(found) < FILED:
            rows = await self._records.store.page(Table.HANDED, state="due", after=(last.order, last.id), limit=PAGE)
            due = [one for row in rows if (one := self._records.read(ProgramMessage, row)) is not None]
            due = [
                one for one in due if one.value.target == file and not delivery.waits(one.value, now) and one.value.id not in self._flying
            ]
            found += due
            if len(due) < PAGE:
                break
            last = due[-1].value
        self._flying.update(one.value.id for one in found)
        return found

    # --- what came of it

    async def _flush(self) -> None:
        """Record the tries that ended, in one commit if nobody else changed their records. One whose record cannot be written stays with
        this tab until a reload, so that it is not sent over and over; it is told, and the others are recorded."""
        if not self._ends:
            return
        ends, self._ends = self._ends, []
        try:
            chosen = await self._chosen()
            await bisected(ends, lambda some: self._recorded(some, chosen), self._unrecorded)
        except BaseException:
            self._ends = [*ends, *self._ends]  # not recorded yet: with the next flush
            raise
        for end in ends:
            if end.stored.value.id not in self._isolation.aside:
                self._flying.discard(end.stored.value.id)
            over = end.broken or end.attempt.outcome in delivery.DONE or end.stored.value.tries + 1 >= chosen.tries
            if self._heads is not None and over:
                self._heads.pop(end.stored.value.where, None)
            if self._heads is not None or end.attempt.outcome not in delivery.DONE:
                self._hinted = True  # the next one's turn, or a try to come
        self._notify()

    async def _recorded(self, ends: Sequence[_EndedAttempt], chosen: Programs) -> None:
        try:
            await self._records.commit([change for end in ends for change in self._after(end, chosen)])
        except Conflict:
            self._hinted = True  # what was asked for meanwhile could not go yet
            for end in ends:
                await self._record(end, chosen)

    def _unrecorded(self, end: _EndedAttempt, error: Exception) -> None:
        self._isolation.put(end.stored.value.id, error)

    def _after(self, end: _EndedAttempt, chosen: Programs) -> list[Change]:
        if end.broken:
            after = delivery.broken(end.stored.value, end.attempt)
        else:
            after = delivery.tried(end.stored.value, end.attempt, chosen, self._random.unit())
        return [put(after, end.stored.rev), *untold(after, self._clock.now())]

    async def _record(self, end: _EndedAttempt, chosen: Programs) -> None:
        """One try whose record someone else changed meanwhile: another result or target keeps its own way."""
        one, attempt = end.stored.value, end.attempt

        async def decide() -> tuple[list[Change], None]:
            stored = await self._records.get(ProgramMessage, one.id)
            if stored is None:
                return [], None
            now = stored.value
            if (now.key, now.where, now.state) == (one.key, one.where, "due"):
                return self._after(end._replace(stored=stored), chosen), None
            return [put(delivery.noted(now, attempt), stored.rev), *untold(now, self._clock.now())], None

        with contextlib.suppress(Conflict):  # it is still due, and is sent again
            await self._records.transact(decide)
