"""Workspaces to export from and to bring into: a tab of a world, or a bare store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core.model.entries import RecordEntry
from app.core.openai.wire import Blob
from app.core.workspace.archive import Reader
from app.core.workspace.scope import is_local
from app.ports import Change, Clock, Keys, Locks, PutBytes, Random, Restore, Store, Table
from app.services.runtime.moves import STORED_MOVES
from app.services.runtime.runtime import Runtime
from app.services.runtime.tasks import Tasks
from app.services.workspace.bring import ImportResult, Incoming, Mode, Order
from app.services.workspace.check import Checked, check
from app.services.workspace.export import Exported, Outgoing
from app.services.workspace.keys import opened
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.mortal import Life, MortalStore
from tests.fakes.platform import FakeClock, MemoryFiles, MemoryKeys, MemoryLocks, SeededRandom
from tests.kit.world import Tab

Content = tuple[list[RecordEntry], dict[str, bytes]]


def worked(content: Content) -> Content:
    """The same without the log, to which every import adds."""
    return [one for one in content[0] if one.table != Table.EVENTS], content[1]


def nothing(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


async def content(blob: Blob) -> Content:
    """The records and byte runs of an exported file."""
    reader, entries, runs = Reader(), list[RecordEntry](), dict[str, bytes]()
    async for piece in MemoryFiles().unpack(blob, nothing):
        for frame in reader.feed(piece):
            if frame.facts.kind == "record":
                entries.append(frame.entry)
            elif frame.facts.kind == "bytes":
                runs[frame.facts.id] = frame.content
    reader.close()
    return entries, runs


def _failed(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


class Side:
    """One workspace, and what can be done with it as a whole."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        random: Random,
        locks: Locks,
        keys: Keys,
        files: MemoryFiles,
        nudge: Callable[[], None] = lambda: None,
    ) -> None:
        self.store, self.clock, self.keys, self.files = store, clock, keys, files
        runtime = Runtime.over(store, clock, random, Tasks(_failed))
        self.records = runtime.records
        self.outgoing = Outgoing(self.records, files, clock, random)
        self.incoming = Incoming(runtime, files, keys, locks, nudge)

    @classmethod
    def of(cls, tab: Tab) -> Side:
        """A tab's."""
        locks = tab.engine._locks
        return cls(tab.store, tab.clock, tab.world.random, locks, tab.keys, tab.page, tab.engine.nudge)

    @classmethod
    def bare(cls, disk: MemoryDisk | None = None, *, seed: int = 0, quota: int = 0, life: Life | None = None) -> Side:
        """A store without a program; with a ``life``, one that can die."""
        inner = MemoryStore(STORED_MOVES, disk, quota=quota)
        store = MortalStore(inner, life) if life else inner
        return cls(store, FakeClock(auto=True), SeededRandom(seed), MemoryLocks(), MemoryKeys(), MemoryFiles())

    async def fill(self, entries: list[RecordEntry], runs: dict[str, bytes]) -> Side:
        """Put these records and byte runs into it."""
        changes: list[Change] = [PutBytes(id, data) for id, data in runs.items()]
        for one in entries:
            changes.append(Restore(Table(one.table), one.id, one.rev, one.doc, one.owner, one.state, one.order))
        await self.store.commit(changes)
        return self

    async def exported(self, sealed: str = "") -> Exported:
        return await self.outgoing.export(await self.incoming.kept.spare(), sealed, nothing)

    async def checked(self, blob: Blob) -> Checked:
        return await check(self.files, self.clock, blob, nothing)

    async def bring(self, blob: Blob, mode: Mode, passphrase: str = "", **given: Any) -> ImportResult:
        """Check and import a file."""
        checked = await self.checked(blob)
        keys = await opened(self.keys, passphrase, checked.sealed) if passphrase else None
        return await self.incoming.bring(Order(checked, blob, mode, "file.nightshift", keys or {}), nothing, **given)

    async def content(self) -> Content:
        """What an export of it would hold, but for the log."""
        return worked(await content((await self.exported()).blob))

    async def everything(self) -> Content:
        """Whatever is stored of the workspace but the log, and every byte run, whatever it is for."""
        dump = await self.store.dump()
        loaded = await self.store.load(dump.runs)
        here = [one for one in dump.entries if not is_local(one)]
        return worked((here, dict(zip(dump.runs, [data or b"" for data in loaded], strict=True))))
