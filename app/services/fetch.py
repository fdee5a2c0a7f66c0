"""Fetching one answer file: streamed into segments, checked against the size that the provider says, never taken for whole when it is not.

A broken download begins anew: a page may send no header but Authorization and Content-Type, so it cannot ask for the rest (``Range``).
What an earlier try left is overwritten or dropped. ``content-length`` cannot be read through CORS, so the size is asked for by itself.
"""

from __future__ import annotations

from collections.abc import Callable

from app.core import pipeline, problems, retry
from app.core.api import RemoteFile
from app.core.ledger import LineCutter
from app.core.pipeline import CallFailed, Downloaded, Event
from app.core.problems import Refused
from app.core.records import Batch, Fetched
from app.ports import Change, Clock, DropBytes, PutBytes, Store
from app.services.ledgers import answer_id, parts_of
from app.services.provider import Provider

NOTHING_KNOWN = RemoteFile(id="")


class Fetcher:
    """``moved(batch_id, step, done, total)`` hears of the bytes that came and, where the provider says it, of how many there are."""

    def __init__(self, store: Store, clock: Clock, moved: Callable[[str, str, int, int], None]) -> None:
        self._store, self._clock, self._moved = store, clock, moved

    async def fetch(self, provider: Provider, batch: Batch, effect: pipeline.Download) -> tuple[Event, list[Change]]:
        """Fetch the file; the event, and what must be committed with it. Raises Refused, StorageFull, StorageLost."""
        # The practice provider in the page makes the file while it is read, and knows its size for nothing afterwards.
        about = NOTHING_KNOWN if batch.practice else await self._about(provider, effect.file_id)
        last = batch.found_nothing >= retry.MISSING_FILE - 1
        segments, size = await self._stream(provider, batch, effect, about.size, whole=last)
        if batch.practice:
            about = await self._about(provider, effect.file_id)
        file = Fetched(which=effect.which, segments=segments, size=size, expected=about.size, expires=about.expires_at)
        if not file.short:
            return Downloaded(file), await self._rest(batch.id, effect.which, segments)
        if not last:
            return CallFailed("download", problems.wrong_size(about.size, size)), []
        problem = problems.wrong_size(about.size, size, often=retry.MISSING_FILE)
        return Downloaded(file, problem), await self._rest(batch.id, effect.which, segments)

    async def _about(self, provider: Provider, file_id: str) -> RemoteFile:
        """What the provider says of a file. That it does not say anything keeps nobody from fetching it."""
        try:
            return await provider.file(file_id)
        except Refused:
            return NOTHING_KNOWN

    async def _stream(self, provider: Provider, batch: Batch, effect: pipeline.Download, expected: int, *, whole: bool) -> tuple[int, int]:
        """Store what comes; the segments and bytes. More than expected is not read to its end, unless as a ``whole`` it is to be kept."""
        cutter, n, size = LineCutter(), 0, 0
        pieces = provider.content(effect.file_id)
        try:
            async for piece in pieces:
                size += len(piece)
                if expected and size > expected and not whole:
                    return n, size
                for data in cutter.feed(piece):
                    await self._keep(answer_id(batch.id, effect.which, n), data)
                    n += 1
                self._moved(batch.id, "fetched", size, max(expected, size) if expected else 0)
                await self._clock.sleep(0)
        finally:
            await pieces.aclose()
        if rest := cutter.finish():
            await self._keep(answer_id(batch.id, effect.which, n), rest)
            n += 1
        return n, size

    async def _keep(self, id: str, data: bytes) -> None:
        """Store a piece of an answer file in place of what an earlier try, that broke off, may have left there."""
        await self._store.commit([DropBytes(id), PutBytes(id, data)])

    async def _rest(self, batch_id: str, which: pipeline.FileKind, segments: int) -> list[Change]:
        """What drops the segments that a longer earlier try left beyond the last."""
        return [DropBytes(answer_id(batch_id, which, n)) for n in range(segments, await parts_of(self._store, batch_id, which, segments))]
