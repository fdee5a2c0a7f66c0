"""What every Compute does, in a worker and in the page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import NamedTuple

from app.core.openai.wire import BytesBlob
from app.ports import Conflict, SavePlace, StorageLost, Store, Table
from app.ports.compute import Compute, JobFailed, JobKind, KeepingCompute
from tests.fakes import jobs
from tests.fakes.jobs import Sum


class Both(NamedTuple):
    """Who carries out jobs, and the page's store."""

    compute: Compute
    store: Store


async def raised(work: Awaitable[object]) -> Exception:
    """What it raises. AssertionError where it raises nothing."""
    try:
        await work
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


async def case_a_job_ends_with_its_result(compute: Compute) -> None:
    """Arguments go in and a value comes out, of the types that the kind says."""
    assert (await compute.run(jobs.SUM, Sum(1_000))).value == 499_500
    done = await compute.run(jobs.SUM, Sum(0))
    assert (done.value, done.blob, done.faults, done.faulty) == (0, None, (), 0)


async def case_progress_is_told(compute: Compute) -> None:
    """In the order of the work, up to the whole."""
    told: list[tuple[int, int]] = []
    await compute.run(jobs.SUM, Sum(200_000), moved=lambda done, total: told.append((done, total)))
    assert told[-1] == (200_000, 200_000)
    assert told == sorted(told)


async def case_items_at_fault_are_passed_over(compute: Compute) -> None:
    """The rest counts; each is told, the first 1,000 one by one."""
    done = await compute.run(jobs.SUM, Sum(10, spoil=4))
    assert done.value == sum(range(10)) - 0 - 4 - 8
    assert [(one.item, one.says) for one in done.faults] == [(str(n), f"The number {n} is spoilt.") for n in (0, 4, 8)]
    many = await compute.run(jobs.SUM, Sum(3_000, spoil=2))
    assert (len(many.faults), many.faulty) == (1_000, 1_500)


async def case_files_are_read_and_bytes_come_back(compute: Compute) -> None:
    """Several files, in pieces of any size; what was written comes back as one blob. Nothing written is no blob."""
    first, second = bytes(range(256)) * 1_000, b"the second"
    for piece in (1 << 20, 10_007):
        done = await compute.run(jobs.COPY, piece, files=[BytesBlob(first), BytesBlob(second), BytesBlob(b"")])
        assert done.value == len(first) + len(second)
        assert done.blob is not None
        assert await done.blob.read() == first + second
    assert (await compute.run(jobs.COPY, 100)).blob is None


async def case_bytes_go_to_a_place_as_they_are_made(compute: Compute, place: SavePlace) -> None:
    """It is no file that is read, and what comes back lies there; what was there before stays where the job is stopped."""
    first = b"the first" * 30_000
    done = await compute.run(jobs.COPY, 10_007, files=[BytesBlob(first), place])
    assert done.blob is not None
    assert (done.value, done.blob.size) == (len(first), len(first))
    assert await done.blob.read() == first
    task = asyncio.ensure_future(compute.run(jobs.COPY, 1, files=[BytesBlob(b"x" * 3_000_000), place]))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait({task})
    await place.leave()
    done = await compute.run(jobs.COPY, 100, files=[BytesBlob(b"again"), place])
    assert done.blob is not None
    assert await done.blob.read() == b"again"


async def case_a_csv_file_is_read_as_any_file(compute: Compute) -> None:
    """Python's own text layer and CSV reader work on it, across the borders of what is read at a time."""
    rows = 'a,"b\nb",c\n' + "é,ü,😀,x\n" * 200_000
    done = await compute.run(jobs.COLUMNS, "utf-8", files=[BytesBlob(rows.encode())])
    assert done.value == [3] + [4] * 200_000


async def case_errors_come_as_they_are(compute: Compute) -> None:
    """The job's own exceptions and the store's keep type and fields; a fault of the program is a sentence."""
    assert str(await raised(compute.run(jobs.SUM, Sum(3, spoil=1)))) == "All of them are spoilt."
    assert type(await raised(compute.run(jobs.SUM, Sum(3, spoil=1)))) is jobs.SpoiltTooMuch
    lost = await raised(compute.run(jobs.FAIL, "lost"))
    assert (type(lost), str(lost)) == (StorageLost, "The database is gone.")
    strange = await raised(compute.run(jobs.FAIL, "no number"))
    assert type(strange) is JobFailed
    assert "ValueError: invalid literal" in str(strange)
    assert "in fail" in "".join(strange.__notes__)
    assert "SystemExit: 1" in str(await raised(compute.run(jobs.FAIL, "exit")))
    assert (await compute.run(jobs.SUM, Sum(4))).value == 6


async def case_the_store_is_the_pages(both: Both) -> None:
    """What a job writes the page reads, and revisions are compared as in the page."""
    compute, store = both
    assert (await compute.run(jobs.STORE, 0)).value == 1
    row = await store.get(Table.SETTINGS, "test:job")
    assert row is not None
    assert (row.rev, row.owner) == (1, "test")
    clash = await raised(compute.run(jobs.STORE, 0))
    assert isinstance(clash, Conflict)
    assert (clash.table, clash.id, clash.expected, clash.found) == ("settings", "test:job", 0, 1)
    assert (await compute.run(jobs.STORE, 1)).value == 2


async def case_much_is_stored_and_read(both: Both) -> None:
    """Also by a thread of its own where there is one: what is stored is there, for the page as well, and a conflict is one."""
    compute, store = both
    assert (await compute.run(jobs.MUCH, 12)).value == [True] * 14
    assert await store.load(["much:11:0"]) == [bytes([11]) * 700_000]


async def case_a_library_comes_when_it_is_needed(compute: Compute) -> None:
    """Machine code that the start does without can be loaded where the job is."""
    assert (await compute.run(jobs.LIBRARY, "python_calamine")).value == "python_calamine"


async def case_rows_are_sorted(compute: Compute) -> None:
    """By numbers and by places; what is equal stays as it stands."""
    by_size = [3, 0, 5, 1, 6, 4]  # of 9e300, 2, 2, 1.5, −0.5, −7
    done = await compute.run(jobs.SORT, [2.0, 1.5, 0.0, 9e300, -7.0, 2.0, -0.5])
    assert done.value == [*by_size, 5, 6, 3, 4, 1, 0]


async def case_what_nobody_knows_is_said(compute: Compute) -> None:
    """A job without an entry in the table, and arguments of another shape."""
    unknown = await raised(compute.run(JobKind("test.nothing", int, int), 1))
    assert "there is no job “test.nothing”" in str(unknown)
    wrong = await raised(compute.run(JobKind("test.sum", str, int), "1"))
    assert "Expected `object`" in str(wrong)
    shape = await raised(compute.run(JobKind("test.sum", Sum, str), Sum(1)))
    assert "cannot be read" in str(shape)


async def case_a_cancelled_job_has_stopped(compute: Compute) -> None:
    """One that rests is stopped, and the next one is carried out."""
    task = asyncio.ensure_future(compute.run(jobs.FOREVER, True))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert (await compute.run(jobs.SUM, Sum(3))).value == 3


async def case_a_place_keeps_what_its_jobs_leave(compute: Compute) -> None:
    """One after another, each finds what those before it left; a job of no place finds nothing."""
    first = (await compute.run(jobs.KEEP, 1)).value
    assert first[-1] == 1
    await asyncio.gather(compute.run(jobs.KEEP, 2), compute.run(jobs.ELSEWHERE, 9))
    assert (await compute.run(jobs.KEEP, 3)).value == [*first, 2, 3]
    assert (await compute.run(jobs.ELSEWHERE, 10)).value[-1] == 10


async def case_a_place_that_was_left_goes_on(compute: KeepingCompute) -> None:
    """Whether what it kept is gone by then or not."""
    compute.leave("numbers")
    assert (await compute.run(jobs.KEEP, 4)).value[-1] == 4
    compute.leave("no such place")


async def case_several_at_once(compute: Compute) -> None:
    """Each caller gets what comes of its own job."""
    many = [compute.run(jobs.SUM, Sum(n * 1_000)) for n in range(5)]
    assert [one.value for one in await asyncio.gather(*many)] == [sum(range(n * 1_000)) for n in range(5)]
