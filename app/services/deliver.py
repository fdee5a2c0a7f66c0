"""The outbox: sends what is due, in the tab that leads, and records every try.

What is due stands in the store, in the order of when; so a reload, or another tab that takes the lead, goes on with it. A try is recorded
after it ended: one that a crash cut off is made again, with the same idempotency key. At least once, never lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from app.core import delivery
from app.core.handed import MAX_ATTEMPTS, Attempt, Handed, Programs, ResultFile
from app.core.intake import RabbitQueue, Target, Webhook
from app.ports import Change, Clock, Conflict, Random, Table
from app.services import bells
from app.services.posting import Poster, untold
from app.services.records import Records, Stored, put
from app.services.results import Results
from app.services.slices import Slicer
from app.services.tasks import Tasks
from app.services.webhooks import Webhooks

if TYPE_CHECKING:
    from app.core.broker import Outgoing
    from app.core.mailbox import TryOutcome
    from app.services.broker import Brokers
    from app.services.filing import Filer

AT_ONCE: Final = 16
"""Webhook calls under way at most."""
PER_HOST: Final = 6
"""Of these to one host: one that stalls does not hold up the others (browsers open six connections to a host)."""
READY: Final = 60
"""Results at hand for one host at most."""
PAGE: Final = 200
"""Records that are read at a time."""
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
_ATTEMPTS: Final = 8
_OUTCOMES: Final[dict[str, TryOutcome]] = {
    "delivered": "success",
    "not_found": "queue_not_found",
    "denied": "authorization_error",
    "unverified": "unverified",
    "unknown": "connection_error",
}
_CODES: Final[dict[str, tuple[TryOutcome, str]]] = {
    "no_password": ("not_configured", "There is no password for the broker in this tab: enter it in the settings."),
    "bad_login": ("authorization_error", "The broker does not accept user, password or virtual host."),
}
"""What the port says of a connection that it could not make (core.broker)."""


class Deliverer:
    """``chosen`` gives the settings; ``told`` hears when something changed. What fails here is reported and tried again."""

    def __init__(
        self,
        records: Records,
        poster: Poster,
        results: Results,
        webhooks: Webhooks,
        brokers: Brokers | None,
        filer: Filer,
        clock: Clock,
        random: Random,
        tasks: Tasks,
        chosen: Callable[[], Awaitable[Programs]],
        told: Callable[[], None],
    ) -> None:
        self._records, self._poster, self._results, self._webhooks, self._brokers = records, poster, results, webhooks, brokers
        self._filer = filer
        self._clock, self._random, self._tasks, self._chosen, self._told = clock, random, tasks, chosen, told
        self._bell = asyncio.Event()
        self._flying: set[str] = set()
        self._lanes: dict[str, deque[tuple[Stored[Handed], bytes]]] = {}
        self._hosts: Counter[str] = Counter()
        self._workers: set[asyncio.Task[None]] = set()
        self._ends: list[tuple[Stored[Handed], Attempt]] = []
        self._heads: dict[str, tuple[float, str]] | None = None
        self._cursor: tuple[float, str] | None = None

    def nudge(self) -> None:
        """Something is due, or may be: look soon."""
        self._bell.set()

    async def run(self) -> None:
        """Work until cancelled."""
        await self._clock.sleep(_FIRST)
        try:
            while True:
                self._bell.clear()
                try:
                    wake = await self._look()
                    self._tasks.well("deliveries")
                except Exception as error:
                    self._tasks.report("deliveries", error)
                    wake = self._clock.now() + AFTER_FAULT
                await bells.until(self._clock, min(wake - self._clock.now(), LOOK_AGAIN), self._bell)
                if self._ends:
                    await self._clock.sleep(_GROUP)
        finally:
            work = list(self._workers)
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            self._flying.clear()
            self._lanes.clear()
            self._ends.clear()  # what was not recorded is sent again, with the same key
            self._hosts.clear()
            self._heads = self._cursor = None

    # --- one look

    async def _look(self) -> float:
        """Post, send what is due as far as there is room, and return when to look again."""
        await self._flush()
        if not await self._records.store.counts(Table.HANDED):
            return self._clock.now() + LOOK_AGAIN  # nobody hands anything in: nothing more is read
        chosen = await self._chosen()
        await self._poster.turn(chosen)
        if chosen.ordered and self._heads is None:
            self._heads = await self._first_ones()
        elif not chosen.ordered:
            self._heads = None
        now = self._clock.now()
        wake = now + LOOK_AGAIN
        calls: list[Stored[Handed]] = []
        queued: list[Stored[Handed]] = []
        filed: dict[ResultFile, list[Stored[Handed]]] = {}
        for after in dict.fromkeys((None, self._cursor)):  # the oldest, and further on: one target's must not hide the others'
            rows = await self._records.store.page(Table.HANDED, state="due", after=after, limit=PAGE)
            due = [one for row in rows if (one := self._records.read(Handed, row)) is not None]
            later = next((one.value.retry_at for one in due if one.value.retry_at > now), None)
            wake = min(wake, later or wake)
            due = [one for one in due if one.value.retry_at <= now]
            for one in due:
                if self._may(one.value):
                    self._flying.add(one.value.id)
                    if isinstance(one.value.target, ResultFile):
                        filed.setdefault(one.value.target, []).append(one)
                    else:
                        (calls if isinstance(one.value.target, Webhook) else queued).append(one)
            whole = len(rows) == PAGE and later is None
            self._cursor = (due[-1].value.order, due[-1].value.id) if whole else None
            if not whole:
                break
        await self._hand_over(calls, chosen)
        if queued:
            await self._publish(queued)
        for file, some in filed.items():
            await self._file(file, some, chosen)
        return self._clock.now() if queued or filed or self._cursor is not None else wake

    def _may(self, one: Handed) -> bool:
        """Whether one that is due may go now; then it is its target's turn."""
        if one.id in self._flying:
            return False
        if isinstance(one.target, ResultFile):
            return True  # a file gets its results in their order in any case
        if self._heads is not None:
            if self._heads.get(one.where, (one.place, one.id)) < (one.place, one.id):
                return False  # an earlier one of this target is not through yet
            self._heads[one.where] = (one.place, one.id)
        return not isinstance(one.target, Webhook) or len(self._lanes.get(delivery.origin(one.where), ())) < READY

    async def _first_ones(self) -> dict[str, tuple[float, str]]:
        """For each target the first of those that are due: after a reload it is not known which was tried last."""
        found: dict[str, tuple[float, str]] = {}
        after: tuple[float, str] | None = None
        while rows := await self._records.store.page(Table.HANDED, state="due", after=after, limit=PAGE):
            for row in rows:
                if (stored := self._records.read(Handed, row)) is not None:
                    one = stored.value
                    after = (one.order, one.id)
                    found[one.where] = min(found.get(one.where, (one.place, one.id)), (one.place, one.id))
            if len(rows) < PAGE:
                break
            await self._clock.sleep(0)
        return found

    # --- webhooks

    async def _hand_over(self, calls: Sequence[Stored[Handed]], chosen: Programs) -> None:
        """Give calls to the workers of their hosts, and see that there are some."""
        try:
            bodies = await self._results.contents([one.value for one in calls])
        except BaseException:
            self._flying.difference_update(one.value.id for one in calls)
            raise
        for one in calls:
            host = delivery.origin(one.value.where)
            self._lanes.setdefault(host, deque()).append((one, bodies[one.value.id]))
        for host, lane in self._lanes.items():
            while len(self._workers) < AT_ONCE and self._hosts[host] < min(PER_HOST, len(lane)):
                self._hosts[host] += 1
                task = self._tasks.start(f"deliveries to {host}", self._work(host, chosen))
                self._workers.add(task)
                task.add_done_callback(self._workers.discard)

    async def _work(self, host: str, chosen: Programs) -> None:
        """Call one host as long as there is something for it."""
        lane = self._lanes[host]
        try:
            while lane:
                stored, body = lane.popleft()
                one, began = stored.value, self._clock.now()
                done = await self._webhooks.send(one, one.where, body, chosen)
                took = self._clock.now() - began
                self._ends.append((stored, Attempt(began, one.where, done.outcome, done.status, done.error, took, done.way, one.by_hand)))
                self._bell.set()
        finally:
            self._hosts[host] -= 1
            self._bell.set()

    # --- RabbitMQ

    async def _publish(self, queued: Sequence[Stored[Handed]]) -> None:
        """Send a portion of results to the broker and record what it says of each."""
        try:
            await self._published(queued)
        except BaseException:
            self._flying.difference_update(one.value.id for one in queued)
            raise
        await self._flush()

    async def _published(self, queued: Sequence[Stored[Handed]]) -> None:
        began = self._clock.now()
        access = await self._brokers.access() if self._brokers is not None else None
        if self._brokers is None or access is None:
            error = "No RabbitMQ is set up in this page: see the settings for programs."
            for one in queued:
                self._ends.append((one, Attempt(began, one.value.where, "not_configured", error=error, hand=one.value.by_hand)))
            return
        bodies = await self._results.contents([one.value for one in queued])
        messages = [_outgoing(one.value, bodies[one.value.id]) for one in queued]
        sent = await self._brokers.port.publish(access, messages)
        took = self._clock.now() - began
        for one, each in zip(queued, sent, strict=True):
            outcome, error = _CODES.get(each.detail, (_OUTCOMES[each.outcome], each.detail[:300]))
            attempt = Attempt(began, one.value.where, outcome, 0, error, took, "broker", one.value.by_hand)
            self._ends.append((one, attempt))

    # --- files

    async def _file(self, file: ResultFile, some: Sequence[Stored[Handed]], chosen: Programs) -> None:
        """Write a portion of results beside the file that they belong to, and record it together with how long that is now. If somebody
        else changed one of them meanwhile nothing is recorded: the portion is written anew, in its place."""
        began = self._clock.now()
        try:
            some = [*some, *await self._more_of(file, some[-1].value)]
            bodies = await self._results.contents([one.value for one in some])
            done = await self._filer.write(file, [bodies[one.value.id] for one in some])
            took = self._clock.now() - began
            changes = [*done.changes]
            slicer = Slicer(self._clock)
            for one in some:
                attempt = Attempt(began, one.value.where, done.outcome, 0, done.error, took, "page", one.value.by_hand)
                changes += self._after(one, attempt, chosen)
                if slicer.over():
                    await slicer.rest()
            with contextlib.suppress(Conflict):
                await self._records.commit(changes)
        finally:
            self._flying.difference_update(one.value.id for one in some)
        self._told()

    async def _more_of(self, file: ResultFile, last: Handed) -> list[Stored[Handed]]:
        """What is due for the same file behind this one: the browser copies the whole file with each portion."""
        now, found = self._clock.now(), list[Stored[Handed]]()
        while len(found) < FILED:
            rows = await self._records.store.page(Table.HANDED, state="due", after=(last.order, last.id), limit=PAGE)
            due = [one for row in rows if (one := self._records.read(Handed, row)) is not None]
            due = [one for one in due if one.value.target == file and one.value.retry_at <= now and one.value.id not in self._flying]
            found += due
            if len(due) < PAGE:
                break
            last = due[-1].value
        self._flying.update(one.value.id for one in found)
        return found

    # --- what came of it

    async def _flush(self) -> None:
        """Record the tries that ended, in one commit if nobody else changed their records."""
        if not self._ends:
            return
        ends, self._ends = self._ends, []
        try:
            chosen = await self._chosen()
            try:
                await self._records.commit([change for stored, attempt in ends for change in self._after(stored, attempt, chosen)])
            except Conflict:
                for stored, attempt in ends:
                    await self._record(stored.value, attempt, chosen)
        except BaseException:
            self._ends = [*ends, *self._ends]  # not recorded yet: with the next flush
            raise
        for stored, attempt in ends:
            self._flying.discard(stored.value.id)
            over = attempt.outcome in delivery.DONE or stored.value.tries + 1 >= chosen.tries
            if self._heads is not None and over:
                self._heads.pop(stored.value.where, None)
        self._told()

    def _after(self, stored: Stored[Handed], attempt: Attempt, chosen: Programs) -> list[Change]:
        after = delivery.tried(stored.value, attempt, chosen, self._random.unit())
        return [put(after, stored.rev), *untold(after, self._clock.now())]

    async def _record(self, one: Handed, attempt: Attempt, chosen: Programs) -> None:
        """One try whose record somebody else changed meanwhile: another result or target keeps its own way."""
        for _ in range(_ATTEMPTS):
            stored = await self._records.get(Handed, one.id)
            if stored is None:
                return
            now = stored.value
            if (now.key, now.where, now.state) == (one.key, one.where, "due"):
                changes = self._after(stored, attempt, chosen)
            else:
                after = replace(now, attempts=(*now.attempts, attempt)[-MAX_ATTEMPTS:], made=now.made + 1)
                changes = [put(after, stored.rev), *untold(after, self._clock.now())]
            with contextlib.suppress(Conflict):
                await self._records.commit(changes)
                return

    # --- by hand: any tab

    async def again(self, ids: Sequence[str], target: Target | None = None) -> int:
        """Make these due once more, perhaps to another target; how many that changed."""
        done = 0
        for n in range(0, len(ids), PAGE):
            for attempt in range(_ATTEMPTS):
                rows = await self._records.store.get_many(Table.HANDED, ids[n : n + PAGE])
                found = [stored for row in rows if (stored := self._records.read(Handed, row)) is not None]
                now = self._clock.now()
                changed = [(after, one.rev) for one in found if (after := delivery.again(one.value, now, target)) is not None]
                try:
                    await self._records.commit([change for after, rev in changed for change in (put(after, rev), *untold(after, now))])
                except Conflict:
                    if attempt == _ATTEMPTS - 1:
                        raise
                    continue
                done += len(changed)
                break
            await self._clock.sleep(0)
        self.nudge()
        self._told()
        return done

    async def all_again(
        self, *, state: str | None = None, owner: str | None = None, only: Callable[[Handed], bool] = lambda _one: True
    ) -> int:
        """Make due once more what is in this state, or of this batch. Read wholly before anything is changed."""
        ids: list[str] = []
        after: tuple[float, str] | None = None
        while rows := await self._records.store.page(Table.HANDED, state=state, owner=owner, after=after, limit=PAGE):
            for row in rows:
                if (stored := self._records.read(Handed, row)) is not None:
                    after = (stored.value.order, stored.value.id)
                    if only(stored.value):
                        ids.append(row.id)
            await self._clock.sleep(0)
        return await self.again(ids)


def _outgoing(one: Handed, body: bytes) -> Outgoing:
    from app.core.broker import Outgoing

    queue = one.target.rabbitmq_queue if isinstance(one.target, RabbitQueue) else ""
    return Outgoing(one.key, body, queue, "" if queue else one.reply_to, one.correlation_id, {"custom_id": one.id})
