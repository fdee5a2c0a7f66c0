"""A dry run: the file that a batch would be uploaded as."""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.bodies import requests
from app.core.planning.rowrequests import PlanOrder, Unplannable
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.planning.row_source import each_request, index_of, row_requests


class FileOrder(msgspec.Struct, frozen=True):
    """Of the requests to ``model``, ``count`` from number ``first`` on, counted from 0."""

    plan: PlanOrder
    model: str
    first: int
    count: int


WRITE_FILE: Final = JobKind("planning.file", FileOrder, int, (Unplannable, RowsMissing))


async def write_file(job: Job, order: FileOrder) -> int:
    """The job's bytes are the file; how many requests it has. Raises Unplannable, RowsMissing."""
    store = await job.store()
    index = await index_of(store, order.plan)
    made = await row_requests(job, store, order.plan)
    seen = written = 0
    async for one in each_request(job, store, order.plan, index, made):
        if one.model != order.model:
            continue
        begin, stop = max(0, order.first - seen), min(len(one.lines), order.first + order.count - seen)
        seen += len(one.lines)
        if begin < stop:
            await job.write(requests.slices(one.lines.run(), [(begin, stop)]).data)
            written += stop - begin
        if written >= order.count:
            break
    return written
