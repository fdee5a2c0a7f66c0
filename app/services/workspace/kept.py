"""What is kept of the workspace before an import, until the person no longer wants it back; and what an import that broke off has left."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from app.core.json import jsonread
from app.core.model import keys
from app.core.model.entries import RecordEntry
from app.core.workspace.imports import Import, Marks
from app.core.workspace.scope import NeededRuns, is_local
from app.ports import Change, DropBytes, PutBytes, Remove, Restore, Table
from app.services.queue import keeping
from app.services.runtime.records import Records, remove

"""Begins the ids of byte runs that belong to an import and not to the workspace."""
_DROPPED = 100


class PreviousWorkspace(msgspec.Struct, kw_only=True):
    """The workspace before an import: its records and marks; the revisions after the import, by table and id; the byte runs that only the
    old one (``old``) or only the new one (``new``) needs; and where those are now that had to give up their id."""

    entries: list[RecordEntry]
    marks: Marks | None
    after: dict[str, dict[str, int]]
    old: list[str]
    new: list[str]
    moved: dict[str, str]


def before_id(log: Import) -> str:
    return keys.import_run(log.files, "before")


def written_id(log: Import) -> str:
    return keys.import_run(log.files, "written")


def own(entries: Iterable[RecordEntry]) -> list[RecordEntry]:
    """The workspace's records, without this browser's own."""
    return [one for one in entries if not is_local(one)]


def changes(now: Iterable[RecordEntry], target: dict[tuple[str, str], RecordEntry]) -> list[Change]:
    """What turns these records into those, revisions and all. The browser's own records stay, but what it kept of its queues: there may be
    another segment at the same revision now."""
    found: list[Change] = [Remove(Table.SETTINGS, keeping.ROW)]
    here: set[tuple[str, str]] = set()
    for one in now:
        here.add(one.key)
        if is_local(one) or target.get(one.key) == one:
            continue
        found.append(Remove(Table(one.table), one.id, one.rev))
        if one.key in target:
            found.append(_restored(target[one.key]))
    return [*found, *(_restored(one) for key, one in target.items() if key not in here and not is_local(one))]


def _restored(one: RecordEntry) -> Restore:
    return Restore(Table(one.table), one.id, one.rev, one.doc, one.owner, one.state, one.order)


class Kept:
    """Raises the store's errors."""

    def __init__(self, records: Records) -> None:
        self._records, self._store = records, records.store

    async def log(self) -> Import | None:
        """The last import: one that can be undone, or one that broke off."""
        stored = await self._records.get(Import, "last")
        return stored.value if stored else None

    async def before(self, log: Import) -> PreviousWorkspace | None:
        """The workspace before it; None when it is not here any more."""
        (data,) = await self._store.load([before_id(log)])
        try:
            return None if data is None else jsonread.typed(data, PreviousWorkspace, depth=jsonread.OWN_DEPTH)
        except jsonread.Unreadable:
            return None

    async def spare(self) -> frozenset[str]:
        """Byte runs that only the undo of the last import needs, or that an import which broke off has left: no part of the workspace."""
        log = await self.log()
        runs = await self._runs(log) if log else []
        return frozenset(runs) - self._used(runs, (await self._store.dump()).entries)

    async def _runs(self, log: Import) -> list[str]:
        """The runs to be dropped when the import is settled, but for those that are in use."""
        if log.done:
            before = await self.before(log)
            return before.old if before else []
        (data,) = await self._store.load([written_id(log)])
        return jsonread.typed(data, list[str]) if data is not None else []

    def _used(self, runs: list[str], entries: list[RecordEntry]) -> frozenset[str]:
        uses = NeededRuns(entries)
        return frozenset(id for id in runs if id in uses)

    async def note(self, log: Import, new: Iterable[str]) -> None:
        """Before bytes are written: who breaks off now is known to have left them."""
        data = msgspec.json.encode(sorted(new))
        id = written_id(log)
        await self._store.commit([DropBytes(id), PutBytes(id, data)])

    async def settle(self) -> None:
        """No more undo: drop what only the old workspace needs. Of an import that broke off: drop what it wrote. Again if it is broken
        off."""
        log = await self.log()
        if log is None:
            return
        dump = await self._store.dump()
        runs = await self._runs(log)
        drop = [id for id in runs if id not in self._used(runs, dump.entries)]
        drop += [id for id in dump.runs if id.startswith(keys.IMPORT) and id not in (before_id(log), written_id(log))]
        for n in range(0, len(drop), _DROPPED):
            await self._store.commit([DropBytes(id) for id in drop[n : n + _DROPPED]])
        await self._records.commit([DropBytes(before_id(log)), DropBytes(written_id(log)), remove(Import, "last")])
