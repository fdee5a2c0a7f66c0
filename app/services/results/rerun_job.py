"""How the rows of a table stand to what they are asked now: counted beside the page, in the table's worker."""

from __future__ import annotations

from typing import Final

from app.core.results.answerindex import AnswerState, NoSuchColumn
from app.core.results.columns import NumberColumn
from app.core.results.rerunning import RerunFacts, Standing, counted, standing
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.current_column import COLUMN
from app.services.results.table_jobs import PLACE, TableAsked, have_all, opened

RERUN: Final = JobKind("results.rerun", TableAsked, RerunFacts, (RowsMissing, NoSuchColumn), PLACE)


async def rerun(job: Job, asked: TableAsked) -> RerunFacts:
    """Over all rows of the table, whatever the query; follow-ups do not count. Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked)
    await have_all(job, kept, [COLUMN], asked)
    if kept.position is None or kept.joined.table is None:
        return RerunFacts({})
    words, prices = kept.index.column(COLUMN), kept.index.column("cost")
    follows = [kept.joined.runs[way.run].follow is not None for way in kept.joined.ways]
    found: list[tuple[int, Standing]] = []
    known, total = 0, 0.0
    for row, (way, position) in enumerate(zip(*kept.position, strict=True)):
        if follows[way]:
            continue
        found.append((position, standing(kept.index.states[row], words.cell(row))))
        if kept.index.states[row] == AnswerState.GOOD and isinstance(prices, NumberColumn) and prices.filled[row]:
            known, total = known + 1, total + prices.values[row]
        if job.over():
            await job.rest()
    facts = RerunFacts(dict(counted(found, kept.joined.table.index.starts()[-1])))
    return RerunFacts(facts.rows, total / known * facts.again if known else None)
