"""Plans as people use them: a table and a template looked over, counted, written as files, and added to the queue.

Until the last commit of an addition nothing of it is in the queue (.adding).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from app.core.base.ids import new_id
from app.core.model.batches import Foreseen
from app.core.model.datasets import Dataset
from app.core.model.providers import Limits, Profile
from app.core.model.sendings import QueuedRows, SentVariant
from app.core.model.templates import PromptContent, Template, TemplateVersion
from app.core.openai.encodings import encoding_of
from app.core.openai.wire import Blob
from app.core.planning import cutting
from app.core.planning.cutting import LaneShape, PlannedLane
from app.core.planning.report import PlanReport
from app.core.planning.rowrequests import PlanOrder, fixed_models, limits_of
from app.core.templates import versions
from app.core.templates.variants import TaggedPrompt
from app.ports import Locks, Tokenizers
from app.ports.compute import KeepingCompute, unheard
from app.services.planning import counting, pricing
from app.services.planning.adding import Additions
from app.services.planning.check_job import CHECK
from app.services.planning.file_job import WRITE_FILE, FileOrder
from app.services.planning.pricing import CountedLane
from app.services.planning.queue_job import QUEUE, AddedRows, QueueOrder
from app.services.planning.requestfiles import RequestFiles
from app.services.runtime.runtime import Runtime
from app.services.runtime.slices import Slicer

MOST_ORIGINS: Final = 20
"""Additions to the queue that are named as the origin of one batch."""


class CheckedPlan(NamedTuple):
    """A table looked over with a template, and its prompt tokens counted."""

    order: PlanOrder
    report: PlanReport
    counted: tuple[CountedLane, ...]
    shapes: tuple[LaneShape, ...] = ()
    """How long the requests are, so that they can be cut otherwise."""


class RowsOrigin(NamedTuple):
    """An addition to the queue with the name of its table (empty: it is not here any more) and the title of the version that asked."""

    added: QueuedRows
    table: str
    version: str


class Planning:
    """Raises what the store raises."""

    def __init__(self, runtime: Runtime, compute: KeepingCompute, locks: Locks, tokenizers: Callable[[], Tokenizers]) -> None:
        self._records, self._clock, self._random = runtime.records, runtime.clock, runtime.random
        self._compute, self._tokenizers = compute, tokenizers
        self._additions = Additions(runtime, locks)
        self.files = RequestFiles(runtime, compute, self._additions)
        """Files of requests that exist already."""

    def order(
        self,
        dataset: Dataset,
        content: PromptContent,
        profile: Profile,
        limits: Limits | None = None,
        prompts: tuple[TaggedPrompt, ...] = (),
    ) -> PlanOrder:
        """What is to be planned: the rows of the dataset's current version that a plan takes, each asked all of ``prompts``. ValueError
        where it has none."""
        current = dataset.current
        if current is None:
            raise ValueError("the dataset has no version")
        columns = tuple(one.name for one in current.columns)
        several = prompts if any(one.suffix for one in prompts) else ()
        return PlanOrder(
            dataset.id, current.number, columns, content, profile, self._additions.fresh(), limits, dataset.planned, prompts=several
        )

    async def check(self, order: PlanOrder, moved: Callable[[int, int], None] = unheard) -> CheckedPlan:
        """Look over all rows, and count. Raises Unplannable, RowsMissing, JobFailed."""
        for model in fixed_models(order) or ():
            self._tokenizers().prepare(encoding_of(model).encoding)  # it loads beside the job
        done = await self._compute.run(CHECK, order, moved=moved)
        data, report = b"" if done.blob is None else await done.blob.read(), done.value
        shapes = cutting.shapes(report.shapes, data[report.sample_size :])
        return CheckedPlan(order, report, await pricing.counted(report, data[: report.sample_size], self._tokenizers()), shapes)

    async def count(self, plan: CheckedPlan, moved: Callable[[int, int], None] = unheard) -> tuple[CountedLane, ...]:
        """The tokens of all requests, where check() counted a sample. Raises Unplannable, RowsMissing, JobFailed, LibraryMissing."""
        return await counting.all_counted(plan.order, plan.counted, self._compute, self._tokenizers(), moved)

    async def cut(self, plan: CheckedPlan, profile: Profile, limits: Limits | None) -> CheckedPlan:
        """The same requests cut by other limits of their provider."""
        order = replace(plan.order, profile=profile, limits=limits)
        slicer = Slicer(self._clock)
        lanes: list[PlannedLane] = []
        for shape in plan.shapes:
            cutter = cutting.LaneCutter(shape.model, limits_of(order, shape.model))
            for run in shape.runs:
                cutter.take(run)
                if slicer.over(len(run.ends)):
                    await slicer.rest()
            lanes.append(cutter.end())
        return plan._replace(order=order, report=replace(plan.report, lanes=cutting.in_order(lanes)))

    async def file(self, plan: CheckedPlan, lane: PlannedLane, n: int, moved: Callable[[int, int], None] = unheard) -> Blob | None:
        """The file of a lane's n-th batch, from 0, as it would be uploaded. Raises Unplannable, RowsMissing, JobFailed."""
        first = sum(one.sums.requests for one in lane.batches[:n])
        order = FileOrder(plan.order, lane.model, first, lane.batches[n].sums.requests)
        return (await self._compute.run(WRITE_FILE, order, moved=moved)).blob

    async def add(
        self,
        order: PlanOrder,
        template: Template,
        moved: Callable[[int, int], None] = unheard,
        foreseen: Foreseen | None = None,
        seen: Collection[str] | None = None,
    ) -> AddedRows:
        """Add the requests of all good rows to the queue: all at once, or none. ``template`` is kept as the version that asked, and with it
        what the requests are expected to come to; ``seen``: ids of the additions of this table that the person knows of.
        Cancelling it leaves nothing behind. Raises Unplannable, RowsMissing, JobFailed, AddedMeanwhile."""
        now = self._clock.now()
        run = self._additions.fresh()  # those of the look before may have been added already
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
            named=order.named,
            foreseen=foreseen,
            variants=tuple({one.tag: SentVariant(one.tag, one.version) for one in order.prompts if one.tag}.values()),
            samples=max((one.sample for one in order.prompts), default=0),
        )
        given = QueueOrder(replace(order, run=run), record, None if version in known else version)
        done = await self._additions.one_by_one(
            order.dataset,
            seen,
            lambda: self.queued(order.dataset),
            lambda: self._additions.carried_out(run, now, lambda: self._compute.run(QUEUE, given, moved=moved)),
        )
        return done.value

    async def tidy(self) -> None:
        """At a start: clear what additions left that died with their page."""
        await self._additions.tidy()

    async def origins(self, ids: Sequence[str]) -> list[RowsOrigin]:
        """Of what the requests are that were added so, one for each addition that is known here; of very many the first."""
        found: list[RowsOrigin] = []
        for id in ids[:MOST_ORIGINS]:
            stored = await self._records.get(QueuedRows, id)
            if stored is None:
                continue
            added = stored.value
            dataset = await self._records.get(Dataset, added.dataset) if added.dataset else None
            version = await self._records.get(TemplateVersion, added.template_version) if added.template_version else None
            name = dataset.value.name if dataset is not None and not dataset.value.deleted else ""
            found.append(RowsOrigin(added, name, versions.title(version.value) if version is not None else ""))
        return found

    async def queued(self, dataset: str) -> list[QueuedRows]:
        """What was added to the queue of this table's rows by its prompt, newest first."""
        found = [one.value for one in await self._records.all(QueuedRows) if one.value.dataset == dataset and one.value.follow is None]
        return sorted(found, key=lambda one: (one.at, one.id), reverse=True)
