"""Rows of a table that are answered at once, a few at a time, at the synchronous price.

What is asked is stored before it is asked: a try whose page went before its answer came is found as «may have been answered», and nothing
sends it again by itself. Each row fails alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.base.ids import series
from app.core.base.locale import PLAIN, within
from app.core.model import keys
from app.core.model.datasets import Dataset
from app.core.model.problem import Problem
from app.core.model.providers import Limits
from app.core.model.tries import DatasetTries, TriedRow
from app.core.openai.problems import Refused
from app.core.templates import versions
from app.core.templates.variants import TaggedPrompt
from app.core.tries import tried
from app.ports import Change, DropBytes, PutBytes
from app.services.provider.client import Provider
from app.services.provider.profiles import Profiles
from app.services.runtime.isolation import PASSES
from app.services.runtime.records import put
from app.services.runtime.runtime import Runtime
from app.services.tries.answering import Answered, Answering
from app.services.tries.preparing import TryRequest, prepared

AT_ONCE: Final = 3
"""Calls on their way at a time. A new account may make few a minute (OpenAI, rate limits), and a person reads no faster."""


class TryOrder(msgspec.Struct, frozen=True):
    """What is to be tried: these rows (positions in the dataset's current version), each with all of these prompts."""

    dataset: Dataset
    profile: str
    prompts: tuple[TaggedPrompt, ...]
    positions: tuple[int, ...]
    version: str = ""
    """Id of the version that says what is in the template."""


class _Run(msgspec.Struct):
    """The tries that were asked by one press of a button."""

    tasks: dict[str, asyncio.Task[None]] = {}
    stopped: bool = False


class Tries:
    """The tries of all tables in this tab. ``changed`` is told the dataset's id whenever there is more to see, and whether a try was
    stored."""

    def __init__(self, runtime: Runtime, profiles: Profiles, changed: Callable[[str, bool], None]) -> None:
        self._records, self._clock, self._random, self._tasks = runtime.records, runtime.clock, runtime.random, runtime.tasks
        self._profiles, self._changed = profiles, changed
        self._calls: dict[str, Answering] = {}
        """Those that are on their way, by the try's id."""
        self._waiting: dict[str, int] = {}
        """By dataset, how many tries are not at their end."""
        self._runs: dict[str, list[_Run]] = {}
        self._writing = asyncio.Lock()

    # --- what is there

    async def of(self, dataset: str) -> tuple[TriedRow, ...]:
        """The tries of a dataset, oldest first, those that were cleared away among them."""
        stored = await self._records.get(DatasetTries, dataset)
        return stored.value.rows if stored is not None else ()

    def mine(self, id: str) -> bool:
        """Whether this tab is waiting for the answer to this try."""
        return id in self._calls

    def text(self, id: str) -> str:
        """What of a try's answer has come so far."""
        return self._calls[id].text if id in self._calls else ""

    def left(self, dataset: str) -> int:
        """How many tries of a dataset are on their way or wait for it, in this tab."""
        return self._waiting.get(dataset, 0)

    async def answers(self, dataset: str, ids: Sequence[str]) -> list[bytes | None]:
        """What came of these tries, each as a line of an output file; None where nothing did."""
        return await self._records.store.load([keys.try_answer_id(dataset, id) for id in ids])

    # --- asking

    async def ask(self, order: TryOrder) -> None:
        """Ask, and return when all are at their end. Raises Refused where nothing can be asked, TemplateUnusable, UnknownColumn,
        RowsMissing, and what the store raises."""
        requests = await prepared(self._records.store, order.dataset, order.prompts, order.positions)
        if not requests:
            return
        if len(requests) > tried.MAX_ROWS:
            raise ValueError(f"more than {tried.MAX_ROWS} requests at once")
        provider = await self._profiles.provider(order.profile, "answer")
        id = order.dataset.id
        await self._make_room(id, len(requests))
        ids = series("t", self._clock.now(), self._random.token(8), len(requests))
        run = _Run()
        self._runs.setdefault(id, []).append(run)
        self._waiting[id] = self._waiting.get(id, 0) + len(requests)
        gate = asyncio.Semaphore(AT_ONCE)
        lost: list[Exception] = []

        async def one(request: TryRequest, row: TriedRow) -> None:
            try:
                async with gate:
                    if not run.stopped and not lost:
                        with within(PLAIN):  # what came of it is stored, with what went wrong
                            await self._tried(order.dataset, provider, request, row)
            except PASSES as error:  # the store is full or lost: the next one would not be kept either
                lost.append(error)
            finally:
                self._waiting[id] -= 1
                self._changed(id, True)

        try:
            for request, try_id in zip(requests, ids, strict=True):
                row = self._row(order, provider, request, try_id)
                run.tasks[try_id] = asyncio.ensure_future(one(request, row))
            await asyncio.wait(run.tasks.values())
        except asyncio.CancelledError:
            self._stop(run)
            await asyncio.shield(asyncio.wait(run.tasks.values()))
            raise
        finally:
            self._runs[id].remove(run)
        for task in run.tasks.values():
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
        if lost:
            raise lost[0]

    def _row(self, order: TryOrder, provider: Provider, request: TryRequest, id: str) -> TriedRow:
        profile = provider.profile
        current = order.dataset.current
        return TriedRow(
            id=id,
            row=request.row.id,
            number=request.row.number,
            position=request.row.position,
            table=current.number if current is not None else 0,
            prompt=versions.digest(request.prompt.asked),
            version=request.prompt.version or order.version,
            profile=profile.id,
            practice=profile.practice,
            endpoint=request.prompt.content.endpoint,
            model=request.model,
            tag=request.prompt.tag,
            sample=request.prompt.sample,
        )

    async def _tried(self, dataset: Dataset, provider: Provider, request: TryRequest, row: TriedRow) -> None:
        """One row, from its intent to its end."""
        row = replace(row, asked=self._clock.now())
        if request.problem is not None:
            await self._store(dataset.id, replace(row, state="failed", ended=row.asked, problem=request.problem))
            return
        await self._store(dataset.id, row, PutBytes(keys.try_asked_id(dataset.id, row.id), request.line))
        call = self._calls[row.id] = Answering(provider, row.endpoint, request.body, lambda: self._changed(dataset.id, False))
        self._changed(dataset.id, True)
        try:
            try:
                end = await call.run()
            except asyncio.CancelledError:
                end = Answered(call.part, "", tried.stopped(bool(call.part)))
                await asyncio.shield(self._end(dataset.id, provider, row, end, stopped=True))
                raise
            except Refused as refused:
                end = Answered(b"", "", refused.problem)
            except Exception as error:  # the boundary of one row: told beside it, and the others continue
                end = Answered(call.part, "", tried.ours(f"{type(error).__name__}: {provider.masked(str(error))}"))
                self._tasks.report("tries", error)
            await self._end(dataset.id, provider, row, end)
        finally:
            self._calls.pop(row.id, None)

    async def _end(self, dataset: str, provider: Provider, row: TriedRow, end: Answered, *, stopped: bool = False) -> None:
        now = self._clock.now()
        if end.body:
            limits = await self._records.get(Limits, provider.profile.id)
            own = limits.value.prices if limits is not None else ()
            after = tried.ended(row, end.body, now, provider.profile, end.problem, own)
        else:
            after = replace(row, state="failed", ended=now, problem=end.problem)
        line = tried.line(row.id, end.body, request_id=end.request_id)
        runs = [PutBytes(keys.try_answer_id(dataset, row.id), line)] if end.body else []
        await self._store(dataset, replace(after, state="stopped") if stopped else after, *runs)

    async def _store(self, dataset: str, row: TriedRow, *runs: Change) -> None:
        def with_row(rows: tuple[TriedRow, ...]) -> tuple[TriedRow, ...]:
            if any(one.id == row.id for one in rows):
                return tuple(row if one.id == row.id else one for one in rows)
            return (*rows, row)

        await self._change(dataset, lambda rows: (with_row(rows), runs))

    async def _change(
        self, dataset: str, change: Callable[[tuple[TriedRow, ...]], tuple[tuple[TriedRow, ...], Sequence[Change]]]
    ) -> tuple[TriedRow, ...]:
        """Change the tries of a dataset together with runs of theirs. A record that can't be read gives way."""
        again = False

        async def decide() -> tuple[Sequence[Change], tuple[TriedRow, ...]]:
            nonlocal again
            stored = await self._records.get(DatasetTries, dataset)
            rows, more = change(stored.value.rows if stored is not None else ())
            rev = stored.rev if stored is not None else -1 if again else 0
            again = True
            return (put(DatasetTries(id=dataset, rows=rows), rev), *more), rows

        async with self._writing:
            return await self._records.transact(decide)

    # --- stopping and clearing

    def stop(self, dataset: str) -> None:
        """Stop what is on its way, and ask nothing more. What was generated until then may be billed, and is kept."""
        for run in self._runs.get(dataset, ()):
            self._stop(run)

    def _stop(self, run: _Run) -> None:
        run.stopped = True
        for id, task in run.tasks.items():
            if id in self._calls:
                task.cancel()

    async def clear(self, dataset: str, ids: Collection[str]) -> tuple[TriedRow, ...]:
        """Clear these away, as far as they are at their end here; they can be had back."""
        now = self._clock.now()
        gone = {id for id in ids if not self.mine(id)}
        return await self._change(dataset, lambda rows: (tuple(replace(one, cleared=now) if one.id in gone else one for one in rows), ()))

    async def restore(self, dataset: str) -> tuple[TriedRow, ...]:
        """Have back what was cleared away last, all of it that was cleared together."""

        def back(rows: tuple[TriedRow, ...]) -> tuple[TriedRow, ...]:
            last = max((one.cleared for one in rows), default=0.0)
            return tuple(replace(one, cleared=0.0) if last and one.cleared == last else one for one in rows)

        return await self._change(dataset, lambda rows: (back(rows), ()))

    async def _make_room(self, dataset: str, count: int) -> None:
        """What was cleared away goes where there is no other room. Raises Refused where there is none at all."""

        def fewer(rows: tuple[TriedRow, ...]) -> tuple[tuple[TriedRow, ...], Sequence[Change]]:
            over = len(rows) + count - tried.MAX_KEPT
            binned = sorted((one for one in rows if one.cleared), key=lambda one: one.cleared)[: max(0, over)]
            if len(binned) < over:
                raise Refused(tried.too_many())
            gone = {one.id for one in binned}
            drops = [DropBytes(run) for id in sorted(gone) for run in runs_of(dataset, id)]
            return tuple(one for one in rows if one.id not in gone), drops

        if len(await self.of(dataset)) + count > tried.MAX_KEPT:
            await self._change(dataset, fewer)


def runs_of(dataset: str, id: str) -> tuple[str, str]:
    """The byte runs of a try."""
    return keys.try_asked_id(dataset, id), keys.try_answer_id(dataset, id)


def problem_of(row: TriedRow, mine: bool) -> Problem | None:
    """What is to be said of a try, and what can be done. ``mine``: this tab waits for its answer."""
    return tried.left_open() if row.state == "asked" and not mine else row.problem
