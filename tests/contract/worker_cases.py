"""What only workers must do: stop what does not listen, and break down alone."""

from __future__ import annotations

import asyncio

from app.core.openai.wire import BytesBlob
from app.ports.compute import Compute, JobDied
from tests.contract.compute_cases import raised
from tests.fakes import jobs
from tests.fakes.jobs import Sum


async def case_an_endless_loop_is_stopped(compute: Compute) -> None:
    """The page goes on beside it, cancelling ends it within a second, and the next job is carried out."""
    assert (await compute.run(jobs.SUM, Sum(3))).value == 3
    task = asyncio.ensure_future(compute.run(jobs.FOREVER, False))
    for _ in range(5):
        await asyncio.sleep(0.02)
    assert not task.done()
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait({task})
    assert task.cancelled()
    assert (await compute.run(jobs.SUM, Sum(4))).value == 6


async def case_two_jobs_work_at_once(compute: Compute) -> None:
    """One that never ends does not hold up another."""
    task = asyncio.ensure_future(compute.run(jobs.FOREVER, False))
    await asyncio.sleep(0)
    assert (await compute.run(jobs.SUM, Sum(5))).value == 10
    task.cancel()
    await asyncio.wait({task})


async def case_a_worker_that_dies_is_told(compute: Compute) -> None:
    """Its stack is at an end: the caller hears of it in sentences, the page's Python lives, and the next job has a new worker."""
    error = await raised(compute.run(jobs.DIE, 100_000))
    assert type(error) is JobDied
    assert "broke down in its worker" in str(error)
    assert "What it had stored by then is whole" in str(error)
    assert (await compute.run(jobs.SUM, Sum(4))).value == 6


async def case_a_large_file_stays_outside_of_python(compute: Compute) -> None:
    """A file that the browser holds is read in pieces, and what is written goes back to the browser."""
    first = await compute.run(jobs.COPY, 1 << 20, files=[BytesBlob(bytes(12_000_000))])
    assert first.blob is not None
    second = await compute.run(jobs.COPY, 1 << 20, files=[first.blob, first.blob])
    assert second.blob is not None
    assert (second.value, second.blob.size) == (24_000_000, 24_000_000)
