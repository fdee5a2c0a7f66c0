"""Columns that a person's code has filled, on their way into a file of answers: their cells come as the job's first file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.datasets.table import Cell
from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.results.columns import as_number
from app.core.results.file_columns import PYTHON
from app.core.results.kinds import CellKind
from app.ports.compute import Job

FilledCells = Mapping[tuple[str, int], Mapping[str, Cell]]
"""By batch and row there, by the ids of the columns."""


async def filled_columns(job: Job, names: Sequence[str]) -> tuple[list[tuple[str, CellKind]], FilledCells]:
    """The columns with what their cells are, and the cells: numbers where all cells of a column are."""
    if not names or not job.files:
        return [], {}
    rows: dict[tuple[str, int], list[str | None]] = {}
    with await job.files[0].open() as file:
        for line in file:
            try:
                batch, row, cells = jsonread.typed(line, tuple[str, int, list[str | None]])
            except Unreadable:
                job.fault("Python", "A cell of a column that code has filled can't be read.")
                continue
            rows[batch, row] = cells
            if job.over():
                await job.rest()
    kinds = [_kind([cells[n] for cells in rows.values()]) for n in range(len(names))]
    found: dict[tuple[str, int], dict[str, Cell]] = {}
    for place, cells in rows.items():
        found[place] = {PYTHON + name: _cell(text, kind) for name, text, kind in zip(names, cells, kinds, strict=False)}
        if job.over():
            await job.rest()
    return list(zip(names, kinds, strict=True)), found


def _kind(texts: Sequence[str | None]) -> CellKind:
    numbers = [as_number(one) for one in texts if one is not None]
    if not numbers or None in numbers:
        return "text"
    return "integer" if all(one is not None and one.is_integer() for one in numbers) else "number"


def _cell(text: str | None, kind: CellKind) -> Any:
    if text is None or kind == "text":
        return text
    return int(text) if kind == "integer" else float(text)
