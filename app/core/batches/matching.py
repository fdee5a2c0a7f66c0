"""Answers under other ids than the batch's: which request is meant, where the ids themselves prove it or their numbers say it.

Some servers rename ids: they add a prefix or a suffix, change the case, cut them off, or number the requests. Order alone proves nothing:
output files are in another order than their input (OpenAI batch guide). A proposal is used only when the person says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

import msgspec

from app.core.base.patterns import pattern
from app.core.batches.ledger import Ledger
from app.core.openai.outcomes import Outcome

_NUMBER: Final = pattern(r"(.*?)(\d{1,9})(\D*)")
_TRIED: Final = 200
"""Affixes that are tried: the first strange id is looked for in all open ones."""


class Match(msgspec.Struct, frozen=True):
    """``pairs``: the id in the file and the id of the request, for each that could be matched. ``by``: what they were matched by: one id
    is in the other (``name``), or they number the requests in their order (``number``)."""

    by: Literal["name", "number"]
    pairs: dict[str, str]


def open_ids(ledger: Ledger) -> list[str]:
    """The requests that an answer under another id may be meant for, in order: no line mentions them, and they may have been answered."""
    return [ledger.ids[row] for row in ledger.rows(Outcome.UNFOUND) if ledger.place_of(row) is None]


def propose(open_ids: Sequence[str], unexpected: Sequence[str]) -> Match | None:
    """Match every strange id to one of the open ones, each to another. None where that cannot be done without guessing. ``open_ids`` are
    those of the requests without an answer, in their order."""
    unexpected = list(dict.fromkeys(unexpected))
    if not unexpected or len(unexpected) > len(open_ids):
        return None
    known = dict.fromkeys(open_ids)
    for change in _changes(known, unexpected[0]):
        if (pairs := _one_to_one(unexpected, change, known)) is not None:
            return Match("name", pairs)
    numbers = _numbered(unexpected)
    if numbers is not None and len(unexpected) == len(open_ids):
        first = min(numbers.values())
        if sorted(numbers.values()) == list(range(first, first + len(unexpected))) and first in (0, 1):
            return Match("number", {id: open_ids[n - first] for id, n in numbers.items()})
    return None


def _one_to_one(unexpected: Sequence[str], change: Callable[[str], str | None], known: Mapping[str, None]) -> dict[str, str] | None:
    pairs: dict[str, str] = {}
    used: set[str] = set()
    for id in unexpected:
        found = change(id)
        if found is None or found not in known or found in used:
            return None
        used.add(found)
        pairs[id] = found
    return pairs


def _changes(known: Mapping[str, None], first: str) -> list[Callable[[str], str | None]]:
    """Ways from a strange id to the one it was made of."""
    folded: dict[str, str | None] = {}
    for id in known:
        key = id.strip().casefold()
        folded[key] = None if key in folded else id  # two that differ in their case only are not told apart
    found: list[Callable[[str], str | None]] = [lambda id: folded.get(id.strip().casefold())]
    inside = sorted((id for id in known if id and id in first), key=len, reverse=True)  # “r11” before “r1”
    for id in inside[:_TRIED]:
        before, _, after = first.partition(id)
        found.append(_without(before, after))
    surroundings = [id for id in known if first and first in id]
    if len(surroundings) == 1:  # a part that two of them have says nothing
        before, _, after = surroundings[0].partition(first)
        found.append(_within(before, after))
    by_length: dict[int, dict[str, str | None]] = {}

    def cut(id: str) -> str | None:
        if len(id) not in by_length:
            begun = by_length[len(id)] = {}
            for one in known:
                if len(one) > len(id):
                    begun[one[: len(id)]] = None if one[: len(id)] in begun else one
        return by_length[len(id)].get(id) if len(id) >= 8 else None

    return [*found, cut]


def _without(before: str, after: str) -> Callable[[str], str | None]:
    def change(id: str) -> str | None:
        fits = id.startswith(before) and id.endswith(after) and len(id) > len(before) + len(after)
        return id[len(before) : len(id) - len(after)] if fits else None

    return change


def _within(before: str, after: str) -> Callable[[str], str | None]:
    return lambda id: f"{before}{id}{after}"


def _numbered(unexpected: Sequence[str]) -> dict[str, int] | None:
    """The numbers of ids that are otherwise alike."""
    found: dict[str, int] = {}
    surroundings: set[tuple[str, str]] = set()
    for id in unexpected:
        match = _NUMBER.fullmatch(id)
        if match is None:
            return None
        surroundings.add((match[1], match[3]))
        found[id] = int(match[2])
    return found if len(surroundings) == 1 and len(set(found.values())) == len(found) else None
