"""Tables whose requests were answered, in a store: what a job that joins them finds. Answers are made by hand, so each shape can come."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from app.core.batches.ledger import FILES, Ledger
from app.core.batches.rows import to_bytes
from app.core.model import keys
from app.core.model.batches import Batch, BatchState, Fetched
from app.core.model.datasets import Dataset
from app.core.model.lanes import CHAT, Lane
from app.core.model.providers import Profile
from app.core.model.segments import Segment
from app.core.model.sendings import QueuedRows
from app.core.model.settings import TakeAway
from app.core.model.templates import PromptContent, PromptMessage, Template
from app.core.openai.wire import Blob, BytesBlob
from app.core.results.joining import JoinOrder
from app.core.templates.variants import TaggedPrompt
from app.ports import PutBytes
from app.ports.compute import Finished, JobKind, unheard
from app.services.compute.carrier import JobPlace
from app.services.compute.fenced_jobs import JOBS as FENCED
from app.services.compute.in_page import PageCompute
from app.services.compute.jobs import JOBS
from app.services.datasets.datasets import Datasets, Source
from app.services.planning.planning import Planning
from app.services.results.answers_job import WRITE_ANSWERS, AnswerFileOrder
from app.services.results.conversations import AnswerFile
from app.services.runtime.records import put
from app.services.runtime.runtime import Runtime
from app.services.runtime.tasks import Tasks
from app.wiring.ports import InstalledLibraries
from tests.fakes.memory_store import MemoryDisk, MemoryStore
from tests.fakes.platform import FakeClock, MemoryFiles, MemoryLocks, SeededRandom

MODEL = "gpt-4o-mini"
PROFILE = Profile(id="openai", name="OpenAI")
ASK = PromptContent(fields={"model": MODEL}, messages=(PromptMessage("m1", "user", "Sort this: {{text}}"),))
Says = Callable[[str], bytes]
"""What comes for a request of this id, as a line; empty: nothing."""


def said(id: str, text: str | None, *, finish: str = "stop", more: Sequence[str] = ()) -> bytes:
    """An answer of chat completions; with ``more`` choices."""
    choices = [
        {"index": n, "message": {"role": "assistant", "content": one}, "finish_reason": finish} for n, one in enumerate([text, *more])
    ]
    body = {"id": "chatcmpl-1", "object": "chat.completion", "model": f"{MODEL}-2024-07-18", "choices": choices}
    usage = {"usage": {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14, "prompt_tokens_details": {"cached_tokens": 2}}}
    response = {"status_code": 200, "request_id": f"req-{id}", "body": {**body, **usage}}
    return json.dumps({"id": f"batch_req_{id}", "custom_id": id, "response": response, "error": None}, ensure_ascii=False).encode() + b"\n"


def failed(id: str, code: str = "invalid_request", message: str = "It was refused.") -> bytes:
    """A request that failed."""
    body = {"error": {"code": code, "message": message}}
    response = {"status_code": 400, "request_id": f"req-{id}", "body": body}
    return json.dumps({"id": "x", "custom_id": id, "response": response, "error": None}).encode() + b"\n"


class Shop:
    """A browser with tables and batches. ``slice``: seconds of a job between two rests."""

    def __init__(self, *, slice: float = 60.0) -> None:
        self.disk = MemoryDisk()
        self.store = MemoryStore({}, self.disk)
        self.clock = FakeClock(auto=True)
        random = SeededRandom(1)
        runtime = Runtime.over(self.store, self.clock, random, Tasks(self._fails))
        self.runtime, self.records = runtime, runtime.records

        async def opened() -> MemoryStore:
            return self.store

        place = JobPlace(opened, MemoryFiles(), InstalledLibraries(), self.clock, random, slice)
        self.compute, self.fenced = PageCompute(JOBS, place), PageCompute(FENCED, place)
        self.datasets = Datasets(runtime, self, MemoryLocks())
        self.planning = Planning(runtime, self, MemoryLocks(), self._none)
        self.batches = 0

    def _fails(self, _name: str, error: BaseException) -> None:
        raise error

    def _none(self) -> Any:
        raise AssertionError("nothing is counted here")

    async def run(
        self, kind: JobKind[Any, Any], arguments: object, *, files: Sequence[Blob] = (), moved: Callable[[int, int], None] = unheard
    ) -> Finished[Any]:
        """The Compute port."""
        compute = self.fenced if kind.fenced else self.compute
        return await compute.run(kind, arguments, files=files, moved=moved)

    def leave(self, place: str) -> None:
        """The KeepingCompute port."""
        self.compute.leave(place)

    def end_fenced(self) -> None:
        """Likewise."""
        self.compute.end_fenced()

    async def bring(self, data: bytes, name: str = "shop.csv", into: Dataset | None = None) -> Dataset:
        """A table."""
        source = Source(BytesBlob(data), name)
        found = await self.datasets.examine(source)
        return (await self.datasets.bring(source, found.dialect, into=into.id if into else "", key=into.key if into else "")).dataset

    async def ask(self, dataset: Dataset, content: PromptContent = ASK, prompts: tuple[TaggedPrompt, ...] = ()) -> QueuedRows:
        """Add a request for each row to the queue, or one in each of these ways."""
        await self.records.save(PROFILE)
        await self.clock.advance(10)
        order = self.planning.order(dataset, content, PROFILE, prompts=prompts)
        return (await self.planning.add(order, Template(id="t-1", dataset=dataset.id, content=content))).record

    async def batch(self, says: Says | None, *, state: BatchState = "done", pieces: int = 1, backwards: bool = False) -> Batch:
        """Make one batch of all that is queued, and answer it. None: it is under way. ``pieces``: byte runs of the answer file;
        ``backwards``: answers come the other way round."""
        self.batches += 1
        await self.clock.advance(10)
        id = f"b{self.batches}"
        segments = [one.value for one in await self.records.all(Segment) if keys.in_queue(one.value.owner)]
        lane = keys.lane_of(segments[0].owner) if segments else Lane(PROFILE.id, CHAT, MODEL)
        ids = [id for one in segments for id in one.ids]
        before = tuple(dict.fromkeys(each for one in segments for each in one.previous_batches))
        made = Batch(
            id=id,
            state=state,
            name=f"Batch {self.batches}",
            lane=lane,
            requests=len(ids),
            created=self.clock.now(),
            previous_batches=before,
            additions=tuple(dict.fromkeys(one.addition for one in segments if one.addition)),
        )
        changes: list[Any] = [put(replace(one, owner=keys.batch_owner(id)), -1) for one in segments]
        changes.append(PutBytes(keys.rows_id(id), to_bytes(ids)))
        if says is not None:
            lines = [line for each in (reversed(ids) if backwards else ids) if (line := says(each))]
            size = -(-len(lines) // pieces) or 1
            ledger = Ledger(ids)
            for n in range(pieces):
                data = b"".join(lines[n * size : (n + 1) * size])
                changes.append(PutBytes(keys.answer_id(id, FILES[0], n), data))
                list(ledger.read_segment(data, FILES[0], n))
            ledger.close("completed")
            changes.append(PutBytes(keys.ledger_id(id), ledger.to_bytes()))
            made = replace(made, fetched=(Fetched(FILES[0], pieces, sum(map(len, lines))),), tally=ledger.tally())
        await self.records.commit([*changes, put(made, 0)])
        return made

    async def again(self, batch: Batch, ids: Sequence[str]) -> None:
        """Put some of a batch's requests back into the queue, as sending them again does."""
        found = [one.value for one in await self.records.all(Segment, keys.batch_owner(batch.id))]
        for n, one in enumerate(found):
            kept = tuple(i for i, id in enumerate(one.ids) if id not in ids)
            (data,) = await self.store.load([one.bytes_id])
            lines = (data or b"").splitlines(keepends=True)
            picked = [lines[i] for i in range(len(lines)) if i not in kept]
            ends = tuple(sum(map(len, picked[: i + 1])) for i in range(len(picked)))
            name = f"{batch.id}-again-{n}"
            copy = replace(
                one,
                id=name,
                owner=keys.queue_owner(batch.lane),
                bytes_id=keys.lines_id(name),
                ids=tuple(one.ids[i] for i in range(len(one.ids)) if i not in kept),
                ends=ends,
                tokens=(),
                resent=one.resent + 1,
                previous_batches=(*one.previous_batches, batch.id),
            )
            await self.records.commit([PutBytes(copy.bytes_id, b"".join(picked)), put(copy, 0)])

    async def take(self, join: JoinOrder, **choice: Any) -> tuple[bytes, AnswerFile]:
        """The file, and what is said of it. ``shown``: these columns; the rest is the TakeAway."""
        shown = choice.pop("shown", ())
        done = await self.run(WRITE_ANSWERS, AnswerFileOrder(join, TakeAway(**choice), shown=shown))
        value: AnswerFile = done.value
        return (await done.blob.read() if done.blob is not None else b""), value
