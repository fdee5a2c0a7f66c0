"""The fault matrix: every step of every journey, times every fault that can happen there. Each case has a number that stays the same.

What steps there are is not written down: each journey is made once without a fault, in CPython, and its steps are noted
(:mod:`tests.faults.trial`). So a new state, effect or write of the engine is part of the matrix by itself; :func:`uncovered` says which
states and effects of the table no journey reaches.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

import msgspec

from app.core.batches import pipeline
from app.core.batches.events import Effect
from tests.faults.journeys import JOURNEYS, Journey
from tests.faults.points import CHANGES
from tests.faults.trial import Step, Trial, trial

KILLED, TWO_TABS = "page killed", "two tabs"
DROPPED, FAILED, BUSY, TIMEOUT, WRONG_KEY = "connection dropped", "500", "429", "timeout with the effect done", "wrong key"
FAULTS = (KILLED, DROPPED, FAILED, BUSY, TIMEOUT, TWO_TABS, WRONG_KEY)
OFTEN = 2
"""How many steps of one name in one journey are broken off: a third look at a batch is no other than the second."""
JOURNEYS_EACH = 2
"""In how many journeys one step is broken off by one fault: they begin alike."""


class Case(msgspec.Struct, frozen=True):
    """One cell. ``when`` is ``before``, ``middle`` or ``after`` the ``nth`` step named ``step``. A network's fault after a write hits the
    next call."""

    number: int
    journey: int
    step: str
    nth: int
    when: str
    fault: str

    @property
    def of(self) -> Journey:
        return JOURNEYS[self.journey]

    @property
    def words(self) -> str:
        return f"case {self.number}: {self.of.name}; {self.fault} {self.when} «{self.step}» #{self.nth}"


def _moments(step: Step, call_follows: bool) -> Iterable[tuple[str, str]]:
    """When each fault can happen at a step."""
    kind, _, name = step.name.partition(" ")
    if kind == "write":
        for when in ("before", "after"):
            yield when, KILLED
            yield when, TWO_TABS
        for fault in (DROPPED, FAILED, BUSY, TIMEOUT, WRONG_KEY) if call_follows else ():
            yield "after", fault
        return
    middle = ("middle",) if name in ("upload", "download") else ()
    for when in ("before", *middle, "after"):
        yield when, KILLED
        yield when, TWO_TABS
        yield when, DROPPED
    yield "before", FAILED
    if name in CHANGES:
        yield "after", FAILED
    yield "before", BUSY
    yield "after", TIMEOUT
    yield "before", WRONG_KEY


@cache
def trials() -> tuple[Trial, ...]:
    """Each journey, made once."""
    return tuple(trial(one) for one in JOURNEYS)


@cache
def matrix() -> tuple[Case, ...]:
    """All cases, in the order of their numbers."""
    found: list[Case] = []
    seen: Counter[tuple[Step, str, str]] = Counter()
    for journey, made in enumerate(trials()):
        last = max(n for n, step in enumerate(made.steps) if step.name.startswith("call"))
        for n, step in enumerate(made.steps):
            for when, fault in _moments(step, n < last) if step.nth <= OFTEN else ():
                seen[step, when, fault] += 1
                if seen[step, when, fault] <= JOURNEYS_EACH:
                    found.append(Case(len(found) + 1, journey, step.name, step.nth, when, fault))
    return tuple(found)


def sample(count: int, seed: int) -> list[Case]:
    """So many of the cases, another choice with each seed, with something of every fault and every journey before there is more of any."""
    dice = random.Random(seed)
    left = list(matrix())
    dice.shuffle(left)
    groups: dict[tuple[str, int], list[Case]] = {}
    for case in left:
        groups.setdefault((case.fault, case.journey), []).append(case)
    names = list(groups)
    dice.shuffle(names)
    turn: Counter[str] = Counter()
    places = {name: turn.update([name[0]]) or turn[name[0]] for name in names}  # the faults take turns
    order = [groups[name] for name in sorted(names, key=lambda name: places[name])]
    turns = [group[n] for n in range(max(map(len, order))) for group in order if n < len(group)]
    return sorted(turns[:count], key=lambda case: case.number)


def uncovered() -> tuple[list[str], list[str], list[str]]:
    """The states, effects and moves of the table that no journey reaches."""
    states = {state for made in trials() for state in made.states}
    effects = {effect for made in trials() for effect in made.effects}
    moves = {move for made in trials() for move in made.moves}
    return (
        sorted(set(pipeline.MOVES) - {""} - states),
        sorted({one.__name__ for one in Effect.__subclasses__()} - effects),
        sorted(f"{old}>{new}" for old, news in pipeline.MOVES.items() if old for new in news if (old, new) not in moves),
    )


def size(cases: Sequence[Case]) -> str:
    """How many cases there are, in words."""
    counts = ", ".join(f"{sum(case.fault == fault for case in cases)} {fault}" for fault in FAULTS)
    return f"{len(cases)} cases: {counts}"
