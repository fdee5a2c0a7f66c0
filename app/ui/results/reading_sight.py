"""Which answers, and which texts of theirs, the views draw now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app.services.results.shown import Opened
from app.ui.base.state import State

if TYPE_CHECKING:
    from app.core.results.answer_parts import AnswerPart
    from app.core.results.answers import Answer


def opened_of(state: State) -> Opened | None:
    """The request that is open, in a dialog or beside a table."""
    return state.dialog if isinstance(state.dialog, Opened) else state.results.beside.request


def parts_in_sight(state: State) -> Iterator[AnswerPart]:
    """The parts of answers that the views draw now."""
    opened = opened_of(state)
    if opened is not None:
        yield from opened.parts
    if _trying(state):
        for parts in state.tries.parts.values():
            yield from parts


def _trying(state: State) -> bool:
    return state.route.view == "data" and state.route.part == "prompt"


def in_sight(state: State) -> Iterator[str]:
    """The texts of answers and prompts that the views draw now; the answers first, since there may be more than is rendered."""
    opened = opened_of(state)
    if opened is not None:
        yield from _texts(opened.answer, opened.parts)
        yield from (said for _role, said in opened.asked)
    if _trying(state):
        for id, answer in state.tries.answers.items():
            yield from _texts(answer, state.tries.parts.get(id, ()))


def _texts(answer: Answer | None, parts: Sequence[AnswerPart]) -> Iterator[str]:
    if parts:
        yield from (one.text for one in parts if one.kind in ("text", "refusal", "reasoning", "audio"))
    elif answer is not None:
        yield from (answer.reasoning, answer.refusal)
        if answer.format != "raw":
            yield answer.text
