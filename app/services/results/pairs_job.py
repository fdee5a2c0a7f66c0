"""Files of preference pairs: answers to the same row of which people prefer one (core.results.preference_pairs)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final

from app.core.base.text import count, number
from app.core.model.annotations import Annotation
from app.core.model.votes import BlindVotes
from app.core.results.comparing import arm_name
from app.core.results.joining import JoinedRequest
from app.core.results.preference_pairs import JudgedAnswer, PairCounts, PairVotes, PreferencePair, pairs_of
from app.core.templates.variants import MARK
from app.ports.compute import Job
from app.services.results.conversations import AnswerFile, Said, conversation, facts_of, rowless
from app.services.results.join import Join
from app.services.runtime.records import Records

_MOST_GATHERED: Final = 100_000
"""Judged answers of batches without a table that are held until all are known."""


async def write_pairs(job: Job, joined: Join, said: Said, line_of: Callable[[PreferencePair], bytes]) -> AnswerFile:
    """A line for each pair that people judged. Raises what the store raises."""
    votes = PairVotes((one.value.first, one.value.second, one.value.votes) for one in await Records(await job.store()).all(BlindVotes))
    counts = PairCounts()
    await job.write(b"")  # a file, if an empty one
    async for answers in _judged(job, joined, said, votes, counts):
        for pair in pairs_of(answers, votes, counts):
            await job.write(line_of(pair))
    return AnswerFile(counts.written, remarks=(*_remarks(counts), *rowless(joined)))


def _remarks(counts: PairCounts) -> list[str]:
    found = []
    if counts.ties:
        found.append(f"{count(counts.ties, 'pair')} left out: both answers were judged equal.")
    if counts.otherwise:
        found.append(f"{count(counts.otherwise, 'pair')} left out: the two were asked with different prompts.")
    if counts.alike:
        found.append(f"{count(counts.alike, 'pair')} left out: both have the same words, or one has none.")
    if counts.beyond:
        found.append(
            f"{count(counts.beyond, 'answer')} not looked at: the maximum is {number(_MOST_GATHERED)}. Take fewer batches at a time."
        )
    if not counts.written and not found:
        found.append("Nobody has preferred one of two answers to the same row yet: vote blind, or rate or mark several answers to a row.")
    return found


async def _judged(job: Job, joined: Join, said: Said, votes: PairVotes, counts: PairCounts) -> AsyncIterator[list[JudgedAnswer]]:
    """The good answers to each row of which something was said: of a table by its rows, else by what the ids of requests begin with."""
    gathered: dict[str, list[JudgedAnswer]] = {}
    held = 0
    bases = frozenset() if joined.table is not None else frozenset(id.partition(MARK)[0] for id in votes.ids)
    async for row in joined.each(asked=True):
        if joined.table is not None:
            if any(one.id in votes.ids or _annotation(joined, said, one).says_something for one in row.requests):
                yield [answer for one in row.requests if (answer := _answer(joined, said, one)) is not None]
        else:
            for one in row.requests:
                base = one.id.partition(MARK)[0]
                wanted = base in bases or _annotation(joined, said, one).says_something
                counts.beyond += wanted and held >= _MOST_GATHERED
                answer = _answer(joined, said, one) if wanted and held < _MOST_GATHERED else None
                if answer is not None:
                    gathered.setdefault(base, []).append(answer)
                    held += 1
        if job.over():
            job.moved(row.position + 1, joined.rows)
            await job.rest()
    for answers in gathered.values():
        yield answers


def _annotation(joined: Join, said: Said, one: JoinedRequest) -> Annotation:
    return said.get(joined.batches[one.batch].id, {}).get(one.row, Annotation()) if one.batch >= 0 else Annotation()


def _answer(joined: Join, said: Said, one: JoinedRequest) -> JudgedAnswer | None:
    """None where there is no good answer, or what was asked cannot be read as a conversation."""
    if one.outcome != "answered" or one.asked is None:
        return None
    samples = facts_of(joined.batches, one).samples
    turns = conversation(joined.batches[one.batch], one.asked)
    if not samples or not turns:
        return None
    if joined.table is None:
        arms: tuple[str, ...] = (one.id.partition(MARK)[2],)
    else:
        run = joined.runs[one.run].id
        arms = (arm_name(run, one.tag), arm_name(run, one.tag, one.sample)) if one.sample else (arm_name(run, one.tag),)
    return JudgedAnswer(one.id, arms, tuple(turns), samples[0].text, _annotation(joined, said, one))
