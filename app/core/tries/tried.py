"""A try from its intent to its end: pure changes of its record, its price, and what the tries of a prompt say about the rest of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from app.core.json import jsonread
from app.core.model.lanes import MODERATIONS
from app.core.model.problem import Problem
from app.core.model.providers import OwnPrice, Profile
from app.core.model.tries import TriedRow
from app.core.openai.outcomes import ANSWERS, read_line
from app.core.prices import rates
from app.core.prices.rates import ProcessingTier, TokenCounts, TokenRates

MAX_KEPT: Final = 300
"""Tries of a dataset that are kept."""
MAX_ROWS: Final = 50
"""Requests that one press of a button asks."""
PRESS: Final = 20
"""Characters of a try's id that those of one press share: the prefix, the moment and the token."""
_TIERS: Final[dict[str, ProcessingTier]] = {"flex": "flex", "priority": "priority"}


def price(profile: Profile, model: str, tier: ProcessingTier = "standard", own: Iterable[OwnPrice] = ()) -> TokenRates | None:
    """What a token costs when it is answered at once; None where no price is known. The practice provider bills nothing; its tries say what
    they would cost at OpenAI."""
    base_url = rates.SHOWN_FOR_PRACTICE if profile.practice else profile.base_url
    return rates.rates_for(base_url, model, tier, own)


def below(rows: Iterable[TriedRow], table: int) -> int:
    """The position below the last row that was tried of this version of the table; 0 where none was, or all were cleared away."""
    return max((one.position + 1 for one in rows if one.table == table and not one.cleared), default=0)


def by_press(rows: Sequence[TriedRow]) -> list[TriedRow]:
    """Tries as they are read: those of the last press of the button first, and of one press in the order of the table's rows, however the
    answers came. ``rows``: oldest first. Those of one press are known by their ids (core.base.ids.series), which have one length and differ
    at the end only."""
    presses: list[list[TriedRow]] = []
    known: dict[str, list[TriedRow]] = {}
    for one in rows:
        press = one.id[:PRESS]
        if press not in known:
            presses.append(known.setdefault(press, []))
        known[press].append(one)
    return [one for press in reversed(presses) for one in sorted(press, key=lambda each: (each.position, each.id))]


class _Answer(msgspec.Struct, frozen=True):
    service_tier: Any = None


def ended(
    tried: TriedRow, body: bytes, now: float, profile: Profile, problem: Problem | None = None, own: Iterable[OwnPrice] = ()
) -> TriedRow:
    """The try with its answer, of which ``body`` is what came: all of it, or with a ``problem`` a part."""
    read = read_line(line(tried.id, body), "output")
    good = problem is None and read.outcome in ANSWERS
    counts = TokenCounts(read.input_tokens, read.output_tokens, read.cached_tokens)
    return replace(
        tried,
        state="answered" if good else "failed",
        ended=now,
        answer=bool(body),
        input=read.input_tokens,
        cached=read.cached_tokens,
        output=read.output_tokens,
        reasoning=read.reasoning_tokens,
        cost=_cost(tried, body, counts, profile, own),
        problem=problem if good or problem is not None else unexpected(profile, read.message or read.damaged),
    )


def _cost(tried: TriedRow, body: bytes, counts: TokenCounts, profile: Profile, own: Iterable[OwnPrice]) -> int | None:
    if tried.endpoint == MODERATIONS and (profile.practice or rates.provider_of(profile.base_url) == "openai"):
        return 0  # «free to use» (OpenAI, moderation guide)
    if not counts.input and not counts.output:
        return None
    try:
        said = jsonread.typed(body, _Answer, depth=jsonread.SKIP_DEPTH).service_tier
    except jsonread.Unreadable:
        said = None
    tier = _TIERS.get(said, "standard") if isinstance(said, str) else "standard"
    found = price(profile, tried.model, tier, own)
    return rates.cost(found, counts) if found is not None else None


def line(custom_id: str, body: bytes, status: int = 200, request_id: str = "") -> bytes:
    """An answer as a line of an output file has it, without its newline: who reads those reads these."""
    outer = {"custom_id": custom_id, "response": {"status_code": status, "request_id": request_id, "body": msgspec.Raw(body or b"null")}}
    return msgspec.json.encode({**outer, "error": None})


# --- what tries say about the rest


def outputs(tries: Iterable[TriedRow], prompt: str, profile: str, model: str) -> list[int]:
    """Output tokens of the answers to this prompt by this model of this provider, as :func:`app.core.prices.estimates.expected_output`
    takes them. Answers that were cut off at their limit count: so are those of the batch."""
    asked = [one for one in tries if (one.prompt, one.profile, one.model) == (prompt, profile, model)]
    return [one.output for one in asked if one.state == "answered" and one.output]


def spent(tries: Iterable[TriedRow]) -> tuple[int, int]:
    """What tries cost, in 10^-12 dollars, as far as it is known, and of how many it is not known although something came."""
    known = [one.cost for one in tries if one.answer and not one.practice]
    return sum(cost for cost in known if cost is not None), sum(cost is None for cost in known)


def about(sizes: Sequence[int], expected: float, found: TokenRates | None) -> int | None:
    """What requests with so many input tokens each will cost, about, in 10^-12 dollars; None where no price is known."""
    return None if found is None else sum(rates.cost(found, TokenCounts(size, round(expected))) for size in sizes)


# --- what can go wrong

_PAID: Final = "It may have been answered, and billed. Nightshift doesn’t resend it automatically."


def left_open() -> Problem:
    """A try that was asked, and whose page went before the answer came."""
    return Problem(
        code="may_be_answered",
        what="The page was closed, or another tab took over, before an answer arrived.",
        means=_PAID,
        do="Try the row again if you want to: it is then paid for again.",
        blame="platform",
        doubtful=True,
    )


def stopped(begun: bool) -> Problem:
    """The person stopped it. ``begun``: a part of the answer had come."""
    means = "What was generated until then may be billed." if begun else _PAID
    return Problem(
        code="stopped", what="You stopped it.", means=means, do="Try the row again to have it answered.", blame="person", doubtful=True
    )


def cut_short(profile: Profile, code: str = "", said: str = "") -> Problem:
    """A stream that ended before the answer did; ``said``: the provider's own words, where it told of a fault."""
    name = profile.name or profile.base_url
    what = f"{name} cut the answer off: “{said}”" if said else f"The answer of {name} ended before it was whole."
    return Problem(
        code=code or "cut_short",
        what=what,
        means="What arrived is kept. It is billed as far as it was generated.",
        do="Wait a moment, then try the row again.",
        retry=True,
        doubtful=True,
        detail=said,
    )


def too_large(most: str) -> Problem:
    """An answer of more bytes than are read."""
    return Problem(
        code="answer_too_large",
        what=f"The answer has more than {most}, so it was not read to its end.",
        means="It is billed. What arrived is not kept.",
        do="Ask for less in one answer, then try the row again.",
        blame="person",
        doubtful=True,
    )


def unexpected(profile: Profile, said: str) -> Problem:
    """An answer with success that is none."""
    name = profile.name or profile.base_url
    return Problem(
        code="unexpected_answer",
        what=f"{name} answered with something that is not an answer to such a request{f': “{said}”' if said else '.'}",
        means="It may be billed. It is kept as it arrived.",
        do="Check what arrived, the base URL and the endpoint, then try the row again.",
        doubtful=True,
        detail=said,
    )


def not_sendable(sentence: str, remedy: str, code: str) -> Problem:
    """A row of which no request can be made."""
    return Problem(code=code, what=sentence, means="It was not sent; nothing is billed.", do=remedy, blame="person")


def too_many() -> Problem:
    """A dataset has as many tries as are kept."""
    return Problem(
        code="too_many_tries",
        what=f"{MAX_KEPT} tries of this table are kept, and there is no space for more.",
        means="Nothing was sent; nothing is billed.",
        do="Clear tries that you no longer need, then try again.",
        blame="person",
    )


def ours(error: str) -> Problem:
    """A fault of Nightshift's own."""
    return Problem(
        code="fault",
        what="Nightshift had an internal error with this row.",
        means=_PAID,
        do="Try the row again. If this continues, report it with the technical details.",
        blame="ours",
        doubtful=True,
        detail=error,
    )
