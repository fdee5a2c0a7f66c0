"""Going over all rows of a table with a template: what is at fault, what would be sent, and a sample of it to be counted."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.bodies import requests, tokens
from app.core.bodies.prompttexts import prompt_texts
from app.core.datasets.storage import RowIndex, numbers_at
from app.core.json import jsonread
from app.core.planning import caching, cutting
from app.core.planning.report import FoundKind, PlanGatherer, PlanReport, SampledPrompt, found_kinds, planned
from app.core.planning.rowrequests import PlanOrder, RequestRun, Unplannable
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.planning.answered import answered_bodies
from app.services.planning.row_source import each_request, index_of, row_requests

SAMPLE: Final = 500
"""Requests whose texts are counted; of a table with no more rows, all."""
SAMPLE_BYTES: Final = 8_000_000
"""Bytes of texts in the sample; where they are more, it has fewer requests."""
SHOWN_BATCHES: Final = 20
"""Batches with answers that are named."""

CHECK: Final = JobKind("planning.check", PlanOrder, PlanReport, (Unplannable, RowsMissing))
_encode: Final = msgspec.json.Encoder().encode


async def check(job: Job, order: PlanOrder) -> PlanReport:
    """The job's bytes are the sample, one SampledPrompt a line, and then the lengths of all requests (core.planning.cutting). Raises
    Unplannable, RowsMissing."""
    store = await job.store()
    index = await index_of(store, order)
    made, gathered = await row_requests(job, store, order, scan=True), PlanGatherer(order)
    sample = _Sample(job, order, order.only.rows if order.only is not None else index.starts()[-1])
    answered = await answered_bodies(job, store, order)
    async for run in each_request(job, store, order, index, made, answered):
        gathered.add(run)
        await sample.offer(run)
    shapes = gathered.shapes()
    for shape in shapes:
        for part in shape.parts():
            await job.write(part)
    lanes = cutting.in_order(planned(order, one) for one in shapes)
    variants = gathered.variants(lanes)
    return PlanReport(
        rows=made.rows,
        left_out=made.left_out,
        requests=gathered.requests,
        sampled=sample.taken,
        found=_numbered(index, (*found_kinds(made), *caching.lost_to_columns(order, made.rows, made.first, variants))),
        lanes=lanes,
        sample_size=sample.size,
        shapes=tuple(one.index for one in shapes),
        variants=variants,
        partly=made.partly,
        answered=answered.by_way(),
        answered_in=answered.by_batch()[:SHOWN_BATCHES],
        unlooked=answered.unlooked,
    )


def _numbered(index: RowIndex, found: tuple[FoundKind, ...]) -> tuple[FoundKind, ...]:
    """With the numbers of their rows."""
    numbers = numbers_at(index, (position for one in found for position in one.rows))
    return tuple(replace(one, numbers=tuple(numbers[position] for position in one.rows)) for one in found)


class _Sample:
    """One request of each stretch of rows, drawn at random: spread evenly, and not in step with the table's own order."""

    def __init__(self, job: Job, order: PlanOrder, rows: int) -> None:
        self._job, self._endpoint = job, order.endpoint
        expected = sum(-(-rows // max(1, one.content.rows_per_request)) for one in order.asked)
        self._stride = max(1, -(-expected // SAMPLE))
        self._seen, self._strides = 0, 0
        self._next = self._draw()
        self.taken = self.size = 0

    def _draw(self) -> int:
        return int(self._job.random.unit() * self._stride) if self._stride > 1 else 0

    async def offer(self, run: RequestRun) -> None:
        """The next requests."""
        first, self._seen = self._seen, self._seen + len(run.lines)
        while self._next < self._seen:
            if self.size < SAMPLE_BYTES:
                await self._take(run, run.lines.line(self._next - first))
            self._strides += 1
            self._next = self._strides * self._stride + self._draw()

    async def _take(self, run: RequestRun, asked: bytes) -> None:
        found = prompt_texts(self._endpoint, jsonread.value(requests.decode(asked).body))
        line = _encode(SampledPrompt(run.model, found.text, found.extra, tokens.of_line(asked), run.tag)) + b"\n"
        self.size += len(line)
        self.taken += 1
        await self._job.write(line)
