"""One value changed in many requests, a line at a time: what becomes of a line, which lines cannot take it and why, what to show before.

A line keeps all of its other bytes' meaning and order: values that are not meant are copied as they are written. The checks are those of
every body (core.bodies.bodycheck), made once for all lines that say the same beside their contents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from app.core.base.findings import Finding
from app.core.base.text import shorten
from app.core.bodies import bodies
from app.core.endpoints.table import ENDPOINTS
from app.core.json import jsonread
from app.core.model.lanes import Endpoint
from app.core.model.queue_edits import RequestChange
from app.core.openai import metadata

_SMALL: Final = 300
"""Bytes of a value that is looked at in a check; what is larger says nothing about another value."""
_FREE: Final = frozenset({"user", "metadata", "safety_identifier", "prompt_cache_key"})
"""Values that differ from request to request, and that no check looks at."""
METADATA: Final = "metadata"
_REMEMBERED: Final = 200
_KINDS: Final = 12
"""Reasons that are distinguished in a report."""
_OTHERS: Final = "Other reasons."
_SHOWN: Final = 120

Body = dict[str, msgspec.Raw]
_NOTHING: Final = frozenset({b"null", b'""', b"[]"})
_SHORT: Final = 4


class _Line(msgspec.Struct, frozen=True):
    custom_id: str
    method: str
    url: str
    body: Body


_lines: Final = jsonread.Decoder[_Line](_Line, depth=jsonread.OWN_DEPTH)
_encode: Final = msgspec.json.Encoder().encode


class Unchangeable(ValueError):
    """Why a line cannot take the change, as a sentence."""


class ChangedLine(NamedTuple):
    """``line``: None where the request says so already. ``advice``: what the provider may not like about it then."""

    line: bytes | None
    before: Body
    after: Body
    advice: tuple[str, ...] = ()


class LineChanger:
    """Makes one change in lines of one endpoint."""

    def __init__(self, endpoint: Endpoint, change: RequestChange) -> None:
        self.endpoint, self._path = endpoint, change.path
        self._value = None if change.value is None else msgspec.Raw(change.value.encode())
        spec = ENDPOINTS.get(endpoint)
        self._contents = contents_of(endpoint)
        self._stand_ins: Mapping[str, Any] = spec.smallest if spec else {}
        self._verdicts: dict[tuple[object, ...], tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def __call__(self, line: bytes) -> ChangedLine:
        """Raises Unchangeable."""
        try:
            read = _lines.decode(line)
        except jsonread.Unreadable as error:
            raise Unchangeable(f"The line isn't a batch request: {error}.") from None
        after = _put(read.body, self._path, self._value)
        if after is None:
            return ChangedLine(None, read.body, read.body)
        if self._path[0] == METADATA and METADATA in after and len(_object(METADATA, after[METADATA])) > metadata.MOST:
            raise Unchangeable(f"It has {metadata.MOST} pairs of metadata already, and more are refused.")
        wrong, advice = self._judged(read.body, after)
        if wrong:
            raise Unchangeable(wrong[0])
        made = _encode(_Line(read.custom_id, read.method, read.url, after)) + b"\n"
        return ChangedLine(made, read.body, after, advice)

    def _judged(self, before: Body, after: Body) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What stands against the body now and did not before: errors and advice."""
        key = self._says(before)
        found = self._verdicts.get(key)
        if found is None:
            known = frozenset(_said(one) for one in bodies.body_problems(self.endpoint, self._plain(before)))
            new = [one for one in bodies.body_problems(self.endpoint, self._plain(after)) if _said(one) not in known]
            found = (
                tuple(_said(one) for one in new if one.severity == "error"),
                tuple(_said(one) for one in new if one.severity == "advice"),
            )
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            self._verdicts[key] = found
        return found

    def _says(self, body: Body) -> tuple[object, ...]:
        """What bodies have in common that are judged alike: the change is one and the same, so what they were says what they will be."""
        found: list[object] = []
        for name, value in body.items():
            found.append(name)
            if name in self._contents:
                found.append(_is_nothing(value))
            elif self._counts(name, value):
                found.append(bytes(value))
        return tuple(found)

    def _counts(self, name: str, value: msgspec.Raw) -> bool:
        """Whether a parameter is looked at."""
        return name not in _FREE and (name == self._path[0] or len(memoryview(value)) <= _SMALL)

    def _plain(self, body: Body) -> dict[str, Any]:
        """A body as the checks take it, with stand-ins for its contents and without what says nothing."""
        found: dict[str, Any] = {}
        for name, value in body.items():
            if name in self._contents:
                found[name] = None if _is_nothing(value) else self._stand_ins.get(name, "x")
            elif self._counts(name, value):
                found[name] = jsonread.part(value)
        return found


def _is_nothing(value: msgspec.Raw) -> bool:
    return len(memoryview(value)) <= _SHORT and bytes(value) in _NOTHING


def _said(one: Finding) -> str:
    return f"{one.sentence} {one.remedy}".strip()


def _put(body: Body, path: tuple[str, ...], value: msgspec.Raw | None) -> Body | None:
    """The body with this value in its place; None where it says so already. Raises Unchangeable."""
    name, *rest = path
    there = body.get(name)
    if rest:
        if there is None or bytes(there) == b"null":
            inner: Body | None = _put({}, tuple(rest), value)
        else:
            inner = _put(_object(name, there), tuple(rest), value)
        if inner is None:
            return None
        value = msgspec.Raw(_encode(inner)) if inner else None
    elif (there is None and value is None) or (there is not None and value is not None and bytes(there) == bytes(value)):
        return None
    if value is None:
        return {key: one for key, one in body.items() if key != name}
    return {**body, name: value}


def _object(name: str, value: msgspec.Raw) -> Body:
    try:
        return jsonread.typed(bytes(value), Body)
    except jsonread.Unreadable:
        raise Unchangeable(f"Its “{shorten(name, 40)}” is not a JSON object.") from None


# --- what is shown before --------------------------------------------------------------------------------------------------------


class ChangeExample(msgspec.Struct, frozen=True):
    """One request before and after, its contents left out."""

    id: str
    before: str
    after: str


class ChangeReport(msgspec.Struct, frozen=True):
    """What a change does to the requests that are meant: how many take it, say so already, or cannot take it, by the reason; ``advised``:
    how many of those that take it a provider may refuse, likewise."""

    changed: int = 0
    same: int = 0
    refused: dict[str, int] = {}
    advised: dict[str, int] = {}
    example: ChangeExample | None = None

    @property
    def left(self) -> int:
        """How many cannot take it."""
        return sum(self.refused.values())


class ChangeTally:
    """Counts for a report, one request after another."""

    def __init__(self) -> None:
        self.changed = self.same = 0
        self.refused: dict[str, int] = {}
        self.advised: dict[str, int] = {}
        self.example: ChangeExample | None = None

    def take(self, id: str, made: ChangedLine, contents: frozenset[str]) -> None:
        """A request that takes the change, or says so already."""
        if made.line is None:
            self.same += 1
            return
        self.changed += 1
        for one in made.advice:
            _count(self.advised, one)
        if self.example is None:
            self.example = ChangeExample(id, shown(made.before, contents), shown(made.after, contents))

    def refuse(self, why: str, requests: int = 1) -> None:
        """Requests that cannot take it."""
        _count(self.refused, why, requests)

    def add(self, other: ChangeTally) -> None:
        """What was counted of other requests."""
        self.changed, self.same = self.changed + other.changed, self.same + other.same
        for found, more in ((self.refused, other.refused), (self.advised, other.advised)):
            for why, count in more.items():
                _count(found, why, count)
        self.example = self.example or other.example

    def report(self) -> ChangeReport:
        """What was counted."""
        return ChangeReport(self.changed, self.same, dict(self.refused), dict(self.advised), self.example)


def _count(found: dict[str, int], why: str, requests: int = 1) -> None:
    name = why if why in found or len(found) < _KINDS else _OTHERS
    found[name] = found.get(name, 0) + requests


def shown(body: Body, contents: frozenset[str]) -> str:
    """A body's parameters, one a line."""
    lines = [f"  {_encode(name).decode()}: {'…' if name in contents else _value(value)}" for name, value in body.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def _value(value: msgspec.Raw) -> str:
    return shorten(bytes(value).decode("utf-8", "replace"), _SHOWN)


def contents_of(endpoint: Endpoint) -> frozenset[str]:
    """The fields of a body that differ from request to request; all others are parameters."""
    spec = ENDPOINTS.get(endpoint)
    return frozenset(spec.content if spec else ("messages", "input", "prompt", "instructions"))
