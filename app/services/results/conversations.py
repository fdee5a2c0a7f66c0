"""What was asked and answered as conversations: the text of a prompt, and the files for fine-tuning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from app.core.base.text import count
from app.core.bodies import requests
from app.core.bodies.bodyread import read_body
from app.core.json import jsonread
from app.core.model.annotations import Annotation
from app.core.model.batches import Batch
from app.core.model.threads import Options
from app.core.results.joining import JoinedRequest
from app.core.results.samples import AnswerFacts
from app.core.results.writing import tuning_line
from app.ports.compute import Job
from app.services.results.join import Join
from app.services.runtime import passed_over

Said = Mapping[str, Mapping[int, Annotation]]
"""What people say of answers, by batch and row."""


class AnswerFile(msgspec.Struct, frozen=True):
    """What was written: rows (lines, for fine-tuning), columns, and sentences on what had to be changed or left out."""

    rows: int
    columns: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


LOST: Final = "Its response is no longer in this browser."


def facts_of(batches: Sequence[Batch], one: JoinedRequest) -> AnswerFacts:
    """What came for a request, read."""
    if one.lost:
        return AnswerFacts(error=LOST)
    if one.batch < 0 or one.line is None or one.place is None:
        return AnswerFacts()
    return passed_over.facts(batches[one.batch].lane.endpoint, *one.place[:2], one.line)


def conversation(batch: Batch, line: bytes) -> list[tuple[str, str]]:
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


def prompt_text(batch: Batch, line: bytes) -> str:
    """What was asked, as one text: of several messages each with its role."""
    turns = conversation(batch, line)
    return turns[0][1] if len(turns) == 1 else "\n\n".join(f"{role}: {text}" for role, text in turns)


def rowless(joined: Join) -> list[str]:
    """Of answers that no row stands for any more: a sentence, or none."""
    found = joined.rowless
    if not found.count:
        return []
    return [
        f"{count(found.count, 'answer')} of rows that the table lacks since it was imported again: not in this file, but in their batches."
    ]


async def tuning(job: Job, joined: Join, said: Said) -> AnswerFile:
    """A line for each good answer to a conversation. An answer that a person corrected goes out as the correction; one that is marked bad
    and was not corrected stays away."""
    written = left_out = bad = 0
    await job.write(b"")  # a file, if an empty one
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
    return AnswerFile(written, remarks=(*said_out, *rowless(joined)))


def _tuned(batches: Sequence[Batch], one: JoinedRequest, annotation: Annotation) -> bytes | None:
    corrected = annotation.correction
    if one.asked is None or (corrected is None and (one.outcome != "answered" or annotation.mark == "bad")):
        return None
    turns = conversation(batches[one.batch], one.asked)
    answer = corrected
    if answer is None:
        facts = facts_of(batches, one)
        answer = facts.samples[0].text if facts.samples else ""
    if not turns or not answer:
        return None
    return tuning_line([{"role": "system" if role == "developer" else role, "content": text} for role, text in turns], answer)
