"""A person's Python over rows, behind the fence: the one job of workers that do nothing else.

What goes in are lines of JSON: first the names of the table's columns, then a row each (services.results.python_rows), so that one which
cannot be read keeps no other back.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.openai.wire import BytesBlob
from app.core.results.python_code import CodeFault, CodeKind, PythonCells, loaded, result_of, row_of
from app.ports.compute import Job, JobKind


class PythonOrder(msgspec.Struct, frozen=True):
    """The code, and which of its functions."""

    source: str
    kind: CodeKind


class PythonRun(msgspec.Struct, frozen=True):
    """Of ``rows`` rows ``faulty`` ones ended at a fault, ``nothing`` came of others, and ``cut`` cells were longer than may be."""

    rows: int = 0
    faulty: int = 0
    nothing: int = 0
    cut: int = 0


PYTHON: Final = JobKind("python.run", PythonOrder, PythonRun, (CodeFault,), fenced=True)
_UNREAD: Final = "This row can't be read."
_LOOKED: Final = 1_000
"""Items that one row counts as: after each the clock is looked at, since it may take seconds."""


async def python(job: Job, order: PythonOrder) -> PythonRun:
    """The job's bytes are PythonCells as JSON. Raises CodeFault."""
    with await job.files[0].open() as file:
        lines = file.read().split(b"\n")
    job.moved(0, len(lines))  # from now on the code's time is counted
    work = loaded(order.source, order.kind)
    columns: list[str] = jsonread.typed(lines[0], list[str])
    positions: list[int] = []
    values: list[str | None] = []
    faults: list[tuple[int, int, str]] = []
    nothing = cut = 0
    for n, line in enumerate(lines):
        if not n or not line:
            continue
        try:
            position, *known, cells = jsonread.value(line, depth=jsonread.OWN_DEPTH)
        except (Unreadable, ValueError):
            job.fault(n, _UNREAD)
            continue
        found = result_of(work, order.kind, row_of(columns, cells or [], known), _answer(known[-1]))
        if found.says:
            faults.append((len(positions), found.line, found.says))
        elif found.cell is None:
            nothing += 1
        cut += found.cut
        positions.append(position)
        values.append(found.cell)
        if job.over(_LOOKED):
            job.moved(n, len(lines))
            await job.rest()
    job.hand(BytesBlob(msgspec.json.encode(PythonCells(positions, values, faults))))
    return PythonRun(len(positions), len(faults), nothing, cut)


def _answer(text: str) -> Any:
    """A structured answer as what it is, any other as its text."""
    if text.lstrip()[:1] != "{":
        return text
    try:
        return jsonread.value(text)
    except Unreadable:
        return text
