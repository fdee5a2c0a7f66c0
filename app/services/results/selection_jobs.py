"""What became of a table's rows, and what can be done with those that a person chose: counted beside the page, in the table's worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import compress, islice
from typing import Final

import msgspec

from app.core.batches.resend import ResentRows
from app.core.bodies import requests, tokens
from app.core.json import jsonread
from app.core.model import keys
from app.core.model.providers import Limits
from app.core.model.segments import Segment
from app.core.prices.estimates import ExpectedOutput, expected_output
from app.core.prices.rates import SHOWN_FOR_PRACTICE, ProcessingTier, TokenCounts, TokenRates, cost, rates_for
from app.core.results import retrying
from app.core.results.answerindex import NoSuchColumn
from app.core.results.columns import NumberColumn, WordColumn
from app.core.results.outcome_report import OutcomeCounter, OutcomeReport, free, risky, waits
from app.core.results.retrying import RetryChange
from app.ports.compute import Job, JobKind
from app.services.datasets.rows import RowsMissing
from app.services.results.join_sources import address_of
from app.services.results.table_index import KeptIndex
from app.services.results.table_jobs import PLACE, TableAsked, opened, rows_let_through
from app.services.runtime.records import Records

_STRETCH: Final = 20_000
_TIERS: Final[tuple[ProcessingTier, ...]] = ("batch", "flex", "standard")
_SAMPLE: Final = 2_000
"""Answers from which the length of the next ones is expected."""
_TOLD: Final = 60
"""Tokens of the words that tell a model what was wrong, about."""


class SelectionAsked(msgspec.Struct, frozen=True):
    """Which rows, by their batches; None: all that the query lets through. ``change``: how they would be sent again, for the price."""

    table: TableAsked
    rows: dict[str, tuple[int, ...]] | None = None
    change: RetryChange = RetryChange()


class RetryPrice(msgspec.Struct, frozen=True):
    """What requests would cost that are sent again: how many, their tokens, and 10^-12 dollars (None: no price is known): as a batch, and
    one by one at the ``flex`` and the ``standard`` price, each of a batch then being the average one of it."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int | None = None
    flex: int | None = None
    standard: int | None = None


class SelectionFacts(msgspec.Struct, frozen=True):
    """What chosen rows are. ``free`` can be sent again without being paid twice, ``risky`` were answered without a good answer or may have
    been, ``answered`` have a good answer, ``waiting`` have none yet; ``again`` were sent again from their batch already, whatever they are
    otherwise. These five add up to ``rows``."""

    rows: int = 0
    free: int = 0
    risky: int = 0
    answered: int = 0
    waiting: int = 0
    again: int = 0
    models: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    practice: bool = False
    limit: int = 0
    """The highest maximum of output tokens among the first requests; 0: none."""
    codes: dict[str, int] = {}
    """Of those that can be sent again, by error code."""
    free_price: RetryPrice = RetryPrice()
    risky_price: RetryPrice = RetryPrice()


OUTCOMES: Final = JobKind("results.outcomes", TableAsked, OutcomeReport, (RowsMissing, NoSuchColumn), PLACE)
SELECTION: Final = JobKind("results.selection", SelectionAsked, SelectionFacts, (RowsMissing, NoSuchColumn), PLACE)


async def outcomes(job: Job, asked: TableAsked) -> OutcomeReport:
    """Over all rows, whatever the query. Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked)
    words, codes, prices = _words(kept, "outcome"), _words(kept, "code"), kept.index.column("cost")
    gone = await _gone(job, kept)
    counter = OutcomeCounter()
    values = prices.values if isinstance(prices, NumberColumn) else [float("nan")] * len(kept)
    rows = zip(map(words.words.__getitem__, words.codes), map(codes.words.__getitem__, codes.codes), values, gone, strict=True)
    while some := list(islice(rows, _STRETCH)):
        counter.add(some)
        await job.rest()
    ledgers = [one.ledger for one in kept.joined.parts if one.ledger is not None]
    return counter.report(unexpected=sum(one.unexpected_count for one in ledgers), damaged=sum(one.damaged_count for one in ledgers))


async def selection(job: Job, asked: SelectionAsked) -> SelectionFacts:
    """Raises NoSuchColumn, RowsMissing."""
    kept = await opened(job, asked.table)
    mask = await rows_let_through(job, kept, asked.table.query) if asked.rows is None else await named(job, kept, asked.rows)
    chosen = range(len(kept)) if mask is None else list(compress(range(len(kept)), mask))
    words, codes, gone = _words(kept, "outcome"), _words(kept, "code"), await _gone(job, kept)
    known: dict[tuple[int, int], str] = {}
    counts, by_code, batches = Counter[str](), Counter[str](), set[int]()
    goes: dict[str, list[int]] = {"free": [], "risky": []}
    for row in chosen:
        pair = words.codes[row], codes.codes[row]
        if (kind := known.get(pair)) is None:
            kind = known[pair] = _kind(words.words[pair[0]], codes.words[pair[1]])
        if kept.index.batch[row] < 0:
            kind = "waiting"
        else:
            batches.add(kept.index.batch[row])
        if gone[row] and kind in goes:
            kind = "again"
        counts[kind] += 1
        if kind in goes:
            goes[kind].append(row)
            by_code[codes.words[pair[1]]] += 1
        if job.over():
            await job.rest()
    parts = [kept.joined.parts[one].batch for one in sorted(batches)]
    pricing = await _pricing(job, kept, asked.change)
    return SelectionFacts(
        len(chosen),
        counts["free"],
        counts["risky"],
        counts["answered"],
        counts["waiting"],
        counts["again"],
        tuple(dict.fromkeys(one.lane.model for one in parts)),
        tuple(dict.fromkeys(one.lane.endpoint for one in parts)),
        tuple(dict.fromkeys(one.lane.profile for one in parts)),
        bool(parts) and all(one.practice for one in parts),
        await _limit(kept, [*goes["risky"][:20], *goes["free"][:20]]),
        dict(by_code.most_common(20)),
        await _price(job, kept, goes["free"], asked.change, pricing),
        await _price(job, kept, goes["risky"], asked.change, pricing),
    )


def _kind(outcome: str, code: str) -> str:
    if waits(outcome):
        return "waiting"
    return "free" if free(outcome, code) else "risky" if risky(outcome, code) else "answered"


def _words(kept: KeptIndex, name: str) -> WordColumn:
    column = kept.index.column(name)
    assert isinstance(column, WordColumn)  # noqa: S101  # these two are made as words (services.results.table_index)
    return column


async def named(job: Job, kept: KeptIndex, rows: Mapping[str, tuple[int, ...]]) -> bytes:
    """By the table's rows 1 where it is one of these."""
    wanted = [frozenset(rows.get(one.batch.id, ())) for one in kept.joined.parts]
    found = bytearray(len(kept))
    for n, (batch, row) in enumerate(zip(kept.index.batch, kept.index.row, strict=True)):
        found[n] = batch >= 0 and row in wanted[batch]
        if job.over():
            await job.rest()
    return bytes(found)


async def _gone(job: Job, kept: KeptIndex) -> bytes:
    """By the table's rows 1 where it was sent again from the batch that it stands in."""
    found: bytes | None = kept.memory.get("gone")
    if found is not None:
        return found
    resent = []
    for one in kept.joined.parts:
        gone: ResentRows | None = None
        if one.batch.resent:
            (data,) = await kept.store.load([keys.again_id(one.batch.id)])
            gone = ResentRows(one.batch.requests, data, full=data is None)
        resent.append(gone)
    if not any(resent):
        found = bytes(len(kept))
    else:
        made = bytearray(len(kept))
        for n, (batch, row) in enumerate(zip(kept.index.batch, kept.index.row, strict=True)):
            gone = resent[batch] if batch >= 0 else None
            made[n] = gone is not None and row < kept.joined.parts[batch].batch.requests and row in gone
            if job.over():
                await job.rest()
        found = bytes(made)
    kept.memory["gone"] = found
    return found


# --- prices


class _Pricing(msgspec.Struct):
    """Rates by batch, and how long answers are expected to be."""

    rates: list[TokenRates | None]
    by_tier: dict[ProcessingTier, list[TokenRates | None]]
    output: ExpectedOutput


async def _pricing(job: Job, kept: KeptIndex, change: RetryChange) -> _Pricing:
    records = Records(kept.store)
    known: dict[tuple[str, str], dict[ProcessingTier, TokenRates | None]] = {}
    rates: dict[ProcessingTier, list[TokenRates | None]] = {tier: [] for tier in _TIERS}
    for one in kept.joined.parts:
        lane = one.batch.lane
        key = (lane.profile, change.model or lane.model)
        if key not in known:
            address, limits = await address_of(records, lane.profile), await records.get(Limits, lane.profile)
            own = limits.value.prices if limits is not None else ()
            base = SHOWN_FOR_PRACTICE if one.batch.practice else address
            known[key] = {tier: rates_for(base, key[1], tier, own) if base else None for tier in _TIERS}
        for tier in _TIERS:
            rates[tier].append(known[key][tier])
    column = kept.index.column("output_tokens")
    answered = _words(kept, "outcome")
    good = answered.words.index("answered") if "answered" in answered.words else -1
    lengths: list[int] = []
    if isinstance(column, NumberColumn) and good >= 0:
        found = (column.values[row] for row, code in enumerate(answered.codes) if code == good)
        lengths = [int(one) for one in islice(found, _SAMPLE) if one == one]
    await job.rest()
    return _Pricing(rates.pop("batch"), rates, expected_output(lengths, change.limit or None))


async def _price(job: Job, kept: KeptIndex, rows: list[int], change: RetryChange, pricing: _Pricing) -> RetryPrice:
    """By the tokens that a line is estimated to have. A limit that was raised may be used up: it is counted in full."""
    if not rows:
        return RetryPrice(cost=0, flex=0, standard=0)
    output = change.limit or round(pricing.output.tokens)
    known, total, inputs = True, 0, 0
    asked: dict[int, list[int]] = {}
    for row in rows:
        batch, at = kept.index.batch[row], kept.index.row[row]
        part = kept.joined.parts[batch]
        came = part.ledger
        count = (came.input_tokens[at] if came is not None else 0) or _asked_tokens(part.rows.at(at))
        if change.tell and came is not None and came.output_tokens[at]:
            count += came.output_tokens[at] + _TOLD
        inputs += count
        some = asked.setdefault(batch, [0, 0])
        some[0], some[1] = some[0] + 1, some[1] + count
        rates = pricing.rates[batch]
        if rates is None:
            known = False
        else:
            total += cost(rates, TokenCounts(count, output))
        if job.over():
            await job.rest()
    flex, standard = (_one_by_one(pricing.by_tier[tier], asked, output) for tier in ("flex", "standard"))
    return RetryPrice(len(rows), inputs, output * len(rows), total if known else None, flex, standard)


def _one_by_one(rates: Sequence[TokenRates | None], asked: Mapping[int, Sequence[int]], output: int) -> int | None:
    """Of so many requests of each batch with so many tokens together; None where a price is not known."""
    total = 0
    for batch, (count, tokens_in) in asked.items():
        known = rates[batch]
        if known is None:
            return None
        total += cost(known, TokenCounts(-(-tokens_in // count), output)) * count
    return total


def _asked_tokens(stands: tuple[Segment, int] | None) -> int:
    """Of a request, by its length (core.bodies.tokens); 0 where it cannot be read."""
    if stands is None:
        return 0
    segment, at = stands
    if segment.tokens:
        return segment.tokens[at]
    return (segment.ends[at] - (segment.ends[at - 1] if at else 0)) // tokens.BYTES


async def _limit(kept: KeptIndex, rows: Sequence[int]) -> int:
    """The highest maximum of output tokens that these requests have; 0: none has one."""
    places = {row: place for row in rows if (place := kept.request_place(row)) is not None}
    lines = await kept.lines(list(places.values()), most=1_000_000)
    found = 0
    for row, place in places.items():
        try:
            body = jsonread.value(requests.decode(lines[place]).body)
        except (KeyError, requests.LineFault, jsonread.Unreadable):
            continue
        if isinstance(body, dict):
            endpoint = kept.joined.parts[kept.index.batch[row]].batch.lane.endpoint
            found = max(found, retrying.limit_of(endpoint, body) or 0)
    return found
