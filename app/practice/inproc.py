"""The practice provider inside the page: the app's Http port without a network.

The base URL is :data:`BASE_URL`; a key that begins with ``practice`` is right.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import parse_qsl, urlsplit

from app.core.openai.wire import NetworkError, Request, Response
from app.practice.ask import Ask, Fault, Reply, Upload
from app.practice.brain import Brain
from app.practice.disk import Lost, Pace, cut

BASE_URL = "practice://local/v1"


class PracticeStream:
    """An answer that arrives in pieces (the app's Stream port)."""

    def __init__(self, reply: Reply) -> None:
        self.status = reply.status
        self.headers = _headers(reply)
        self._reply = reply

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body in pieces. Raises NetworkError («broken») where it breaks off."""
        body = self._reply.body
        try:
            async for chunk in cut(body) if isinstance(body, bytes) else body:
                yield chunk
        except Lost as lost:
            raise NetworkError("broken", "the practice provider has lost the file") from lost
        if self._reply.fault is Fault.MIDWAY:
            raise NetworkError("broken", "the connection closed before the end")


class PracticeHttp:
    """The app's Http port, answered by a brain.

    ``clock`` gives unix seconds. ``save``, if given, is awaited with :meth:`Brain.dump` after every call that changed what the brain
    remembers, and before the call is answered: after a reload ``brain.load`` goes on from there.
    """

    def __init__(self, brain: Brain, clock: Callable[[], float], save: Callable[[bytes], Awaitable[None]] | None = None) -> None:
        self.brain = brain
        self._clock, self._save = clock, save
        self._saving = asyncio.Lock()

    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        """One exchange. ``progress(sent, total)`` in bytes while a file goes up. Raises NetworkError."""
        reply = await self._exchange(request, progress)
        if reply.fault is Fault.MIDWAY:
            raise NetworkError("broken", "the connection closed before the end")
        try:
            return Response(reply.status, _headers(reply), await reply.whole())
        except Lost as lost:
            raise NetworkError("broken", "the practice provider has lost the file") from lost

    async def stream(self, request: Request) -> PracticeStream:
        """Answer with status and headers; the body follows by chunks. Raises NetworkError."""
        return PracticeStream(await self._exchange(request, None))

    async def _exchange(self, request: Request, progress: Callable[[int, int], None] | None) -> Reply:
        upload = await self._store(request, progress) if request.file else None
        reply = await self.brain.handle(_ask(request, upload), self._clock())
        if self._save and self.brain.changed:
            async with self._saving:
                await self._save(self.brain.dump())
        match reply.fault:
            case Fault.BROKEN:
                raise NetworkError("broken", "the connection closed without an answer")
            case Fault.TIMEOUT:
                raise NetworkError("timeout", "no answer came in time")
            case Fault.CORS:
                raise NetworkError("blocked", "the answer lacks the CORS headers")
        return reply

    async def _store(self, request: Request, progress: Callable[[int, int], None] | None) -> Upload:
        """Put the file of a form on the disk."""
        if request.file is None:
            raise ValueError("the request has no file")
        data: bytes = await request.file.content.read()
        total, pace = len(data), Pace(self.brain.breathe)

        async def pieces() -> AsyncIterator[bytes]:
            sent = 0
            async for piece in cut(data):
                yield piece
                sent += len(piece)
                if progress:
                    progress(sent, total)
                await pace.tick()

        id = self.brain.reserve()
        return Upload(id, request.file.filename, await self.brain.disk.put(id, pieces()))


def _ask(request: Request, upload: Upload | None) -> Ask:
    url = urlsplit(request.url)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Ask(
        method=request.method,
        path=url.path.rstrip("/"),
        key=bearer(headers.get("authorization")),
        query=dict(parse_qsl(url.query)),
        body=request.body or b"",
        fields=dict(request.fields),
        upload=upload,
    )


def bearer(authorization: str | None) -> str | None:
    """The key of an Authorization header."""
    scheme, _, key = (authorization or "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def _headers(reply: Reply) -> dict[str, str]:
    return {"content-type": reply.type, "x-request-id": reply.request_id}
