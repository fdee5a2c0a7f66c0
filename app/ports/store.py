"""Where records and bytes are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from app.core.model.entries import Dump
from app.core.openai.wire import Blob


class Table(StrEnum):
    """The record tables of schema version 4. ``vault`` is the adapter's own (sealed keys) and not reachable here."""

    SETTINGS = "settings"
    THREADS = "threads"
    SEGMENTS = "segments"
    BATCHES = "batches"
    PRACTICE = "practice"
    EVENTS = "events"
    HANDED = "handed"
    NEWS = "news"


class Row(msgspec.Struct, frozen=True):
    """A stored record: its JSON text, its revision (1 at first, +1 with each change), and the index fields that it was found by. What lies
    there need not be what was written: a text that is none comes as the JSON of what it is, an index field of another type as nothing."""

    id: str
    rev: int
    doc: str
    owner: str = ""
    state: str = ""
    order: float = 0.0


class _Written(msgspec.Struct, frozen=True):
    """A record as a change carries it; ``owner``, ``state`` and ``order`` are the index fields."""

    table: Table
    id: str
    rev: int
    doc: str
    owner: str = ""
    state: str = ""
    order: float = 0.0


class Put(_Written, frozen=True, tag="put"):
    """Write a record. ``rev`` is the revision that the writer saw: 0 for «must not exist yet», -1 for «whatever is there».

    ``state`` is set for batches and programs' messages, and is checked against the legal moves. ``quiet``: no page shows it, so the other
    tabs need not be told, and do not look through the table for its sake.
    """

    quiet: bool = False


class Remove(msgspec.Struct, frozen=True, tag="remove"):
    """Delete a record if it is at revision ``rev`` (-1: whatever is there, also nothing)."""

    table: Table
    id: str
    rev: int = -1


class PutBytes(msgspec.Struct, frozen=True, tag="put_bytes"):
    """Write immutable bytes under a new id. An id that is taken is a Conflict: drop it first, in the same commit if need be."""

    id: str
    data: bytes


class DropBytes(msgspec.Struct, frozen=True, tag="drop_bytes"):
    """Forget bytes. Not there is fine."""

    id: str


class Restore(_Written, frozen=True, tag="restore"):
    """Write a record as it was kept elsewhere: with the revision that it had there, and in whichever state it was in.

    Only where there is no record (one that was removed earlier in the same commit counts); else a Conflict, expected revision 0. So the
    table of moves holds for every record that the store has: none is moved by this, one is only put where there is none. It is for
    imports and for their undoing, and nothing else writes it.
    """


class MoveBytes(msgspec.Struct, frozen=True, tag="move_bytes"):
    """Give bytes another id, without a copy through Python. No bytes under ``id`` is a Conflict (expected 1, found 0), and so is a
    ``to`` that is taken (expected 0, found 1)."""

    id: str
    to: str


Change = Put | Remove | PutBytes | DropBytes | Restore | MoveBytes


class Conflict(Exception):
    """Someone else changed the record first: nothing of the commit was written. Read again and decide again."""

    def __init__(self, table: str, id: str, expected: int, found: int) -> None:
        super().__init__(f"{table}/{id}: expected revision {expected}, found {found}")
        self.table, self.id, self.expected, self.found = table, id, expected, found


class IllegalMove(Exception):
    """The commit would move a batch or a message in a way that its table of moves does not allow. Nothing was written."""

    def __init__(self, table: str, id: str, old: str, new: str) -> None:
        super().__init__(f"{table}/{id}: {old!r} -> {new!r} is not a legal move")
        self.table, self.id, self.old, self.new = table, id, old, new


class StorageFull(Exception):
    """The browser refused to store more. Nothing of the commit was written."""


class StorageLost(Exception):
    """The database cannot be opened or was closed under us (private mode, a newer version, deleted by the browser)."""


class Usage(msgspec.Struct, frozen=True):
    """Storage of this origin in bytes, and whether the browser promised to keep it. ``quota`` 0: the browser does not say."""

    used: int
    quota: int
    persisted: bool


class Store(Protocol):
    """Everything that outlives a reload. One ``commit`` is one transaction: all of it or nothing, revisions compared inside."""

    async def get(self, table: Table, id: str) -> Row | None: ...

    async def scan(self, table: Table, *, owner: str | None = None) -> list[Row]:
        """All records of a table, or those of one owner, by ``order`` and then id."""
        ...

    async def owners(self, table: Table) -> list[str]:
        """The distinct owners of a table, sorted."""
        ...

    async def revisions(self, table: Table, owner: str) -> list[tuple[str, int]]:
        """The ids of one owner's records and the revision of each, by ``order`` and then id: their texts stay where they are."""
        ...

    async def get_many(self, table: Table, ids: Sequence[str]) -> list[Row]:
        """Those of these records that are there, in the order asked; each id once."""
        ...

    async def page(
        self,
        table: Table,
        *,
        owner: str | None = None,
        state: str | None = None,
        after: tuple[float, str] | None = None,
        limit: int,
        newest: bool = False,
    ) -> list[Row]:
        """At most ``limit`` records of one owner, or in one state (exactly one of the two is given), by ``order`` and then id, or the
        other way round; from behind ``after``, the (order, id) of a record that may be gone. For ``handed``, and by owner for ``news``, and
        without ``after`` for ``segments``: as long as those tables may be, no more than what is asked for is read."""
        ...

    async def strays(self, table: Table) -> list[Row]:
        """The records of a table that its index by owner does not hold, since an index field of theirs is of another type: nobody who asks
        for an owner's records finds them. Counting costs little where there are none."""
        ...

    async def counts(self, table: Table, *, owner: str | None = None) -> dict[str, int]:
        """How many records of ``handed`` there are in each state, all or one owner's. States without one are not named."""
        ...

    async def commit(self, changes: Sequence[Change]) -> None:
        """Raises Conflict, IllegalMove, StorageFull, StorageLost. Returns when the transaction is complete."""
        ...

    async def load(self, ids: Sequence[str]) -> list[bytes | None]:
        """Bytes by id, in the order asked; None where there are none."""
        ...

    async def blob(self, ids: Sequence[str]) -> Blob:
        """The bytes one after another as one blob, without a copy through Python. KeyError names an id that is missing."""
        ...

    async def dump(self) -> Dump:
        """Every record with its index fields, and the id of every byte run: all as it was at one moment."""
        ...

    async def usage(self) -> Usage: ...

    async def persist(self) -> bool:
        """Ask the browser to keep the data. True if it promised."""
        ...

    def watch(self, notify: Callable[[frozenset[str]], None]) -> None:
        """Call ``notify`` with the names of the tables that another tab changed."""
        ...
