"""Completion of a placeholder: which columns or filters fit the text after ``{{``, and the text with one of them inserted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from app.core.templates import editing
from app.core.templates.filters import FILTERS

MOST: Final = 8
"""Choices that are offered at a time."""
_LONG: Final = 300
"""Characters behind ``{{`` from which on nobody is typing a name."""
OpeningKind = Literal["column", "condition", "filter"]


class Opening(NamedTuple):
    """A placeholder that is being typed: what is wanted, and the stretch of the text that the choice takes the place of."""

    kind: OpeningKind
    typed: str
    start: int
    stop: int


class Completing(msgspec.Struct, frozen=True):
    """What is offered at one place of a prompt, and which of it the keys would take."""

    field: str
    item: str
    opening: Opening
    choices: tuple[str, ...]
    active: int = 0


def opening(text: str, caret: int) -> Opening | None:
    """The placeholder that is open before the caret, if there is one."""
    begin = text.rfind("{{", max(0, caret - _LONG), caret)
    inside = text[begin + 2 : caret] if begin >= 0 else ""
    if begin < 0 or "}}" in inside or "\n" in inside or _escaped(text, begin):
        return None
    kind: OpeningKind = "column"
    at = begin + 2
    if "|" in inside:
        kind, at = "filter", begin + 3 + inside.rindex("|")
    elif inside.lstrip().startswith("#if"):
        kind, at = "condition", text.index("#if", begin) + 3
    typed = text[at:caret].lstrip(" \t")
    if kind == "filter" and "(" in typed:
        return None
    return Opening(kind, typed, caret - len(typed), _stop(text, caret))


def _escaped(text: str, begin: int) -> bool:
    before = text[:begin]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _stop(text: str, caret: int) -> int:
    """Where the name ends that the caret stands in: a placeholder that is closed already is not closed twice."""
    end = caret
    while end < len(text) and text[end] not in "|{}\n":
        end += 1
    return end if text.startswith("}}", end) or text[end : end + 1] == "|" else caret


def choices(found: Opening, columns: Sequence[str]) -> tuple[str, ...]:
    """Columns or filters that fit what was typed: those that begin with it first."""
    wanted = found.typed.strip("\\\"' ").casefold()
    names = [*FILTERS] if found.kind == "filter" else [*columns]
    begin = [name for name in names if name.casefold().startswith(wanted)]
    within = [name for name in names if wanted in name.casefold() and name not in begin]
    return tuple((begin + within)[:MOST])


def completed(text: str, found: Opening, choice: str, *, raw: bool = False) -> tuple[str, int]:
    """The text with this choice, the placeholder closed, and where the caret stands then. ``raw``: the text is JSON."""
    rest = text[found.stop :]
    within = raw and editing.within_json_string(text, text.rfind("{{", 0, found.start))
    if found.kind == "filter" and choice in FILTERS:
        name = FILTERS[choice].example.replace('"', '\\"') if within else FILTERS[choice].example
    else:
        name = editing.named_in_json(choice) if within else editing.named(choice)
    made = (" " if found.kind == "condition" and text[found.start - 1 : found.start] not in (" ", "\t") else "") + name
    if rest.startswith("}}"):
        return text[: found.start] + made + rest, found.start + len(made) + 2
    if rest.startswith("|"):
        return text[: found.start] + f"{made} {rest}", found.start + len(made)
    return f"{text[: found.start]}{made}}}}}{rest}", found.start + len(made) + 2
