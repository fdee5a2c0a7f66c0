"""Where the elements of a JSON array stand, found by counting brackets: nothing is decoded, so an element that no decoder reads (too deep,
half a character, bytes that are not UTF-8) does not keep the others from being read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from app.core.base.patterns import pattern

BREATH: Final = 20_000
"""Brackets, commas and strings after which the caller may do something else: some 10 ms."""
_TOKEN: Final = pattern(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},]', re.DOTALL)
_BLANK: Final = b" \t\r\n"


def elements(data: bytes) -> Iterator[tuple[int, int] | None]:
    """Begin and end of every element of an array, without white space around it; None where the caller may yield.

    Raises ValueError, at the latest at the end, where this is no whole array: brackets that do not match, a string without end, an element
    that is missing, something behind it.
    """
    if data.lstrip(_BLANK)[:1] != b"[":
        raise ValueError("no array")
    depth, start, first, last = 0, -1, True, -1
    for n, found in enumerate(_TOKEN.finditer(data), 1):
        if n % BREATH == 0:
            yield None
        sign = found[0]
        if last >= 0:
            raise ValueError("something stands behind the array")
        if sign == b'"':
            raise ValueError("a string without end")
        if sign in (b"[", b"{"):
            depth += 1
            if depth == 1:
                start = found.end()
        elif sign in (b"]", b"}"):
            depth -= 1
            if depth == 0:
                last = found.end()
        if (sign == b"," and depth == 1) or last >= 0:
            at, stop = start, found.start()
            while at < stop and data[at] in _BLANK:
                at += 1
            while stop > at and data[stop - 1] in _BLANK:
                stop -= 1
            if at < stop:
                yield at, stop
            elif not (first and last >= 0):
                raise ValueError("an element is missing")
            start, first = found.end(), False
    if last < 0 or data[last:].strip(_BLANK):
        raise ValueError("the array does not end, or something stands behind it")
