"""A batch whose requests are asked one by one from here (``Batch.live``), at the standard or the flex price: what the engine's effects do
then.

It has a batch's life, so queue, ledger, tables, deliveries and exports know nothing of the difference. Where others ask the provider how
their batch stands, it asks its requests, a few at a time. That each is asked is stored before it is (a byte run of its own, which no two
tabs can write), and its answer as a line of an output file when it came. A request that was asked and has no answer here may have been
answered: it is never asked again, and its line says neither (core.openai.outcomes: unfound).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final

import msgspec

from app.core.batches import pipeline
from app.core.batches.pipeline import Effect, Event
from app.core.bodies import requests
from app.core.json import jsonread
from app.core.model import keys
from app.core.model.batches import Batch, Fetched
from app.core.model.problem import Problem
from app.core.model.remote import Remote
from app.core.model.segments import Segment
from app.core.openai.outcomes import read_line
from app.core.openai.problems import Refused
from app.core.tries import tried
from app.ports import Change, Clock, DropBytes, PutBytes, StorageFull, StorageLost
from app.services.provider.client import Provider
from app.services.runtime.isolation import PASSES, growing
from app.services.runtime.records import Records
from app.services.runtime.tasks import Tasks
from app.services.tries.answering import Answered, Answering

AT_ONCE: Final = 6
"""Calls on their way at a time."""
REFUSALS: Final = 8
"""Refusals for too many calls in a row, without an answer between, after which the batch says so and is tried again later."""
PAUSE: Final = 2.0
"""Seconds that nothing is asked after such a refusal; twice as long after each further one, up to :data:`LONGEST`."""
LONGEST: Final = 120.0
SEGMENT: Final = 1_000_000
"""Bytes of a run of answers."""
_FILE: Final = "live"
_MARK: Final = b"1"
_STANDS: Final = frozenset(
    {
        *("wrong_key", "forbidden", "insufficient_quota", "billing_hard_limit_reached", "redirected", "policy"),
        *("offline", "blocked", "unreachable"),
    }
)
"""What concerns every request alike: nothing more is asked until a person, or the network, fixed it."""
LiveRow = tuple[int, str, bytes, bool, bytes | None]
"""A request: row, id, line, whether it was asked, and what came."""


class LiveCaller:
    """Does the effects of such batches. Failures come out as Refused, and what the store raises."""

    def __init__(self, records: Records, clock: Clock, moved: Callable[[str, str, int, int], None], tasks: Tasks | None = None) -> None:
        self._records, self._clock, self._moved, self._tasks = records, clock, moved, tasks

    async def carry_out(self, effect: Effect, batch: Batch, provider: Provider) -> tuple[Event, list[Change]]:
        """Do it. An upload, a create and a cancelling are nothing that anybody has to be asked for."""
        if batch.unproven and isinstance(effect, pipeline.Create | pipeline.FindBatch | pipeline.Poll):
            raise Refused(_elsewhere())
        match effect:
            case pipeline.Upload() | pipeline.FindFile() | pipeline.AskFile():
                return pipeline.Uploaded(f"{_FILE}-{batch.id}"), []
            case pipeline.Create() | pipeline.FindBatch():
                return pipeline.Created(_remote(batch, "in_progress"), ()), []
            case pipeline.CancelRemote():
                return pipeline.CancelAnswered(await self._counted(batch, "cancelled")), []
            case pipeline.Download():
                return await self._gather(batch)
            case _:
                if batch.cancel_requested or batch.ending:
                    return pipeline.Polled(await self._counted(batch, "cancelled"), ()), []
                await _Asking(self, provider, batch).run()
                stored = await self._records.get(Batch, batch.id)
                stopped = stored is None or stored.value.cancel_requested
                return pipeline.Polled(await self._counted(batch, "in_progress" if stopped else "completed"), ()), []

    async def rows(self, batch: Batch) -> AsyncGenerator[LiveRow, None]:
        """Each request in its order."""
        row = 0
        for stored in await self._records.all(Segment, keys.batch_owner(batch.id)):
            segment = stored.value
            numbers = range(row, row + len(segment.ids))
            row += len(segment.ids)
            names = [keys.live_asked_id(batch.id, n) for n in numbers] + [keys.live_answer_id(batch.id, n) for n in numbers]
            data, *found = await self._records.store.load([segment.bytes_id, *names])
            half = len(segment.ids)
            for i, n in enumerate(numbers):
                line = requests.pick(data, segment.ends, i) if data is not None else b""
                yield n, segment.ids[i], line, found[i] is not None, found[half + i]
            await self._clock.sleep(0)

    async def _counted(self, batch: Batch, status: str) -> Remote:
        good = other = 0
        async for _row, _id, _line, asked, came in self.rows(batch):
            if came is not None and _succeeded(came):
                good += 1
            elif asked or came is not None:
                other += 1
        return _remote(batch, status, good, other)

    async def _gather(self, batch: Batch) -> tuple[Event, list[Change]]:
        """The answers as runs of an output file, as if it had been fetched. Portion by portion, so that a page that dies goes on here."""
        store = self._records.store
        count = size = 0
        while (run := (await store.load([keys.answer_id(batch.id, "output", count)]))[0]) is not None:
            count, size = count + 1, size + len(run)
        held: list[bytes] = []
        drops: list[Change] = []

        async def keep() -> None:
            nonlocal count, size
            data = b"".join(held)
            await self._records.commit([PutBytes(keys.answer_id(batch.id, "output", count), data), *drops])
            count, size = count + 1, size + len(data)
            held.clear()
            drops.clear()
            await self._clock.sleep(0)

        async for row, id, _line, asked, came in self.rows(batch):
            if not asked and came is None:
                continue
            held.append((came if came is not None else _unknown(id)) + b"\n")
            drops += [DropBytes(keys.live_asked_id(batch.id, row)), DropBytes(keys.live_answer_id(batch.id, row))]
            if sum(map(len, held)) >= SEGMENT:
                await keep()
        if held:
            await keep()
        return pipeline.Downloaded(Fetched(which="output", segments=count, size=size)), []


class _Asking:
    """Asks what was not asked yet, a few at a time, until all are or the person stops it."""

    def __init__(self, caller: LiveCaller, provider: Provider, batch: Batch) -> None:
        self._caller, self._provider, self._batch = caller, provider, batch
        self._records, self._clock = caller._records, caller._clock
        self._done = self._refusals = 0
        self._until = 0.0
        self._stop: BaseException | None = None
        self._halted = False

    async def run(self) -> None:
        """Raises Refused where something concerns all requests alike, and what the store raises. What is on its way is waited for first."""
        source = self._caller.rows(self._batch)
        turn = asyncio.Lock()
        workers = [asyncio.ensure_future(self._work(source, turn)) for _ in range(AT_ONCE)]
        try:
            await asyncio.wait(workers)
        finally:
            for one in workers:
                one.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await source.aclose()
        if self._stop is not None:
            raise self._stop
        for one in workers:
            if not one.cancelled() and (error := one.exception()) is not None:
                raise error

    async def _work(self, source: AsyncGenerator[LiveRow, None], turn: asyncio.Lock) -> None:
        while not self._halted and self._stop is None:
            try:
                async with turn:
                    found = await anext(source, None)
                if found is None:
                    return
                row, id, line, asked, came = found
                if not asked and came is None and not await self._stopped():
                    await self._one(row, id, line)
                self._done += 1
                self._caller._moved(self._batch.id, "answered", self._done, self._batch.requests)
            except (Refused, *PASSES) as error:
                self._stop = self._stop or error

    async def _stopped(self) -> bool:
        """Whether the person wants no more of them to be asked."""
        stored = await self._records.get(Batch, self._batch.id)
        if stored is None or stored.value.cancel_requested or stored.value.state in pipeline.FINAL:
            self._halted = True
        return self._halted

    async def _one(self, row: int, id: str, line: bytes) -> None:
        """One request, from its intent to its end."""
        asked = keys.live_asked_id(self._batch.id, row)
        while self._stop is None:
            if (wait := self._until - self._clock.now()) > 0:
                await self._clock.sleep(min(wait, LONGEST))
                if await self._stopped():
                    return
                continue
            body = _body(self._batch, line)
            if body is None:
                await self._ends(row, _failed(id, _no_request()))
                return
            await self._records.commit([PutBytes(asked, _MARK)])
            try:
                done = await Answering(self._provider, self._batch.lane.endpoint, body, _unheard).run()
            except Refused as error:
                if await self._refused(row, id, error):
                    return
                continue
            except (StorageFull, StorageLost):
                raise
            except Exception as error:  # the boundary of one request: it may have been answered, and the others continue
                if self._caller._tasks is not None:
                    self._caller._tasks.report("live", error)
                return
            self._refusals = 0
            await self._ends(row, _line(id, done))
            return

    async def _refused(self, row: int, id: str, error: Refused) -> bool:
        """Whether the request is at its end. Raises what concerns all of them."""
        problem = error.problem
        all_alike = problem.code in _STANDS
        if not problem.doubtful:  # else its mark stays: it may have been answered
            if not all_alike and not problem.retry:
                await self._ends(row, _failed(id, problem))
                return True
            await self._records.commit([DropBytes(keys.live_asked_id(self._batch.id, row))])
        self._refusals += 1
        if all_alike or self._refusals > REFUSALS:
            raise error
        pause = max(error.after, min(LONGEST, growing(PAUSE, self._refusals - 1)))
        self._until = max(self._until, self._clock.now() + pause)
        return problem.doubtful

    async def _ends(self, row: int, line: bytes) -> None:
        """What came is kept before anything else is asked, even if the page's work is being stopped."""
        await asyncio.shield(
            self._records.commit(
                [DropBytes(keys.live_asked_id(self._batch.id, row)), PutBytes(keys.live_answer_id(self._batch.id, row), line)]
            )
        )


def _unheard() -> None:
    """Nobody reads along."""


def _remote(batch: Batch, status: str, good: int = 0, other: int = 0) -> Remote:
    return Remote(
        id=f"{_FILE}-{batch.id}",
        status=status,
        input_file_id=f"{_FILE}-{batch.id}",
        output_file_id=_FILE if good or other else "",
        total=batch.requests,
        completed=good,
        failed=other,
    )


def _body(batch: Batch, line: bytes) -> bytes | None:
    """The request's body; None where it cannot be read."""
    try:
        body = bytes(requests.decode(line).body)
        found = jsonread.value(body)
    except (requests.LineFault, jsonread.Unreadable):
        return None
    if not isinstance(found, dict):
        return None
    return msgspec.json.encode({**found, "service_tier": "flex"}) if batch.live == "flex" else body


def _line(id: str, done: Answered) -> bytes:
    if done.problem is not None:  # it broke off: it is billed as far as it arrived, and it is no answer
        return _unknown(id)
    return tried.line(id, done.body, 200, done.request_id)


def _unknown(id: str) -> bytes:
    """It may have been answered."""
    return msgspec.json.encode({"custom_id": id, "response": None, "error": None})


def _failed(id: str, problem: Problem) -> bytes:
    error = {"code": problem.code, "message": problem.detail or problem.what}
    response = {"status_code": problem.status or 400, "request_id": "", "body": {"error": error}}
    return msgspec.json.encode({"custom_id": id, "response": response, "error": None})


def _succeeded(line: bytes) -> bool:
    return read_line(line, "output").status == 200


def _no_request() -> Problem:
    return Problem(code="invalid_request", what="What is stored of this request is not a request.", blame="ours")


def _elsewhere() -> Problem:
    return Problem(
        code="live_elsewhere",
        what="These requests were being asked one by one in another browser when this workspace was imported.",
        means="Some of them may be answered and billed there. Nothing is asked from here, so nothing is paid twice.",
        do="Cancel it here, and queue its requests by hand if the other browser doesn’t answer them.",
        blame="person",
    )
