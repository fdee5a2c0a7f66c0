"""Which stored records of this browser cannot be read, known to everybody who reads the same store; and setting them aside.

A record is found damaged when it is read, at the start or later, and whoever listens is told at once. What must be written where a damaged
record lies puts that aside first, in the same commit (:meth:`Damage.spared`): nothing damaged is ever written over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar
from weakref import WeakKeyDictionary

import msgspec

from app.core.base import ids
from app.core.json import jsonread
from app.core.model import damage as damage_rules
from app.core.model import keys, stored_names
from app.core.model.damage import DamagedRecord, Quarantined
from app.ports import Change, Clock, Conflict, Put, Random, Remove, Restore, Row, Store, Table
from app.services.runtime.touched import Touched

_ENCODER = msgspec.json.Encoder()
_QUARANTINED: jsonread.Decoder[Quarantined] = jsonread.Decoder(Quarantined)


class Damage:
    """One for each store. ``notify`` (set by whoever shows it) hears of every change."""

    _known: ClassVar[WeakKeyDictionary[Store, Damage]] = WeakKeyDictionary()

    def __init__(self, store: Store) -> None:
        self._store = store
        self.found: dict[tuple[str, str], DamagedRecord] = {}
        self.notify: Callable[[], None] = lambda: None
        self.changes = 0
        """Counts what was found and what went: who keeps what it read looks again where it is another number."""

    @classmethod
    def of(cls, store: Store) -> Damage:
        """The one of this store."""
        found = cls._known.get(store)
        if found is None:
            found = cls._known[store] = cls(store)
        return found

    def add(self, table: Table, row: Row, why: str) -> None:
        """This record cannot be used."""
        self.note(damage_rules.damaged(table.value, row.id, row.owner, row.doc, why))

    def note(self, one: DamagedRecord) -> None:
        """This cannot be used: a record, or something beside the tables (a sealed key)."""
        if self.found.get((one.table, one.id)) != one:
            self.found[one.table, one.id] = one
            self.changes += 1
            self.notify()

    def well(self, table: str, id: str) -> None:
        """It can be read, or is gone."""
        if self.found and self.found.pop((table, id), None) is not None:
            self.changes += 1
            self.notify()

    def settings(self, kind: str) -> list[str]:
        """The ids of damaged settings of a kind, such as the profiles of damaged ``automatic`` records."""
        head = f"{kind}:"
        return [id.removeprefix(head) for table, id in self.found if table == Table.SETTINGS and id.startswith(head)]

    # --- nothing is written over

    async def spared(self, changes: Sequence[Change]) -> Sequence[Change]:
        """The changes, with every damaged record that they would write over or remove put aside before them."""
        if not self.found:
            return changes
        aside: list[Change] = []
        spared: list[Change] = []
        for one in changes:
            if isinstance(one, Put | Remove) and (one.table.value, one.id) in self.found:
                row = await self._store.get(one.table, one.id)
                if row is not None and one.rev in (-1, 0, row.rev):
                    aside.append(_kept(self.found[one.table.value, one.id], row, one.table, 0.0, by_hand=False))
                    if isinstance(one, Put):
                        aside.append(Remove(one.table, one.id, row.rev))
                        one = Put(one.table, one.id, 0, one.doc, one.owner, one.state, one.order, one.quiet)
            spared.append(one)
        return [*aside, *spared]

    def written(self, changes: Sequence[Change]) -> None:
        """These changes are committed."""
        for one in changes:
            if self.found and isinstance(one, Put | Remove | Restore):
                self.well(one.table.value, one.id)


class Quarantine:
    """Where damaged records are kept aside until they are put back. Raises the store's errors."""

    def __init__(self, store: Store, clock: Clock, random: Random) -> None:
        self._store, self._clock, self._random = store, clock, random
        self._damage = Damage.of(store)

    async def set_aside(self, one: DamagedRecord) -> Quarantined | None:
        """Take a damaged record out of its place; None where it is not there any more."""
        table = Table(one.table)
        row = await self._store.get(table, one.id)
        if row is None:
            self._damage.well(one.table, one.id)
            return None
        now = self._clock.now()
        kept = _record(one, row, table, now, ids.new_id("q", now, self._random.token(8)), by_hand=True)
        changes: list[Change] = [_put(kept), Remove(table, one.id, row.rev)]
        await self._store.commit(changes)
        self._damage.written(changes)
        Touched.of(self._store).written(changes)
        return kept

    async def all(self) -> list[Quarantined]:
        """What is kept aside, oldest first; what of it cannot be read itself stays where it is."""
        return await set_aside(self._store)

    async def put_back(self, id: str) -> bool:
        """Put a record back into its place, as it was; False where another one is there now, or it is not here."""
        one = next((each for each in await self.all() if each.id == id), None)
        if one is None:
            return False
        back = Restore(Table(one.table), one.row, one.rev, one.doc, one.owner, one.state, one.order)
        try:
            await self._store.commit([back, Remove(Table.SETTINGS, _row_id(one.id))])
        except Conflict:
            return False
        Touched.of(self._store).written([back])
        self._damage.add(Table(one.table), Row(one.row, one.rev, one.doc, one.owner, one.state, one.order), one.why)
        return True

    async def file(self, one: DamagedRecord) -> bytes:
        """A damaged record as a file: everything that is stored of it."""
        row = await self._store.get(Table(one.table), one.id) if one.table in set(Table) else None
        row = row or Row(one.id, 1, "")
        return damage_rules.file_of(one.table, row.id, row.rev, row.doc, row.owner, row.state, row.order, one.why)


async def set_aside(store: Store) -> list[Quarantined]:
    """What is kept aside, oldest first; what of it cannot be read itself stays where it is, and is told."""
    found: list[Quarantined] = []
    for row in await store.scan(Table.SETTINGS, owner=damage_rules.OWNER):
        try:
            found.append(_QUARANTINED.decode(row.doc))
        except jsonread.Unreadable as error:
            Damage.of(store).add(Table.SETTINGS, row, str(error))
    return found


_INDEXED = (Table.SETTINGS, Table.SEGMENTS, Table.HANDED, Table.NEWS)
"""Tables that are read by their index only."""


async def inspect(store: Store) -> None:
    """Look for what nobody would meet by reading: records that the index does not hold, and requests that no lane and no batch owns. Costs
    a count for each table and the names of the owners."""
    damage = Damage.of(store)
    for table in _INDEXED:
        for row in await store.strays(table):
            damage.add(table, row, "the database's index does not hold it: its owner or place is of another type than was written")
    for owner in await store.owners(Table.SEGMENTS):
        if not (keys.names_lane(owner) or keys.in_batch(owner)):
            for row in await store.scan(Table.SEGMENTS, owner=owner):
                damage.add(Table.SEGMENTS, row, f"it belongs to {owner!r}, which is neither a queue group nor a batch")


def file_of(one: Quarantined) -> bytes:
    """A record that was set aside, as a file."""
    return damage_rules.file_of(one.table, one.row, one.rev, one.doc, one.owner, one.state, one.order, one.why)


def _row_id(id: str) -> str:
    return stored_names.row_id(stored_names.QUARANTINED, id)


def _record(one: DamagedRecord, row: Row, table: Table, now: float, id: str, *, by_hand: bool) -> Quarantined:
    fields = {"doc": row.doc, "owner": row.owner, "state": row.state, "order": row.order, "why": one.why}
    return Quarantined(id=id, at=now, table=table.value, row=row.id, rev=row.rev, by_hand=by_hand, **fields)  # type: ignore[arg-type]


def _put(kept: Quarantined) -> Put:
    owner, state, order = kept.index
    return Put(Table.SETTINGS, _row_id(kept.id), -1, _ENCODER.encode(kept).decode(), owner=owner, state=state, order=order)


def _kept(one: DamagedRecord, row: Row, table: Table, now: float, *, by_hand: bool) -> Put:
    """What was in the way of something that had to be written. The revision makes its id its own."""
    return _put(_record(one, row, table, now, f"{table.value}/{row.id}/{row.rev}", by_hand=by_hand))
