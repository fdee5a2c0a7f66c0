"""An Http port that fails as it is told: before a call reaches the provider, after it took effect, or half-way through an answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

import msgspec

from app.core.openai.wire import NetworkError, NetworkKind, Request, Response
from app.ports import Http, Stream
from app.practice.ask import route

Kind = NetworkKind


class Dropped(msgspec.Struct, frozen=True):
    """No answer comes. With ``effect`` the provider did what it was asked before the answer was lost."""

    kind: Kind = "broken"
    effect: bool = False
    detail: str = ""


class Answered(msgspec.Struct, frozen=True):
    """This answer comes instead of the provider's. With ``effect`` the provider did what it was asked all the same. ``ID`` in the body
    stands for the last part of the address that was asked."""

    status: int
    body: bytes = b""
    effect: bool = False

    def to(self, request: Request) -> bytes:
        """The body for this request."""
        return self.body.replace(b"ID", urlsplit(request.url).path.rpartition("/")[2].encode())


class Halfway(msgspec.Struct, frozen=True):
    """A download breaks off after so many of its bytes."""

    after: int


Failure = Dropped | Answered | Halfway


def call_of(request: Request) -> str:
    """The batch API's name for a request: upload, files, create, list, poll, cancel, download, models."""
    found = route(request.method, urlsplit(request.url).path)
    return str(found[0]) if found else "unknown"


class Gate:
    """Holds calls back until it is opened."""

    def __init__(self) -> None:
        self.waiting = 0
        self._open = asyncio.Event()

    def open(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        self.waiting += 1
        try:
            await self._open.wait()
        finally:
            self.waiting -= 1


class FaultyHttp:
    """Hands calls on to ``inner`` unless a failure is due. ``requests`` keeps every request as it was asked."""

    def __init__(self, inner: Http) -> None:
        self.inner = inner
        self.requests: list[Request] = []
        self.calls: Counter[str] = Counter()
        self.gates: dict[str, Gate] = {}
        self.content: Callable[[bytes], bytes] | None = None
        """Changes what a download brings."""
        self.grown: Callable[[bytes], bytes] | None = None
        """Changes what a download brings, and the provider says its size accordingly."""
        self.twice: set[str] = set()
        """Calls that reach the provider twice, as when a browser repeats one by itself; the second answer counts."""
        self.ranges: Callable[[int], int] | None = None
        """Where a download begins that is asked for from byte N on, as an honest provider has it: at N. None: ``Range`` is ignored."""
        self.etag: Callable[[], str] | None = None
        """The ETag of a download, if there is one that a page may read."""
        self.came = 0
        """Bytes that downloads brought."""
        self._failures: dict[str, list[tuple[Failure, float]]] = {}

    def fail(self, call: str, failure: Failure, times: float = 1) -> None:
        """Let the next ``times`` calls of this name fail (``math.inf``: until :meth:`heal`)."""
        self._failures.setdefault(call, []).append((failure, times))

    def heal(self) -> None:
        """No call fails any more."""
        self._failures.clear()

    def hold(self, call: str) -> Gate:
        """Hold calls of this name back until the gate is opened."""
        return self.gates.setdefault(call, Gate())

    async def _due(self, request: Request) -> Failure | None:
        name = call_of(request)
        self.requests.append(request)
        self.calls[name] += 1
        if name in self.gates:
            await self.gates[name].passed()
        waiting = self._failures.get(name)
        if not waiting:
            return None
        failure, times = waiting[0]
        waiting[0] = (failure, times - 1)
        if times <= 1:
            waiting.pop(0)
        return failure

    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        failure = await self._due(request)
        if failure is None:
            if call_of(request) in self.twice:
                await self.inner.send(request, progress=progress)
            response = await self.inner.send(request, progress=progress)
            return await self._resized(request, response) if self.grown is not None and call_of(request) == "file" else response
        if not isinstance(failure, Halfway) and failure.effect:
            await self.inner.send(request, progress=progress)
        if isinstance(failure, Answered):
            return Response(failure.status, {}, failure.to(request))
        if isinstance(failure, Dropped):
            raise NetworkError(failure.kind, failure.detail)
        raise NetworkError("broken")

    async def stream(self, request: Request) -> Stream:
        failure = await self._due(request)
        if isinstance(failure, Answered):
            type = "text/html" if failure.body.startswith(b"<") else "application/json"
            return _Pieces(failure.status, _only(failure.body), {"content-type": type})
        if isinstance(failure, Dropped):
            raise NetworkError(failure.kind, failure.detail)
        start = int(request.headers.get("Range", "bytes=0-")[6:-1]) if self.ranges is not None else 0
        inner = await self.inner.stream(request)
        pieces, status, headers = inner.chunks(), inner.status, dict(inner.headers)
        for change in (self.content, self.grown):
            if change is not None and status == 200:
                pieces = _changed(pieces, change)
        if start and self.ranges is not None and status == 200:
            pieces, status = _from(pieces, self.ranges(start)), 206
        if self.etag is not None:
            headers["etag"] = self.etag()
        return _Pieces(status, self._counted(pieces if failure is None else _broken(pieces, failure.after)), headers)

    async def _resized(self, request: Request, response: Response) -> Response:
        """What is said of a file, with the size that it has in the end."""
        inner = await self.inner.stream(msgspec.structs.replace(request, url=f"{request.url}/content"))
        data = b"".join([piece async for piece in inner.chunks()])
        if self.grown is None or inner.status != 200:
            return response
        about = {**msgspec.json.decode(response.body), "bytes": len(self.grown(data))}
        return Response(response.status, response.headers, msgspec.json.encode(about))

    async def _counted(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for piece in pieces:
            self.came += len(piece)
            yield piece


async def _from(pieces: AsyncIterator[bytes], start: int) -> AsyncIterator[bytes]:
    yield b"".join([piece async for piece in pieces])[start:]


class _Pieces:
    def __init__(self, status: int, pieces: AsyncIterator[bytes], headers: dict[str, str] | None = None) -> None:
        self.status, self.headers, self._pieces = status, headers or {}, pieces

    def chunks(self) -> AsyncIterator[bytes]:
        return self._pieces


async def _only(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _changed(pieces: AsyncIterator[bytes], change: Callable[[bytes], bytes]) -> AsyncIterator[bytes]:
    yield change(b"".join([piece async for piece in pieces]))


async def _broken(pieces: AsyncIterator[bytes], after: int) -> AsyncIterator[bytes]:
    async for piece in pieces:
        if after <= len(piece):
            yield piece[:after]
            break
        after -= len(piece)
        yield piece
    raise NetworkError("broken", "the connection closed before the end")
