"""Rules of steps: when one goes, what stops it, and what it is expected to cost. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from app.core.base import text
from app.core.batches import pipeline
from app.core.model.batches import Batch, Foreseen
from app.core.model.sendings import FollowUp, QueuedRows
from app.core.model.steps import NextStep
from app.core.prices.rates import PER_DOLLAR, TokenCounts, TokenRates, cost, dollars

MOST_LIMIT: Final = 100_000
"""Dollars that a step may be allowed at most."""
MAX_STEPS: Final = 100
"""Steps of one table that may wait at a time."""
_TOKENS: Final = 300
"""Of a request, and of an answer, about which nothing is known."""
_BYTES: Final = 4
_CENT: Final = PER_DOLLAR // 100


class StepReady(NamedTuple):
    """Whether a step may go now. ``stops``: it never will, as a sentence."""

    now: bool = False
    stops: str = ""


def leads_back(step: NextStep, steps: Iterable[NextStep]) -> bool:
    """Whether a step waits, over others, for itself. None that is planned here does; what an import brought may."""
    by_run = {one.run: one for one in (*steps, step)}
    seen: set[str] = set()
    at: NextStep | None = step
    while at is not None and at.run not in seen:
        seen.add(at.run)
        at = by_run.get(at.after)
    return at is not None


def ready(step: NextStep, steps: Sequence[NextStep], added: QueuedRows | None, batches: Iterable[Batch]) -> StepReady:
    """``added``: the addition that it waits for, where there is one yet. Whether each of its requests has its outcome is known only where
    they are read (services.results.follow_job)."""
    if leads_back(step, steps):
        return StepReady(stops="It waits, through other steps, for itself.")
    if added is None:
        before = next((one for one in steps if one.run == step.after), None)
        if before is None:
            return StepReady(stops="What it waits for is no longer in this browser.")
        if before.state in ("stopped", "cancelled"):
            return StepReady(stops=f"The step before it {'stopped' if before.state == 'stopped' else 'was cancelled'}.")
        return StepReady()
    mine = [one for one in batches if step.after in one.additions and one.state != "withdrawn"]
    if any(one.state == "cancelled" for one in mine):
        return StepReady(stops="A batch that it waited for was cancelled.")
    return StepReady(now=bool(mine) and all(one.state in pipeline.FINAL for one in mine))


def progress(step: NextStep, batches: Iterable[Batch]) -> tuple[int, int]:
    """How many of the batches that a step waits for have ended, and how many there are so far."""
    mine = [one for one in batches if step.after in one.additions and one.state != "withdrawn"]
    return sum(one.state in pipeline.FINAL for one in mine), len(mine)


def expected(before: Foreseen | None, requests: int, step: NextStep, rates: TokenRates | None) -> Foreseen:
    """What a step would come to. ``before``: what is known of the ``requests`` whose answers it waits for."""
    inputs = before.input_tokens if before is not None else _TOKENS * requests
    outputs = before.output_tokens if before is not None else _TOKENS * requests
    message = added_tokens(step.follow) * requests
    tokens = (outputs if step.follow.alone else inputs + outputs) + message
    each = TokenCounts(-(-tokens // max(1, requests)), -(-outputs // max(1, requests)))
    return Foreseen(tokens, outputs, before is not None and before.learnt, cost(rates, each) * requests if rates is not None else None)


def added_tokens(follow: FollowUp) -> int:
    """How many tokens each request has more by what is asked, about: its message, system message and schema."""
    said = (follow.message, follow.system if follow.alone else "", follow.schema if follow.form == "schema" else "")
    return -(-sum(len(one.encode("utf-8", "replace")) for one in said) // _BYTES)


def proposed_limit(foreseen: Foreseen) -> str:
    """Twice what is expected, in whole cents, as it is typed."""
    cents = max(1, -(-2 * (foreseen.cost or 0) // _CENT))
    return f"{cents // 100}.{cents % 100:02d}"


def limit_of(typed: str) -> int | None:
    """A limit in dollars as it was typed, in 10^-12 dollars; None where it is none."""
    words = typed.strip().removeprefix("$").replace(",", ".")
    head, _, tail = words.partition(".")
    if not (head or tail) or not (head or "0").isdecimal() or not (tail or "0").isdecimal() or len(head) > 9 or len(tail) > 9:
        return None
    found = int(head or "0") * PER_DOLLAR + int((tail or "0").ljust(12, "0"))
    return found if 0 < found <= MOST_LIMIT * PER_DOLLAR else None


def too_dear(amount: int, limit: int) -> str:
    """Why a step stops that would cost more than was accepted."""
    return f"Its requests would cost about {dollars(amount)}, and you accepted {dollars(limit)} at most. Nothing was queued."


def name_of(step: NextStep, length: int = 60) -> str:
    """What a step is called: the first words of its message."""
    return f"“{text.shorten(' '.join(step.follow.message.split()), length)}”"
