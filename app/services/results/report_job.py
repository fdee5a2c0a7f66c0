"""A report on answers as a job: it uses the index that the table of answers keeps, and is written while it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress, islice
from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.base import text
from app.core.model.batches import Batch
from app.core.model.sendings import FollowUp, QueuedRows
from app.core.model.templates import PromptContent, TemplateVersion
from app.core.results.answerindex import NoSuchColumn
from app.core.results.column_titles import column_title
from app.core.results.columns import NumberColumn, WordColumn
from app.core.results.outcome_report import OutcomeCounter, OutcomeReport
from app.core.results.query import TableQuery
from app.core.results.report import MOST_REPORTED, Report, ReportBatch, ReportFormat
from app.core.results.report_html import html
from app.core.results.report_markdown import markdown
from app.core.templates import versions
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.agreement_job import AgreementAsked, agree_over
from app.services.results.charts_job import ChartsAsked, charts_over
from app.services.results.selection_jobs import named
from app.services.results.spend_sums import came_at, rows_by_batch
from app.services.results.table_index import KeptIndex
from app.services.results.table_jobs import MOST_ROWS, PLACE, TableAsked, have_all, opened, rows_at, rows_let_through
from app.services.runtime.records import Records

_STRETCH: Final = 20_000
_PIECE: Final = 200_000
"""Characters that are written at a time."""
MOST_PROMPTS: Final = 10
MOST_BATCHES: Final = 200
_PROMPT: Final = 20_000
"""Characters of one prompt."""


class ReportAsked(msgspec.Struct, frozen=True):
    """``picked``: only these rows, by their batches; None: all that the query lets through. ``rows``: of how many of them the cells of
    ``columns`` are written. ``filters``: the query in words; ``zone``: seconds east of UTC."""

    table: TableAsked
    format: ReportFormat
    title: str
    columns: tuple[str, ...]
    rows: int = 100
    picked: dict[str, tuple[int, ...]] | None = None
    column: str = ""
    agreement: AgreementAsked | None = None
    filters: str = ""
    zone: float = 0.0


class ReportWritten(msgspec.Struct, frozen=True):
    """The report is of ``count`` rows, of which it lists ``rows``."""

    count: int
    rows: int


WRITE_REPORT: Final = JobKind("results.report", ReportAsked, ReportWritten, (RowsMissing, NoSuchColumn), PLACE)
_WRITERS: Final[Mapping[ReportFormat, Callable[[Report], Iterator[str]]]] = {"html": html, "markdown": markdown}


async def write_report(job: Job, asked: ReportAsked) -> ReportWritten:
    """The job's bytes are the report. Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked.table)
    through = await rows_let_through(job, kept, asked.table.query)
    mask = through if asked.picked is None else await named(job, kept, asked.picked)
    job.moved(1, 5)
    charts = await charts_over(job, kept, ChartsAsked(asked.table, asked.column, asked.zone), mask)
    job.moved(2, 5)
    listed = await _listed(job, kept, asked, mask)
    job.moved(3, 5)
    batches = await _batches(job, kept, mask)
    report = Report(
        asked.title,
        f"Written {text.clock(job.clock.now(), offset=asked.zone)}",
        charts.rows,
        await _outcomes(job, kept, mask),
        tuple(_batch(one, count, asked.zone) for one, count in batches[:MOST_BATCHES]),
        tuple(await _prompts(Records(kept.store), [one for one, _ in batches])),
        asked.filters,
        charts.charts,
        charts.notes,
        columns=("Outcome", *(column_title(name) for name in asked.columns)),
        rows=tuple(listed),
    )
    if asked.agreement is not None:
        found = await agree_over(job, kept, asked.agreement, mask)
        sides = column_title(asked.agreement.one), column_title(asked.agreement.other)
        report = replace(report, agreement=found.agreement, sides=sides)
    job.moved(4, 5)
    await _write(job, _WRITERS[asked.format](report))
    return ReportWritten(charts.rows, len(listed))


async def _write(job: Job, pieces: Iterable[str]) -> None:
    waiting: list[str] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PIECE:
            await job.write("".join(waiting).encode("utf-8", "replace"))
            waiting, size = [], 0
    await job.write("".join(waiting).encode("utf-8", "replace"))


async def _listed(job: Job, kept: KeptIndex, asked: ReportAsked, mask: bytes | None) -> list[tuple[str, ...]]:
    """The outcome and the cells of the first rows, in the query's order."""
    await have_all(job, kept, asked.columns, asked.table)
    order = kept.index.rows(TableQuery(sort=asked.table.query.sort), mask, job.order)[: min(asked.rows, MOST_REPORTED)]
    found: list[tuple[str, ...]] = []
    for start in range(0, len(order), MOST_ROWS):
        some = await rows_at(kept, order[start : start + MOST_ROWS], asked.columns, "")
        found += [(one.outcome, *one.cells) for one in some]
        await job.rest()
    return found


async def _outcomes(job: Job, kept: KeptIndex, mask: bytes | None) -> OutcomeReport:
    """What became of these rows."""
    words, codes, prices = (kept.index.column(name) for name in ("outcome", "code", "cost"))
    assert isinstance(words, WordColumn) and isinstance(codes, WordColumn) and isinstance(prices, NumberColumn)  # noqa: S101, PT018  # made so
    every = zip(map(words.words.__getitem__, words.codes), map(codes.words.__getitem__, codes.codes), prices.values, strict=True)
    rows = ((outcome, code, price, 0) for outcome, code, price in (every if mask is None else compress(every, mask)))
    counter = OutcomeCounter()
    while some := list(islice(rows, _STRETCH)):
        counter.add(some)
        await job.rest()
    return counter.report()


async def _batches(job: Job, kept: KeptIndex, mask: bytes | None) -> list[tuple[Batch, int]]:
    """The batches that these rows are in, with how many are in each."""
    marks = await rows_by_batch(job, kept, mask)
    counted = [(part.batch, mark.count(1)) for part, mark in zip(kept.joined.parts, marks, strict=True)]
    return [(batch, count) for batch, count in counted if count]


def _batch(one: Batch, count: int, zone: float) -> ReportBatch:
    came = text.clock(came_at(one), offset=zone) if one.fetched else ""
    name = one.name or one.id
    return ReportBatch(name, one.lane.model, one.lane.endpoint, count, one.state, text.clock(one.created, offset=zone), came)


async def _prompts(records: Records, batches: Sequence[Batch]) -> list[tuple[str, str]]:
    """What these batches asked, as far as they were made of tables or go on from answers: each version of a prompt once."""
    found: dict[str, tuple[str, str]] = {}
    for id in dict.fromkeys(id for one in batches for id in one.additions):
        added = await records.get(QueuedRows, id)
        sent = (added.value.template_version, *(one.version for one in added.value.variants)) if added is not None else ()
        if added is not None and added.value.follow is not None and len(found) < MOST_PROMPTS:
            said = text.head(follow_text(added.value.follow), _PROMPT)
            found.setdefault(said, (f"What was asked next, {text.count(added.value.requests, 'request')}", said))
        for version in sent:
            if version and version not in found and len(found) < MOST_PROMPTS:
                stored = await records.get(TemplateVersion, version)
                if stored is not None:
                    found[version] = versions.title(stored.value), text.head(prompt_text(stored.value.content), _PROMPT)
    return [*found.values()]


def follow_text(follow: FollowUp) -> str:
    """What was asked next as one text: its messages with their roles, and the schema that answers follow."""
    parts = [f"system: {follow.system}"] if follow.alone and follow.system else []
    parts.append(f"user: {follow.message}")
    if follow.form == "schema":
        parts.append(f"JSON schema of the answer: {follow.schema}")
    return "\n\n".join(parts)


def prompt_text(content: PromptContent) -> str:
    """A prompt as one text: its messages with their roles, or the body as it was typed; and the schema that answers follow."""
    if content.raw is not None:
        return content.raw
    parts = [f"{one.role}: {one.text}" for one in content.messages if one.text] or [*content.inputs]
    if content.schema_on:
        parts.append(f"JSON schema of the answer: {content.schema_text}")
    return "\n\n".join(parts)
