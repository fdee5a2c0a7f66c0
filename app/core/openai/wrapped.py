"""Files of answers that are one object around the list of their lines: ``{"object": "list", "data": [{…}, {…}]}``.

Servers that make their file out of a listing write that (public reports). Such an object is told from a line by its own fields: it has no
``custom_id`` and no ``response``, but a list of objects that have a ``custom_id`` of their own. Nothing is decoded here, so neither depth
nor one damaged element does harm.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Final

from app.core.base.patterns import pattern

NAMES: Final = frozenset(
    {b"data", b"results", b"items", b"lines", b"rows", b"records", b"responses", b"outputs", b"output", b"errors", b"value", b"batch"}
)
"""The fields in which the lists were seen, and their like."""
LOOK: Final = 65_536
"""Bytes before the first element in which it is looked for."""
_OWN: Final = frozenset({b"custom_id", b"response"})
_TOKEN: Final = pattern(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{}]', re.DOTALL)
_COLON: Final = pattern(rb"[ \t\r\n]*:")
_HEAD: Final = pattern(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*\{")


def wraps(data: bytes, start: int = 0) -> bool:
    """Whether an object that is a list of lines begins at ``start``, behind white space."""
    if _HEAD.match(data, start) is None:
        return False
    depth, key, listed = 0, b"", False
    for found in _TOKEN.finditer(data, start):
        sign = found[0]
        if sign in (b"{", b"["):
            depth += 1
            if depth == 2:
                listed = sign == b"[" and key in NAMES
            if depth == 3 and listed and sign == b"[":
                return False
        elif sign in (b"}", b"]"):
            depth -= 1
            if depth < 1 or (depth == 2 and listed):
                return False  # it is over, or the first element is, and no id was seen
        elif sign == b'"':
            return False
        elif depth == 1:
            if _COLON.match(data, found.end()):
                key = sign[1:-1]
                if key in _OWN:
                    return False
        elif depth == 3 and listed and sign == b'"custom_id"' and _COLON.match(data, found.end()):
            return True
        if found.start() - start > LOOK and not (listed and depth > 2):
            return False
    return False


def each_wrapped(data: bytes, start: int = 0) -> Generator[tuple[int, int], None, int]:
    """Offset and length of every element of the lists in the object that begins at ``start``, and of what is left of one that is cut off.
    Returns where the object ends."""
    depth, key, listed, begin = 0, b"", False, -1
    for found in _TOKEN.finditer(data, start):
        sign = found[0]
        if sign in (b"{", b"["):
            depth += 1
            if depth == 2:
                listed = sign == b"[" and key in NAMES
            elif depth == 3 and listed:
                begin = found.start()
        elif sign in (b"}", b"]"):
            depth -= 1
            if begin >= 0 and depth == 2:
                yield begin, found.end() - begin
                begin = -1
            listed = listed and depth > 1
            if depth < 1:
                return found.end()
        elif sign == b'"':
            break  # a string without end
        elif depth == 1:
            key = sign[1:-1]
        elif depth == 2 and listed:
            yield found.start(), found.end() - found.start()
    if begin >= 0:
        yield begin, len(data.rstrip(b" \t\r\n")) - begin
    return len(data)
