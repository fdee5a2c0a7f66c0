"""Rows of a table of answers for people's own Python, and what came of them as a column of the table; for jobs where its index is.

The rows go out a portion at a time, as lines of JSON (services.results.python_job); what comes back is taken for what it may be, the word
of code that anybody wrote: it is read by its shape, and bounded.
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from app.core.datasets import storage
from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.model import keys
from app.core.results.answerindex import NoSuchColumn
from app.core.results.columns import Column, NumberColumn, WordBuilder
from app.core.results.file_columns import PYTHON
from app.core.results.lineplaces import LinePlace
from app.core.results.lines import answer_cells, head_length, prompt_text, whole
from app.core.results.python_code import MOST_CELL, MOST_SAID, PythonCells
from app.core.results.query import SPECIALS
from app.ports.compute import Job, JobFailed, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.table_index import KeptIndex, open_index
from app.services.results.table_jobs import PLACE, TableAsked, forget_order

_PORTION_BYTES: Final = 4_000_000
"""Of answers that go out at a time, or one run of them."""
_LARGE: Final = 4_000_000
"""Bytes of a line from which on it is not read for rows in sight."""
_MOST_BYTES: Final = 64_000_000
"""Of what comes back of one portion."""
_STRANGE: Final = "What the code returned can't be read. The column was not made."
_CHANGED: Final = "The answers changed while the code ran over them. The column was not made; run it again."
_TOLD: Final = 100
"""Faults that are told one by one; all are counted."""


class PythonRowsAsked(msgspec.Struct, frozen=True):
    """These rows, by batch and row; None: the next portion of all that have an answer, from the run of answers ``first`` on. ``prompt``:
    with what was asked."""

    table: TableAsked
    prompt: bool = False
    rows: tuple[tuple[str, int], ...] | None = None
    first: int = 0


class PythonPortion(msgspec.Struct, frozen=True):
    """Up to ``rows`` rows are in the job's bytes. ``next`` of ``total`` runs of answers is where the next portion begins. Where rows were
    named, ``places`` has the position, batch and row of each."""

    rows: int
    next: int = 0
    total: int = 0
    index: str = ""
    """Says which index they are of: in another one other rows may stand at their positions."""
    places: tuple[tuple[int, str, int], ...] = ()


class PythonPut(msgspec.Struct, frozen=True):
    """The files are PythonCells: what came of all rows of this ``index`` for the column of this name."""

    table: TableAsked
    name: str
    index: str


class PythonFault(msgspec.Struct, frozen=True):
    """What went wrong with a row: in which line of the code (0: in none), and how."""

    batch: str
    row: int
    number: int
    line: int
    says: str


class PythonFilled(msgspec.Struct, frozen=True):
    """What became of a column: ``filled`` rows have a cell, ``faulty`` ended at a fault, of which ``faults`` has the first."""

    filled: int
    faulty: int = 0
    faults: tuple[PythonFault, ...] = ()


PYTHON_ROWS: Final = JobKind("results.pythonrows", PythonRowsAsked, PythonPortion, (RowsMissing, NoSuchColumn), PLACE)
PYTHON_PUT: Final = JobKind("results.pythonput", PythonPut, PythonFilled, (RowsMissing, NoSuchColumn), PLACE)


class PythonCellsAsked(msgspec.Struct, frozen=True):
    """The cells of these columns, by the names of their code."""

    table: TableAsked
    names: tuple[str, ...]


PYTHON_CELLS: Final = JobKind("results.pythoncells", PythonCellsAsked, int, (RowsMissing,), PLACE)
_encode: Final = msgspec.json.Encoder().encode


async def python_rows(job: Job, asked: PythonRowsAsked) -> PythonPortion:
    """Raises RowsMissing."""
    kept = await open_index(job, asked.table.of, asked.table.stamp)
    lines: list[tuple[int, str, bytes]] = []
    if asked.rows is not None:
        lines = await _named(kept, asked.rows)
        at = total = 0
    else:
        runs = await kept.answer_runs(job)
        at, total, size = asked.first, len(runs), 0
        while at < total and (not size or size + runs[at].ends[-1] <= _PORTION_BYTES):
            run = runs[at]
            data = await kept.run(run.bytes_id)
            size += run.ends[-1]
            at += 1
            if data is not None:
                lines += [(row, run.endpoint, data[a:b]) for row, a, b in zip(run.rows, run.begins, run.ends, strict=True)]
    if job.over():
        await job.rest()
    await job.write(_encode(kept.joined.columns) + b"\n")
    await _write(job, kept, lines, asked.prompt)
    named = lines if asked.rows is not None else []
    return PythonPortion(len(lines), at, total, _token(job, kept), tuple((one, *_place(kept, one)[:2]) for one, _, _ in named))


async def python_put(job: Job, asked: PythonPut) -> PythonFilled:
    """Raises RowsMissing, JobFailed where what came back is nothing that can be."""
    kept = await open_index(job, asked.table.of, asked.table.stamp)
    if asked.index != _token(job, kept):
        raise JobFailed(_CHANGED)
    count, head, name = len(kept), head_length(len(kept)), PYTHON + asked.name
    builder, failed, long = WordBuilder(count), bytearray(count), dict[int, str]()
    faults: list[PythonFault] = []
    filled = 0
    for file in job.files:
        found = _read(await file.blob.read() if file.blob.size <= _MOST_BYTES else b"", count)
        for position, value in zip(found.positions, found.values, strict=True):
            if value is not None:
                text = value[:MOST_CELL]
                builder.put(position, whole(text[:head]))
                filled += 1
                if len(text) > head:
                    long[position] = text
            if job.over():
                await job.rest()
        for n, line, says in found.faults:
            if not 0 <= n < len(found.positions):
                continue
            position = found.positions[n]
            failed[position] = 1
            if len(faults) < _TOLD:
                faults.append(PythonFault(*_place(kept, position), max(0, line), says[:MOST_SAID]))
    index = kept.index
    index.columns[name] = builder.column()
    index.failed[name] = bytes(failed)
    kept.memory[name] = long
    forget_order(kept)
    return PythonFilled(filled, failed.count(1), tuple(faults))


async def python_cells(job: Job, asked: PythonCellsAsked) -> int:
    """How many rows have one; the job's bytes are a line of JSON for each: batch, row there, and the cells (None: blank), for a file of
    answers. Raises RowsMissing, JobFailed where a column is not filled."""
    kept = await open_index(job, asked.table.of, asked.table.stamp)
    lacking = [name for name in asked.names if PYTHON + name not in kept.index.columns]
    if lacking:
        raise JobFailed(f"The column “{lacking[0]}” is not filled at the moment. Fill it under Python, or do not show it, and try again.")
    columns = [(kept.index.columns[PYTHON + one], kept.index.failed[PYTHON + one], kept.memory[PYTHON + one]) for one in asked.names]
    written: list[bytes] = []
    count = 0
    for position in range(len(kept)):
        cells = [
            SPECIALS["error"] if failed[position] else long.get(position) or column.cell(position) or None
            for column, failed, long in columns
        ]
        if any(cells) and kept.index.batch[position] >= 0:
            batch, row, _ = _place(kept, position)
            written.append(_encode((batch, row, cells)) + b"\n")
            count += 1
        if job.over():
            await job.write(b"".join(written))
            written = []
            await job.rest()
    await job.write(b"".join(written))
    return count


def _token(job: Job, kept: KeptIndex) -> str:
    made: str = kept.memory.setdefault("python index", job.random.token(12))
    return made


def _read(data: bytes, rows: int) -> PythonCells:
    """What came of one portion. Raises JobFailed."""
    try:
        found = jsonread.typed(data, PythonCells)
    except Unreadable:
        raise JobFailed(_STRANGE) from None
    if len(found.positions) != len(found.values) or any(not 0 <= one < rows for one in found.positions):
        raise JobFailed(_STRANGE)
    return found


def _place(kept: KeptIndex, position: int) -> tuple[str, int, int]:
    """The batch, the row there, and the number that the table shows."""
    batch = kept.index.batch[position]
    return kept.joined.parts[batch].batch.id if batch >= 0 else "", kept.index.row[position], number_of(kept, position)


def number_of(kept: KeptIndex, position: int) -> int:
    """The number of a row: of the table's row, else its place in its batch, from 1."""
    return (kept.index.row[position] if kept.position is None else kept.position[1][position]) + 1


# --- rows as lines


async def _named(kept: KeptIndex, rows: Sequence[tuple[str, int]]) -> list[tuple[int, str, bytes]]:
    """The answers of these rows, as far as there are any."""
    numbers = {one.batch.id: n for n, one in enumerate(kept.joined.parts)}
    places: dict[int, LinePlace] = {}
    for batch, row in rows:
        position = kept.index.position(numbers.get(batch, -1), row)
        if position is not None and (place := kept.answer_place(position)) is not None:
            places[position] = place
    lines = await kept.lines(list(places.values()), most=_LARGE)
    return [(position, _endpoint(kept, position), lines[place]) for position, place in places.items() if place in lines]


def _endpoint(kept: KeptIndex, position: int) -> str:
    return kept.joined.parts[kept.index.batch[position]].batch.lane.endpoint


async def _write(job: Job, kept: KeptIndex, lines: Sequence[tuple[int, str, bytes]], prompt: bool) -> None:
    """A line for each row that has an answer."""
    index, positions = kept.index, [position for position, _, _ in lines]
    cells = await _cell_lines(job, kept, positions)
    asked = await _prompts(kept, positions) if prompt else {}
    ids = kept.memory.setdefault("python ids", kept.ids())
    outcomes, costs = index.column("outcome"), _numbers(index.column("cost"))
    inputs, outputs = _numbers(index.column("input_tokens")), _numbers(index.column("output_tokens"))
    written: list[bytes] = []
    for position, endpoint, line in lines:
        answer = answer_cells(endpoint, line, fields=False)
        if not answer.error:
            tokens = (_whole(inputs[position]), _whole(outputs[position]))
            known = (ids[position], number_of(kept, position), outcomes.cell(position), answer.finish, *tokens, _float(costs[position]))
            written.append(_line((position, *known, asked.get(position), answer.text, cells.get(position))))
        if job.over():
            await job.rest()
    await job.write(b"".join(written))


def _line(values: tuple[Any, ...]) -> bytes:
    try:
        return _encode(values) + b"\n"
    except UnicodeEncodeError:  # halves of characters, which JSON has no way to say
        return _encode([one.encode("utf-8", "replace").decode() if isinstance(one, str) else one for one in values]) + b"\n"


def _numbers(column: Column) -> Sequence[float]:
    return column.values if isinstance(column, NumberColumn) else array("d")


def _whole(value: float) -> int | None:
    return int(value) if value == value else None


def _float(value: float) -> float | None:
    return float(f"{value:.12g}") if value == value else None


async def _prompts(kept: KeptIndex, positions: Sequence[int]) -> dict[int, str]:
    places = {position: place for position in positions if (place := kept.request_place(position)) is not None}
    lines = await kept.lines(list(places.values()), most=_LARGE)
    return {position: prompt_text(lines[place]) for position, place in places.items() if place in lines}


async def _cell_lines(job: Job, kept: KeptIndex, positions: Sequence[int]) -> dict[int, msgspec.Raw]:
    """The cells of the table's rows that these rows were made of, as the JSON that they lie in; each run of them is read once."""
    table = kept.joined.table
    if table is None or kept.position is None:
        return {}
    starts, wanted = table.index.starts(), dict[int, list[tuple[int, int]]]()
    for position in positions:
        place = storage.place_of(table.index, starts, kept.position[1][position])
        wanted.setdefault(place.run, []).append((place.at, position))
    found: dict[int, msgspec.Raw] = {}
    for n, places in wanted.items():
        run, id = table.index.runs[n], keys.dataset_rows_id(table.dataset, table.version, n)
        data = await kept.run(id)
        if data is None or len(data) != run.size:
            continue
        kept.runs.put(id, data)
        lines = list(storage.lines_of(data, run))
        for at, position in sorted(places, key=operator.itemgetter(0)):
            found[position] = msgspec.Raw(lines[at].rstrip())
        if job.over():
            await job.rest()
    return found
