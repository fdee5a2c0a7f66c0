"""The tries of a table in every state that the page shows, all of whose texts are one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from app.core.model.problem import Problem
from app.core.model.tries import TriedRow
from app.core.openai.outcomes import Outcome
from app.core.results.answers import Answer, ToolCall
from app.ui.base.try_state import TriesState, TryChoice, TryOffer
from tests.states.prompts import ID
from tests.states.tables import NOW


def rows(said: str) -> tuple[TriedRow, ...]:
    """One of each state."""
    problem = Problem("broken", said, said, said, doubtful=True, detail=said)
    asked: dict[str, Any] = {"number": 2, "table": 1, "model": said, "asked": NOW - 60}
    return (
        TriedRow("t-0", 1, **asked, state="answered", ended=NOW - 50, answer=True, input=57, output=33, cost=28_350_000),
        TriedRow("t-1", 2, **asked, state="answered", ended=NOW - 50, answer=True, practice=True, cost=28_350_000, tag=said, sample=2),
        TriedRow("t-2", 3, **asked, state="failed", ended=NOW - 50, answer=True, problem=problem),
        TriedRow("t-3", 4, **asked, state="stopped", ended=NOW - 50, problem=problem),
        TriedRow("t-4", 5, **asked),
        TriedRow("t-5", 6, **asked),
        TriedRow("t-6", 7, **asked, cleared=NOW),
    )


def tries(said: str, **more: object) -> TriesState:
    """Tries of which one is on its way."""
    answers = {
        "t-0": Answer(outcome=Outcome.ANSWERED, text=said, tools=(ToolCall(said, said),), notice=said),
        "t-1": Answer(outcome=Outcome.ANSWERED, text=said, format="json", refusal=said),
        "t-2": Answer(text=said),
    }
    given = {
        "rows": rows(said),
        "answers": answers,
        "cells": {1: said, 2: said},
        "mine": frozenset({"t-5"}),
        "texts": {"t-5": said},
        "left": 2,
        "offer": TryOffer((0, 1, 2), 3, 85_000_000),
    }
    return TriesState(dataset=ID, **{**given, **more})  # type: ignore[arg-type]  # its fields


def states(said: str) -> Iterator[tuple[str, TriesState]]:
    """What the panel shows."""
    fault = Problem("wrong_key", said, said, said, detail=said)
    yield "tries", tries(said)
    yield "no tries", TriesState(dataset=ID)
    yield "tries with a fault", tries(said, left=0, mine=frozenset(), texts={}, fault=fault, offer=TryOffer(fault=said))
    chosen = TryChoice(
        which="chosen", count="n", typed=said, rows=said, models=said, samples=said, parameter=said, values=said, versions=("v-1",)
    )
    yield "tries of chosen rows", tries(said, left=0, choice=chosen, offer=None)
    yield "tries of many rows", tries(said, left=0, choice=TryChoice(which="random", count="n", typed=said), offer=TryOffer((0,), 4, None))
    below = tuple(replace(one, table=2) for one in rows(said))
    yield "tries with further rows", tries(said, left=0, rows=below, choice=TryChoice(which="next", further=12))
