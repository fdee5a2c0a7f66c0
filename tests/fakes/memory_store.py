"""The Store port in memory, with the very semantics of the one over IndexedDB (tests/contract/store_cases.py holds both to it)."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy

import msgspec

from app.core.model.entries import Dump, RecordEntry
from app.core.openai.wire import Blob, BytesBlob
from app.ports import (
    Change,
    Conflict,
    DropBytes,
    IllegalMove,
    MoveBytes,
    Put,
    PutBytes,
    Remove,
    Restore,
    Row,
    StorageFull,
    Table,
    Usage,
)


class _Record(msgspec.Struct, frozen=True):
    rev: int
    doc: str
    owner: str
    state: str
    order: float


def _kept(change: Put | Restore, rev: int) -> _Record:
    order = change.order if math.isfinite(change.order) else 0.0
    return _Record(rev, change.doc, change.owner, change.state, order)


def _row(id: str, record: _Record) -> Row:
    return Row(id, record.rev, record.doc, record.owner, record.state, record.order)


def _utf16(text: str) -> bytes:
    """IndexedDB and JS compare text by UTF-16 code units."""
    return text.encode("utf-16-be", "surrogatepass")


class MemoryDisk:
    """What outlives a reload. Stores over one disk are tabs of one browser."""

    def __init__(self) -> None:
        self.records: dict[Table, dict[str, _Record]] = {table: {} for table in Table}
        self.bytes: dict[str, bytes] = {}
        self.stores: list[MemoryStore] = []
        self.persisted = False
        self.strays: set[str] = set()
        """Ids of records that no index by owner holds."""

    @property
    def used(self) -> int:
        """Bytes of everything stored."""
        docs = sum(len(record.doc.encode()) for records in self.records.values() for record in records.values())
        return docs + sum(map(len, self.bytes.values()))


class Snapshot(msgspec.Struct, frozen=True):
    """A disk's content at one moment, to be put back with :meth:`MemoryStore.restore`."""

    records: dict[Table, dict[str, _Record]]
    bytes: dict[str, bytes]


class MemoryStore:
    """A tab's view of a disk.

    ``moves`` has the legal moves of each table that is checked (table -> state -> states, ``""`` -> first states). Tests may set
    ``fail_next`` to an exception that the next commit raises without writing, and ``on_commit`` to be told of each commit that was written
    (raising there is a crash right after it). A commit that writes a record whose id is in ``chokes`` raises ValueError without writing: a
    fault that belongs to one item. ``stuck`` are ids of records whose state may not move at all, as if every move of theirs were illegal.
    ``quota`` in bytes makes commits that would exceed it raise StorageFull; 0 means no limit.
    """

    def __init__(self, moves: Mapping[str, Mapping[str, Collection[str]]], disk: MemoryDisk | None = None, *, quota: int = 0) -> None:
        self._moves = moves
        self._told: list[Callable[[frozenset[str]], None]] = []
        self.disk = disk or MemoryDisk()
        self.disk.stores.append(self)
        self.quota = quota
        self.fail_next: Exception | None = None
        self.on_commit: Callable[[Sequence[Change]], None] | None = None
        self.commits = 0
        self.chokes: set[str] = set()
        self.stuck: set[str] = set()

    async def get(self, table: Table, id: str) -> Row | None:
        await asyncio.sleep(0)
        record = self.disk.records[table].get(id)
        return None if record is None else _row(id, record)

    async def scan(self, table: Table, *, owner: str | None = None) -> list[Row]:
        await asyncio.sleep(0)
        found = [
            (id, record)
            for id, record in self.disk.records[table].items()
            if owner is None or (record.owner == owner and id not in self.disk.strays)
        ]
        found.sort(key=lambda item: (item[1].order, _utf16(item[0])))
        return [_row(id, record) for id, record in found]

    async def owners(self, table: Table) -> list[str]:
        await asyncio.sleep(0)
        return sorted({record.owner for record in self.disk.records[table].values()} - {""}, key=_utf16)

    async def revisions(self, table: Table, owner: str) -> list[tuple[str, int]]:
        return [(row.id, row.rev) for row in await self.scan(table, owner=owner)]

    async def get_many(self, table: Table, ids: Sequence[str]) -> list[Row]:
        await asyncio.sleep(0)
        records = self.disk.records[table]
        return [_row(id, records[id]) for id in dict.fromkeys(ids) if id in records]

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
        await asyncio.sleep(0)
        assert (owner is None) != (state is None)
        assert table is Table.HANDED or state is None
        assert table in (Table.HANDED, Table.NEWS) or (table is Table.SEGMENTS and after is None)
        found = [
            ((one.order, _utf16(id)), id, one)
            for id, one in self.disk.records[table].items()
            if (one.owner == owner if state is None else one.state == state)
        ]
        found.sort(key=lambda item: item[0], reverse=newest)
        if after is not None:
            edge = (after[0], _utf16(after[1]))
            found = [item for item in found if (item[0] < edge if newest else item[0] > edge)]
        return [_row(id, one) for _, id, one in found[:limit]]

    async def strays(self, table: Table) -> list[Row]:
        await asyncio.sleep(0)
        return [_row(id, record) for id, record in self.disk.records[table].items() if id in self.disk.strays]

    async def counts(self, table: Table, *, owner: str | None = None) -> dict[str, int]:
        await asyncio.sleep(0)
        assert table is Table.HANDED
        return dict(Counter(one.state for one in self.disk.records[table].values() if owner is None or one.owner == owner))

    async def commit(self, changes: Sequence[Change]) -> None:
        await asyncio.sleep(0)
        if self.fail_next is not None:
            error, self.fail_next = self.fail_next, None
            raise error
        if choked := {one.id for one in changes if isinstance(one, Put) and one.table is not Table.NEWS} & self.chokes:
            raise ValueError(f"the store chokes on {sorted(choked)}")
        records = {table: dict(rows) for table, rows in self.disk.records.items()}
        data = dict(self.disk.bytes)
        for change in changes:
            self._apply(change, records, data)
        before = self.disk.records, self.disk.bytes
        self.disk.records, self.disk.bytes = records, data
        if self.quota and self.disk.used > self.quota:
            self.disk.records, self.disk.bytes = before
            raise StorageFull("The browser has no space left for this page.")
        self.commits += 1
        self._tell(changes)
        if self.on_commit is not None:
            self.on_commit(changes)

    def _apply(self, change: Change, records: dict[Table, dict[str, _Record]], data: dict[str, bytes]) -> None:
        if isinstance(change, DropBytes):
            data.pop(change.id, None)
        elif isinstance(change, PutBytes):
            if change.id in data:
                raise Conflict("bytes", change.id, 0, 1)
            data[change.id] = bytes(change.data)
        elif isinstance(change, MoveBytes):
            if change.id not in data:
                raise Conflict("bytes", change.id, 1, 0)
            if change.to != change.id and change.to in data:
                raise Conflict("bytes", change.to, 0, 1)
            data[change.to] = data.pop(change.id)
        else:
            rows = records[change.table]
            now = rows.get(change.id)
            found = now.rev if now else 0
            if isinstance(change, Restore):
                if now:
                    raise Conflict(change.table.value, change.id, 0, found)
                rows[change.id] = _kept(change, change.rev)
                return
            if change.rev not in (-1, found):
                raise Conflict(change.table.value, change.id, change.rev, found)
            if isinstance(change, Remove):
                rows.pop(change.id, None)
            else:
                self._check_move(change, now)
                rows[change.id] = _kept(change, found + 1)

    def _check_move(self, put: Put, now: _Record | None) -> None:
        if put.table not in self._moves or (now and now.state == put.state):
            return
        old = now.state if now else ""
        if put.state not in self._moves[put.table].get(old, ()) or put.id in self.stuck:
            raise IllegalMove(put.table.value, put.id, old, put.state)

    def _tell(self, changes: Sequence[Change]) -> None:
        loud = [one for one in changes if isinstance(one, Put | Remove | Restore) and not (isinstance(one, Put) and one.quiet)]
        tables = frozenset(one.table.value for one in loud)
        for store in self.disk.stores if tables else ():
            if store is not self:
                for told in store._told:
                    told(tables)

    async def dump(self) -> Dump:
        await asyncio.sleep(0)
        entries = [
            RecordEntry(table.value, id, one.rev, one.doc, one.owner, one.state, one.order)
            for table, rows in self.disk.records.items()
            for id, one in rows.items()
        ]
        return Dump(sorted(entries, key=lambda one: one.key), sorted(self.disk.bytes))

    async def load(self, ids: Sequence[str]) -> list[bytes | None]:
        await asyncio.sleep(0)
        return [self.disk.bytes.get(id) for id in ids]

    async def blob(self, ids: Sequence[str]) -> Blob:
        await asyncio.sleep(0)
        return BytesBlob(b"".join(self.disk.bytes[id] for id in ids))

    async def usage(self) -> Usage:
        await asyncio.sleep(0)
        return Usage(self.disk.used, self.quota, self.disk.persisted)

    async def persist(self) -> bool:
        await asyncio.sleep(0)
        self.disk.persisted = True
        return True

    def watch(self, told: Callable[[frozenset[str]], None]) -> None:
        self._told.append(told)

    # --- for tests ---

    def reopened(self) -> MemoryStore:
        """The same disk after a reload: a new store, and this one hears nothing any more."""
        self.disk.stores.remove(self)
        return MemoryStore(self._moves, self.disk, quota=self.quota)

    def snapshot(self) -> Snapshot:
        """The disk's content now."""
        return Snapshot(deepcopy(self.disk.records), dict(self.disk.bytes))

    def restore(self, snapshot: Snapshot) -> None:
        """Put the disk back to what it was: what a crash before the later commits would have left."""
        self.disk.records, self.disk.bytes = deepcopy(snapshot.records), dict(snapshot.bytes)
