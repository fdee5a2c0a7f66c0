"""Exporting: every record and every byte run into one file, run by run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Final

import msgspec

from app.core.base.ids import new_id
from app.core.batches import pipeline
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.entries import Dump, RecordEntry, decoded
from app.core.openai.wire import Blob
from app.core.workspace import archive, scope
from app.core.workspace.imports import Marks
from app.ports import Clock, Packer, Random
from app.services.runtime.records import Records
from app.services.runtime.slices import Slicer

Moved = Callable[[int, int], None]
"""Begins the ids of byte runs that belong to an import and not to the workspace."""
_LOOKS: Final = 5
_MARKS: Final = 64


class ExportContended(Exception):
    """Answers kept arriving while the workspace was written. The text is sentences for people."""


class ExportFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A file's name and what is in it. ``size``: the content's bytes, unpacked; ``on_their_way``: batches that have not ended."""

    name: str
    records: int
    runs: int
    size: int
    on_their_way: int


class Exported(ExportFacts, frozen=True, kw_only=True):
    """The file as well."""

    blob: Blob


class Outgoing:
    """Writes workspaces. ``spare`` are byte runs that the workspace does not need (kept for an undo). Raises the store's errors."""

    def __init__(self, records: Records, files: Packer, clock: Clock, random: Random) -> None:
        self._records, self._files, self._clock, self._random = records, files, clock, random

    async def export(self, spare: frozenset[str], sealed: str, moved: Moved) -> Exported:
        """One file of everything but the vault. ``sealed`` are API keys under a passphrase, or nothing. Raises ExportContended.

        Byte runs go first, since most of them never change; then the records of one moment. A run whose batch changed meanwhile is
        written again: a later run of the same id counts.
        """
        marks = await self._marks()
        now = self._clock.now()
        id = new_id("x", now, self._random.token(10))
        tail = archive.Tail()
        packing = self._files.pack()
        try:
            await packing.write(tail.add(archive.head(archive.Head(made=now, export=id, exports=marks.exports, imports=marks.imports))))
            dump = await self._runs(packing.write, tail, spare, moved)
            slicer = Slicer(self._clock)
            entries = [one for one in dump.entries if not scope.is_local(one)]
            for one in entries:
                await packing.write(tail.add(archive.record(one)))
                tail.records += 1
                if slicer.over():
                    await slicer.rest()
            if sealed:
                await packing.write(tail.add(archive.sealed_keys(sealed)))
            await packing.write(tail.end())
            blob = await packing.finish()
        except BaseException:
            packing.abort()
            raise
        newest = sorted({**marks.exports, id: now}.items(), key=lambda pair: pair[1])[-_MARKS:]
        await self._records.save(msgspec.structs.replace(marks, exports=dict(newest)))
        name = f"nightshift-{_day(now)}{archive.ENDING}"
        return Exported(name=name, records=tail.records, runs=tail.runs, size=tail.size, on_their_way=on_their_way(entries), blob=blob)

    async def _marks(self) -> Marks:
        stored = await self._records.get(Marks, "workspace")
        return stored.value if stored else Marks(id="workspace")

    async def _runs(self, write: Callable[[bytes], object], tail: archive.Tail, spare: frozenset[str], moved: Moved) -> Dump:
        """Write every run, until no record and no run is newer than what was written. Returns the records."""
        written: dict[str, int] = {}
        for _ in range(_LOOKS):
            dump = await self._records.store.dump()
            revs = {one.id: one.rev for one in dump.entries if one.table == "batches"}
            wanted = [id for id in dump.runs if not id.startswith(keys.IMPORT) and id not in spare]
            todo = [id for id in wanted if written.get(id) != revs.get(keys.run_of_batch(id), 0)]
            if not todo:
                return dump
            for n, id in enumerate(todo):
                moved(n, len(todo))
                (data,) = await self._records.store.load([id])
                if data is not None:  # else it was dropped since, and the next look no longer names it
                    await write(tail.add(archive.run(id, data)))  # type: ignore[misc]  # an awaitable
                    tail.runs += 1
                    written[id] = revs.get(keys.run_of_batch(id), 0)
                await self._clock.sleep(0)
        raise ExportContended(
            "Answers kept arriving while the workspace was written. Nothing was saved; export again when no answers are being fetched."
        )


def on_their_way(entries: list[RecordEntry]) -> int:
    """How many batches have not ended."""
    batches = (decoded(Batch, one) for one in entries if one.table == "batches")
    return sum(one is not None and one.state not in pipeline.FINAL for one in batches)


def _day(now: float) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
