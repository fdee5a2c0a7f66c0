"""Files of answers as jobs: what a table or batches have, and the file that a person takes away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from app.core.base.text import count
from app.core.bodies import requests
from app.core.bodies.bodyread import read_body
from app.core.datasets.table import Cell
from app.core.json import jsonread
from app.core.model.annotations import Annotation
from app.core.model.batches import Batch
from app.core.model.settings import TakeAway
from app.core.model.threads import Options
from app.core.results.columns import as_number
from app.core.results.joining import JoinedRequest, JoinedRow, JoinOrder
from app.core.results.kinds import CellKind
from app.core.results.parquet_file import ParquetWriter
from app.core.results.samples import AnswerFacts
from app.core.results.taking import AnsweredRequest, AnswerSurvey, AnswerTable
from app.core.results.workbook import WorkbookWriter
from app.core.results.writing import CsvWriter, JsonLinesWriter, RowWriter, Unwritable, tuning_line
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.annotation_columns import annotations_of
from app.services.results.join import Join, open_join
from app.services.results.judge_answers import Judged, evaluations_in, judge_answers
from app.services.runtime import passed_over

Said = Mapping[str, Mapping[int, Annotation]]
"""What people say of answers, by batch and row."""
_PORTION: Final = 500
"""Rows that are written at a time."""


class AnswerFileOrder(msgspec.Struct, frozen=True):
    """Which rows and answers, and what file is to be made of them. ``only``: these requests alone, by the ids of their batches."""

    join: JoinOrder
    choice: TakeAway
    only: dict[str, tuple[int, ...]] | None = None


class AnswerFile(msgspec.Struct, frozen=True):
    """What was written: rows (lines of conversations, for fine-tuning), columns, and sentences on what had to be changed or left out."""

    rows: int
    columns: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


WRITE_ANSWERS: Final = JobKind("results.file", AnswerFileOrder, AnswerFile, (RowsMissing, Unwritable))


async def write_answers(job: Job, order: AnswerFileOrder) -> AnswerFile:
    """The job's bytes are the file. Raises RowsMissing, Unwritable."""
    joined = await open_join(job, order.join)
    if order.only is not None:
        joined.choose(order.only)
    said = await annotations_of(await job.store(), [one.id for one in joined.batches])
    if order.choice.format == "tuning":
        return await _tuning(job, joined, said)
    survey = await _survey(job, joined, order.choice)
    judges, judged = await _judges(job, joined) if "annotations" in order.choice.parts else ((), {})
    annotated = any(one.says_something for rows in said.values() for one in rows.values())
    variants = any(one.tag for one in joined.ways)
    table = AnswerTable(order.choice, joined.columns, survey, asked=joined.schema(), variants=variants, annotated=annotated, judges=judges)
    writer = _writer(order.choice, table)
    await job.write(writer.begin(table.columns))
    waiting: list[Sequence[Any]] = []
    async for row, answers in _answers(job, joined, order.choice):
        waiting += table.rows(row, [_with(said, judged, one) for one in answers] if said or judged else answers)
        if len(waiting) >= _PORTION:
            await job.write(writer.rows(waiting))
            waiting = []
    await job.write(writer.rows(waiting))
    await job.write(writer.end())
    remarks = [*writer.remarks, *_of_fields(survey, table), *(_rowless(joined) if order.only is None else [])]
    return AnswerFile(table.written, table.columns, tuple(remarks))


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
        found.append("The answers have more fields than become columns: what is beyond stands in the column “Answer”.")
    return found


def _rowless(joined: Join) -> list[str]:
    found = joined.rowless
    if not found.count:
        return []
    return [
        f"{count(found.count, 'answer')} of rows that the table lacks since it was imported again: not in this file, but in their batches."
    ]


async def _survey(job: Job, joined: Join, choice: TakeAway) -> AnswerSurvey:
    """Look over all answers, where columns depend on them."""
    survey = AnswerSurvey()
    only_fields = not choice.side_by_side and choice.format != "parquet" and not joined.schema()
    if _looks(choice):
        async for row, answers in _answers(job, joined, choice, look=True):
            survey.cells.add(row.cells)
            for one in answers:
                survey.add(one)
            if only_fields and survey.fields.others:
                break  # one answer is no object, and none was asked for: there will be no such columns
    return survey


def _looks(choice: TakeAway) -> bool:
    """Whether the columns, or their types, depend on all answers."""
    return choice.side_by_side or "fields" in choice.parts or choice.format == "parquet"


async def _answers(
    job: Job, joined: Join, choice: TakeAway, *, look: bool = False
) -> AsyncIterator[tuple[JoinedRow, list[AnsweredRequest]]]:
    """The rows with their answers read; the job tells its progress. ``look``: it is not yet the writing."""
    prompts = "prompt" in choice.parts and not look
    twice = _looks(choice)
    async for rows in joined.portions(asked=prompts):
        for row in rows:
            yield row, [_answered(joined.batches, one, prompts) for one in row.requests]
            if job.over():
                done = row.position + 1 + (joined.rows if twice and not look else 0)
                job.moved(done, joined.rows * (2 if twice else 1))
                await job.rest()


def _answered(batches: Sequence[Batch], one: JoinedRequest, prompts: bool) -> AnsweredRequest:
    if one.batch < 0:
        return AnsweredRequest(one, AnswerFacts())
    batch = batches[one.batch]
    prompt = _prompt(batch, one.asked) if prompts and one.asked is not None else ""
    if one.lost:
        facts = AnswerFacts(error="What came for it is not in this browser any more.")
    elif one.line is None or one.place is None:
        facts = AnswerFacts()
    else:
        facts = passed_over.facts(batch.lane.endpoint, *one.place[:2], one.line)
    return AnsweredRequest(one, facts, batch.name, batch.id, prompt)


def _with(said: Said, judged: Mapping[Judged, Mapping[str, Cell]], one: AnsweredRequest) -> AnsweredRequest:
    """With what a person said of it, and judges."""
    annotation = said.get(one.batch_id, {}).get(one.request.row, one.annotation)
    return one._replace(annotation=annotation, judged=judged.get((one.batch_id, one.request.id), {}))


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


def _conversation(batch: Batch, line: bytes) -> list[tuple[str, str]]:
    """What was asked, as (role, text); empty where the body has another shape."""
    try:
        body = jsonread.value(requests.decode(line).body)
    except (requests.LineFault, jsonread.Unreadable):
        return []
    if not isinstance(body, dict):
        return []
    if isinstance(body.get("input"), str) and "messages" not in body:
        asked = [("system", str(body["instructions"]))] if body.get("instructions") else []
        return [*asked, ("user", body["input"])]
    try:
        return [(one.role, one.text) for one in read_body(body, batch.lane.endpoint, Options()).messages]
    except Exception:  # the boundary of one request that has another shape than was thought of: its answer goes out all the same
        return []


def _prompt(batch: Batch, line: bytes) -> str:
    """What was asked, as one text: of several messages each with its role."""
    turns = _conversation(batch, line)
    return turns[0][1] if len(turns) == 1 else "\n\n".join(f"{role}: {text}" for role, text in turns)


# --- conversations for fine-tuning


async def _tuning(job: Job, joined: Join, said: Said) -> AnswerFile:
    """A line for each good answer to a conversation. An answer that a person corrected goes out as the correction; one that is marked bad
    and was not corrected stays away."""
    written = left_out = bad = 0
    async for row in joined.each(asked=True):
        for one in row.requests:
            annotation = said.get(joined.batches[one.batch].id, {}).get(one.row, Annotation()) if one.batch >= 0 else Annotation()
            line = _tuned(joined.batches, one, annotation)
            if line is None:
                left_out += 1
                bad += annotation.mark == "bad"
            else:
                written += 1
                await job.write(line)
        if job.over():
            job.moved(row.position + 1, joined.rows)
            await job.rest()
    why = (
        "without a good answer, marked bad and not corrected, or not a conversation"
        if bad
        else "without a good answer, or not a conversation"
    )
    said_out = [f"{count(left_out, 'request')} left out: {why}."] if left_out else []
    return AnswerFile(written, remarks=(*said_out, *_rowless(joined)))


def _tuned(batches: Sequence[Batch], one: JoinedRequest, annotation: Annotation) -> bytes | None:
    corrected = annotation.correction
    if one.asked is None or (corrected is None and (one.outcome != "answered" or annotation.mark == "bad")):
        return None
    turns = _conversation(batches[one.batch], one.asked)
    answer = corrected
    if answer is None:
        facts = _answered(batches, one, prompts=False).facts
        answer = facts.samples[0].text if facts.samples else ""
    if not turns or not answer:
        return None
    return tuning_line([{"role": "system" if role == "developer" else role, "content": text} for role, text in turns], answer)
