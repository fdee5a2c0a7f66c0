"""50,000 requests through the program's own pieces, inside the page: stored, made into a blob, moved into a batch, answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import msgspec
from pyodide.ffi import to_js

from app.adapters.blobs import taken
from app.adapters.store import BrowserStore, destroy_store, open_store
from app.adapters.system import BrowserClock, BrowserRandom
from app.core.base import ids
from app.core.batches import pipeline
from app.core.bodies import requests
from app.core.model import keys
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.model.remote import Remote
from app.core.openai.wire import Request, Response
from app.core.programs.folder import Watched
from app.ports import Change, Table
from app.services.batches.resend import Resender
from app.services.batches.worker import EffectWorker
from app.services.programs.folder_watcher import ID, Watcher
from app.services.programs.intake import Intake
from app.services.programs.waiting import WaitingMessages
from app.services.provider.profiles import PRACTICE, Profiles
from app.services.queue.queue import Queue
from app.services.queue.submit import Submitter
from app.services.runtime.moves import STORED_MOVES
from app.services.runtime.records import put
from app.services.runtime.runtime import Runtime
from app.services.runtime.slices import Slicer
from app.services.runtime.tasks import Tasks
from tests.bench.inside import data
from tests.fakes.folder import MemoryFolder
from tests.fakes.platform import FakePage, MemoryKeys

PIECE = 1 << 20
LANE = Lane(PRACTICE.id, data.ENDPOINT, data.MODEL)


def _failed(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


class CannedStream:
    """An answer whose pieces lie ready in the browser; each is copied into Python when it is asked for, as a download's are."""

    status = 200

    def __init__(self, pieces: list[Any], clock: BrowserClock) -> None:
        self.headers: dict[str, str] = {}
        self._pieces, self._clock = pieces, clock

    async def chunks(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            await self._clock.sleep(0)
            yield taken(piece)


class CannedHttp:
    """The Http port with one file to fetch."""

    def __init__(self, clock: BrowserClock) -> None:
        self.pieces: list[Any] = []
        self.size = 0
        self._clock = clock

    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        assert request.url.endswith("/files/file-output"), f"{request!r} is not part of this measure"
        whole = {"id": "file-output", "object": "file", "bytes": self.size, "purpose": "batch_output"}
        return Response(200, {}, msgspec.json.encode(whole))

    async def stream(self, request: Request) -> CannedStream:
        return CannedStream(self.pieces, self._clock)


class Bulk:
    """Called method by method; each measures itself and answers in milliseconds."""

    store: BrowserStore
    batch: Batch

    def __init__(self) -> None:
        self.clock, self.random = BrowserClock(), BrowserRandom()
        self.http = CannedHttp(self.clock)

    async def open(self, name: str) -> None:
        """Open an empty database."""
        await destroy_store(name)
        self.name = name
        self.store = await open_store(STORED_MOVES, name)
        self.runtime = Runtime.over(self.store, self.clock, self.random, Tasks(_failed))
        self.records = self.runtime.records
        self.queue = Queue(self.records, self.clock, self.random, WaitingMessages(self.records, self.clock).given_up)
        profiles = Profiles(self.runtime, self.http, MemoryKeys(), FakePage())
        await profiles.load()
        self.worker = EffectWorker(
            self.records, profiles, Resender(self.records, self.queue, self.clock), self.clock, lambda *_how_far: None
        )

    async def close(self, forget: bool = True) -> None:
        self.store.close()
        if forget:
            await destroy_store(self.name)

    async def store_requests(self, count: int) -> float:
        """Bodies into lines into segments into the database: one segment is built while the one before it is written."""
        return await self._stored(data.bodies(count))

    async def store_short(self, count: int) -> float:
        """The same with bodies that make lines of a quarter of a kilobyte."""
        return await self._stored(data.short_bodies(count))

    async def _stored(self, bodies: Iterator[dict[str, Any]]) -> float:
        began = time.perf_counter()
        now = self.clock.now()
        lines = ((name, requests.line(name, data.ENDPOINT, body)) for body, name in zip(bodies, self._names(), strict=False))
        writing: asyncio.Task[None] | None = None
        for n, run in enumerate(requests.make_segments(lines)):
            if writing is not None:
                await writing
            writing = asyncio.create_task(self.records.commit(self.queue.fresh(keys.queue_owner(LANE), now + n * 1e-3, run)))
            await self.clock.sleep(0)
        if writing is not None:
            await writing
        return _since(began)

    def _names(self) -> Iterator[str]:
        """Ids, a thousand at a time: making all at once would be one long task."""
        while True:
            yield from ids.series("r", self.clock.now(), self.random.token(10), 1_000)

    async def blob(self) -> float:
        """The upload of all of them, as the engine asks for it."""
        segments = await self.worker.segments(self.batch)
        began = time.perf_counter()
        blob = await self.store.blob([one.value.bytes_id for one in segments])
        spent = _since(began)
        assert blob.size > 1_000 * self.batch.requests
        return spent

    async def submit(self) -> float:
        """The queue into one batch."""
        began = time.perf_counter()
        done = await Submitter(self.runtime, self.queue).submit(LANE, PRACTICE)
        (self.batch,) = done.batches
        return _since(began)

    async def answer_short(self) -> list[str]:
        """The queue into as many batches as it takes, each with short answers; their ids. Not measured."""
        done = await Submitter(self.runtime, self.queue).submit(LANE, PRACTICE)
        for self.batch in done.batches:
            await self.canned_answers(short=True)
            await self.answer()
        return [one.id for one in done.batches]

    async def canned_answers(self, short: bool = False) -> int:
        """Get the output file ready, in pieces as a download has them; returns its bytes. Not measured."""
        names = [id for one in await self.worker.segments(self.batch) for id in one.value.ids]
        slicer, held, size = Slicer(self.clock), bytearray(), 0
        self.http.pieces = []
        for line in data.short_answers(names) if short else data.answers(names):
            held += line
            if len(held) >= PIECE:
                self.http.pieces.append(to_js(bytes(held[:PIECE])))
                del held[:PIECE]
                size += PIECE
            if slicer.over():
                await slicer.rest()
        self.http.pieces.append(to_js(bytes(held)))
        self.http.size = size + len(held)
        return self.http.size

    async def answer(self) -> dict[str, float]:
        """Fetch the output file and make the ledger, as the engine has it done, to the batch's end."""
        remote = Remote(id="batch_bench", status="completed", output_file_id="file-output", completed=self.batch.requests)
        for event in (
            pipeline.UploadBegins(),
            pipeline.Uploaded("file-input"),
            pipeline.CapacityReserved(),
            pipeline.CreateBegins(),
            pipeline.Created(remote),
        ):
            await self._advance(event, [])
        spent: dict[str, float] = {}
        while effect := pipeline.due(self.batch, self.clock.now()):
            began = time.perf_counter()
            await self._advance(*await self.worker.carry_out(effect, self.batch))
            spent[type(effect).__name__] = _since(began)
        assert self.batch.state == "done", self.batch
        assert self.batch.tally.answered == self.batch.requests, self.batch.tally
        return spent

    async def _advance(self, event: pipeline.Event, changes: list[Change]) -> None:
        self.batch = pipeline.advance(self.batch, event, self.clock.now())
        await self.records.commit([*changes, put(self.batch, -1)])

    async def watched_file(self, count: int) -> float:
        """A file in a watched folder, from its first byte to the last line that is queued and has its record. The folder is in memory: how
        fast a disk is read is not Nightshift's."""
        folder = MemoryFolder()
        folder.how = "open"
        taker = Intake(self.runtime, self.queue, self._practice, _nothing)
        watcher = Watcher(self.runtime, folder, taker, _nothing)
        await self.records.save(Watched(id=ID, folder="f", name="in"))
        lines = (requests.line(f"row-{n}", data.ENDPOINT, body) for n, body in enumerate(data.bodies(count)))
        folder.drop("a.jsonl", b"".join(lines))
        began = time.perf_counter()
        for _look in range(2):  # a file is read when it has stayed as it is
            await watcher.look()
        spent = _since(began)
        counted = await self.store.counts(Table.HANDED)
        assert counted == {"waiting": count}, counted
        assert "a.problems.jsonl" not in folder.files
        return spent

    async def _practice(self) -> Profile:
        return PRACTICE

    async def batch_id(self) -> str:
        """Where the page shows the batch: ``#/batches/<id>``."""
        return self.batch.id


def _nothing() -> None:
    """Nobody looks."""


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
