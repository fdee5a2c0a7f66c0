"""A person's Python over the rows in sight, or over all: rows out of the table's index, through a worker behind the fence, and back.

The page only hands the portions on, as Blobs. While one is in the worker of the code, the next is made in that of the index.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.openai.wire import Blob
from app.core.results.python_code import CodeKind, PythonCells
from app.ports.compute import Finished, JobFailed, KeepingCompute, unheard
from app.services.results.python_job import PYTHON, PythonOrder, PythonRun
from app.services.results.python_rows import (
    PYTHON_PUT,
    PYTHON_ROWS,
    PythonFilled,
    PythonPortion,
    PythonPut,
    PythonRowsAsked,
)
from app.services.results.table_jobs import TableAsked

ROW_LIMIT: Final = 10.0
"""Seconds after which a code that has done no further row is stopped."""
SIGHT_LIMIT: Final = 3.0
"""The same for the rows in sight, which are run while it is being written."""
_UNITS: Final = 1_000
"""In which one run of answers is counted, for the progress."""
_MOST_BYTES: Final = 1_000_000
"""Of what comes back of the rows in sight."""


class TooSlow(JobFailed):
    """The code was stopped at its limit. The text is sentences for people."""


class Code(msgspec.Struct, frozen=True):
    """A code, and which of its functions is meant."""

    source: str
    kind: CodeKind

    @property
    def order(self) -> PythonOrder:
        return PythonOrder(self.source, self.kind)

    @property
    def prompts(self) -> bool:
        """Whether it may ask for prompts: they are read for code that names them only."""
        return "prompt" in self.source


class RowSeen(msgspec.Struct, frozen=True):
    """What came of one row in sight: its cell (None: nothing), or in which line what went wrong."""

    row: tuple[str, int]
    cell: str | None = None
    says: str = ""
    line: int = 0


class AllRun(msgspec.Struct, frozen=True):
    """What came of all rows: as a column, and counted."""

    filled: PythonFilled
    run: PythonRun


class PythonRuns:
    """Runs code over rows of tables of answers. ``limits``: seconds without a further row, for rows in sight and for all."""

    def __init__(self, compute: KeepingCompute, limits: tuple[float, float] = (SIGHT_LIMIT, ROW_LIMIT)) -> None:
        self._compute, self._limits = compute, limits

    async def sight(self, code: Code, table: TableAsked, rows: Sequence[tuple[str, int]]) -> list[RowSeen]:
        """What comes of these rows, one after another; those without an answer are left out. Raises CodeFault, TooSlow, RowsMissing,
        JobFailed."""
        portion = await self._compute.run(PYTHON_ROWS, PythonRowsAsked(table, code.prompts, tuple(rows)))
        if portion.blob is None or not portion.value.rows:
            return []
        done = await self._fenced(code, portion.blob, self._limits[0], unheard)
        found = await _cells(done.blob)
        faults = {n: (line, says) for n, line, says in found.faults}
        places = {position: (batch, row) for position, batch, row in portion.value.places}
        made: list[RowSeen] = []
        for n, (position, value) in enumerate(zip(found.positions, found.values, strict=False)):
            if position in places:
                line, says = faults.get(n, (0, ""))
                made.append(RowSeen(places[position], value, says, line))
        return made

    async def all(self, code: Code, table: TableAsked, name: str, moved: Callable[[int, int], None] = unheard) -> AllRun:
        """Fill the column of this name. Raises CodeFault, TooSlow, RowsMissing, JobFailed, CancelledError."""
        blobs: list[Blob] = []
        counted = PythonRun()
        coming = asyncio.ensure_future(self._portion(code, table, 0))
        try:
            at, index = 0, ""
            while True:
                portion, before = await coming, at
                index = portion.value.index if not before else index
                at, total = portion.value.next, portion.value.total

                def heard(done: int, rows: int, *, before: int = before, at: int = at, total: int = total) -> None:
                    moved(_UNITS * before + _UNITS * (at - before) * done // max(1, rows), _UNITS * total)

                coming = asyncio.ensure_future(self._portion(code, table, at)) if at < total else coming
                if portion.blob is not None and portion.value.rows:
                    done = await self._fenced(code, portion.blob, self._limits[1], heard)
                    if done.blob is not None:
                        blobs.append(done.blob)
                    counted = _sum(counted, done.value)
                moved(_UNITS * at, _UNITS * max(1, total))
                if at >= total:
                    break
        finally:
            await _ended(coming)
        filled = await self._compute.run(PYTHON_PUT, PythonPut(table, name, index), files=blobs)
        return AllRun(filled.value, counted)

    def end(self) -> None:
        """No code runs any more: its worker ends."""
        self._compute.end_fenced()

    async def _portion(self, code: Code, table: TableAsked, first: int) -> Finished[PythonPortion]:
        return await self._compute.run(PYTHON_ROWS, PythonRowsAsked(table, code.prompts, first=first))

    async def _fenced(self, code: Code, rows: Blob, limit: float, moved: Callable[[int, int], None]) -> Finished[PythonRun]:
        """One portion. As long as rows are done it may take its time. Raises TooSlow."""
        beats = 0

        def heard(done: int, total: int) -> None:
            nonlocal beats
            beats += 1
            moved(done, total)

        work = asyncio.ensure_future(self._compute.run(PYTHON, code.order, files=[rows], moved=heard))
        try:
            while True:
                before = beats
                finished, _ = await asyncio.wait({work}, timeout=limit)
                if finished:
                    return work.result()
                if beats and beats == before:  # before the first its worker is starting, which has a limit of its own
                    raise TooSlow(
                        f"The code was stopped: for {limit:g} seconds it did not reach the next row. It may have an endless "
                        "loop. Nothing was changed."
                    )
        finally:
            await _ended(work)


async def _ended(work: asyncio.Future[Any]) -> None:
    """Stop it, if it is under way: when this returns nothing of it runs any more."""
    work.cancel()
    await asyncio.wait({work})
    if not work.cancelled():
        work.exception()  # it is known by now, or of no interest


async def _cells(blob: Blob | None) -> PythonCells:
    """What code returned for rows in sight. Raises JobFailed."""
    try:
        if blob is not None and blob.size <= _MOST_BYTES:
            return jsonread.typed(await blob.read(), PythonCells)
    except Unreadable:
        pass
    raise JobFailed("What the code returned can't be read.")


def _sum(one: PythonRun, other: PythonRun) -> PythonRun:
    return PythonRun(one.rows + other.rows, one.faulty + other.faulty, one.nothing + other.nothing, one.cut + other.cut)
