"""Requests that were answered already: found by their bodies, so that a person may choose not to ask, and pay, them again.

An answer stands for one request alone. Where a row is asked several times on purpose, or several rows ask the same, each is a request of
its own: as many are answered already as there are answers, and the others are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from app.core.bodies import requests, tokens
from app.core.json import jsonread
from app.core.planning.rowrequests import RequestRun
from app.core.templates.alike import MadeLines

_DIGEST: Final = 16
"""Bytes of a digest (of SHA-256): so many that no two bodies meet."""
_METADATA: Final = b'"metadata"'
_encode: Final = msgspec.json.Encoder().encode
_parts: Final = jsonread.Decoder[dict[str, msgspec.Raw]](dict[str, msgspec.Raw], depth=jsonread.SKIP_DEPTH)
"""What a body holds, each value as it was written: a number of many digits or of another form stays what it is."""


def digest(body: bytes) -> bytes:
    """Equal for bodies that ask a model the same, as long as they were written alike. Metadata does not count: no model reads it ("storing
    additional information about the object", OpenAI, API reference), and the tags of variants and samples are there."""
    import hashlib  # only where there are answers

    if _METADATA in body:
        try:
            parts = _parts.decode(body)
        except jsonread.Unreadable:
            parts = {}
        if parts.pop("metadata", None) is not None:
            body = _encode(parts)
    return hashlib.sha256(body).digest()[:_DIGEST]


class AnsweredRequests(msgspec.Struct, frozen=True):
    """Of a plan's requests in one way to one model, those that were answered already."""

    tag: str
    model: str
    requests: int
    tokens: int
    """Prompt tokens as the bytes of the requests tell (core.bodies.tokens)."""


class AnsweredIn(msgspec.Struct, frozen=True):
    """The batch that holds answers to so many of a plan's requests."""

    batch: str
    name: str
    requests: int


class AnsweredBodies:
    """The answers that there are, and which of a plan's requests they are to."""

    def __init__(self) -> None:
        self._left: dict[bytes, list[int]] = {}
        self._names: list[tuple[str, str]] = []
        self._counts: list[int] = []
        self._found: dict[tuple[str, str], tuple[int, int]] = {}
        self.unlooked = 0
        """Batches that were not looked into, because those before them had so many requests."""

    def batch(self, id: str, name: str) -> None:
        """The bodies that follow are of this batch."""
        self._names.append((id, name))
        self._counts.append(0)

    def add(self, body: bytes) -> None:
        """The body of a request of that batch that was answered."""
        self._left.setdefault(digest(body), []).append(len(self._names) - 1)

    def look(self, run: RequestRun, *, leave_out: bool) -> RequestRun | None:
        """Take note of the requests to which there is an answer that is none to one before them. The requests that are asked: all, or with
        ``leave_out`` the others; None where there is none."""
        if not self._left:
            return run
        asked: list[int] = []
        for n in range(len(run.lines)):
            line = run.lines.line(n)
            answers = self._left.get(digest(bytes(requests.decode(line).body)))
            if answers:
                self._counts[answers.pop()] += 1
                count, rough = self._found.get((run.tag, run.model), (0, 0))
                self._found[run.tag, run.model] = count + 1, rough + tokens.of_line(line)
            else:
                asked.append(n)
        return _only(run, asked) if leave_out and len(asked) < len(run.lines) else run

    @property
    def taken(self) -> int:
        """To how many requests there were answers."""
        return sum(self._counts)

    def by_way(self) -> tuple[AnsweredRequests, ...]:
        """Them by variant and model."""
        return tuple(AnsweredRequests(*key, *counted) for key, counted in self._found.items())

    def by_batch(self) -> tuple[AnsweredIn, ...]:
        """Them by the batch that has the answers, those with most first."""
        found = [AnsweredIn(*named, count) for named, count in zip(self._names, self._counts, strict=True) if count]
        return tuple(sorted(found, key=lambda one: -one.requests))


def _only(run: RequestRun, places: Sequence[int]) -> RequestRun | None:
    """Some of the requests."""
    if not places:
        return None
    lines = MadeLines([run.lines.ids[n] for n in places], ([run.lines.line(n) for n in places],))
    return run._replace(row_ids=[run.row_ids[n] for n in places], lines=lines)
