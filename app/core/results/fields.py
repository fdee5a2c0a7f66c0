"""Structured answers as columns: JSON objects taken apart by path, each field with the type that all its values have.

A text that is not whole JSON is never repaired: it stays the text that it is, and is said to be damaged.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from app.core.datasets.table import Cell
from app.core.json import jsonread
from app.core.json.jsonread import Unreadable
from app.core.results.kinds import CellKind, bit_of, kind_of

JsonState = Literal["", "valid", "damaged"]
"""What an answer is: no JSON, JSON, or JSON that breaks off or cannot be read otherwise."""
MOST_FIELDS: Final = 500
"""Fields that become columns. What is beyond is in the answer's own column as usual."""
LONGEST_PATH: Final = 150
"""Characters of the path of a field that becomes a column."""
_encode: Final = msgspec.json.Encoder().encode


def json_state(text: str) -> tuple[JsonState, Any]:
    """Whether an answer is structured, and its value if it can be read."""
    begun = text.strip()
    if not begun.startswith(("{", "[")):
        return "", None
    try:
        return "valid", jsonread.value(begun)
    except Unreadable:
        return "damaged", None


def flattened(value: dict[str, Any]) -> dict[str, Cell]:
    """The fields of an object by path: ``{"a": {"b": 1}, "c": [1]}`` is ``a.b`` and ``c``. A list stays JSON; an empty object is null. Of
    two fields with one path the first stays."""
    found: dict[str, Cell] = {}
    waiting: list[tuple[str, Any]] = [(name, one) for name, one in reversed(value.items())]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, dict) and one:
            waiting += [(f"{path}.{name}", inner) for name, inner in reversed(one.items())]
        else:
            found.setdefault(path, _cell(one))
    return found


def _cell(value: Any) -> Cell:
    match value:
        case dict():
            return None
        case list():
            return msgspec.Raw(_encode(value))
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


class FieldSurvey:
    """What all answers have in common, so that their fields can be columns."""

    def __init__(self) -> None:
        self._fields: dict[str, int] = {}  # what was seen (core.results.kinds)
        self.objects = self.others = self.damaged = 0
        self.more = False
        """Some answers have fields beyond the most that become columns."""

    def add(self, text: str, *, good: bool = True) -> None:
        """Take one answer. One that is not ``good`` (cut off, refused) keeps no other from becoming columns, whatever it is."""
        state, value = json_state(text)
        if state == "damaged":
            self.damaged += 1
        elif not isinstance(value, dict):
            self.others += good
        else:
            self.objects += 1
            for path, cell in flattened(value).items():
                if path not in self._fields and (len(self._fields) >= MOST_FIELDS or len(path) > LONGEST_PATH):
                    self.more = True
                else:
                    self._fields[path] = self._fields.get(path, 0) | bit_of(cell)

    def kind(self, field: str) -> CellKind:
        """What all values of a field are."""
        return kind_of(self._fields[field])

    def fields(self, *, asked: bool) -> tuple[str, ...]:
        """The columns, in the order in which they were first met; none where the answers are no objects. ``asked``: the requests asked for
        such a form, so that answers which have another one do not keep it from the others."""
        return tuple(self._fields) if self.objects and (asked or not self.others) else ()
