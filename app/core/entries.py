"""Records as the store keeps them, with everything that it indexes: what leaves one browser and comes into another."""

from __future__ import annotations

import msgspec


class Entry(msgspec.Struct, frozen=True):
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

    entries: list[Entry]
    runs: list[str]
