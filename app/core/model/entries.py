"""Records as the store has them, with all that it indexes: the form in which they are exported and imported."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from app.core.json import jsonread
from app.core.model.records import Record

R = TypeVar("R", bound=Record)


class RecordEntry(msgspec.Struct, frozen=True):
    """A stored record in full. ``table`` is its table's name, ``doc`` its JSON text."""

    table: str
    id: str
    rev: int
    doc: str
    owner: str = ""
    state: str = ""
    order: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        return self.table, self.id


class Dump(msgspec.Struct, frozen=True):
    """Every record and the id of every byte run, as they were at one moment; both by table and id."""

    entries: list[RecordEntry]
    runs: list[str]


def decoded(kind: type[R], entry: RecordEntry) -> R | None:
    """The record as a struct; None where it is damaged."""
    try:
        return jsonread.typed(entry.doc, kind, depth=jsonread.OWN_DEPTH)
    except jsonread.Unreadable:
        return None


def with_fields(entry: RecordEntry, **fields: Any) -> dict[str, Any]:
    """The document as it is, unknown fields and all, with these fields set."""
    whole: dict[str, Any] = jsonread.value(entry.doc, depth=jsonread.OWN_DEPTH)
    return {**whole, **msgspec.to_builtins(fields)}


def rewritten(entry: RecordEntry, fields: dict[str, Any], **facts: Any) -> RecordEntry:
    """A record with fields of its document, and index fields, replaced."""
    doc = msgspec.json.encode(with_fields(entry, **fields)).decode()
    return msgspec.structs.replace(entry, doc=doc, **facts)
