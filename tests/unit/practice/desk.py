"""A practice provider on a desk: its time stands still until a test moves it."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from app.core.openai.wire import BytesBlob, FilePart, Request, Response
from app.practice.brain import Brain
from app.practice.inproc import BASE_URL, PracticeHttp, PracticeStream
from app.practice.traps import Rule, Scenario, Speed, Trap
from tests.fakes.practice_disk import MemoryDisk

START = 1_800_000_000.0
CHAT = "/v1/chat/completions"


def request(custom_id: str, url: str = CHAT, **body: Any) -> dict[str, Any]:
    """A request as it stands in a batch input file; a chat with a small model unless the body says otherwise."""
    plain = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": f"Say {custom_id}"}]} if url == CHAT else {}
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": {**plain, **body}}


def jsonl(requests: list[dict[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in requests)


def several(count: int) -> bytes:
    """An input file of ``count`` chats with the ids r0, r1 and so on."""
    return jsonl([request(f"r{number}") for number in range(count)])


class Run(msgspec.Struct):
    """What a batch left behind: the batch object, and the raw content of its files (empty when there is none)."""

    batch: dict[str, Any]
    output: bytes
    error: bytes

    @property
    def outputs(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(line) for line in self.output.splitlines()]

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(line) for line in self.error.splitlines()]


def custom_ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["custom_id"] for row in rows]


class Desk:
    """The in-process skin with a clock of its own."""

    def __init__(self, *traps: Trap | Rule, share: float = 0.2, speed: float | Speed = 1.0, seed: int = 1) -> None:
        self.now = START
        self.saved: bytes = b""
        self.brain = Brain(MemoryDisk(), _breathe, seed=seed, scenario=Scenario(speed=speed, traps=traps, share=share))
        self.http = PracticeHttp(self.brain, lambda: self.now, self._save)

    async def _save(self, data: bytes) -> None:
        self.saved = data

    def reload(self) -> None:
        """Forget everything but the disk and the last saved record, as a page does that is loaded again."""
        self.brain = Brain(self.brain.disk, _breathe)
        assert self.brain.load(self.saved)
        self.http = PracticeHttp(self.brain, lambda: self.now, self._save)

    async def send(self, method: Any, path: str, body: object = None, key: str | None = "practice") -> Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        data = body if isinstance(body, bytes) else None if body is None else msgspec.json.encode(body)
        return await self.http.send(Request(method, BASE_URL + path, headers, body=data))

    async def get(self, path: str) -> Any:
        """The JSON of a GET that must succeed."""
        answer = await self.send("GET", path)
        assert answer.status == 200, answer.body
        return msgspec.json.decode(answer.body)

    async def post_file(self, data: bytes, name: str = "in.jsonl", fields: tuple[tuple[str, str], ...] = ()) -> Response:
        form = (("purpose", "batch"), *fields)
        part = FilePart("file", name, BytesBlob(data))
        return await self.http.send(Request("POST", BASE_URL + "/files", {"Authorization": "Bearer practice"}, fields=form, file=part))

    async def upload(self, data: bytes) -> str:
        """The id of a file that goes up well."""
        answer = await self.post_file(data)
        assert answer.status == 200, answer.body
        return str(msgspec.json.decode(answer.body)["id"])

    async def post_batch(self, file_id: str, endpoint: str = CHAT, **more: Any) -> Response:
        order = {"input_file_id": file_id, "endpoint": endpoint, "completion_window": "24h", **more}
        return await self.send("POST", "/batches", order)

    async def create(self, data: bytes, endpoint: str = CHAT) -> str:
        """The id of a batch over ``data``."""
        answer = await self.post_batch(await self.upload(data), endpoint)
        assert answer.status == 200, answer.body
        return str(msgspec.json.decode(answer.body)["id"])

    async def poll(self, id: str, after: float = 0.0) -> dict[str, Any]:
        """The batch, ``after`` so many more seconds."""
        self.now += after
        found: dict[str, Any] = await self.get(f"/batches/{id}")
        return found

    async def open(self, file_id: str) -> PracticeStream:
        return await self.http.stream(Request("GET", f"{BASE_URL}/files/{file_id}/content", {"Authorization": "Bearer practice"}))

    async def content(self, file_id: str | None) -> bytes:
        """A file's content; nothing for no file."""
        if not file_id:
            return b""
        stream = await self.open(file_id)
        assert stream.status == 200
        return b"".join([chunk async for chunk in stream.chunks()])

    async def finish(self, id: str, after: float = 20.0) -> Run:
        """The batch and its files, ``after`` so many more seconds."""
        batch = await self.poll(id, after)
        return Run(batch, await self.content(batch["output_file_id"]), await self.content(batch["error_file_id"]))

    async def run(self, data: bytes, endpoint: str = CHAT) -> Run:
        """Upload, create, wait, read."""
        return await self.finish(await self.create(data, endpoint))


async def _breathe() -> None:
    await asyncio.sleep(0)
