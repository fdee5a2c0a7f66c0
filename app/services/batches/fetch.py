"""Fetching one answer file: streamed into segments, checked against the size that the provider says, never taken for whole when it is not.

An interrupted download continues where it stopped. Each segment is stored as it arrives, in one commit with a mark that says of which file
it is and how much is here (:class:`Mark`); what follows the last whole segment is kept with the mark when the connection breaks. So bytes
that came count after a reload as well. The rest is asked for by ``Range: bytes=N-``, which a page may send without a preflight of its own
(Fetch standard, CORS-safelisted request-header). Whether a provider honours it is another matter, so nothing is believed: the last bytes
that are here are asked for again and compared, a 200 means from the beginning, and another size, another ETag, another
``Content-Range`` or other bytes make the download begin again. ``content-length`` cannot be read through CORS, so the size is asked for by
itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from app.core.base import retry
from app.core.base.patterns import pattern
from app.core.batches import batchproblems, pipeline
from app.core.batches.pipeline import CallFailed, Downloaded, Event
from app.core.json import jsonread
from app.core.model import keys
from app.core.model.batches import Batch, Fetched
from app.core.openai.cutting import LineCutter
from app.core.openai.problems import Refused
from app.core.openai.replies import RemoteFile
from app.ports import Change, Clock, DropBytes, PutBytes, Store
from app.services.batches.ledgers import parts_of
from app.services.provider.client import FileDownload, Provider

NOTHING_KNOWN = RemoteFile(id="")
OVERLAP: Final = 1_024
"""Bytes that are asked for again, to see that the rest fits to what is here."""
WORTH: Final = 65_536
"""Bytes that a try must have brought for the next one to follow at once."""
PAUSE: Final = 1.0
"""Seconds before a download that broke off goes on."""
OK: Final = 200
PARTIAL: Final = 206
_AGAINST: Final = {"blocked": 3, "bad_request": 3, "forbidden": 3, "broken": 1, "timeout": 1}
"""How much a failure that brought nothing speaks against ``Range``: a server, or something before it, may refuse or drop such calls."""
_DOES_NOT_FIT: Final = 6
ENOUGH: Final = 6
"""From here on a file is fetched from its beginning."""
_RANGE: Final = pattern(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a download is: the provider's ``file`` and what it said of it, ``segments`` byte runs of ``size`` bytes together, and the
    bytes of ``rest`` that follow them and end within a line. ``refused``: how much speaks against asking for the rest again."""

    file: str
    expected: int = 0
    etag: str = ""
    segments: int = 0
    size: int = 0
    rest: bytes = b""
    refused: int = 0


class _Restart(Exception):
    """What comes does not fit to what is here."""


class Fetcher:
    """``moved(batch_id, step, done, total)`` is called with the bytes stored and, where the provider says it, those expected."""

    def __init__(self, store: Store, clock: Clock, moved: Callable[[str, str, int, int], None]) -> None:
        self._store, self._clock, self._moved = store, clock, moved

    async def fetch(self, provider: Provider, batch: Batch, effect: pipeline.Download) -> tuple[Event, list[Change]]:
        """Fetch the file; the event, and what must be committed with it. Raises Refused, StorageFull, StorageLost."""
        # The practice provider in the page makes the file while it is read, and knows its size for nothing afterwards.
        about = NOTHING_KNOWN if batch.practice else await self._about(provider, effect.file_id)
        last = batch.empty_lookups >= retry.MISSING_FILE - 1
        here = await _Arriving.find(self._store, batch.id, effect, about.size)
        while await self._more(provider, batch, effect, here, keeps=last):
            await self._clock.sleep(PAUSE)
        size, expected = here.whole, here.mark.expected
        if batch.practice:
            about = await self._about(provider, effect.file_id)
            expected = about.size
        if expected not in (0, size) and not last:
            await here.stop()
            return CallFailed("download", batchproblems.wrong_size(expected, size)), []
        await here.finish()
        file = Fetched(which=effect.which, segments=here.mark.segments, size=size, expected=expected, expires=about.expires_at)
        problem = batchproblems.wrong_size(expected, size, often=retry.MISSING_FILE) if file.short else None
        return Downloaded(file, problem), await self._rest(batch.id, effect.which, file.segments)

    async def _more(self, provider: Provider, batch: Batch, effect: pipeline.Download, here: _Arriving, *, keeps: bool) -> bool:
        """One exchange. True: it stopped too early but brought something, and the rest is to be asked for at once."""
        before = here.whole
        try:
            await self._stream(provider, batch, effect, here, keeps=keeps)
        except _Restart:
            here.begin_anew(against=_DOES_NOT_FIT)
            return True
        except Refused as error:
            code, came = error.problem.code, here.whole - before
            await here.stop(against=_AGAINST.get(code, 0) if came <= 0 else 0)
            if code in ("broken", "timeout") and came >= WORTH:
                return True
            raise
        if here.mark.expected > here.whole and here.whole - before >= WORTH:
            await here.stop()
            return True
        return False

    async def _about(self, provider: Provider, file_id: str) -> RemoteFile:
        """What the provider says of a file. That it does not say anything keeps nobody from fetching it."""
        try:
            return await provider.file(file_id)
        except Refused:
            return NOTHING_KNOWN

    async def _stream(self, provider: Provider, batch: Batch, effect: pipeline.Download, here: _Arriving, *, keeps: bool) -> None:
        """Store what comes. More than expected is not read to its end, unless what comes is to be kept as it is."""
        start, overlap = await here.seam()
        content = await provider.open(effect.file_id, start)
        try:
            if start and content.status != PARTIAL:
                if content.status != OK:  # 416: it is shorter now
                    raise _Restart
                here.begin_anew()
                start, overlap = 0, b""
            here.check(content, start)
            async for piece in content.pieces():
                if overlap:
                    if not piece.startswith(overlap[: len(piece)]):
                        raise _Restart
                    piece, overlap = piece[len(overlap) :], overlap[len(piece) :]
                    if not overlap:
                        here.honoured()
                await here.take(piece)
                expected, whole = here.mark.expected, here.whole
                if expected and whole > expected and not keeps:
                    return
                self._moved(batch.id, "fetched", whole, max(expected, whole) if expected else 0)
                await self._clock.sleep(0)
            if overlap:
                raise _Restart
        finally:
            await content.close()

    async def _rest(self, batch_id: str, which: pipeline.FileKind, segments: int) -> list[Change]:
        """What drops the mark, and the segments that a longer earlier try left beyond the last."""
        left = range(segments, await parts_of(self._store, batch_id, which, segments))
        return [DropBytes(keys.mark_id(batch_id, which)), *(DropBytes(keys.answer_id(batch_id, which, n)) for n in left)]


class _Arriving:
    """An answer file on its way into the store."""

    def __init__(self, store: Store, batch_id: str, which: pipeline.FileKind, mark: Mark) -> None:
        self._store, self._batch, self._which = store, batch_id, which
        self.mark = msgspec.structs.replace(mark, rest=b"")
        self._cutter = LineCutter()
        self._cutter.feed(mark.rest)  # less than a segment, or a part of one long line: nothing comes out
        self._noted = bool(mark.segments or mark.rest)

    @classmethod
    async def find(cls, store: Store, batch_id: str, effect: pipeline.Download, expected: int) -> _Arriving:
        """What an earlier try left of this file, if it fits to what is known of it now; else nothing."""
        (data,) = await store.load([keys.mark_id(batch_id, effect.which)])
        try:
            mark = jsonread.typed(data or b"null", Mark)
        except jsonread.Unreadable:
            mark = Mark("")
        fits = mark.file == effect.file_id and expected in (0, mark.expected) and mark.refused < ENOUGH
        if fits and mark.segments:
            (one,) = await store.load([keys.answer_id(batch_id, effect.which, mark.segments - 1)])
            fits = one is not None
        if fits and mark.expected:
            fits = mark.size + len(mark.rest) <= mark.expected
        return cls(store, batch_id, effect.which, mark if fits else Mark(effect.file_id, expected))

    @property
    def whole(self) -> int:
        """All bytes that are here."""
        return self.mark.size + self._cutter.pending

    async def seam(self) -> tuple[int, bytes]:
        """Where to ask from, and the bytes that are here from there on."""
        if self.mark.refused >= ENOUGH:
            self.begin_anew()
        tail = self._cutter.tail(OVERLAP)
        if len(tail) < OVERLAP and self.mark.segments:
            (data,) = await self._store.load([keys.answer_id(self._batch, self._which, self.mark.segments - 1)])
            tail = ((data or b"")[-OVERLAP:] + tail)[-OVERLAP:]
        return self.whole - len(tail), tail

    def begin_anew(self, against: int = 0) -> None:
        """Nothing of what is here counts. ``against``: how much that speaks against asking for a rest."""
        self.mark = Mark(self.mark.file, self.mark.expected, refused=self.mark.refused + against)
        self._cutter = LineCutter()

    def honoured(self) -> None:
        """The rest comes as it was asked for."""
        self.mark = msgspec.structs.replace(self.mark, refused=0)

    def check(self, content: FileDownload, start: int) -> None:
        """Compare what the answer says of itself, as far as a page may read it. Raises _Anew."""
        etag = content.headers.get("etag", "")[:200]
        if not start:
            self.mark = msgspec.structs.replace(self.mark, etag=etag)
            return
        if etag and self.mark.etag and etag != self.mark.etag:
            raise _Restart
        said = _RANGE.fullmatch(content.headers.get("content-range", "").strip())
        if said and (int(said[1]) != start or (said[2] != "*" and self.mark.expected not in (0, int(said[2])))):
            raise _Restart

    async def take(self, piece: bytes) -> None:
        """Keep a piece."""
        for data in self._cutter.feed(piece):
            await self._keep(data)

    async def _keep(self, data: bytes) -> None:
        """Store a segment in place of what an earlier try may have left there, and how far it is with it."""
        n = self.mark.segments
        self.mark = msgspec.structs.replace(self.mark, segments=n + 1, size=self.mark.size + len(data))
        id = keys.answer_id(self._batch, self._which, n)
        self._noted = True
        await self._store.commit([DropBytes(id), PutBytes(id, data), *self._marked(b"")])

    def _marked(self, rest: bytes) -> list[Change]:
        id = keys.mark_id(self._batch, self._which)
        return [DropBytes(id), PutBytes(id, msgspec.json.encode(msgspec.structs.replace(self.mark, rest=rest)))]

    async def stop(self, against: int = 0) -> None:
        """The try is over and the file is not whole: keep how far it is. ``against``: how much the way it ended speaks against asking for
        the rest."""
        self.mark = msgspec.structs.replace(self.mark, refused=self.mark.refused + against)
        if not self.whole and not self._noted:
            return  # there is nothing to go on from
        self._noted = True
        await self._store.commit(self._marked(self._cutter.tail(self._cutter.pending)))

    async def finish(self) -> None:
        """The file is here: store what follows the last segment."""
        if rest := self._cutter.finish():
            await self._keep(rest)
