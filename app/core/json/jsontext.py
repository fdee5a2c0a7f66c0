"""JSON as people type it: parsed without ever raising, with the place and a sentence for what is wrong."""

from __future__ import annotations

import contextlib
import json
import math
from bisect import bisect_right
from typing import Any

import msgspec

from app.core.base.patterns import pattern
from app.core.json import jsonread
from app.core.json.jsonscan import Path, ScanError, Walker, position

_ESCAPED_HALF = pattern(r"\\u[dD][89a-fA-F]")
_HALF = pattern("[\ud800-\udfff]")
_LINE_END = pattern(r"\r\n|\n|\r")


class JsonFault(msgspec.Struct, frozen=True):
    """One place in a text. ``line`` and ``column`` count from 1, columns in characters."""

    line: int
    column: int
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.sentence}"


class Parsed(msgspec.Struct, frozen=True):
    """The value, or the fault that left none. ``warnings`` are names that stand twice in one object: the last one counts."""

    value: Any = None
    fault: JsonFault | None = None
    warnings: tuple[JsonFault, ...] = ()


class _Suspicious(Exception):
    """The quick parser met something that needs the walker's word."""


def _constant(name: str) -> float:
    raise _Suspicious(name)


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _Suspicious(digits)
    return value


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff")


def fault_at(text: str, offset: int, sentence: str) -> JsonFault:
    """A fault at an offset in characters (a BOM does not count)."""
    text = _plain(text)
    line, column = position(text, offset)
    return JsonFault(line, column, sentence)


def parse(text: str) -> Parsed:
    """Read one JSON value. Never raises: the value, or the first fault with its place.

    Stricter than ``json.loads``: no NaN or Infinity, no numbers beyond a double, no lone surrogates, at most 200 levels. A BOM is let
    through.
    """
    text = _plain(text)
    twice = False

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        found = dict(pairs)
        twice = twice or len(found) < len(pairs)
        return found

    value, fine = None, False
    try:
        value = jsonread.loads(text, object_pairs_hook=members, parse_constant=_constant, parse_float=_float)
        fine = True
    except (jsonread.Unreadable, _Suspicious):
        fine = False
    if fine and not twice and not _maybe_halved(text):
        return Parsed(value)
    return _walk(text, value, fine)


def _maybe_halved(text: str) -> bool:
    """Whether the walker has to look at surrogates. Quick for what is mostly there: megabytes of ASCII."""
    return ("\\u" in text and bool(_ESCAPED_HALF.search(text))) or (not text.isascii() and bool(_HALF.search(text)))


def _walk(text: str, value: Any, fine: bool) -> Parsed:
    """Ask the walker for the place of the fault, or of names that stand twice."""
    warnings: list[JsonFault] = []
    try:
        for place in Walker(text).places():
            if place.twice and len(warnings) < 20:
                sentence = f"The name “{str(place.path[-1])[:40]}” occurs a second time here: only the last value counts."
                warnings.append(fault_at(text, place.key, sentence))
    except ScanError as fault:
        return Parsed(None, fault_at(text, fault.offset, fault.sentence), tuple(warnings))
    if not fine:  # the quick parser refuses what the walker takes: never lose the refusal
        return Parsed(None, fault_at(text, 0, "This can't be read as JSON."), tuple(warnings))
    return Parsed(value, None, tuple(warnings))


def dumps(value: Any) -> str:
    """Indented JSON in the value's own order, characters kept as they are. ValueError for NaN and infinities."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)


def indent(text: str) -> str:
    """The same JSON, indented; as it is where it can't be read."""
    parsed = parse(text)
    return text if parsed.fault else dumps(parsed.value)


def pointer(path: Path) -> str:
    """A path as a JSON pointer (RFC 6901): ``("a/b", 0)`` -> ``/a~1b/0``; the root is empty."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


class Places:
    """Where every value of a text stands, walked once: for asking about many places.

    In a faulty text only what comes before the fault is found. The last of several values of one name counts, as when parsing.
    """

    def __init__(self, text: str) -> None:
        text = _plain(text)
        self._found: dict[str, tuple[int, int]] = {}
        self._lines = [0, *(match.end() for match in _LINE_END.finditer(text))]
        with contextlib.suppress(ScanError):
            for place in Walker(text).places():
                self._found[pointer(place.path)] = (place.offset, place.key)

    def of(self, path: str, *, key: bool = False) -> tuple[int, int]:
        """Line and column (from 1) of the value at a JSON pointer; with ``key``, of its name, where it has one. Where the value is missing:
        the nearest that contains it."""
        near = path
        while near and near not in self._found:
            near = near.rpartition("/")[0]
        offset, name = self._found.get(near, (0, -1))
        if key and name >= 0 and near == path:
            offset = name
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1
