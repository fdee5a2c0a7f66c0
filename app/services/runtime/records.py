"""Typed records over the store: which struct lives in which table, under which id, with which index fields.

A record that cannot be decoded (damaged, or written by a newer version), or that is in the wrong place, is left where it is and told
(services.runtime.damage); the rest is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

import msgspec

from app.core.batches.durations import History
from app.core.json import jsonread
from app.core.model import stored_names, trail
from app.core.model.batches import RemoteOwner
from app.core.model.damage import flaw
from app.core.model.providers import Limits, ModelList, Profile, Spent
from app.core.model.records import Record
from app.core.model.settings import Automatic, AutoSubmitNotice, BrokerSettings, Preferences, RetentionNotice
from app.core.openai.accounts import KeySalt, KnownKey
from app.core.workspace.imports import Hold, Import, Marks
from app.ports import Change, Put, Remove, Row, Store, Table
from app.services.runtime.contention import ATTEMPTS, contended
from app.services.runtime.damage import Damage
from app.services.runtime.touched import Touched

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_SETTINGS: tuple[type[Record], ...] = (
    Profile,
    Preferences,
    ModelList,
    Limits,
    Spent,
    Hold,
    Import,
    Marks,
    RetentionNotice,
    History,
    Automatic,
    AutoSubmitNotice,
    BrokerSettings,
    KeySalt,
    KnownKey,
    RemoteOwner,
)
"""Kinds of settings that every page has read by the time it looks them through (:meth:`Records.check_settings`)."""
_ENCODER = msgspec.json.Encoder()
_TURNS: WeakKeyDictionary[Store, WeakValueDictionary[str, asyncio.Lock]] = WeakKeyDictionary()
"""By store and record: several ``Records`` stand over one store."""


@cache
def _decoder(kind: type[Record]) -> jsonread.Decoder[Record]:
    """Made when it is first needed: reading a struct's types takes Python a millisecond or more in the page."""
    return jsonread.Decoder(kind, depth=jsonread.OWN_DEPTH)


class Stored(msgspec.Struct, Generic[R], frozen=True):
    """A record with the revision at which it was read."""

    value: R
    rev: int


def _table(kind: type[Record]) -> Table:
    return Table(kind.stored.table)


_CHECKED = (Table.SEGMENTS, Table.BATCHES, Table.HANDED)
"""Tables whose records are found by what else they say, so that one that says otherwise itself must not be used."""


def _misplaced(kind: type[Record], value: Record, row: Row) -> str:
    expected = _row_id(kind, value.id)
    if kind.stored.table == stored_names.SETTINGS and row.owner not in ("", kind.stored.name):
        return f"it is found as {row.owner!r} but is {kind.stored.name!r}"
    return "" if expected == row.id else f"it lies under {row.id!r} but says that it is {expected!r}"


def _row_id(kind: type[Record], id: str) -> str:
    return stored_names.row_id(kind.stored, id)


def put(value: Record, rev: int, *, quiet: bool = False) -> Put:
    """The change that writes a record; ``rev`` and ``quiet`` as in :class:`app.ports.Put`."""
    kind = type(value)
    owner, state, order = value.index
    return Put(_table(kind), _row_id(kind, value.id), rev, _ENCODER.encode(value).decode(), owner, state, order, quiet)


def remove(kind: type[Record], id: str, rev: int = -1) -> Remove:
    """The change that deletes a record."""
    return Remove(_table(kind), _row_id(kind, id), rev)


class Records:
    """Reads and writes typed records. Raises the store's errors (Conflict, IllegalMove, StorageFull, StorageLost)."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.damage = Damage.of(store)
        self._touched = Touched.of(store)

    def read(self, kind: type[R], row: Row) -> Stored[R] | None:
        """A stored row as a record; None (and it is told) where it is damaged."""
        table = _table(kind)
        item = trail.record(table, row.id)
        if trail.suspected(item):
            self.damage.add(table, row, trail.NOT_READ)
            return None
        trail.begin(item)
        try:
            value = _decoder(kind).decode(row.doc)
            wrong = _misplaced(kind, value, row) or (flaw(table, value, row.owner, row.state) if table in _CHECKED else "")
        except Exception as error:  # the boundary of one record: whatever lies in the store, the others are read
            wrong = str(error) or type(error).__name__
        finally:
            trail.end()
        if wrong:
            self.damage.add(table, row, wrong)
            return None
        if self.damage.found:
            self.damage.well(table.value, row.id)
        return Stored(value, row.rev)  # type: ignore[arg-type]  # the decoder table is keyed by the kind

    async def get(self, kind: type[R], id: str) -> Stored[R] | None:
        row = await self.store.get(_table(kind), _row_id(kind, id))
        return None if row is None else self.read(kind, row)

    async def all(self, kind: type[R], owner: str | None = None) -> list[Stored[R]]:
        """All records of a kind (of one owner), in their order."""
        table = _table(kind)
        if table is Table.SETTINGS:
            owner = kind.stored.name
        rows = await self.store.scan(table, owner=owner)
        return [stored for row in rows if (stored := self.read(kind, row)) is not None]

    async def check_settings(self) -> None:
        """Read every setting as what it says it is, so that damage is told before someone needs it. Those of kinds that only a newer
        version knows are let be."""
        from app.core.model.annotations import AnnotatedRows
        from app.core.model.judging import Evaluation, Expectation
        from app.core.model.rescues import Rescue
        from app.core.model.sendings import QueuedRows
        from app.core.model.steps import NextStep
        from app.core.model.templates import Template, TemplateVersion  # most pages never need them
        from app.core.model.tries import DatasetTries
        from app.core.programs.folder import Dropped, Watched
        from app.core.programs.message import IntakeCounters, Programs, ServerIdentity

        settings: tuple[type[Record], ...] = (
            *_SETTINGS,
            ServerIdentity,
            Dropped,
            IntakeCounters,
            Programs,
            AnnotatedRows,
            Evaluation,
            Expectation,
            NextStep,
            QueuedRows,
            Rescue,
            Template,
            TemplateVersion,
            DatasetTries,
            Watched,
        )
        kinds = {one.stored.name: one for one in settings}
        for row in await self.store.scan(Table.SETTINGS):
            if (kind := kinds.get(row.id.partition(":")[0])) is not None:
                self.read(kind, row)

    async def commit(self, changes: Sequence[Change]) -> None:
        if changes:
            changes = await self.damage.spared(changes)
            try:
                await self.store.commit(changes)
            except BaseException:
                self._touched.everything()  # someone else wrote what was read here, or it is not known what was written
                raise
            self.damage.written(changes)
            self._touched.written(changes)

    @property
    def damaged(self) -> dict[str, str]:
        """Why records cannot be used, by their id."""
        return {id: one.why for (_table, id), one in self.damage.found.items()}

    async def change(self, default: R, change: Callable[[R], R]) -> Stored[R]:
        """Read the record of this kind and id (``default`` where there is none), change it and write it, again if someone else wrote in
        between; what is stored then. Nothing is written where nothing changes. Changes that this tab makes of one record are made in the
        order in which they were asked for. Raises Conflict only when others keep winning."""
        async with self._turn(_row_id(type(default), default.id)):
            return await self._change(default, change)

    def _turn(self, row_id: str) -> asyncio.Lock:
        """Held by who changes a record; it is handed on in the order of asking (asyncio.Lock)."""
        turns = _TURNS.setdefault(self.store, WeakValueDictionary())
        lock = turns.get(row_id)
        if lock is None:
            lock = turns[row_id] = asyncio.Lock()
        return lock

    async def _change(self, default: R, change: Callable[[R], R]) -> Stored[R]:
        async def decide() -> tuple[list[Change], Stored[R]]:
            stored = await self.get(type(default), default.id) or Stored(default, 0)
            after = change(stored.value)
            return ([], stored) if after == stored.value else ([put(after, stored.rev)], Stored(after, stored.rev + 1))

        return await self.transact(decide)

    async def amend(self, kind: type[R], id: str, change: Callable[[R], R]) -> R | None:
        """As :meth:`change`, of a record that is there; None where it is not, or cannot be read."""

        async def decide() -> tuple[list[Change], R | None]:
            stored = await self.get(kind, id)
            after = change(stored.value) if stored is not None else None
            return ([] if stored is None or after is None or after == stored.value else [put(after, stored.rev)]), after

        async with self._turn(_row_id(kind, id)):
            return await self.transact(decide)

    async def transact(
        self,
        decide: Callable[[], Awaitable[tuple[Sequence[Change], T]]],
        *,
        between: Callable[[], Awaitable[object]] | None = None,
        most: float = ATTEMPTS,
    ) -> T:
        """Commit what ``decide`` reads and decides: the changes, with the revisions that it read, and what this returns then.

        It decides again, from its reading on, when another writer was first, up to ``most`` times in all; ``between`` is awaited before.
        Raises Conflict only when others keep winning.
        """

        async def attempt() -> T:
            changes, result = await decide()
            await self.commit(changes)
            return result

        return await contended(attempt, between, most)

    async def first(self, kind: type[R], id: str, make: Callable[[], R]) -> R:
        """The record that is stored under this id; where there is none, one that is made and stored now. One that cannot be read gives way
        to it."""
        fresh: R | None = None

        async def decide() -> tuple[list[Change], R]:
            nonlocal fresh
            if (stored := await self.get(kind, id)) is not None:
                return [], stored.value
            again, fresh = fresh is not None, fresh or make()
            return [put(fresh, -1 if again else 0)], fresh

        return await self.transact(decide)

    async def save(self, value: Record, rev: int = -1) -> None:
        """Write one record by itself."""
        await self.commit([put(value, rev)])
