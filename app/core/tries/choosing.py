"""Which rows are tried: the numbers that a person types."""

from __future__ import annotations

from typing import Final

from app.core.base.patterns import pattern
from app.core.base.text import number

_RANGE = pattern(r"\s*([0-9]{1,9})\s*(?:[-–]\s*([0-9]{1,9})\s*)?")
_SEPARATORS: Final = ",;\n"


class WrongNumbers(ValueError):
    """What was typed names no rows. The text is a sentence for people."""


def row_numbers(typed: str, most: int) -> list[int]:
    """Row numbers of ``5, 9, 20-24`` in the order in which they were typed, each once. Raises WrongNumbers: none, more than ``most``, or
    what is no number."""
    for separator in _SEPARATORS:
        typed = typed.replace(separator, " , ")
    found: dict[int, None] = {}
    for part in typed.split(","):
        if not part.strip():
            continue
        match = _RANGE.fullmatch(part)
        if match is None:
            raise WrongNumbers(f"“{part.strip()[:40]}” is not a row number. Write the numbers shown next to the rows: 5, 9, 20-24.")
        first = int(match[1])
        last = int(match[2] or first)
        if not 0 <= last - first < most:
            raise WrongNumbers(f"{part.strip()[:40]} names no rows, or too many: the maximum is {number(most)}.")
        found.update(dict.fromkeys(range(first, last + 1)))
    if not found:
        raise WrongNumbers("Write the numbers shown next to the rows: 5, 9, 20-24.")
    if len(found) > most:
        raise WrongNumbers(f"These are {number(len(found))} rows; the maximum is {number(most)}.")
    return list(found)


def counted(typed: str, most: int) -> int:
    """How many, as typed; between 1 and ``most``. Raises WrongNumbers."""
    text = typed.strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= most:
        raise WrongNumbers(f"Write a number from 1 to {number(most)}.")
    return int(text)
