"""What a batch was expected to cost, and what it cost by the usage that its answers state."""

from __future__ import annotations

from collections.abc import Callable

from simple_html import p

from app.core.base import text
from app.core.batches import pipeline
from app.core.model.batches import Batch, Foreseen
from app.ui.base.markup import NOTHING, Node, at
from app.ui.base.state import State


def cost(state: State, one: Batch) -> Node:
    """In a sentence or two. Practice bills nothing; of a batch that went back to the queue nothing is to be paid here."""
    profile = state.provider.profiles.get(one.lane.profile)
    if one.practice or one.state == "withdrawn" or profile is None:
        return NOTHING
    from app.core.batches.spending import cost_of  # with the table of prices, which most pages never need
    from app.core.prices.rates import about, dollars, rates_for

    limits = state.provider.limits.get(profile.id)
    own = limits.prices if limits is not None else ()
    rates = rates_for(profile.base_url, one.lane.model, one.tier, own)
    said = [_expected(one.foreseen, about)] if one.foreseen is not None else []
    tally = one.tally
    if one.state in pipeline.FINAL and (tally.input_tokens or tally.output_tokens):
        used = f"{text.count(tally.input_tokens, 'token')} in and {text.number(tally.output_tokens)} out"
        if rates is None:
            said.append(f"By the usage of its answers: {used}; no {one.tier} price is known.")
        else:
            paid, whose = cost_of(one, profile, own), " at your price" if rates.own else ""
            said.append(f"By the usage of its answers: {dollars(paid)}{whose} for {used}{_against(one, paid)}.")
    return p(at("pad dim cost"), " ".join(said)) if said else NOTHING


def _expected(known: Foreseen, about: Callable[[int], str]) -> str:
    """What its submission said."""
    what = about(known.cost) if known.cost is not None else "no batch price was known"
    why = "as earlier answers had" if known.learnt else "assumed"
    out = f"{text.number(known.output_tokens)} out, {why}"
    return f"Expected when it was submitted: {what} ({text.count(known.input_tokens, 'token')} in, {out})."


def _against(one: Batch, paid: int) -> str:
    """How far it was off."""
    expected = one.foreseen.cost if one.foreseen is not None else None
    if not expected:
        return ""
    share = round(100 * (paid - expected) / expected)
    return f", {text.percent(abs(share))} {'more' if share > 0 else 'less'} than expected" if share else ", as expected"
