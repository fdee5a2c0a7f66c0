"""Pairs of answers to the same prompt of which people prefer one: what preference tuning is given. Pure.

A blind vote decides about the two answers that it was cast on; else ratings, else marks of which one is good and the other bad. An answer
that a person corrected is less preferred than its correction. Who says of two answers that they are equal says nothing about which is
better: such pairs are counted, and are in no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final, Literal, NamedTuple

import msgspec

from app.core.model.annotations import Annotation
from app.core.model.votes import Vote

MOST_OF_A_PROMPT: Final = 50
"""Answers to one prompt that are compared with each other: 1,225 pairs."""
Turns = tuple[tuple[str, str], ...]
"""What was asked, as (role, text)."""
Verdict = Literal["first", "second", "tie", ""]
_encode: Final = msgspec.json.Encoder().encode


class JudgedAnswer(NamedTuple):
    """A good answer with what is said of it. ``arms``: the names that its arm may have in a comparison (core.results.comparing)."""

    id: str
    """Of its request, its custom_id."""
    arms: tuple[str, ...]
    asked: Turns
    text: str
    annotation: Annotation = Annotation()


class PreferencePair(NamedTuple):
    """``chosen`` is preferred to ``rejected``."""

    asked: Turns
    chosen: str
    rejected: str


class PairCounts(msgspec.Struct):
    """What became of the pairs that people judged: in the file; left out as equal, because both answers have the same words, or because the
    two were asked otherwise."""

    written: int = 0
    ties: int = 0
    alike: int = 0
    otherwise: int = 0
    beyond: int = 0
    """Judged answers that were not looked at, since there are too many."""


class PairVotes:
    """Blind votes by their two arms."""

    def __init__(self, votes: Iterable[tuple[str, str, Mapping[str, Vote]]]) -> None:
        self._votes = {(first, second): cast for first, second, cast in votes}
        self.ids = frozenset(id for cast in self._votes.values() for id in cast)
        """Of the requests whose answers were the first ones of a vote."""

    def of(self, first: JudgedAnswer, second: JudgedAnswer) -> Verdict:
        """What was said of these two answers; "" where nothing was."""
        for one in first.arms:
            for other in second.arms:
                if found := self._votes.get((one, other), {}).get(first.id):
                    return found
                if found := self._votes.get((other, one), {}).get(second.id):
                    return _TURNED[found]
        return ""


_TURNED: Final[dict[Vote, Vote]] = {"first": "second", "second": "first", "tie": "tie"}


def pairs_of(answers: Sequence[JudgedAnswer], votes: PairVotes, counts: PairCounts) -> Iterator[PreferencePair]:
    """The pairs among good answers to one row, in their order; what is left out is counted."""
    answers = answers[:MOST_OF_A_PROMPT]
    voted = _voted(answers, votes)
    for n, m in combinations(range(len(answers)), 2):
        one, other = answers[n], answers[m]
        verdict = voted.get((n, m), "") or _said(one.annotation, other.annotation)
        if not verdict:
            continue
        if verdict == "tie":
            counts.ties += 1
        elif one.asked != other.asked:
            counts.otherwise += 1
        else:
            chosen, rejected = (one, other) if verdict == "first" else (other, one)
            yield from _made(one.asked, chosen.text, rejected.text, counts)
    for one in answers:
        if one.annotation.correction is not None:
            yield from _made(one.asked, one.annotation.correction, one.text, counts)


def _voted(answers: Sequence[JudgedAnswer], votes: PairVotes) -> dict[tuple[int, int], Verdict]:
    """What votes say, by the places of two answers. A vote is on the first good answer of an arm; of its repeats it says nothing."""
    found: dict[tuple[int, int], Verdict] = {}
    firsts: dict[tuple[str, ...], int] = {}
    for n, one in enumerate(answers):
        firsts.setdefault(one.arms, n)
    for n, m in combinations(firsts.values(), 2):
        if verdict := votes.of(answers[n], answers[m]):
            found[n, m] = verdict
    return found


def _said(one: Annotation, other: Annotation) -> Verdict:
    if one.rating and other.rating and one.rating != other.rating:
        return "first" if one.rating > other.rating else "second"
    if one.mark and other.mark and one.mark != other.mark:
        return "first" if one.mark == "good" else "second"
    both = (one.rating and other.rating) or (one.mark and other.mark)
    return "tie" if both else ""


def _made(asked: Turns, chosen: str, rejected: str, counts: PairCounts) -> Iterator[PreferencePair]:
    if not asked or not chosen.strip() or not rejected.strip() or chosen == rejected:
        counts.alike += 1
        return
    counts.written += 1
    yield PreferencePair(asked, chosen, rejected)


def dpo_line(pair: PreferencePair) -> bytes:
    """A pair for direct preference optimization (OpenAI API reference, fine-tuning, «preference input»; Azure OpenAI, Fireworks and
    Together read the same)."""
    messages = [{"role": "system" if role == "developer" else role, "content": text} for role, text in pair.asked]
    return _line(
        {"input": {"messages": messages}, "preferred_output": _answer(pair.chosen), "non_preferred_output": _answer(pair.rejected)}
    )


def _answer(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def plain_line(pair: PreferencePair) -> bytes:
    """A pair as prompt, chosen and rejected, each a text: of several messages the prompt has each with its role (TRL, «preference»)."""
    prompt = pair.asked[0][1] if len(pair.asked) == 1 else "\n\n".join(f"{role}: {text}" for role, text in pair.asked)
    return _line({"prompt": prompt, "chosen": pair.chosen, "rejected": pair.rejected})


def _line(value: Any) -> bytes:
    try:
        return _encode(value) + b"\n"
    except UnicodeEncodeError:  # half a character
        return _encode(_whole(value)) + b"\n"


def _whole(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list():
            return [_whole(one) for one in value]
        case dict():
            return {name: _whole(one) for name, one in value.items()}
        case _:
            return value
