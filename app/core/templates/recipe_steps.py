"""The steps of a recipe: what is asked next when the prompt's answers are there. A recipe proposes them; each is planned, with its limit,
by the person who uses it.

A message of a step names columns of the table, and the answer before it (``{{Answer}}``, ``{{Answer.size}}``: core.results.following).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from app.core.base.patterns import pattern
from app.core.model.sendings import FollowUp
from app.core.model.steps import NextStep
from app.core.templates import syntax
from app.core.templates.editing import renamed

MOST_STEPS: Final = 20
_MOST_TEXT: Final = 200_000
"""Characters of a message or a schema."""
_ANSWER: Final = pattern(r"Answer(?: \(\d+\))?(?:\..*)?")


class RecipeStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """``after``: the place of the step whose answers it waits for, in the order of the recipe's; -1: those of the prompt. ``submit``: its
    requests are to be submitted by themselves."""

    follow: FollowUp
    after: int = -1
    submit: bool = True


def steps_of(planned: Iterable[NextStep]) -> tuple[RecipeStep, ...]:
    """What was planned for a table, each once, whatever became of it but that a person cancelled it."""
    found: list[RecipeStep] = []
    places: dict[str, int] = {}
    for one in sorted(planned, key=lambda one: (one.at, one.id)):
        if one.state == "cancelled":
            continue
        step = RecipeStep(one.follow, places.get(one.after, -1), one.submit)
        if step not in found:
            if len(found) == MOST_STEPS:
                break
            found.append(step)
        places[one.run] = found.index(step)
    return tuple(found)


def readable(steps: Sequence[RecipeStep]) -> bool:
    """Whether steps that came from outside are such: each waits for one before it, and is no longer than it may be."""
    return len(steps) <= MOST_STEPS and all(
        -1 <= one.after < n and max(map(len, _texts(one.follow))) <= _MOST_TEXT for n, one in enumerate(steps)
    )


def texts(steps: Iterable[RecipeStep]) -> Iterator[str]:
    """All that they say."""
    for one in steps:
        yield from _texts(one.follow)


def _texts(follow: FollowUp) -> tuple[str, ...]:
    return follow.message, follow.system, follow.schema, follow.model


def columns_of(steps: Iterable[RecipeStep]) -> tuple[str, ...]:
    """The table's columns that they name, each once."""
    named = (
        name
        for one in steps
        for said in (one.follow.message, one.follow.system)
        if syntax.holds(said)
        for name in syntax.parse(said).columns
    )
    return tuple(dict.fromkeys(name for name in named if not _ANSWER.fullmatch(name)))


def over(steps: Iterable[RecipeStep], moves: Mapping[str, str]) -> tuple[RecipeStep, ...]:
    """The steps with other columns in place of these."""

    def moved(said: str) -> str:
        for column, to in moves.items():
            said = renamed(said, column, to) if syntax.holds(said) else said
        return said

    return tuple(
        replace(one, follow=replace(one.follow, message=moved(one.follow.message), system=moved(one.follow.system))) for one in steps
    )
