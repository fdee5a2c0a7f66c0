"""Files of a batch's input that exist already, from any script: lines that are requests, with their own ids.

A line of ours is taken as it is. One that is written for another service, or almost right, is converted where that says the same
(core.bodies.foreign). An id is unique in its file; what the bodies hold is checked as any request's is (core.bodies.bodycheck).
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from app.core.base.text import size
from app.core.bodies import foreign
from app.core.datasets import limits
from app.core.datasets.table import FaultList
from app.core.endpoints.table import FOR_PROGRAMS
from app.core.json import jsonread
from app.core.json.jsonlines import LineSplitter
from app.core.json.jsonread import Unreadable

_FIELDS = frozenset({"custom_id", "method", "url", "body"})
_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


class ImportedRequest(NamedTuple):
    """A request of the file. ``line``: JSON without a line break; ``converted``: how it was written («for Anthropic's …»); nothing: as ours
    are."""

    number: int
    custom_id: str
    line: bytes
    converted: str


class RequestLines:
    """Reads such a file piece by piece."""

    def __init__(self, size: int) -> None:
        self.faults = FaultList()
        self.done = self.converted = 0
        self.size = size
        self._cutter = LineSplitter(limits.MAX_RECORD)
        self._first: dict[str, int] = {}  # the line that each id stands in

    def feed(self, piece: bytes, *, last: bool = False) -> list[ImportedRequest]:
        """The requests that this piece ends. Raises nothing."""
        self.done += len(piece)
        found: list[ImportedRequest] = []
        for number, line in self._cutter.feed(piece, last=last):
            if line is None:
                self.faults.add(number, number, f"It is longer than {size(limits.MAX_RECORD)}.")
                continue
            one = _read(number, line)
            if isinstance(one, ImportedRequest) and (first := self._first.setdefault(one.custom_id, number)) != number:
                one = f"Its custom_id “{one.custom_id[:60]}” is that of line {first:,} as well."
            if isinstance(one, str):
                self.faults.add(number, number, one, line[:1_000].decode("utf-8", "replace"))
                continue
            self.converted += bool(one.converted)
            found.append(one)
        return found


def _read(number: int, line: bytes) -> ImportedRequest | str:
    """A request, or why the line is none."""
    line = line.strip(_BLANK).removeprefix(_BOM).rstrip(_BLANK + b",")
    try:
        value = jsonread.value(line, depth=jsonread.OWN_DEPTH)
    except Unreadable as error:
        return error.sentence
    if not isinstance(value, dict):
        return 'It is no request: a request is {"custom_id": "…", "method": "POST", "url": "/v1/responses", "body": {…}}.'
    known = foreign.recognised(value)
    if known is not None:
        if known.message is None or known.lacks:
            return known.sentence
        return ImportedRequest(number, str(known.message["custom_id"]), msgspec.json.encode(known.message), known.name)
    missing = sorted(_FIELDS - value.keys())
    if missing:
        return f"It is no request: it has no {', '.join(missing)}."
    if value["method"] != "POST" or value["url"] not in FOR_PROGRAMS or not isinstance(value["body"], dict):
        return (
            "It is no request of a batch: its method must be POST, its body an object, and its url one of " + ", ".join(FOR_PROGRAMS) + "."
        )
    if not isinstance(value["custom_id"], str) or not value["custom_id"].strip():
        return "Its custom_id is empty or no text, so its answer could not be told from others."
    return ImportedRequest(number, value["custom_id"], line, "")
