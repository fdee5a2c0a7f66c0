"""Jobs for tests, carried out wherever the jobs of the program are."""

from __future__ import annotations

import csv
import importlib
import io
from array import array
from typing import Any

import msgspec

from app.core.results.ordering import Ranked
from app.ports import Conflict, Put, PutBytes, StorageLost, Table
from app.ports.compute import Job, JobKind
from app.services.compute.carrier import JobDefinition


class Sum(msgspec.Struct, frozen=True):
    """So many numbers from 0 on; those that ``spoil`` divides are at fault."""

    count: int
    spoil: int = 0


class SpoiltTooMuch(Exception):
    """More numbers are at fault than good."""


SUM = JobKind("test.sum", Sum, int, (SpoiltTooMuch,))
COLUMNS = JobKind("test.columns", str, list[int])
COPY = JobKind("test.copy", int, int)
STORE = JobKind("test.store", int, int)
LIBRARY = JobKind("test.library", str, str)
SORT = JobKind("test.sort", list[float], list[int])
MUCH = JobKind("test.much", int, list[bool])
FAIL = JobKind("test.fail", str, int)
FOREVER = JobKind("test.forever", bool, int)
DIE = JobKind("test.die", int, int)
KEEP = JobKind("test.keep", int, list[int], place="numbers")
ELSEWHERE = JobKind("test.elsewhere", int, list[int])


async def add(job: Job, order: Sum) -> int:
    """Their sum, told on the way."""
    total = 0
    for n in range(order.count):
        if order.spoil and n % order.spoil == 0:
            job.fault(n, f"The number {n} is spoilt.")
        else:
            total += n
        if job.over():
            job.moved(n, order.count)
            await job.rest()
    job.moved(order.count, order.count)
    if order.spoil == 1:
        raise SpoiltTooMuch("All of them are spoilt.")
    return total


async def columns(job: Job, encoding: str) -> list[int]:
    """How many cells each row of a CSV file has."""
    lines = io.TextIOWrapper(await job.files[0].open(), encoding, newline="")
    return [len(row) for row in csv.reader(lines)]


async def copy(job: Job, piece: int) -> int:
    """The files one after another, each read in pieces: the bytes of the result. Both ways of reading find the same."""
    size = 0
    for file in job.files:
        content = await file.open()
        async for data in file.pieces(piece):
            assert data == content.read(piece)
            await job.write(data)
            size += len(data)
        assert not content.read(piece)
    return size


async def store(job: Job, rev: int) -> int:
    """Write the setting «test:job» over its revision ``rev``."""
    opened = await job.store()
    await opened.commit([Put(Table.SETTINGS, "test:job", rev, '{"id":"job"}', owner="test")])
    return rev + 1


async def library(job: Job, name: str) -> str:
    """The name of a module that Python does not bring along, once it is there."""
    if name != "python_calamine":
        raise ValueError(name)
    await job.libraries.load("python_calamine")
    return importlib.import_module(name).__name__


async def sort(job: Job, numbers: list[float]) -> list[int]:
    """The places of numbers that are not 0, the largest first, and then of the same numbers as codes, in the order of other places."""
    mask = bytes(map(bool, numbers))
    by_size = job.order(Ranked(array("d", numbers)), mask, True)
    codes = array("I", range(len(numbers)))
    return [*by_size, *job.order(Ranked(codes, array("I", (n // 2 for n in reversed(codes)))), mask, False)]


async def much(job: Job, times: int) -> list[bool]:
    """Store and read megabytes, often enough that the browser may have another thread do it: whether each was what had been stored, and
    then whether a second one under the same id was refused, and nothing stored beside it."""
    opened = await job.store()
    found = []
    for n in range(times):
        runs = [bytes([n]) * 700_000, f"{n}".encode() * 500_000]
        await opened.commit([PutBytes(f"much:{n}:{m}", run) for m, run in enumerate(runs)])
        found.append(await opened.load([f"much:{n}:0", "much:none", f"much:{n}:1"]) == [runs[0], None, runs[1]])
        await job.clock.sleep(0.02)
    try:
        await opened.commit([PutBytes("much:new", b"1" * 2_000_000), PutBytes("much:0:1", b"2")])
    except Conflict as error:
        found.append((error.table, error.id, error.expected, error.found) == ("bytes", "much:0:1", 0, 1))
    found.append(await opened.load(["much:new", "much:0:1"]) == [None, b"0" * 500_000])
    return found


async def fail(job: Job, how: str) -> int:
    """A fault of the program, or one of the browser."""
    if how == "lost":
        raise StorageLost("The database is gone.")
    if how == "exit":
        raise SystemExit(1)
    return int(how)


async def forever(job: Job, rests: bool) -> int:
    """Never ends; with ``rests`` it gives way now and then."""
    while True:
        if rests:
            await job.rest()


async def keep(job: Job, number: int) -> list[int]:
    """The numbers that were given here so far, with this one."""
    given: list[int] = job.kept.setdefault("numbers", [])
    given.append(number)
    await job.rest()
    return given


async def die(job: Job, depth: int) -> int:
    """Recurse through C until the stack is at its end: in the page's Python that is its death."""

    class Deep:
        def __init__(self, inner: object) -> None:
            self.inner = inner

        def __repr__(self) -> str:
            return repr(self.inner)

    deep: Any = 0
    for _ in range(depth):
        deep = Deep(deep)
    return len(repr(deep))


JOBS = {
    one.kind.name: (lambda one=one: one)
    for one in (
        JobDefinition(SUM, add),
        JobDefinition(COLUMNS, columns),
        JobDefinition(COPY, copy),
        JobDefinition(STORE, store),
        JobDefinition(LIBRARY, library),
        JobDefinition(SORT, sort),
        JobDefinition(MUCH, much),
        JobDefinition(FAIL, fail),
        JobDefinition(FOREVER, forever),
        JobDefinition(DIE, die),
        JobDefinition(KEEP, keep),
        JobDefinition(ELSEWHERE, keep),
    )
}
"""The table."""
