"""Requests that go out by themselves: what the person chose about it, and the closer, which does it in the tab that leads.

The closer reads the queue, asks ``core.queue.auto_submit`` what is to be done, and has the submitter do it: the move from the queue
into a batch is
one commit, so wherever it breaks off, every request is in one place. It looks when something changes, when a lane's time has come, and
every few minutes in any case.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from app.core.base import text
from app.core.base.findings import errors
from app.core.batches import capacity
from app.core.bodies import bodies, requests
from app.core.json import jsonread
from app.core.model import quoting
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.problem import Problem
from app.core.model.providers import Limits, Profile
from app.core.model.segments import Segment
from app.core.model.settings import Automatic, AutoSubmitNotice
from app.core.openai.problems import Refused
from app.core.queue import auto_submit, lanes
from app.core.queue.auto_submit import EDITED_FOR, Editing, LaneFacts, Origin, Outlook, Why, is_edited
from app.core.queue.lanes import LineRefusal
from app.core.queue.scope import seen
from app.core.queue.summaries import NO_FORECAST, Forecast
from app.ports import Clock, StorageFull, StorageLost
from app.services.provider.limits import LimitBook
from app.services.provider.profiles import Profiles
from app.services.queue.lane import LaneQueue
from app.services.queue.queue import Queue
from app.services.queue.submit import Submitted, Submitter
from app.services.runtime.isolation import Isolation
from app.services.runtime.periodic import PeriodicWorker
from app.services.runtime.records import Records, remove
from app.services.runtime.runtime import Runtime
from app.services.runtime.slices import Slicer

if TYPE_CHECKING:
    from app.core.batches.spending import BudgetVerdict

LOOK_AGAIN = 300.0
"""Seconds after which the closer looks at the queue even if nobody told it to."""
AFTER_FAULT = 30.0
"""Seconds before what failed is tried again, and before requests that cannot go are looked at again."""
_MAX_DUTY_DIVISOR = 10
"""Looking at the lanes takes at most one part in so many of the time: the index of a million requests is 40 MB."""
_PAUSE = 0.5
"""Seconds from a hint to the look: many hints come together."""
_FIRST = 2.0
"""Seconds from the lead to the first look: a page that was just opened has other things to do."""


class AutoSubmitted(msgspec.Struct, frozen=True):
    """What went out of one lane by itself, of one origin, and the requests of it that could not: they stay in the queue."""

    lane: Lane
    origin: Origin
    batches: tuple[Batch, ...]
    refused: tuple[LineRefusal, ...]
    stopped: BudgetVerdict | None = None
    """Why a budget kept them in the queue."""


class AutoSubmitRules:
    """What the person chose about requests that go out by themselves, and was told about them. By profile."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock

    async def chosen(self) -> dict[str, Automatic]:
        """Of every profile about which something was chosen."""
        found = {one.value.id: one.value for one in await self._records.all(Automatic)}
        for id in self._records.damage.settings("automatic"):
            found[id] = Automatic(id=id, after=0.0, own=0.0)  # what was chosen is not known: nothing is billed that nobody asked for
        return found

    async def notices(self) -> dict[str, float]:
        return {one.value.id: one.value.at for one in await self._records.all(AutoSubmitNotice)}

    async def otherwise(self) -> frozenset[str]:
        """The profiles about which an older version told this person that all requests go by themselves, although those made by hand wait
        now."""
        notices = [one.value for one in await self._records.all(AutoSubmitNotice)]
        chosen = await self.chosen()
        return frozenset(
            one.id for one in notices if not one.own and auto_submit.waits(chosen.get(one.id, Automatic(id=one.id)), "own") == 0
        )

    async def tell(self, profile: str) -> None:
        """The page says now, and may have said before, that this provider's requests go out by themselves."""
        if await self._records.get(AutoSubmitNotice, profile) is None:
            await self._records.save(AutoSubmitNotice(id=profile, at=self._clock.now(), own=True))

    async def edits(self, lane: str) -> None:
        """A request of this lane (its key) is open in this tab's editor."""
        await self._records.save(Editing(id=lane, until=self._clock.now() + EDITED_FOR))

    async def edits_no_more(self, lane: str) -> None:
        """It was closed. Should another tab edit the lane as well, that says so again."""
        await self._records.commit([remove(Editing, lane)])

    async def edited(self) -> frozenset[str]:
        """The keys of the lanes of which some tab edits a request."""
        now = self._clock.now()
        return frozenset(one.value.id for one in await self._records.all(Editing) if is_edited(one.value, now))

    async def tell_otherwise(self, profile: str) -> None:
        """The person read that requests made by hand wait now."""
        if (stored := await self._records.get(AutoSubmitNotice, profile)) is not None:
            await self._records.save(replace(stored.value, own=True))

    async def set_after(self, profile: str, seconds: float, kind: Origin) -> None:
        """How long a request of this origin waits at most; 0: until it is submitted by hand. Raises the store's errors."""
        seconds = min(max(seconds, 0.0), auto_submit.MOST)

        def changed(one: Automatic) -> Automatic:
            # The other kind keeps what holds for it: «own» is stored from now on, whatever it was derived from before.
            own = auto_submit.waits(one, "own")
            return replace(one, own=seconds) if kind == "own" else replace(one, after=seconds, own=own)

        await self._change(profile, changed)

    async def hold(self, lane: Lane) -> None:
        """Keep a lane's requests until it is released, or they are submitted by hand."""
        await self._change(lane.profile, lambda one: replace(one, held=tuple(sorted({*one.held, lane.key}))))

    async def release(self, lane: Lane) -> None:
        """Let them go again, also those that a batch returned."""

        def freed(one: Automatic) -> Automatic:
            held = tuple(key for key in one.held if key != lane.key)
            return replace(one, held=held, opened={**one.opened, lane.key: self._clock.now()})

        await self._change(lane.profile, freed)

    async def _change(self, profile: str, change: Callable[[Automatic], Automatic]) -> None:
        await self._records.change(Automatic(id=profile), change)


async def expected(queue: Queue, part: LaneQueue, profile: Profile | None, limits: Mapping[str, Limits]) -> Forecast:
    """How the requests of a lane, or of a part of it, would go. ``limits``: what may be enqueued, by the profile's id."""
    return NO_FORECAST if profile is None else await queue.forecast(part, capacity.batch_limits(part.lane, profile, limits))


class LaneContext(msgspec.Struct, frozen=True, kw_only=True):
    """What decides about all lanes alike. ``keys``: profiles that have one; ``blocker`` says what in this tab is in a lane's way;
    ``edited``: keys of lanes of which a tab edits a request."""

    profiles: dict[str, Profile]
    limits: dict[str, Limits]
    chosen: dict[str, Automatic]
    notices: dict[str, float]
    batches: Sequence[Batch]
    keys: frozenset[str]
    blocker: Callable[[Lane], Why | None]
    edited: frozenset[str] = frozenset()

    def outlook(self, queue: LaneQueue, kind: Origin, planned: Forecast, now: float) -> Outlook:
        """What becomes of a lane's requests of one origin, which ``queue`` holds alone."""
        lane = queue.lane
        profile = self.profiles.get(lane.profile)
        chosen = self.chosen.get(lane.profile, Automatic(id=lane.profile))
        blocked_by = self.blocker(lane)
        facts = LaneFacts(
            requests=planned.requests if profile else queue.requests,
            oldest=queue.newest if kind == "created" else queue.oldest,
            created=kind == "created",
            full=planned.full,
            after=auto_submit.waits(chosen, kind),
            profile=profile,
            held=lane.key in chosen.held,
            key=profile is not None and (profile.practice or profile.id in self.keys),
            locked=blocked_by == "locked",
            key_fits=blocked_by != "bad_key",
            reachable=blocked_by != "reload",
            online=blocked_by != "offline",
            edited=blocked_by == "edited" or lane.key in self.edited,
            noticed_at=self.notices.get(lane.profile, 0.0),
            given_back=auto_submit.given_back(self.batches, lane, chosen),
        )
        return auto_submit.outlook(facts, now)


class AutoSubmitter:
    """``notify(submitted)`` is called with everything that went out, or could not. What fails here is reported and tried again."""

    def __init__(
        self,
        runtime: Runtime,
        queue: Queue,
        submitter: Submitter,
        profiles: Profiles,
        rules: AutoSubmitRules,
        blocker: Callable[[Lane], Why | None],
        notify: Callable[[AutoSubmitted], None],
    ) -> None:
        self._records, self._clock, self._tasks = runtime.records, runtime.clock, runtime.tasks
        self._queue, self._submitter, self._profiles, self._rules = queue, submitter, profiles, rules
        self._blocker, self._notify = blocker, notify
        self._took = 0.0
        self._worker = PeriodicWorker(
            runtime.clock,
            runtime.tasks,
            "closing",
            self._look,
            LOOK_AGAIN,
            first=_FIRST,
            retry=AFTER_FAULT,
            longest=AFTER_FAULT,
            between=self._pause,
            failed=self._broke,
        )
        self._isolation = Isolation(runtime.tasks, "closing")
        self._judged: dict[tuple[Lane, Origin], dict[str, tuple[LineRefusal, ...]]] = {}

    def nudge(self) -> None:
        """The queue, or what decides about it, changed: look soon."""
        self._worker.nudge()

    async def run(self) -> None:
        """Work until cancelled."""
        await self._worker.run()

    async def _pause(self) -> None:
        await self._clock.sleep(max(_PAUSE, _MAX_DUTY_DIVISOR * self._took))

    def _broke(self, error: Exception) -> None:
        self._tasks.report("closing", error, None if isinstance(error, StorageFull | StorageLost) else Refused(_failed(error)))

    async def context(self) -> LaneContext:
        """What is stored and known at the moment."""
        known = dict(self._profiles.known)
        keys = [one.id for one in known.values() if not one.practice and await self._profiles.has_key(one.id)]
        return LaneContext(
            profiles=known,
            limits=await LimitBook(self._records).all(),
            chosen=await self._rules.chosen(),
            notices=await self._rules.notices(),
            batches=[one.value for one in await self._records.all(Batch)],
            keys=frozenset(keys),
            blocker=self._blocker,
            edited=await self._rules.edited(),
        )

    async def _look(self) -> float:
        """Close what is due; returns when to look again."""
        began = time.perf_counter()
        try:
            return await self._closed()
        finally:
            self._took = time.perf_counter() - began

    async def _closed(self) -> float:
        wake = self._clock.now() + LOOK_AGAIN
        queues = await self._queue.lanes()
        if not queues:
            return wake
        context = await self.context()
        for kind, queue in [each for one in queues for each in one.parts().items()]:
            at = await self._isolation.run(f"{queue.lane.model} ({kind})", self._one(queue, kind, context))
            wake = min(wake, self._clock.now() + AFTER_FAULT if at is None else at)
        return wake

    async def _one(self, queue: LaneQueue, kind: Origin, context: LaneContext) -> float:
        """Close one lane if it is due; returns when to look at it again (unix seconds, inf: when something changes)."""
        found = await self._outlook(queue, kind, context)
        if found.step == "wait":
            return found.at or math.inf
        made = await self._close(queue, kind)
        if made is not None and made.stopped is not None:
            return self._clock.now() + LOOK_AGAIN  # a budget that is raised, and whatever else ends it but the clock, has it look at once
        return math.inf if made is not None and made.batches else self._clock.now() + AFTER_FAULT

    async def _outlook(self, queue: LaneQueue, kind: Origin, context: LaneContext) -> Outlook:
        planned = await expected(self._queue, queue, context.profiles.get(queue.lane.profile), context.limits)
        return context.outlook(queue, kind, planned, self._clock.now())

    async def _close(self, queue: LaneQueue, kind: Origin) -> Submitted | None:
        """Move the lane's requests of one origin into batches, all or as many as they fill, but for those that no provider would take;
        what went, None where they may not. Reading them takes seconds, so it is asked again then whether they may go."""
        bad = await self._bad(queue, kind)
        context = await self.context()
        found, profile = await self._outlook(queue, kind, context), context.profiles.get(queue.lane.profile)
        if found.step == "wait" or profile is None:
            return None
        wanted = seen(queue.segments, frozenset(one.custom_id for one in bad))
        waited = text.span(self._clock.now() - queue.oldest)
        note = "submitted automatically: full" if found.step == "full" else f"submitted automatically after {waited}"
        if kind == "created":
            note = "sent at once: a program created this batch"
        made = await self._submitter.submit(queue.lane, profile, wanted, kind=kind, full=found.step == "full", note=note)
        self._notify(AutoSubmitted(queue.lane, kind, made.batches, (*made.refused, *bad), made.stopped))
        return made

    async def _bad(self, queue: LaneQueue, kind: Origin) -> list[LineRefusal]:
        """The requests that would have the provider refuse the whole batch. Everything was looked at when it was queued; what an import or
        an older Nightshift brought may be otherwise. Bytes never change under their id, so each segment is read once."""
        slicer = Slicer(self._clock)
        known = self._judged.get((queue.lane, kind), {})
        judged = self._judged[queue.lane, kind] = {}
        found: list[LineRefusal] = []
        for one in queue.segments:
            if not one.live:
                continue
            bad = known.get(one.bytes_id)
            if bad is None:
                segment = await self._queue.segment(one)
                bad = () if segment is None else await self._judge(queue.lane, segment, slicer)
            judged[one.bytes_id] = bad
            gone = frozenset(one.gone_positions()) if bad else frozenset[int]()
            found += [each for each in bad if each.position not in gone]
        return found

    async def _judge(self, lane: Lane, segment: Segment, slicer: Slicer) -> tuple[LineRefusal, ...]:
        try:
            run = await self._queue.run(segment)
        except KeyError:
            return ()  # its bytes are gone: the upload says so
        found: list[LineRefusal] = []
        for i, (id, line) in enumerate(requests.lines_of(run)):
            if sentence := _fault(lane, id, line):
                found.append(LineRefusal(segment.id, i, id, f"The request “{id}” cannot be sent: {sentence}", segment.bytes_id))
            if slicer.over():
                await slicer.rest()
        return tuple(found)


def _fault(lane: Lane, id: str, line: bytes) -> str:
    """Why a line would spoil its batch, as a sentence; nothing if it would not."""
    try:
        request = requests.decode(line)
        body = jsonread.value(request.body)
        if not isinstance(body, dict):
            return "Its body is not a JSON object."
        if request.custom_id != id or request.url != lane.endpoint or lanes.lane_of(lane.profile, lane.endpoint, body) != lane:
            return "It belongs to another endpoint or model than its group."
        wrong = errors(bodies.body_problems(lane.endpoint, body))
        return f"{wrong[0].sentence} {wrong[0].remedy}".strip() if wrong else ""
    except Exception as error:  # the boundary of one line
        return str(error) or type(error).__name__


def _failed(error: Exception) -> Problem:
    if isinstance(error, Refused):
        return error.problem
    return Problem(
        code="closing",
        what="Requests that were due could not be put into a batch.",
        means="They are in the queue as they were; nothing was sent.",
        do=f"Nightshift tries again in {AFTER_FAULT:.0f} seconds. You can submit them yourself.",
        blame="ours",
        retry=True,
        detail=quoting.quote(f"{type(error).__name__}: {error}"),
    )
