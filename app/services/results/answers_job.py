"""Files of answers as jobs: what a table or batches have, and the file that a person removes."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from app.core.base.text import count
from app.core.datasets.table import Cell
from app.core.model.judging import Expectation
from app.core.model.settings import TakeAway
from app.core.results.columns import as_number
from app.core.results.file_columns import MATCHES, FileColumn, groups_of
from app.core.results.joining import JoinOrder
from app.core.results.kinds import CellKind
from app.core.results.parquet_file import ParquetWriter
from app.core.results.preference_pairs import dpo_line, plain_line
from app.core.results.taking import AnswerSurvey, AnswerTable
from app.core.results.workbook import WorkbookWriter
from app.core.results.writing import CsvWriter, JsonLinesWriter, RowWriter, Unwritable
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.annotation_columns import annotations_of
from app.services.results.answer_portions import AnswerPortions, ExtraColumns
from app.services.results.conversations import AnswerFile, Said, rowless, tuning
from app.services.results.filled_columns import filled_columns
from app.services.results.join import Join, open_join
from app.services.results.judge_answers import Judged, evaluations_in, judge_answers
from app.services.runtime.records import Records

_PEEK: Final = 8
"""Rows by which most answers show that they have no fields."""


class AnswerFileOrder(msgspec.Struct, frozen=True):
    """Which rows and answers, and what file is to be made of them. ``only``: these requests alone, by the ids of their batches; ``shown``:
    these columns in this order, by their ids (core.results.file_columns), instead of groups; ``filled``: columns that a person's code has
    filled, whose cells are the job's first file (services.results.python_rows)."""

    join: JoinOrder
    choice: TakeAway
    only: dict[str, tuple[int, ...]] | None = None
    shown: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()


WRITE_ANSWERS: Final = JobKind("results.file", AnswerFileOrder, AnswerFile, (RowsMissing, Unwritable))
LIST_COLUMNS: Final = JobKind("results.filecolumns", AnswerFileOrder, tuple[FileColumn, ...], (RowsMissing,))


async def write_answers(job: Job, order: AnswerFileOrder) -> AnswerFile:
    """The job's bytes are the file. Raises RowsMissing, Unwritable."""
    joined = await open_join(job, order.join)
    if order.only is not None:
        joined.choose(order.only)
    said = await annotations_of(await job.store(), [one.id for one in joined.batches])
    if order.choice.format == "tuning":
        return await tuning(job, joined, said)
    if order.choice.format in ("dpo", "pairs"):
        from app.services.results.pairs_job import write_pairs

        return await write_pairs(job, joined, said, dpo_line if order.choice.format == "dpo" else plain_line)
    if order.shown:
        order = replace(order, choice=replace(order.choice, parts=groups_of(order.shown)))
    laid = await _laid(job, joined, order, said)
    table, choice = laid.table, order.choice
    if not table.columns:
        raise Unwritable("None of the chosen columns is in these answers. Choose others.")
    writer = _writer(choice, table)
    await job.write(writer.begin(table.columns))
    before = joined.rows if laid.surveyed else 0
    async for portion in laid.portions.each(choice.rows, asked="prompt" in choice.parts):
        await job.write(writer.put(table.rows(portion)))
        job.moved(portion.last + 1 + before, joined.rows + before)
    await job.write(writer.end())
    remarks = [*writer.remarks, *_of_fields(laid.survey, table), *(rowless(joined) if order.only is None else [])]
    return AnswerFile(table.written, table.columns, tuple(remarks))


async def list_columns(job: Job, order: AnswerFileOrder) -> tuple[FileColumn, ...]:
    """Every column that the file can have, as far as its groups go. Raises RowsMissing."""
    joined = await open_join(job, order.join)
    if order.only is not None:
        joined.choose(order.only)
    said = await annotations_of(await job.store(), [one.id for one in joined.batches])
    return (await _laid(job, joined, order, said)).table.listed


class _Laid(NamedTuple):
    """What all answers have in common, the columns that come of it, and the answers. ``surveyed``: all were looked at for it."""

    survey: AnswerSurvey
    table: AnswerTable
    portions: AnswerPortions
    surveyed: bool


async def _laid(job: Job, joined: Join, order: AnswerFileOrder, said: Said) -> _Laid:
    choice = order.choice
    judges, judged = await _judges(job, joined) if "annotations" in choice.parts else ([], {})
    filled, cells = await filled_columns(job, order.filled)
    portions = AnswerPortions(job, joined, ExtraColumns(said, judged, cells))
    survey, surveyed = await _look(job, joined, portions, order)
    held = await Records(await job.store()).get(Expectation, order.join.dataset) if MATCHES in order.shown and order.join.dataset else None
    table = AnswerTable(
        choice,
        joined.columns,
        survey,
        asked=joined.schema(),
        variants=any(one.tag for one in joined.ways),
        annotated=any(one.says_something for rows in said.values() for one in rows.values()),
        judges=judges,
        shown=order.shown,
        expectation=held.value if held is not None else None,
        filled=filled,
    )
    return _Laid(survey, table, portions, surveyed)


def _writer(choice: TakeAway, table: AnswerTable) -> RowWriter:
    match choice.format:
        case "xlsx":
            return WorkbookWriter()
        case "jsonl":
            return JsonLinesWriter()
        case "parquet":
            return ParquetWriter(table.kinds)
        case _:
            return CsvWriter(bom=choice.bom, neutral=choice.neutral)


def _of_fields(survey: AnswerSurvey, table: AnswerTable) -> list[str]:
    found = []
    fields = survey.fields
    if "Answer JSON" in table.columns and fields.damaged:
        found.append(f"{count(fields.damaged, 'answer')} begin like JSON and can't be read as such: kept as text, and marked “damaged”.")
    if fields.more:
        found.append("The answers have more fields than can become columns: the rest is in the column “Answer”.")
    if table.lacking:
        found.append(f"{count(len(table.lacking), 'column')} that the table shows can't be written to a file, or are empty: left out.")
    return found


async def _look(job: Job, joined: Join, portions: AnswerPortions, order: AnswerFileOrder) -> tuple[AnswerSurvey, bool]:
    """What all answers have in common, as far as columns depend on it; whether all were looked at."""
    choice, survey = order.choice, AnswerSurvey()
    if choice.side_by_side or "fields" in choice.parts:
        only_fields = not choice.side_by_side and not joined.schema() and not order.shown
        for last in (_PEEK, None) if only_fields else (None,):
            survey = AnswerSurvey()
            async for portion in portions.each("all", last=last):
                survey.add(portion)
                job.moved(portion.last + 1, 2 * joined.rows)
                if only_fields and survey.fields.others:
                    break  # one answer is no object, and none was asked for: there will be no such columns
            if only_fields and survey.fields.others:
                break
        else:
            return survey, True
    if choice.format == "parquet" and "table" in choice.parts and joined.columns:
        async for cells in portions.cells():
            survey.cells.add(cells)
    return survey, False


async def _judges(job: Job, joined: Join) -> tuple[list[tuple[str, CellKind]], dict[Judged, dict[str, Cell]]]:
    """The columns of what judges said, with what their cells are, and the cells by the answer."""
    columns: list[tuple[str, CellKind]] = []
    found: dict[Judged, dict[str, Cell]] = {}
    for name, evaluation in (await evaluations_in(await job.store(), [one.id for one in joined.batches])).items():
        said = await judge_answers(job, name, evaluation)
        for title in said.titles:
            numbers = [as_number(says[title]) for says in said.by_answer.values() if title in says]
            whole = bool(numbers) and all(one is not None and one.is_integer() for one in numbers)
            columns.append((title, "integer" if whole else "text"))
            for answer, says in said.by_answer.items():
                if title in says:
                    found.setdefault(answer, {})[title] = int(says[title]) if whole else says[title]
            await job.rest()
    return columns, found
