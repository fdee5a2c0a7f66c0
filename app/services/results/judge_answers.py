"""What judges said of answers; for jobs.

A judge's answers are those to the rows of the table that was made of the judged ones (services.results.evaluating); where some are missing,
the others are there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from app.core.datasets.table import cell_text
from app.core.json import jsonread
from app.core.model.datasets import Dataset
from app.core.model.judging import Evaluation
from app.core.results.expecting import field_of
from app.core.results.joining import JoinOrder
from app.core.results.lines import answer_cells
from app.ports import Store
from app.ports.compute import Job
from app.services.datasets.rows import RowsMissing
from app.services.results.join import open_join
from app.services.runtime.isolation import PASSES, reason
from app.services.runtime.records import Records

_MOST: Final = 12
"""Fields of what a judge says that become columns."""
Judged = tuple[str, str]
"""The batch and the custom_id of an answer that is judged."""


class JudgeAnswers(NamedTuple):
    """What a judge said: by the answer, by the title of a column (``Judge: score``; with the variant and sample behind it, where it was
    asked in several ways)."""

    titles: tuple[str, ...]
    by_answer: dict[Judged, dict[str, str]]


async def evaluations_in(store: Store, batches: Collection[str]) -> dict[str, Evaluation]:
    """Those that judge answers of these batches, oldest first, by a name that each has alone; not those whose table was deleted."""
    records, wanted = Records(store), frozenset(batches)
    found: dict[str, Evaluation] = {}
    for one in sorted((stored.value for stored in await records.all(Evaluation)), key=lambda one: (one.at, one.id)):
        dataset = await records.get(Dataset, one.id) if not wanted.isdisjoint(one.batches) else None
        if dataset is not None and not dataset.value.deleted:
            names = (one.name, *(f"{one.name} {n}" for n in range(2, len(found) + 3)))
            found[next(name for name in names if name not in found)] = one
    return found


async def judge_answers(job: Job, name: str, evaluation: Evaluation) -> JudgeAnswers:
    """What it said, as far as that can be read; what keeps all of it from being read is reported as a fault of the job."""
    try:
        return await _read(job, name, evaluation)
    except PASSES:
        raise
    except Exception as error:  # the boundary of one judge: what others said is there
        job.fault(name, str(error) if isinstance(error, RowsMissing) else reason(error))
        return JudgeAnswers((), {})


async def _read(job: Job, name: str, evaluation: Evaluation) -> JudgeAnswers:
    joined = await open_join(job, JoinOrder(dataset=evaluation.id))
    if evaluation.batch_column not in joined.columns or evaluation.id_column not in joined.columns:
        raise RowsMissing(
            "The columns of its table that say which answers are judged no longer exist, so the verdicts cannot be shown here."
        )
    at = joined.columns.index(evaluation.batch_column), joined.columns.index(evaluation.id_column)
    found: dict[Judged, dict[tuple[str, str], str]] = {}
    ways, fields = dict[str, None](), dict.fromkeys(evaluation.fields)
    async for row in joined.each():
        for one in row.requests if len(row.cells) > max(at) else ():
            if one.answered and one.line is not None:  # of several additions the newest that was answered counts
                way = ", ".join(part for part in (one.tag, f"sample {one.sample}" if one.sample else "") if part)
                answer = cell_text(row.cells[at[0]]), cell_text(row.cells[at[1]])
                says = _fields(joined.parts[one.batch].batch.lane.endpoint, one.line, evaluation, fields)
                found.setdefault(answer, {}).update({(way, field): text for field, text in says.items()})
                ways.setdefault(way)
        if job.over():
            job.moved(row.position + 1, joined.rows)
            await job.rest()
    titles = {
        (way, field): f"{name}: {field} ({way})" if len(ways) > 1 and way else f"{name}: {field}"
        for way in ways or {"": None}
        for field in fields
    }
    return JudgeAnswers(
        tuple(titles.values()), {answer: {titles[key]: text for key, text in says.items()} for answer, says in found.items()}
    )


def _fields(endpoint: str, line: bytes, evaluation: Evaluation, known: dict[str, None]) -> dict[str, str]:
    """What one answer of a judge says, by field; one that is no JSON object says its text as the verdict."""
    text = answer_cells(endpoint, line, fields=False).text
    try:
        value = jsonread.value(text.strip())
    except jsonread.Unreadable:
        value = None
    if not isinstance(value, dict):
        return {evaluation.fields[0]: text} if evaluation.fields else {}
    for field in value:
        if len(known) < _MOST:
            known.setdefault(field)
    return {field: found for field in known if (found := field_of(value, field)) is not None}
