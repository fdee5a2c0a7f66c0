"""Jobs for tests, carried out wherever the jobs of the program are."""

from __future__ import annotations

import csv
import importlib
import io
from typing import Any

import msgspec

from app.ports import Put, StorageLost, Table
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
        JobDefinition(FAIL, fail),
        JobDefinition(FOREVER, forever),
        JobDefinition(DIE, die),
        JobDefinition(KEEP, keep),
        JobDefinition(ELSEWHERE, keep),
    )
}
"""The table."""
