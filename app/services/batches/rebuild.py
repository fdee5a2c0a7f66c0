"""The requests of a batch that was created elsewhere, read back from its input file; or, where that is gone, known by its answers only.

What is read is stored piece by piece under ids of the batch's own; the segments over it come with the commit that ends the reading. So a
page that dies in between begins again, over what it left.
"""

from __future__ import annotations

from collections.abc import Callable

from app.core.base import retry
from app.core.batches import batchproblems, rows
from app.core.batches.adopting import InputFileReader, placeholder
from app.core.batches.pipeline import CallFailed, Event, Rebuilt
from app.core.bodies import requests, tokens
from app.core.bodies.requests import LineRun
from app.core.model import keys, trail
from app.core.model.batches import Batch
from app.core.model.remote import Remote
from app.core.model.segments import Segment
from app.core.openai import outcomes
from app.core.openai.cutting import LineCutter, each_value
from app.core.openai.problems import Refused
from app.core.queue.lanes import live_sums
from app.ports import Change, Clock, DropBytes, PutBytes, Store
from app.services.provider.client import Provider
from app.services.runtime.isolation import Isolation
from app.services.runtime.records import Records, put, remove
from app.services.runtime.slices import Slicer
from app.services.runtime.tasks import Tasks

GONE = "The input file of this batch is no longer at the provider: its requests are known only by their answers."
SHORT = "The input file repeatedly arrived shorter or longer than the provider says: requests may be missing here."


def lines_id(batch_id: str, n: int) -> str:
    """The bytes id of the n-th run of a rebuilt batch's lines."""
    return f"adopted:{batch_id}:{n}"


async def left_over(store: Store, batch_id: str, known: int) -> list[Change]:
    """What drops the runs beyond the ``known`` ones: a reading that broke off may have left them."""
    changes: list[Change] = []
    while (await store.load([lines_id(batch_id, known)]))[0] is not None:
        changes.append(DropBytes(lines_id(batch_id, known)))
        known += 1
    return changes


class Rebuilder:
    """``moved(batch_id, step, done, total)`` is called with the bytes read."""

    def __init__(self, records: Records, clock: Clock, moved: Callable[[str, str, int, int], None], tasks: Tasks | None = None) -> None:
        self._records, self._store, self._clock, self._moved = records, records.store, clock, moved
        self._unread = Isolation(tasks, "rebuilding")

    async def rebuild(self, provider: Provider, batch: Batch) -> tuple[Event, list[Change]]:
        """Ask how the batch stands, and read its input. Raises Refused, StorageFull, StorageLost."""
        remote = await provider.poll(batch.remote.id if batch.remote else "")
        file_id = remote.input_file_id or batch.input_file_id
        if not file_id:
            return Rebuilt(remote, input_missing=True, notes=(GONE,)), []
        try:
            return await self._read(provider, batch, remote, file_id)
        except Refused as error:
            if error.problem.code == "file_gone" and batch.empty_lookups >= retry.MISSING_INPUT - 1:
                return Rebuilt(remote, input_missing=True, notes=(GONE,)), []
            raise

    async def _read(self, provider: Provider, batch: Batch, remote: Remote, file_id: str) -> tuple[Event, list[Change]]:
        expected = await self._size(provider, file_id)
        lines, cutter, slicer = InputFileReader(), LineCutter(), Slicer(self._clock)
        segments: list[Segment] = []
        came = 0

        async def keep(data: bytes) -> None:
            for run in requests.make_segments(lines.read(data)):
                segments.append(await self._keep(batch, len(segments), run))
                await slicer.rest()

        async for piece in provider.content(file_id):
            came += len(piece)
            self._moved(batch.id, "read", came, max(expected, came) if expected else 0)
            for data in cutter.feed(piece):
                await keep(data)
            await slicer.rest()
        await keep(cutter.finish())
        notes = [lines.words] if lines.words else []
        if expected not in (0, came):
            if batch.empty_lookups < retry.MISSING_FILE - 1:
                return CallFailed("download", batchproblems.wrong_size(expected, came)), []
            notes.append(SHORT)
        event = Rebuilt(
            remote,
            requests=lines.count,
            size=sum(one.size for one in segments),
            tokens=sum(live_sums(one).tokens for one in segments),
            model=lines.model,
            endpoint=lines.endpoint,
            notes=tuple(notes),
        )
        return event, await self._instead(batch, segments)

    async def _size(self, provider: Provider, file_id: str) -> int:
        try:
            return (await provider.file(file_id)).size
        except Refused:
            return 0

    async def _keep(self, batch: Batch, n: int, run: LineRun) -> Segment:
        """Store a run's bytes; the segment over them is not stored yet."""
        id = lines_id(batch.id, n)
        await self._store.commit([DropBytes(id), PutBytes(id, run.data)])
        owner = keys.batch_owner(batch.id)
        return Segment(id=f"s-{batch.id}-{n}", owner=owner, seq=float(n), bytes_id=id, created=self._clock.now(), **tokens.index(run))

    async def _instead(self, batch: Batch, segments: list[Segment]) -> list[Change]:
        """What puts these segments in place of all that the batch had."""
        ids = [id for one in segments for id in one.ids]
        changes: list[Change] = [DropBytes(keys.rows_id(batch.id)), PutBytes(keys.rows_id(batch.id), rows.to_bytes(ids))]
        changes += (put(one, -1) for one in segments)
        kept = {one.id for one in segments}
        for stored in await self._records.all(Segment, keys.batch_owner(batch.id)):
            if stored.value.id not in kept:
                changes.append(remove(Segment, stored.value.id, -1))
        return [*changes, *await left_over(self._store, batch.id, len(segments))]

    async def from_answers(self, batch: Batch) -> None:
        """Give a batch whose input is gone a request for each id that its answer files name, in their order. Again is no harm."""
        slicer = Slicer(self._clock)
        names: dict[str, None] = {}
        for file in batch.fetched:
            for n in range(file.segments):
                bytes_id = keys.answer_id(batch.id, file.which, n)
                (data,) = await self._store.load([bytes_id])
                for offset, length in each_value(data or b""):
                    item = trail.line(bytes_id, offset)
                    if trail.suspected(item):
                        continue
                    name = f"{batch.name or batch.id}, {file.which}, piece {n + 1}, byte {offset:,}"
                    with self._unread.item(name), trail.at(item):
                        read = outcomes.read_line((data or b"")[offset : offset + length], file.which)
                        if read.custom_id and not read.damaged:
                            names[read.custom_id] = None
                    if slicer.over():
                        await slicer.rest()
        segments: list[Segment] = []
        for run in requests.make_segments((id, placeholder(id, batch.lane.endpoint)) for id in names):
            segments.append(await self._keep(batch, len(segments), run))
            await slicer.rest()
        await self._records.commit(await self._instead(batch, segments))
