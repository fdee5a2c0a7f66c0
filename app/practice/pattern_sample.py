"""A short text that a regular expression matches, for schemas with a ``pattern``. Python's own reading of the expression is walked.

Look-arounds, back-references and conditions are skipped, so what comes is tried against the expression before it is given.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

_RE: Any = re
"""Its parser is not in typeshed, or not in every one; it is the same since Python 3.11."""
_MOST_PATTERN, _MOST = 500, 200
"""Characters of an expression that is read, and of a text that is made."""
_PREFERRED = "a", "A", "0", "-", " ", "_", "."
_CATEGORIES = {"CATEGORY_DIGIT": "0", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " ", "CATEGORY_NOT_DIGIT": "a", "CATEGORY_NOT_SPACE": "a"}


def matching(pattern: str, plain: Sequence[str] = ()) -> str | None:
    """A text that ``pattern`` finds: the first of ``plain`` that it does, else one that is made. None where none was: an expression that
    is wrong, too long, or beyond this."""
    if len(pattern) > _MOST_PATTERN:
        return None
    with warnings.catch_warnings(action="ignore"):  # of what a later Python may read otherwise
        return _matching(pattern, plain)


def _matching(pattern: str, plain: Sequence[str]) -> str | None:
    try:
        found = re.compile(pattern)
        if (first := next((one for one in plain if found.search(one)), None)) is not None:
            return first
        text = _text(_RE._parser.parse(pattern))
    except (re.error, OverflowError, RecursionError, _Beyond):
        return None
    return text if len(text) <= _MOST and not any("\ud800" <= one <= "\udfff" for one in text) and found.search(text) else None


class _Beyond(Exception):
    """The text would be too long, or no character is known that fits."""


def _text(parsed: Iterable[tuple[Any, Any]]) -> str:
    text = ""
    for name, value in parsed:
        text += _piece(str(name), value)
        if len(text) > _MOST:
            raise _Beyond
    return text


def _piece(name: str, value: Any) -> str:
    match name:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return next(one for one in _PREFERRED if one != chr(value))
        case "ANY":
            return "a"
        case "IN":
            return _of_set(value)
        case "SUBPATTERN":
            return _text(value[3])
        case "ATOMIC_GROUP":
            return _text(value)
        case "BRANCH":
            return _text(value[1][0])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _repeated(*value)
        case _:  # places in the text, and what looks around
            return ""


def _repeated(least: int, most: int, parsed: Any) -> str:
    """As often as it must be; once where it may be left out, so that the text is not empty."""
    times = int(least) or min(1, int(most))
    if times > _MOST:
        raise _Beyond
    return _text(parsed) * times


def _of_set(parts: list[tuple[Any, Any]]) -> str:
    """One character of a set in brackets."""
    named = [(str(name), value) for name, value in parts]
    if named[0][0] == "NEGATE":
        for one in _PREFERRED:
            if not any(_holds(name, value, one) for name, value in named[1:]):
                return one
        raise _Beyond
    name, value = named[0]
    if name == "CATEGORY":
        if (known := _CATEGORIES.get(str(value))) is None:
            raise _Beyond
        return known
    return chr(value[0]) if name == "RANGE" else chr(value)


def _holds(name: str, value: Any, one: str) -> bool:
    if name == "RANGE":
        return bool(value[0] <= ord(one) <= value[1])
    if name == "CATEGORY":
        match str(value):
            case "CATEGORY_DIGIT":
                return one.isdigit()
            case "CATEGORY_SPACE":
                return one.isspace()
            case "CATEGORY_WORD":
                return one.isalnum() or one == "_"
            case _:
                return True
    return bool(ord(one) == value)
