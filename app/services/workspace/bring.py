"""Bringing a checked file in, and taking it back.

Bytes never change, so they are written first: nobody looks at them before a record names them. Then all records change in one commit. No
tab's engine works meanwhile. So a page that dies at any moment leaves the old workspace or the new one, whole; and what the old one had is
kept until the person no longer wants to undo: its records in one byte run, its bytes where they are.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Literal

import msgspec
from msgspec.structs import replace

from app.core.activity.log import draft
from app.core.base import ids
from app.core.model import keys
from app.core.model.entries import Dump, RecordEntry
from app.core.model.providers import OPENAI, Profile
from app.core.model.settings import AutoSubmitNotice
from app.core.workspace import merging, renaming
from app.core.workspace.archive import Reader
from app.core.workspace.imports import Import, Marks
from app.core.workspace.merge_plan import MergePlan
from app.core.workspace.renaming import Address
from app.core.workspace.scope import NeededRuns
from app.ports import Change, Conflict, DropBytes, Files, Keys, Locks, MoveBytes, PutBytes, StorageLost, Table
from app.services.provider.profiles import PRACTICE
from app.services.runtime.records import put, remove
from app.services.runtime.runtime import Runtime
from app.services.runtime.touched import Touched
from app.services.workspace import keys as travelling
from app.services.workspace.check import Checked, frames
from app.services.workspace.hold import TURN, while_held
from app.services.workspace.kept import Kept, PreviousWorkspace, before_id, changes, own, written_id
from app.services.workspace.lines import Lines

Mode = Literal["merge", "replace"]
Key = tuple[str, str]
Moved = Callable[[int, int], None]
_ATTEMPTS = 5


class Order(msgspec.Struct, frozen=True):
    """What is to be imported and how. ``keys`` are those of the file, opened; ``remember``: keep them beyond this tab."""

    checked: Checked
    blob: object
    mode: Mode
    name: str = ""
    keys: dict[str, travelling.Key] = {}
    remember: bool = True


class ImportResult(msgspec.Struct, frozen=True):
    """What an import or its undoing did. ``keys``: profiles that got their key from the file; ``parted``: providers whose key was removed,
    since their address is another one now; ``twice``: requests that are in a batch of either side; ``practice_back``: practice batches
    whose requests went back to the queue; ``later``: records made or changed since the import, which stay."""

    keys: tuple[str, ...] = ()
    parted: tuple[str, ...] = ()
    twice: int = 0
    practice_back: int = 0
    later: int = 0


class NothingToUndo(Exception):
    """The import was undone or settled in another tab. The text is a sentence for people."""


BUILT_IN = {PRACTICE.id: PRACTICE, OPENAI.id: OPENAI}
"""The providers that are known without a record."""


def profiles_of(entries: Iterable[RecordEntry]) -> dict[str, Profile]:
    """The providers among these records, and the one that is known without a record."""
    return {OPENAI.id: OPENAI, **renaming.profiles_in(entries)}


class Incoming:
    """One import or undoing at a time among all tabs. Raises the store's errors, Occupied, InvalidArchive, FileUnreadable."""

    def __init__(self, runtime: Runtime, files: Files, keys: Keys, locks: Locks, nudge: Callable[[], None]) -> None:
        self._records, self._store, self._clock, self._random = runtime.records, runtime.records.store, runtime.clock, runtime.random
        self._files, self._keys, self._locks, self._nudge = files, keys, locks, nudge
        self.kept = Kept(runtime.records)
        self._events = runtime.log

    def _id(self, prefix: str) -> str:
        return ids.new_id(prefix, self._clock.now(), self._random.token(10))

    async def _in_turn(self, work: Callable[[], Awaitable[ImportResult | None]]) -> ImportResult:
        """Work while nobody else imports and no engine works; again when another tab's person was faster."""
        done: list[ImportResult] = []

        async def attempts() -> None:
            for _ in range(_ATTEMPTS):
                if (result := await work()) is not None:
                    done.append(result)
                    return
            raise Conflict("workspace", "import", 0, 1)

        async def turn() -> None:
            await while_held(self._records, self._locks, self._clock, self._nudge, attempts)

        await self._locks.hold(TURN, turn)
        return done[0]

    async def last(self) -> Import | None:
        """The import that can be undone."""
        log = await self.kept.log()
        return log if log is not None and log.done else None

    async def settle(self, *, broken_off: bool = False) -> None:
        """Give up the undo; or, with ``broken_off``, only tidy after an import that did not come to its end."""

        async def work() -> None:
            log = await self.kept.log()
            if log is not None and not (broken_off and log.done):
                await self.kept.settle()

        await self._locks.hold(TURN, work)

    # --- bringing in

    async def bring(self, order: Order, moved: Moved, point: Callable[[], None] = lambda: None) -> ImportResult:
        """Import a file that was checked. Until ``point`` is called it can be cancelled, and then nothing was changed."""
        log = Import(id="last", at=self._clock.now(), mode=order.mode, name=order.name, files=keys.import_files(self._id("i")))
        new: set[str] = set()
        begun = False

        async def work() -> ImportResult | None:
            nonlocal begun
            if not begun:
                await self.kept.settle()
                await self._records.save(log)
                begun = True
            return await self._attempt(order, log, new, moved, point)

        try:
            return await self._in_turn(work)
        except (Exception, asyncio.CancelledError):
            if begun:
                await self.settle(broken_off=True)
            raise

    def _plan(self, checked: Checked, dump: Dump, marks: Marks, mode: Mode) -> tuple[MergePlan, dict[str, str]]:
        """What to do, and which of the file's providers have another id here."""
        ours = own(dump.entries)
        named = renaming.rename(ours, checked.entries, BUILT_IN, self._id)
        theirs = renaming.quiet(named.entries, ours)
        if mode == "replace":
            target = {one.key: one for one in (*theirs, *named.kept)}
            return MergePlan(_doubted(target, ours), {id: [id] for id in checked.runs}, [], []), named.ids
        return merging.merge(ours, theirs, checked.runs, merging.changed_since(marks, checked.head), self._id), named.ids

    async def addresses(self, checked: Checked) -> dict[Mode, tuple[Address, ...]]:
        """Which addresses would be others after either way of importing a file. Looks at settings and messages only."""
        store = self._store
        rows = [*(await store.scan(Table.SETTINGS, owner="profile")), *(await store.scan(Table.SETTINGS, owner="brokersettings"))]
        rows += await store.scan(Table.SETTINGS, owner="programs")
        ours = [RecordEntry(Table.SETTINGS.value, one.id, one.rev, one.doc, one.id.partition(":")[0]) for one in rows]
        return {
            "merge": renaming.addresses(ours, checked.entries, BUILT_IN, replaces=False),
            "replace": renaming.addresses(ours, checked.entries, BUILT_IN, replaces=True),
        }

    async def _marks(self) -> Marks:
        stored = await self._records.get(Marks, "workspace")
        return stored.value if stored else Marks(id="workspace")

    async def _attempt(self, order: Order, log: Import, new: set[str], moved: Moved, point: Callable[[], None]) -> ImportResult | None:
        """Plan, write the bytes, commit the records; None if another tab changed any of them meanwhile."""
        dump, marks = await self._store.dump(), await self._marks()
        plan, named = self._plan(order.checked, dump, marks, order.mode)
        displaced = await self._bytes(order, log, plan, dump, new, moved)
        made = await Lines(self._store, self._clock, self._id, lambda id: keys.import_copy(log.files, "lines", id)).make(plan)
        await self.kept.note(log, [*new, *(one.bytes_id for one in made)])
        for one in made:
            await self._store.commit([PutBytes(one.bytes_id, one.data)])
            new.add(one.bytes_id)
            plan.target[one.entry.key] = one.entry
        point()
        if own((await self._store.dump()).entries) != own(dump.entries):
            return None
        target = plan.target
        parted = await travelling.part(self._keys, profiles_of(dump.entries), profiles_of(target.values()))
        before = PreviousWorkspace(
            entries=own(dump.entries),
            marks=marks,
            after=_revisions(target),
            old=self._old(order, plan, dump),
            new=sorted(new),
            moved={id: keys.import_copy(log.files, "old", id) for id in displaced},
        )
        replaced = changes(dump.entries, target)
        for id in displaced:
            replaced += [MoveBytes(id, before.moved[id]), MoveBytes(keys.import_copy(log.files, "new", id), id)]
        scratch: list[Change] = [DropBytes(keys.import_copy(log.files, "lines", id)) for id in plan.runs]
        without_notices = [remove(AutoSubmitNotice, one.value.id) for one in await self._records.all(AutoSubmitNotice)]
        kept: list[Change] = [
            DropBytes(written_id(log)),
            PutBytes(before_id(log), msgspec.json.encode(before)),
            put(replace(log, done=True), -1),
        ]
        counts = {"threads": order.checked.threads, "requests": order.checked.queued, "batches": order.checked.batches}
        logged = self._events.put(draft("workspace", order.mode, counts=counts))
        await self._store.commit([*replaced, *scratch, *kept, *without_notices, put(_known(marks, order), -1), *logged])
        Touched.of(self._store).everything()
        taken = []
        with contextlib.suppress(StorageLost):  # the import is done; that the keys are missing shows in the settings
            brought = {named.get(id, id): key for id, key in order.keys.items()}
            taken = await travelling.take_in(self._keys, brought, profiles_of(target.values()), remember=order.remember)
        if taken:
            await self._records.save(replace(log, done=True, keys=tuple(taken)))
        return ImportResult(tuple(taken), tuple(parted), plan.billed_twice, plan.practice_back)

    async def _bytes(self, order: Order, log: Import, plan: MergePlan, dump: Dump, new: set[str], moved: Moved) -> list[str]:
        """Write the runs that are wanted and not here; returns the ids that are here with other bytes, for which theirs wait aside."""
        here = set(dump.runs) - new
        wanted = {target for targets in plan.runs.values() for target in targets}
        await self.kept.note(log, new | (wanted - here))
        sifted = {id for id, targets in plan.runs.items() if not targets}
        displaced: list[str] = []
        reader = Reader()
        async for frame in frames(self._files, self._clock, order.blob, reader, moved):  # type: ignore[arg-type]  # a Blob, which is a Protocol
            id = frame.facts.id
            if frame.facts.kind != "bytes" or id not in plan.runs or order.checked.runs[id].at != frame.at:
                continue
            if id in sifted:
                await self._put(keys.import_copy(log.files, "lines", id), frame.content)
            for target in plan.runs[id]:
                if target not in here:
                    await self._put(target, frame.content)
                    new.add(target)
                elif (await self._store.load([target]))[0] != frame.content:
                    await self._put(keys.import_copy(log.files, "new", target), frame.content)
                    displaced.append(target)
        return displaced

    async def _put(self, id: str, data: bytes) -> None:
        await self._store.commit([DropBytes(id), PutBytes(id, data)])

    def _old(self, order: Order, plan: MergePlan, dump: Dump) -> list[str]:
        """The runs that nobody needs after the import."""
        runs = [id for id in dump.runs if not id.startswith(keys.IMPORT)]
        if order.mode == "replace":
            kept = {target for targets in plan.runs.values() for target in targets}
            return [id for id in runs if id not in kept]
        used_before, used_after = NeededRuns(dump.entries), NeededRuns(plan.target.values())
        return [id for id in runs if id in used_before and id not in used_after]

    # --- and back

    async def undo(self) -> ImportResult:
        """Put the workspace before the last import back: every record and every byte. What was made or changed since stays. Raises
        NothingToUndo."""
        result = await self._in_turn(self._undone)
        await self.settle(broken_off=True)
        return result

    async def _undone(self) -> ImportResult | None:
        log = await self.kept.log()
        before = await self.kept.before(log) if log is not None and log.done else None
        if log is None or before is None:
            raise NothingToUndo("The import can no longer be undone: it was undone or kept in another tab.")
        dump = await self._store.dump()
        here = own(dump.entries)
        since = _since(here, before)
        plan = MergePlan(_doubted({one.key: one for one in before.entries}, here, known_only=True), {}, [], [])
        if since:
            nothing_known = (float("-inf"), float("-inf"))
            named = renaming.rename(before.entries, since, BUILT_IN, self._id)
            plan = merging.merge(plan.target.values(), named.entries, dump.runs, nothing_known, self._id)
            stayed = {one.key: one for one in since if plan.target.get(one.key) == merging.unproven(one)}
            plan.target.update(stayed)  # they continued here, and nowhere else
        made = await Lines(self._store, self._clock, self._id, lambda id: id).make(plan)
        more: list[Change] = [PutBytes(one.bytes_id, one.data) for one in made]
        plan.target.update((one.entry.key, one.entry) for one in made)
        for id, targets in plan.runs.items():
            for target in targets:
                if target != id:
                    (data,) = await self._store.load([id])
                    more += [PutBytes(target, data)] if data is not None else []
        for id, where in before.moved.items():
            if id not in plan.runs:  # else what came since is further along
                more += [DropBytes(id), MoveBytes(where, id)]
        for id in log.keys:
            await self._keys.remove(id)
        parted = await travelling.part(self._keys, profiles_of(dump.entries), profiles_of(plan.target.values()))
        left: list[Change] = [DropBytes(written_id(log)), PutBytes(written_id(log), msgspec.json.encode(before.new))]
        marks: list[Change] = [put(before.marks, -1)] if before.marks else []
        logged = self._events.put(draft("workspace", "undo"))
        undone = put(replace(log, done=False, keys=()), -1)
        await self._store.commit([*changes(dump.entries, plan.target), *more, *left, *marks, undone, *logged])
        Touched.of(self._store).everything()
        later = sum(one.table not in (Table.SETTINGS, Table.EVENTS, Table.NEWS) for one in since)
        return ImportResult((), tuple(parted), plan.billed_twice, plan.practice_back, later)


def _doubted(target: dict[Key, RecordEntry], here: list[RecordEntry], *, known_only: bool = False) -> dict[Key, RecordEntry]:
    """The records, with the batches marked that are not here as they are there (:func:`merging.unproven`); with ``known_only`` only those
    that are here in any form."""
    known = {one.key: one for one in here}

    def stays(one: RecordEntry) -> bool:
        return merging.same(known[one.key], one) if one.key in known else known_only

    return {key: one if stays(one) else merging.unproven(one) for key, one in target.items()}


def _known(marks: Marks, order: Order) -> Marks:
    """The marks after an import: whoever replaces takes over what the other workspace knew, too."""
    head = order.checked.head
    theirs = {**head.exports, head.export: head.made}
    if order.mode == "replace":
        return replace(marks, exports=theirs, imports=head.imports)
    return replace(marks, imports={**marks.imports, **head.imports, **theirs})


def _revisions(target: dict[tuple[str, str], RecordEntry]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (table, id), one in target.items():
        found.setdefault(table, {})[id] = one.rev
    return found


def _since(entries: list[RecordEntry], before: PreviousWorkspace) -> list[RecordEntry]:
    """The threads, requests, batches and messages of programs that were made or changed since the import; the requests of such a batch with
    it, and the providers that they are meant for. And what the log says since."""
    worked = [one for one in entries if one.table in (Table.THREADS, Table.SEGMENTS, Table.BATCHES, Table.HANDED, Table.NEWS)]
    changed = {one.key for one in worked if before.after.get(one.table, {}).get(one.id) != one.rev}
    owners = {keys.batch_owner(id) for table, id in changed if table == Table.BATCHES}
    found = [one for one in worked if one.key in changed or one.owner in owners]
    if found:
        found += [one for one in entries if one.table == Table.SETTINGS and one.owner in ("profile", "history")]
    log_entries = [one for one in entries if one.table == Table.EVENTS and before.after.get(one.table, {}).get(one.id) != one.rev]
    return [*found, *log_entries]
