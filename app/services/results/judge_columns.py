"""What judges said of answers, as columns of the table of these answers; for jobs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from app.core.model.judging import Evaluation
from app.core.results.columns import WordBuilder
from app.core.results.lines import head_length, whole
from app.ports.compute import Job
from app.services.results.judge_answers import JudgeAnswers, evaluations_in, judge_answers
from app.services.results.table_index import KeptIndex

JUDGE: Final = "judge:"
"""Begins the names of columns that judges have filled."""
_READ: Final = "judges"
_KNOWN: Final = "evaluations"


async def evaluations_of(kept: KeptIndex, batches: Sequence[str] = ()) -> dict[str, Evaluation]:
    """Those that judge answers of the index (:func:`evaluations_in`), or of these ``batches``, read once for each."""
    if _KNOWN not in kept.memory:
        kept.memory[_KNOWN] = await evaluations_in(kept.store, batches or [one.id for one in kept.joined.batches])
    known: dict[str, Evaluation] = kept.memory[_KNOWN]
    return known


def judge_names(kept: KeptIndex) -> list[str]:
    """The columns that there will be, of judges whose answers were not read yet."""
    known: dict[str, Evaluation] = kept.memory.get(_KNOWN, {})
    return [f"{JUDGE}{name}: {field}" for name, one in known.items() if name not in kept.memory.get(_READ, ()) for field in one.fields]


def forget_judges(kept: KeptIndex) -> None:
    """What judges said may be another thing now: it is read again when it is asked for."""
    for name in [name for name in kept.index.columns if name.startswith(JUDGE)]:
        del kept.index.columns[name]
    kept.memory.pop(_KNOWN, None)
    kept.memory.pop(_READ, None)


async def have_judges(job: Job, kept: KeptIndex, names: Collection[str]) -> None:
    """Have the columns of the judges that these names are of."""
    for name, evaluation in (await evaluations_of(kept)).items():
        if name not in kept.memory.setdefault(_READ, set()) and any(one.startswith(f"{JUDGE}{name}: ") for one in names):
            await _fill(job, kept, await judge_answers(job, name, evaluation))
            kept.memory[_READ].add(name)


async def _fill(job: Job, kept: KeptIndex, said: JudgeAnswers) -> None:
    count, head = len(kept), head_length(len(kept))
    builders = {title: WordBuilder(count) for title in said.titles}
    batches = [one.id for one in kept.joined.batches]
    for position, (number, id) in enumerate(zip(kept.index.batch, kept.ids(), strict=True)):
        if number >= 0:
            for title, text in said.by_answer.get((batches[number], id), {}).items():
                builders[title].put(position, whole(text[:head]))
        if job.over():
            await job.rest()
    for title, builder in builders.items():
        kept.index.columns[f"{JUDGE}{title}"] = builder.column()
