"""What the requests that a query lets through cost, by batch, and what they would have cost at once; for jobs.

Prices go by sums of tokens, not row by row: a million rows would take seconds. Where a price depends on how long a prompt is, rows are
summed by the lengths from which on it does.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import compress, pairwise
from typing import Final

from app.core.batches import pipeline
from app.core.batches.ledger import Ledger
from app.core.model.batches import Batch
from app.core.model.providers import Limits
from app.core.openai.outcomes import ANSWERS
from app.core.prices.rates import ProcessingTier, TokenCounts, TokenRates, cost, rates_for, starts
from app.core.results.time_charts import BatchAnswers, BatchSpend
from app.ports.compute import Job
from app.services.results.join_sources import address_of
from app.services.results.table_index import KeptIndex
from app.services.runtime.records import Records

_STRETCH: Final = 50_000


async def rows_by_batch(job: Job, kept: KeptIndex, mask: bytes | None) -> list[bytes]:
    """Of each batch, by its rows, 1 where the row is among those of ``mask`` (None: all)."""
    if kept.whole:
        return [mask if mask is not None else b"\1" * len(kept)]
    marks = [bytearray(len(one.rows)) for one in kept.joined.parts]
    index = kept.index
    for start in range(0, len(kept), _STRETCH):
        some = slice(start, start + _STRETCH)
        places = zip(index.batch[some], index.row[some], strict=True)
        for batch, row in places if mask is None else compress(places, mask[some]):
            if batch >= 0:
                marks[batch][row] = 1
        if job.over():
            await job.rest()
    return list(map(bytes, marks))


async def spends(job: Job, kept: KeptIndex, marks: Sequence[bytes]) -> list[BatchSpend]:
    """Of each batch of which a request among ``marks`` was billed."""
    records, found = Records(kept.store), []
    known: dict[tuple[str, str], tuple[TokenRates | None, TokenRates | None]] = {}
    for part, mark in zip(kept.joined.parts, marks, strict=True):
        if part.ledger is None:
            continue
        rows = _Rows(part.ledger, mark)
        if rows.billed:
            lane, batch = part.batch.lane, part.batch
            key = (lane.profile, lane.model)
            if key not in known:
                known[key] = (await _rates(records, batch, "batch"), await _rates(records, batch, "standard"))
            price, standard = known[key] if not batch.practice else (None, None)
            paid = rows.cost(price)
            at_once = rows.cost(standard) if paid is not None else None
            found.append(BatchSpend(batch.created, lane.model, rows.billed, paid, at_once, batch.practice))
        if job.over():
            await job.rest()
    return found


def answers_came(kept: KeptIndex, marks: Sequence[bytes]) -> list[BatchAnswers]:
    """How many answers there are of each batch that ended, and when they were here."""
    found = []
    for part, mark in zip(kept.joined.parts, marks, strict=True):
        if part.ledger is not None:
            outcomes = bytes(compress(part.ledger.outcome, mark))
            found.append(BatchAnswers(came_at(part.batch), sum(map(outcomes.count, map(int, ANSWERS)))))
    return found


def came_at(batch: Batch) -> float:
    """When the answers of a batch were here: when it entered its last state first, else when its record was written last."""
    ended = [one.at for one in batch.timeline if one.state in pipeline.FETCHED]
    return ended[0] if ended else batch.updated or batch.created


async def _rates(records: Records, batch: Batch, tier: ProcessingTier) -> TokenRates | None:
    base_url = await address_of(records, batch.lane.profile)
    limits = await records.get(Limits, batch.lane.profile)
    own = limits.value.prices if limits is not None else ()
    return rates_for(base_url, batch.lane.model, tier, own) if base_url else None


class _Rows:
    """Rows of a batch, and their tokens together: summed once for all prices."""

    def __init__(self, ledger: Ledger, mark: bytes) -> None:
        self._ledger, self._mark = ledger, mark
        self._sums = _summed(ledger, mark)
        some = map(operator.or_, ledger.input_tokens, ledger.output_tokens)
        self.billed = sum(map(bool, some if 0 not in mark else compress(some, mark)))
        """How many of them have tokens."""
        self._odd = bool(self._sums.cached) and any(map(operator.gt, ledger.cached_tokens, ledger.input_tokens))
        """More was cached than asked: such a row's prompt costs what is cached, which sums would hide."""

    def cost(self, rates: TokenRates | None) -> int | None:
        """Of these rows together, in 10^-12 dollars."""
        if rates is None:
            return None
        ledger, mark = self._ledger, self._mark
        if self._odd:
            rows = zip(ledger.input_tokens, ledger.output_tokens, ledger.cached_tokens, strict=True)
            return sum(cost(rates, TokenCounts(*one)) for one in compress(rows, mark))
        borders = starts(rates)
        if not borders:
            return cost(rates, self._sums)
        total = 0
        for low, high in pairwise([-1, *borders, 2**32]):  # a price holds above its border
            some = bytes(1 if chosen and low < tokens <= high else 0 for chosen, tokens in zip(mark, ledger.input_tokens, strict=True))
            total += cost(rates, _summed(ledger, some), at=low + 1)
        return total


def _summed(ledger: Ledger, mark: bytes) -> TokenCounts:
    columns = (ledger.input_tokens, ledger.output_tokens, ledger.cached_tokens)
    return TokenCounts(*(sum(one if 0 not in mark else compress(one, mark)) for one in columns))
