"""What the requests of a plan cost: their tokens counted in a sample, priced by model in both ways of being processed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from app.core.json import jsonread
from app.core.model.batches import Foreseen
from app.core.model.providers import OwnPrice
from app.core.openai.encodings import encoding_of
from app.core.planning.answered import AnsweredRequests
from app.core.planning.report import PlannedVariant, PlanReport, SampledPrompt
from app.core.prices import rates
from app.core.prices.estimates import CostEstimate, ExpectedOutput, estimate
from app.ports import LibraryMissing, Tokenizers

CountedBy = Literal["exact", "estimated", "bytes"]
"""``exact``: in the model's own encoding; ``estimated``: in another one, as the model's is not known; ``bytes``: one token for 4 bytes, as
nothing could count."""
_FEW = 500
"""Requests that stand for all of a lane of which nothing was counted."""
_sampled = jsonread.Decoder[SampledPrompt](SampledPrompt, depth=jsonread.OWN_DEPTH)


class CountedLane(msgspec.Struct, frozen=True):
    """Of a lane's requests those that were counted: their prompt tokens. Where rows are asked in several ways, those of one. ``why``: a
    sentence where nothing could count. ``spread``: all of them were counted, and so many have so many tokens: [(tokens, requests), …]."""

    model: str
    requests: int
    tokens: tuple[int, ...]
    by: CountedBy
    why: str = ""
    tag: str = ""
    """Which variant it is."""
    spread: tuple[tuple[int, int], ...] = ()

    @property
    def counted(self) -> int:
        """How many of its requests were."""
        return self.requests if self.spread else len(self.tokens)


class LanePrice(msgspec.Struct, frozen=True):
    """What a lane's requests cost. Of ``batch`` and ``standard`` each has no cost where no such price is known."""

    model: str
    by: CountedBy
    batch: CostEstimate
    standard: CostEstimate
    tag: str = ""
    own: bool = False
    """Whether any of it is the person's own price."""


async def counted(report: PlanReport, sample: bytes, tokenizers: Tokenizers) -> tuple[CountedLane, ...]:
    """Count the sample, lane by lane, and variant by variant."""
    prompts: dict[tuple[str, str], list[SampledPrompt]] = {}
    for line in sample.split(b"\n"):
        if line:
            one = _sampled.decode(line)
            prompts.setdefault((one.tag, one.model), []).append(one)
    return tuple([await _counted(one, prompts.get((one.tag, one.model), []), tokenizers) for one in report.variants])


async def _counted(of: PlannedVariant, prompts: Sequence[SampledPrompt], tokenizers: Tokenizers) -> CountedLane:
    known = encoding_of(of.model)
    if not prompts:  # few requests among many of others: none was drawn
        return CountedLane(of.model, of.requests, (), "bytes", "None of its requests is in the sample.", of.tag)
    try:
        found = await tokenizers.counts(known.encoding, [one.text for one in prompts])
    except LibraryMissing as error:
        return CountedLane(of.model, of.requests, tuple(one.rough for one in prompts), "bytes", str(error), of.tag)
    tokens = tuple(count + one.extra for count, one in zip(found, prompts, strict=True))
    return CountedLane(of.model, of.requests, tokens, "exact" if known.exact else "estimated", tag=of.tag)


def foreseen(prices: Sequence[LanePrice]) -> Foreseen:
    """What all of them come to together, to be kept with what is added to the queue."""
    costs = [one.batch.cost for one in prices]
    known = [one for one in costs if one is not None]
    return Foreseen(
        sum(one.batch.input_tokens for one in prices),
        round(sum(one.batch.output.tokens * one.batch.rows for one in prices)),
        bool(prices) and all(one.batch.output.source != "assumed" for one in prices),
        sum(known) if known and len(known) == len(costs) else None,
    )


def spared(answered: Sequence[AnsweredRequests], prices: Sequence[LanePrice], alone: Callable[[CountedLane, int], LanePrice]) -> int | None:
    """What requests that were answered already would cost again, about, in 10^-12 dollars: as much as the others of their way.
    ``alone`` prices those of a way that has no others. None where no batch price is known."""
    known = {(one.tag, one.model): one.batch for one in prices if one.batch.rows}
    total = 0
    for one in answered:
        like = known.get((one.tag, one.model))
        if like is None:
            like = alone(CountedLane(one.model, one.requests, (), "bytes", tag=one.tag), one.tokens).batch
        if like.cost is None:
            return None
        total += like.cost * one.requests // like.rows
    return total


def priced(lane: CountedLane, rough: int, output: ExpectedOutput, base_url: str, own: Sequence[OwnPrice] = ()) -> LanePrice:
    """What a lane's requests cost in a batch, and answered at once. ``rough``: its tokens as its bytes tell, for a lane of which nothing
    was counted."""
    batch, standard = (rates.rates_for(base_url, lane.model, tier, own) for tier in ("batch", "standard"))
    tokens: Sequence[int] | Mapping[int, int] = dict(lane.spread) or lane.tokens
    if not tokens and lane.requests:
        tokens = [round(rough / lane.requests)] * min(lane.requests, _FEW)
    made = estimate(tokens, lane.requests, output, batch, standard, price_date=rates.DATE)
    at_once = estimate(tokens, lane.requests, output, standard, price_date=rates.DATE)
    mine = any(one is not None and one.own for one in (batch, standard))
    return LanePrice(lane.model, lane.by, made, at_once, lane.tag, mine)
