"""The filters of a placeholder: ``{{column | trim | default("n/a")}}``. They are applied from left to right, each text to text.

This table is their documentation as well: the editor's completion and its help are made from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from app.core.base import text

Argument = str | int
TextFunction = Callable[[str], str]
MAX_LENGTH: Final = 10_000_000
"""Characters that ``truncate`` may be asked for: as many as a cell may have."""

_encode = msgspec.json.Encoder().encode


class FilterFault(ValueError):
    """A filter that there is not, or arguments that it does not take; the text is a sentence."""


class FilterRule(NamedTuple):
    """``arguments`` are the types that it takes, in their order; the first ``needed`` of them must be given. ``example`` is shown with
    ``help``."""

    help: str
    example: str
    make: Callable[..., TextFunction]
    arguments: tuple[type, ...] = ()
    needed: int = 0


def _default(instead: str) -> TextFunction:
    return lambda given: given if given and not given.isspace() else instead


def _truncate(most: int, mark: str = "…") -> TextFunction:
    def cut(given: str) -> str:
        return given if len(given) <= most else text.head(given, max(0, most - len(mark))) + mark[:most]

    return cut


def as_json(given: str) -> str:
    """The text as a JSON string with its quotes. UnicodeEncodeError for half a character."""
    return _encode(given).decode()


FILTERS: Final[dict[str, FilterRule]] = {
    "default": FilterRule("Another text where the cell is empty or blank.", 'default("unknown")', _default, (str,), 1),
    "trim": FilterRule("Without white space at both ends.", "trim", lambda: str.strip),
    "truncate": FilterRule(
        "At most so many characters; what was cut ends with …, or with the second argument.", "truncate(500)", _truncate, (int, str), 1
    ),
    "lower": FilterRule("In lower case.", "lower", lambda: str.lower),
    "upper": FilterRule("In upper case.", "upper", lambda: str.upper),
    "json": FilterRule("As a JSON string in quotes, its line breaks and quotes escaped.", "json", lambda: as_json),
}


def made(name: str, arguments: tuple[Argument, ...]) -> TextFunction:
    """The filter as a function. Raises FilterFault."""
    rule = FILTERS.get(name)
    if rule is None:
        raise FilterFault(f"There is no filter “{name[:40]}”; there are {', '.join(sorted(FILTERS))}.")
    if not rule.needed <= len(arguments) <= len(rule.arguments):
        raise FilterFault(f"{name} takes {_number(rule)}: {rule.example}.")
    for given, kind in zip(arguments, rule.arguments, strict=False):
        if type(given) is not kind:
            raise FilterFault(
                f"{name} takes {'a number' if kind is int else 'a text in quotes'} where “{str(given)[:40]}” stands: {rule.example}."
            )
    if name == "truncate" and not 1 <= int(arguments[0]) <= MAX_LENGTH:
        raise FilterFault(f"truncate takes 1 to {text.number(MAX_LENGTH)} characters, not {str(arguments[0])[:20]}.")
    return rule.make(*arguments)


def _number(rule: FilterRule) -> str:
    least, most = rule.needed, len(rule.arguments)
    if not most:
        return "no argument"
    return text.count(most, "argument") if least == most else f"{least} or {text.count(most, 'argument')}"
