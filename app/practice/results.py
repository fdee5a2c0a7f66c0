"""What a batch has come to at a time: its counts, and the two files it leaves behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec

from app.practice.disk import Disk, Pace
from app.practice.objects import generated_file
from app.practice.records import FILE_LIFE, BatchRecord, State, Tally
from app.practice.rows import Which, rows, tally
from app.practice.schedule import Moment, lines_done, moment

replace = msgspec.structs.replace


class Results:
    """Reads batches out of the state. Keeps what is dear to compute (sizes, the counts of a batch that stopped early) in the records."""

    def __init__(self, state: State, disk: Disk, breathe: Callable[[], Awaitable[None]]) -> None:
        self.state, self.disk, self.breathe = state, disk, breathe

    def pace(self) -> Pace:
        return Pace(self.breathe)

    async def count(self, record: BatchRecord, done: int) -> Tally:
        """What the first ``done`` lines of the batch's input come to."""
        if done == record.tally.done:
            return record.tally
        return await tally(record, self.disk.read(record.input_file_id), done, self.pace()) if done else Tally()

    async def look(self, id: str, now: float) -> tuple[BatchRecord, Moment, Tally]:
        """A batch at ``now``. KeyError when there is none."""
        record = self.state.batches[id]
        at = moment(record, now)
        if at.status in ("validating", "failed"):
            return record, at, Tally()
        if at.cancelling_at is None and not at.ended:
            full = record.tally
            return record, at, Tally(completed=int(full.completed * at.progress), failed=int(full.failed * at.progress))
        done = lines_done(record, at.progress)
        if done == record.tally.done:
            return record, at, record.tally
        if record.partial is None or record.partial.done != done:
            partial = await self.count(record, done)
            record = self.state.batches[id] = replace(self.state.batches[id], partial=partial)
        return record, at, record.partial or Tally()

    async def generated(self, file_id: str, now: float) -> tuple[str, Which] | None:
        """The batch id and the kind of an output or error file that exists at ``now``."""
        for prefix, kind in (("file-out", "output"), ("file-err", "error")):
            id = f"batch_{file_id.removeprefix(prefix)}"
            if not file_id.startswith(prefix) or id not in self.state.batches:
                continue
            which: Which = "output" if kind == "output" else "error"
            return (id, which) if await self._exists(id, which, now) else None
        return None

    async def all_generated(self, now: float) -> list[dict[str, Any]]:
        """The file objects of all output and error files, oldest batch first."""
        found = []
        for id in list(self.state.batches):
            kinds: tuple[Which, Which] = ("output", "error")
            found += [one for kind in kinds if (one := await self.file(id, kind, now))]
        return found

    async def remains(self, id: str, now: float) -> bool:
        """Whether the batch still needs its input: it has not ended, or a file of it is left."""
        if not moment(self.state.batches[id], now).ended:
            return True
        return await self._exists(id, "output", now) or await self._exists(id, "error", now)

    async def _exists(self, id: str, kind: Which, now: float) -> bool:
        record, at, counts = await self.look(id, now)
        number = counts.outputs if kind == "output" else counts.errors
        return bool(at.ended and number and kind not in record.deleted and now < _ended_at(at) + (record.output_life or FILE_LIFE))

    async def file(self, id: str, kind: Which, now: float) -> dict[str, Any] | None:
        """The file object of a batch's output or error file, or None when there is none at ``now``."""
        if not await self._exists(id, kind, now):
            return None
        record, at, counts = await self.look(id, now)
        size = record.output_bytes if kind == "output" else record.error_bytes
        if size is None:
            size = 0
            async for chunk in self._rows(record, kind, at, counts):
                size += len(chunk)
            record = self._sized(id, kind, size)
        return generated_file(record, kind, size, _ended_at(at))

    def _sized(self, id: str, kind: Which, size: int) -> BatchRecord:
        """Keep how large a file is, once it was made to its end."""
        record = self.state.batches[id]
        record = replace(record, output_bytes=size) if kind == "output" else replace(record, error_bytes=size)
        self.state.batches[id] = record
        return record

    async def content(self, id: str, kind: Which, now: float) -> AsyncIterator[bytes]:
        """The bytes of a batch's output or error file, in pieces."""
        record, at, counts = await self.look(id, now)
        size = 0
        async for chunk in self._rows(record, kind, at, counts):
            yield chunk
            size += len(chunk)
        self._sized(id, kind, size)

    def _rows(self, record: BatchRecord, kind: Which, at: Moment, counts: Tally) -> AsyncIterator[bytes]:
        return rows(record, kind, self.disk.read(record.input_file_id), counts.done, _ended_at(at), self.pace())


def _ended_at(at: Moment) -> int:
    return at.completed_at or at.expired_at or at.cancelled_at or at.failed_at or 0
