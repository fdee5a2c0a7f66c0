"""Remedies for a fault of bodies, for one body or for all that have it: pure functions from body to body.

``at`` is a JSON pointer in which ``*`` stands for any place in a list (and for a name of digits alone), so one remedy fits all bodies of a
group of findings. A body that has nothing there is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Literal

import msgspec

from app.core.base import text
from app.core.bodies.bodybuild import number_of


class DropField(msgspec.Struct, frozen=True, tag="drop"):
    """Take the value out."""

    at: str


class RenameField(msgspec.Struct, frozen=True, tag="rename"):
    """Give the value another name, or with dots another place (``reasoning.effort``); where that is taken already, the value goes."""

    at: str
    to: str


class ConvertField(msgspec.Struct, frozen=True, tag="convert"):
    """Write a text as the number or truth value that it says, or a number as text. What says none is left."""

    at: str
    to: Literal["number", "boolean", "text"]


class SetField(msgspec.Struct, frozen=True, tag="set"):
    """Put this value there, whatever it was; it may be missing."""

    at: str
    value: str


class CutText(msgspec.Struct, frozen=True, tag="cut"):
    """Cut the text to so many characters, between two of them."""

    at: str
    length: int


BodyRemedy = DropField | RenameField | ConvertField | SetField | CutText


def label(remedy: BodyRemedy) -> str:
    """What the remedy does, as it is on its button."""
    name = remedy.at.rpartition("/")[2].replace("~1", "/").replace("~0", "~")[:60]
    match remedy:
        case DropField():
            return f"Remove {name}" if name != "*" else "Remove it"
        case RenameField(to=to):
            return f"Rename {name} to {to}"
        case ConvertField(to=to):
            return f"Write {name} as {'true or false' if to == 'boolean' else 'a ' + to}"
        case SetField(value=value):
            return f"Set {name} to {value}"
        case CutText(length=length):
            return f"Cut {name} to {text.count(length, 'character')}"


def apply(body: Mapping[str, Any], remedy: BodyRemedy) -> dict[str, Any]:
    """The body after the remedy; equal to what it was where nothing is there."""
    made: dict[str, Any] = deepcopy(dict(body))
    steps = [step.replace("~1", "/").replace("~0", "~") for step in remedy.at.split("/")[1:]]
    if not steps:
        return made
    for holder, key in reversed([*_places(made, steps, missing=isinstance(remedy, SetField))]):
        _change(holder, key, remedy)
    return made


def _places(value: Any, steps: list[str], *, missing: bool) -> Iterator[tuple[Any, Any]]:
    """The holders and keys that a pointer leads to."""
    first, rest = steps[0], steps[1:]
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = [key for key in value if key == first or (first == "*" and key.isdigit())]
        if missing and not rest and first not in value and first != "*":
            keys = [first]
    elif isinstance(value, list):
        keys = [at for at in range(len(value)) if first in ("*", str(at))]
    for key in keys:
        if not rest:
            yield value, key
        else:
            yield from _places(value[key], rest, missing=missing)


def _change(holder: Any, key: Any, remedy: BodyRemedy) -> None:
    match remedy:
        case DropField():
            del holder[key]
        case RenameField(to=to) if isinstance(holder, dict):
            value = holder.pop(key)
            *inner, last = to.split(".")
            for name in inner:
                holder = holder.setdefault(name, {})
            if isinstance(holder, dict):
                holder.setdefault(last, value)
        case ConvertField(to=to):
            holder[key] = _converted(holder[key], to)
        case SetField(value=value):
            holder[key] = value
        case CutText(length=length) if isinstance(holder[key], str):
            holder[key] = text.head(holder[key], length)


_TRUTH = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


def _converted(value: Any, to: str) -> Any:
    if to == "text":
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(value, str):
        return value
    if to == "boolean":
        return _TRUTH.get(value.strip().lower(), value)
    number = number_of(value)
    return value if number is None else number


def converts(value: Any, to: Literal["number", "boolean", "text"]) -> bool:
    """Whether a value can be written so."""
    return type(_converted(value, to)) is not type(value)
