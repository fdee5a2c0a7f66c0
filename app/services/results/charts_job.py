"""The charts of what a query lets through, counted in the worker that keeps the table's index."""

from __future__ import annotations

from typing import Final

import msgspec

from app.core.base.locale import PLAIN, Locale, within
from app.core.results.answerindex import NoSuchColumn
from app.core.results.charts import Chart, column_chart, outcomes_chart
from app.core.results.time_charts import answers_chart, spend_chart, unpriced_note
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.judge_columns import JUDGE
from app.services.results.match_column import COLUMN as MATCHES
from app.services.results.spend_sums import answers_came, rows_by_batch, spends
from app.services.results.table_index import KeptIndex
from app.services.results.table_jobs import PLACE, TableAsked, columns_of, have_all, opened, rows_let_through

_USUAL: Final = ("output_tokens", "input_tokens", "cost")
_SAID: Final = ("mark", "rating", "tags")
_JUDGES: Final = 6
"""Columns of judges that are drawn unasked."""


class ChartsAsked(msgspec.Struct, frozen=True):
    """``column``: one that is drawn as well; "" for none. ``zone``: seconds east of UTC, for moments. ``locale``: how their figures are
    written."""

    table: TableAsked
    column: str = ""
    zone: float = 0.0
    locale: Locale = PLAIN


class ChartsFound(msgspec.Struct, frozen=True):
    """The charts over ``rows`` rows, and sentences on what is not among them."""

    rows: int = 0
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()


CHARTS: Final = JobKind("results.charts", ChartsAsked, ChartsFound, (RowsMissing, NoSuchColumn), PLACE)


async def charts(job: Job, asked: ChartsAsked) -> ChartsFound:
    """Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked.table)
    with within(asked.locale):
        return await charts_over(job, kept, asked, await rows_let_through(job, kept, asked.table.query))


async def charts_over(job: Job, kept: KeptIndex, asked: ChartsAsked, mask: bytes | None) -> ChartsFound:
    """Over the rows of ``mask`` (None: all). Raises NoSuchColumn, and what reading answers raises."""
    if asked.column:
        await have_all(job, kept, [asked.column], asked.table)
    names = drawn_columns(kept, asked)
    await have_all(job, kept, names, asked.table)
    found = [outcomes_chart(kept.index, mask)]
    for name in names:
        found.append(column_chart(kept.index, name, mask))
        await job.rest()
    marks = await rows_by_batch(job, kept, mask)
    spent = await spends(job, kept, marks)
    money = spend_chart(spent)
    found += [money, answers_chart(answers_came(kept, marks), asked.zone)]
    note = unpriced_note(spent) if money is None else ""
    return ChartsFound(
        len(kept) if mask is None else mask.count(1),
        tuple(one for one in found if one is not None),
        (note,) if note else (),
    )


def drawn_columns(kept: KeptIndex, asked: ChartsAsked) -> list[str]:
    """The chosen column first, then tokens and cost, then what people and judges say."""
    there = {one.name for one in columns_of(kept, asked.table.expectation)}
    said = [*_SAID] if kept.annotations.any() else []
    judges = [name for name in there if name.startswith(JUDGE) and not name.partition(": ")[2].startswith("reason")]
    matches = [MATCHES] if asked.table.expectation is not None else []
    names = [*([asked.column] if asked.column else []), *_USUAL, *matches, *said, *sorted(judges)[:_JUDGES]]
    return [name for name in dict.fromkeys(names) if name in there and name not in ("outcome", "prompt")]
