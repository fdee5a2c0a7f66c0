"""Plans as people use them: a table and a template looked over, counted, written as files, and added to the queue.

Adding stores that it is under way before it stores requests, and holds a lock of its own as long as it runs. What it left when it was
stopped, failed or died with its page is cleared: at once, or at the next start. Until its last commit nothing of it is in the queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec.structs import replace

from app.core.base.ids import new_id
from app.core.model import keys
from app.core.model.datasets import Dataset
from app.core.model.providers import Limits, Profile
from app.core.model.sendings import QueuedRows, QueueingRows, segment_id
from app.core.model.templates import PromptContent, Template, TemplateVersion
from app.core.openai.wire import Blob
from app.core.planning.report import PlannedLane, PlanReport
from app.core.planning.rowrequests import PlanOrder
from app.core.templates import versions
from app.ports import Change, DropBytes, Locks, Tokenizers
from app.ports.compute import Compute, unheard
from app.services.planning import pricing
from app.services.planning.check_job import CHECK
from app.services.planning.file_job import WRITE_FILE, FileOrder
from app.services.planning.pricing import CountedLane
from app.services.planning.queue_job import QUEUE, AddedRows, QueueOrder
from app.services.runtime.isolation import Isolation
from app.services.runtime.records import put, remove
from app.services.runtime.runtime import Runtime

_DROPPED: Final = 100
"""Runs that are dropped in one commit."""


class CheckedPlan(NamedTuple):
    """A table looked over with a template, and its prompt tokens counted."""

    order: PlanOrder
    report: PlanReport
    counted: tuple[CountedLane, ...]


class Planning:
    """Raises what the store raises."""

    def __init__(self, runtime: Runtime, compute: Compute, locks: Locks, tokenizers: Callable[[], Tokenizers]) -> None:
        self._records, self._clock, self._random = runtime.records, runtime.clock, runtime.random
        self._compute, self._locks, self._tokenizers = compute, locks, tokenizers
        self._broken_off = Isolation(runtime.tasks, "queueing")

    def order(self, dataset: Dataset, content: PromptContent, profile: Profile, limits: Limits | None = None) -> PlanOrder:
        """What is to be planned: all rows of the dataset's current version. ValueError where it has none."""
        current = dataset.current
        if current is None:
            raise ValueError("the dataset has no version")
        columns = tuple(one.name for one in current.columns)
        run = new_id("r", self._clock.now(), self._random.token(10))
        return PlanOrder(dataset.id, current.number, columns, content, profile, run, limits)

    async def check(self, order: PlanOrder, moved: Callable[[int, int], None] = unheard) -> CheckedPlan:
        """Look over all rows, and count. Raises Unplannable, RowsMissing, JobFailed."""
        done = await self._compute.run(CHECK, order, moved=moved)
        return CheckedPlan(order, done.value, await pricing.counted(done.value, done.blob, self._tokenizers()))

    async def file(self, plan: CheckedPlan, lane: PlannedLane, n: int, moved: Callable[[int, int], None] = unheard) -> Blob | None:
        """The file of a lane's n-th batch, from 0, as it would be uploaded. Raises Unplannable, RowsMissing, JobFailed."""
        first = sum(one.sums.requests for one in lane.batches[:n])
        order = FileOrder(plan.order, lane.model, first, lane.batches[n].sums.requests)
        return (await self._compute.run(WRITE_FILE, order, moved=moved)).blob

    async def add(self, order: PlanOrder, template: Template, moved: Callable[[int, int], None] = unheard) -> AddedRows:
        """Add the requests of all good rows to the queue: all at once, or none. ``template`` is kept as the version that asked.
        Cancelling it leaves nothing behind. Raises Unplannable, RowsMissing, JobFailed."""
        now = self._clock.now()
        run = new_id("r", now, self._random.token(10))  # those of the look before may have been added already
        template = replace(template, content=order.content)  # what was typed since the plan was made is not sent
        known = [one.value for one in await self._records.all(TemplateVersion)]
        version = versions.sent(template, known, new_id("v", now, self._random.token(8)), now)
        record = QueuedRows(
            id=run,
            dataset=order.dataset,
            dataset_version=order.version,
            template=template.id,
            template_version=version.id,
            at=now,
            named=bool(order.content.custom_id.strip()),
        )
        plan = replace(order, run=run)
        found: list[AddedRows] = []

        async def work() -> None:
            await self._records.commit([put(QueueingRows(id=run, at=now), 0)])
            try:
                given = QueueOrder(plan, record, None if version in known else version)
                found.append((await self._compute.run(QUEUE, given, moved=moved)).value)
            except BaseException:
                await asyncio.shield(self._clear(run))
                raise

        await self._locks.hold(_lock(run), work)
        return found[0]

    async def _clear(self, run: str) -> None:
        """Forget what an addition left that did not come to its end. Its note goes last."""
        note = await self._records.get(QueueingRows, run)
        if note is None:
            return
        drops: list[Change] = [DropBytes(keys.lines_id(segment_id(run, n))) for n in range(note.value.runs)]
        for at in range(0, len(drops), _DROPPED):
            await self._records.commit(drops[at : at + _DROPPED])
        await self._records.commit([remove(QueueingRows, run, note.rev)])

    async def tidy(self) -> None:
        """At a start: clear what additions left that died with their page. Those that run in another tab hold their lock."""
        for note in await self._records.all(QueueingRows):
            id = note.value.id
            work = self._locks.hold(_lock(id), lambda id=id: self._clear(id))  # type: ignore[misc]  # mypy cannot infer such a lambda
            await self._broken_off.run(id, work)

    async def queued(self, dataset: str) -> list[QueuedRows]:
        """What was added to the queue of this table's rows, newest first."""
        found = [one.value for one in await self._records.all(QueuedRows) if one.value.dataset == dataset]
        return sorted(found, key=lambda one: (one.at, one.id), reverse=True)


def _lock(run: str) -> str:
    return f"nightshift-queueing-{run}"
