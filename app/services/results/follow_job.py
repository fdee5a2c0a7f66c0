"""Making the requests that follow answers (core.results.following) as a job: looked over and priced, or stored and the queue's in one
commit at the end."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from app.core.base import text
from app.core.bodies import requests, tokens
from app.core.bodies.requests import LineFault, LineRun
from app.core.datasets.table import cell_text
from app.core.json import jsonread
from app.core.model import keys
from app.core.model.annotations import Annotation
from app.core.model.lanes import Lane
from app.core.model.providers import Limits
from app.core.model.sendings import FollowUp, QueuedRows, SentVariant
from app.core.model.steps import NextStep
from app.core.planning.report import RunGatherer
from app.core.planning.rowrequests import Unplannable
from app.core.prices.rates import SHOWN_FOR_PRACTICE, TokenCounts, TokenRates, cost, rates_for
from app.core.results.following import (
    Followed,
    FollowIds,
    MessageNames,
    MessageWriter,
    Unfollowed,
    UnusableMessage,
    WrittenMessages,
    answer_to_follow,
    body_of,
)
from app.core.results.following_form import AnswerForm
from app.core.results.joining import JoinedRequest, JoinedRow, JoinOrder
from app.core.results.lines import fields_of
from app.core.results.outcome_report import waits
from app.core.results.stepping import too_dear
from app.ports import Change, PutBytes
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.planning.storing import QueueStoring
from app.services.results.annotation_columns import annotations_of
from app.services.results.join import Join, open_join
from app.services.results.join_sources import address_of
from app.services.runtime.isolation import PASSES, reason
from app.services.runtime.records import Records, put

_FIELDS_SEEN: Final = 50
"""Answers whose fields are named to the person."""
_CELL: Final = 2_000
"""Characters of a cell that are shown of the first request."""
_USUAL: Final = 300
"""Tokens of an answer where nothing is known of those before."""


class FollowOrder(msgspec.Struct, frozen=True):
    """Which answers are followed (``rows`` by their batches, of this join) by what (``record.follow``). ``queued``: the requests are to be
    added to the queue; that this is under way (QueueingRows) was stored before. Else they are counted, whatever the message.

    With a ``step`` (of revision ``rev``) these are the good answers to the addition that it waits for: when each of its requests has an
    outcome, and what follows costs no more than the step may, the step says so in the commit that has the requests in the queue."""

    record: QueuedRows
    join: JoinOrder
    rows: dict[str, tuple[int, ...]]
    queued: bool = False
    step: NextStep | None = None
    rev: int = 0


class FollowLane(msgspec.Struct, frozen=True):
    """The requests for one queue. ``input_tokens`` as their lines tell, without the message where they were only counted; ``cost`` of all
    of it and of ``token``, one more token in: 10^-12 dollars at the price of a batch, None where it is not known."""

    lane: Lane
    requests: int
    input_tokens: int
    output_tokens: int
    cost: int | None
    token: int
    practice: bool


class FollowReport(msgspec.Struct, frozen=True):
    """What follows, and what stays. ``names`` are what the message may name, ``first`` what these are in the first request; ``corrected``
    are those whose answer a person corrected."""

    record: QueuedRows
    lanes: tuple[FollowLane, ...]
    stays: dict[str, int]
    corrected: int
    columns: tuple[str, ...]
    names: tuple[str, ...]
    first: tuple[str, ...]

    @property
    def requests(self) -> int:
        """How many."""
        return sum(one.requests for one in self.lanes)


class StillWaiting(Exception):
    """Requests that a step waits for have no outcome yet; nothing was done."""


FOLLOW: Final = JobKind("results.follow", FollowOrder, FollowReport, (Unplannable, RowsMissing, StillWaiting))


async def follow(job: Job, order: FollowOrder) -> FollowReport:
    """Raises Unplannable where none can be queued, StillWaiting, RowsMissing, and what the store raises: then nothing is in the queue, and
    what was stored is to be cleared."""
    store, step = await job.store(), order.step
    if step is None:
        joined = await open_join(job, replace(order.join, batches=tuple(order.rows), asked=True))
        joined.choose(order.rows)
    else:
        joined = await open_join(job, JoinOrder(step.dataset, asked=True))
        if waiting := _waiting(joined, step.after):
            raise StillWaiting(f"{text.count(waiting, 'request')} {'has' if waiting == 1 else 'have'} no outcome yet.")
    said = await annotations_of(store, [one.id for one in joined.batches])
    made = _Made(job, Records(store), order, joined, said)
    async with nullcontext() if made.storing is None else made.storing.runs:
        async for row in joined.each(asked=True):
            for one in row.requests:
                if step is None or joined.runs[one.run].id == step.after:
                    await made.take(row, one)
            if job.over():
                job.moved(row.position + 1, joined.rows)
                await job.rest()
        await made.last()
    return await made.end()


def _waiting(joined: Join, run: str) -> int:
    """How many requests of an addition have no outcome yet."""
    mine = [sendings for way, sendings in zip(joined.ways, joined.sendings, strict=True) if joined.runs[way.run].id == run]
    return sum(waits(one.outcome(position)) for one in mine for position in range(len(one)) if one.known(position))


class _Lane:
    """The requests for one queue as they are counted."""

    def __init__(self, rates: TokenRates | None, practice: bool) -> None:
        self.rates, self.practice = rates, practice
        self.gatherer = RunGatherer()
        self.inputs: list[int] = []
        self.outputs: list[int] = []


class _Made:
    """Requests as they are made."""

    def __init__(self, job: Job, records: Records, order: FollowOrder, joined: Join, said: dict[str, dict[int, Annotation]]) -> None:
        assert order.record.follow is not None  # noqa: S101  # only such are ordered
        self._job, self._records, self._order, self._joined, self._said = job, records, order, joined, said
        self._follow, self._table = order.record.follow, joined.table is not None
        self._names, self._form = MessageNames(joined.columns), AnswerForm(self._follow if order.queued else FollowUp(""))
        self._fields: dict[str, None] = {}
        self._ids = FollowIds(order.record.id, alone=self._follow.alone)
        self._lanes: dict[Lane, _Lane] = {}
        self._stays = Counter[str]()
        self._followed: list[Followed] = []
        self._first: tuple[list[str], str] | None = None
        self._corrected = 0
        self.storing = QueueStoring(records, order.record, job.clock.now()) if order.queued else None
        try:
            self._writer = MessageWriter(self._follow, joined.columns) if order.queued else None
        except UnusableMessage as error:
            raise Unplannable(str(error)) from None

    async def take(self, row: JoinedRow, one: JoinedRequest) -> None:
        """One of the chosen requests."""
        if one.batch < 0:
            self._stays["were not answered"] += 1
            return
        try:
            await self._take(row, one)
        except Unfollowed as stays:
            self._stays[str(stays)] += 1
        except PASSES:
            raise
        except Exception as error:  # the boundary of one request: the others are followed
            self._stays["could not be read"] += 1
            self._job.fault(one.id, reason(error))

    async def _take(self, row: JoinedRow, one: JoinedRequest) -> None:
        batch = self._joined.parts[one.batch].batch
        endpoint, annotation = batch.lane.endpoint, self._said.get(batch.id, {}).get(one.row)
        correction = annotation.correction if annotation is not None else None
        if self._order.step is not None and one.outcome == "flawed" and not correction:
            raise Unfollowed("have no good answer")
        answer = answer_to_follow(endpoint, one.outcome, one.line, correction)
        body, url = _asked(one.asked)
        written = self._writer.write(row.cells, answer) if self._writer is not None else WrittenMessages("")
        if self._table:
            run = self._joined.runs[one.run].id
            id = self._ids.of_row(row.id, run, one.tag, one.sample)
        else:
            id = self._ids.of_request(one.id)
        try:
            line = requests.line(id, url, body_of(endpoint, body, self._follow, answer, written, self._form))
        except LineFault:
            raise Unfollowed("hold half a character") from None
        self._corrected += answer == correction
        if self._first is None:
            self._first = [cell_text(cell) for cell in row.cells], answer
        if len(self._followed) < _FIELDS_SEEN:
            self._fields |= dict.fromkeys(fields_of(answer) or ())
        self._followed.append(Followed(id, batch.id, one.row))
        lane = replace(batch.lane, model=self._follow.model or batch.lane.model)
        if lane not in self._lanes:
            self._lanes[lane] = _Lane(await self._rates(lane, practice=batch.practice), batch.practice)
        known = self._lanes[lane]
        known.inputs.append(tokens.of_line(line))
        if one.usage.output:
            known.outputs.append(one.usage.output)
        if self.storing is not None:
            for run_ in known.gatherer.extend(LineRun((id,), (len(line),), line)):
                await self.storing.run(lane, run_)

    async def _rates(self, lane: Lane, *, practice: bool) -> TokenRates | None:
        limits = await self._records.get(Limits, lane.profile)
        base = SHOWN_FOR_PRACTICE if practice else await address_of(self._records, lane.profile)
        return rates_for(base, lane.model, "batch", limits.value.prices if limits is not None else ()) if base else None

    async def last(self) -> None:
        """There are no more."""
        for lane, known in self._lanes.items():
            if self.storing is not None and (run := known.gatherer.last()) is not None:
                await self.storing.run(lane, run)

    async def end(self) -> FollowReport:
        """What came of it; what is to be stored is."""
        tags = self._ids.tags
        batches = tuple(dict.fromkeys(one.batch for one in self._followed))
        record = replace(self._order.record, requests=len(self._followed), variants=tuple(map(SentVariant, tags)), followed=batches)
        if self.storing is not None:
            if not self.storing.segments:
                raise Unplannable("None of these can be followed. Nothing was added to the queue.")
            await self._job.rest()  # the last moment at which it can be called off
            extra: list[Change] = [PutBytes(keys.sent_rows_id(record.id), msgspec.json.encode(self._followed))]
            if (step := self._order.step) is not None:
                self._affordable(step)
                made = replace(step, state="queued", why="", requests=record.requests, changed=self._job.clock.now())
                extra.append(put(made, self._order.rev))
            await self.storing.end(record, extra)
        cells, answer = self._first or ([], "")
        names = [f"{self._names.answer}.{one}" for one in self._fields]
        return FollowReport(
            record,
            tuple(_counted(lane, known) for lane, known in self._lanes.items()),
            dict(self._stays),
            self._corrected,
            tuple(self._joined.columns),
            (*self._joined.columns, self._names.answer, *names),
            tuple(one[:_CELL] for one in (*cells, *[""] * (len(self._joined.columns) - len(cells)), answer)),
        )

    def _affordable(self, step: NextStep) -> None:
        """Raises Unplannable where what follows may cost more than was accepted. Practice bills nothing."""
        lanes = [_counted(lane, known) for lane, known in self._lanes.items() if not known.practice]
        if any(one.cost is None for one in lanes):
            raise Unplannable("No price is known for its model, so it is not known whether it stays below your limit. Nothing was queued.")
        if (amount := sum(one.cost or 0 for one in lanes)) > step.limit:
            raise Unplannable(too_dear(amount, step.limit))


def _asked(line: bytes | None) -> tuple[dict[str, Any], str]:
    """The body of a request that was sent, and its path. Raises Unfollowed."""
    if line is None:
        raise Unfollowed("have a request that is not in this browser any more")
    try:
        asked = requests.decode(line)
        body = jsonread.value(asked.body)
    except (LineFault, jsonread.Unreadable):
        body = None
    if not isinstance(body, dict):
        raise Unfollowed("have a request that cannot be read")
    return body, asked.url


def _counted(lane: Lane, known: _Lane) -> FollowLane:
    """As long as the answers so far are the next ones expected to be."""
    output = round(sum(known.outputs) / len(known.outputs)) if known.outputs else _USUAL
    rates = known.rates
    total = sum(cost(rates, TokenCounts(one, output)) for one in known.inputs) if rates is not None else None
    token = rates.input.base if rates is not None else 0
    return FollowLane(lane, len(known.inputs), sum(known.inputs), output * len(known.inputs), total, token, known.practice)
