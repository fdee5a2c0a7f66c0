"""Which rows of a table of answers have their lines in which byte run, so that each run is read once; for jobs."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from app.core.batches.ledger import FILES
from app.core.model import keys
from app.core.results.lineplaces import LinePlace
from app.ports.compute import Job
from app.services.results.join_sources import JoinedBatch

_STRETCH: Final = 2_000


class LineRunRows(NamedTuple):
    """A run of lines, and the positions of the rows whose lines are in it, in the order of their lines."""

    bytes_id: str
    endpoint: str
    rows: array[int]
    begins: array[int]
    ends: array[int]


async def answer_runs(job: Job, parts: Sequence[JoinedBatch], batch: array[int], row: array[int]) -> list[LineRunRows]:
    """All runs of answers; ``batch`` and ``row`` say where each row's request is. From the ledgers' arrays: a place made for each of a
    million rows took six seconds in the page."""
    found: dict[tuple[int, int, int], list[int]] = {}
    ledgers = [one.ledger for one in parts]
    for start in range(0, len(batch), _STRETCH):
        places = zip(batch[start : start + _STRETCH], row[start : start + _STRETCH], strict=True)
        for position, (number, at) in enumerate(places, start):
            if number >= 0 and (ledger := ledgers[number]) is not None and (file := ledger.file[at]):
                key = number, file, ledger.segment[at]
                if key in found:
                    found[key].append(position)
                else:
                    found[key] = [position]
        if job.over(_STRETCH):
            await job.rest()
    runs: list[LineRunRows] = []
    for (number, file, segment), positions in found.items():
        ledger = ledgers[number]
        assert ledger is not None  # noqa: S101  # it was looked up above
        lines = sorted([(ledger.offset[row[one]], one) for one in positions])
        begins, rows = (array("I", column) for column in zip(*lines, strict=True))
        ends = array("I", [begin + ledger.length[row[one]] for begin, one in lines])
        part = parts[number].batch
        runs.append(LineRunRows(keys.answer_id(part.id, FILES[file - 1], segment), part.lane.endpoint, rows, begins, ends))
        if job.over(len(positions)):
            await job.rest()
    return runs


async def gathered(
    job: Job, count: int, place_of: Callable[[int], LinePlace | None], endpoint_of: Callable[[int], str]
) -> list[LineRunRows]:
    """The rows by the byte run that has their lines, wherever these are."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    endpoints: dict[str, str] = {}
    for position in range(count):
        if (place := place_of(position)) is not None:
            if place.bytes_id not in found:
                endpoints[place.bytes_id] = endpoint_of(position)
            found.setdefault(place.bytes_id, []).append((place.begin, place.end, position))
        if job.over():
            await job.rest()
    runs: list[LineRunRows] = []
    for id, lines in found.items():
        lines.sort()
        begins, ends, rows = (array("I", column) for column in zip(*lines, strict=True))
        runs.append(LineRunRows(id, endpoints[id], rows, begins, ends))
        await job.rest()
    return runs
