"""One request, answered at once: asked as a stream where the endpoint can, read with bounds, and what came of it whatever happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from app.core.json import jsonread
from app.core.model.lanes import Endpoint
from app.core.model.problem import Problem
from app.core.openai import problems, streaming
from app.core.openai.problems import Refused
from app.core.openai.sse import EventReader, EventTooLarge
from app.core.openai.streaming import StreamedAnswer
from app.core.openai.wire import NetworkError
from app.core.tries import tried
from app.ports import Stream
from app.services.provider.client import Provider

MAX_ANSWER: Final = 128_000_000
"""Bytes of an answer that are read: ten large pictures in base64."""
MAX_REFUSAL: Final = 1_000_000
"""Bytes of a refusal that are read."""


class Answered(msgspec.Struct, frozen=True):
    """What came: the answer's body, or with a ``problem`` as much of it as came."""

    body: bytes
    request_id: str = ""
    problem: Problem | None = None


class Answering:
    """Asks one request. ``text`` is what can be read so far; ``grew`` is told when there is more. After a stop :attr:`part` is what had
    come."""

    def __init__(self, provider: Provider, endpoint: Endpoint, body: bytes, grew: Callable[[], None]) -> None:
        self._provider, self._endpoint, self._asked, self._grew = provider, endpoint, body, grew
        self._streamed: StreamedAnswer | None = None

    @property
    def text(self) -> str:
        return self._streamed.text if self._streamed is not None else ""

    @property
    def part(self) -> bytes:
        """The body as far as it arrived in a stream; nothing where nothing did."""
        return self._streamed.body() if self._streamed is not None and self._streamed.begun else b""

    async def run(self) -> Answered:
        """Raises Refused where nothing of an answer came."""
        stream = await self._opened()
        request_id = stream.headers.get("x-request-id", "")[:200]
        if stream.headers.get("content-type", "").startswith(streaming.TYPE):
            return await self._events(stream, request_id)
        body = await self._whole(stream)
        try:
            jsonread.value(body)
        except jsonread.Unreadable:
            raise Refused(self._provider.refusal(stream.status, stream.headers, body)) from None
        return Answered(body, request_id)

    async def _opened(self) -> Stream:
        """The answer that begins to come. A refusal to stream means that nothing was answered: then it is asked for in one piece."""
        plain = streaming.unstreamed(self._asked)
        if self._endpoint not in streaming.STREAMED:
            return await self._well(await self._provider.ask(self._endpoint, plain))
        stream = await self._provider.ask(self._endpoint, streaming.streamed(self._endpoint, self._asked))
        if 200 <= stream.status < 300:
            return stream
        refusal = await _refusal(stream)
        if not streaming.refuses_stream(stream.status, refusal):
            raise self._refused(stream, refusal)
        return await self._well(await self._provider.ask(self._endpoint, plain))

    async def _well(self, stream: Stream) -> Stream:
        if 200 <= stream.status < 300:
            return stream
        raise self._refused(stream, await _refusal(stream))

    def _refused(self, stream: Stream, said: bytes) -> Refused:
        return Refused(self._provider.refusal(stream.status, stream.headers, said), _seconds(stream.headers.get("retry-after", "")))

    async def _whole(self, stream: Stream) -> bytes:
        """The body in one piece. Raises Refused: it broke off, or has too many bytes."""
        parts: list[bytes] = []
        held = 0
        try:
            async with _arriving(stream) as pieces:
                async for piece in pieces:
                    held += len(piece)
                    if held > MAX_ANSWER:
                        raise Refused(tried.too_large(f"{MAX_ANSWER // 1_000_000} MB"))
                    parts.append(piece)
        except NetworkError as error:
            raise Refused(problems.from_network("answer", error, self._provider.profile)) from error
        return b"".join(parts)

    async def _events(self, stream: Stream, request_id: str) -> Answered:
        """A streamed answer. What came before it broke is kept."""
        answer = self._streamed = StreamedAnswer(self._endpoint, streaming.choices_of(self._asked))
        reader, held, problem = EventReader(), 0, None
        try:
            async with _arriving(stream) as pieces:
                async for piece in pieces:
                    held += len(piece)
                    if held > MAX_ANSWER:
                        raise EventTooLarge
                    if sum(answer.take(event) for event in reader.feed(piece)):  # each is taken
                        self._grew()
        except NetworkError as error:
            problem = None if answer.finished else problems.from_network("answer", error, self._provider.profile)
        except EventTooLarge:
            problem = tried.too_large(f"{MAX_ANSWER // 1_000_000} MB")
        if answer.failure is not None:
            code, said = answer.failure
            problem = tried.cut_short(self._provider.profile, code, self._provider.masked(said))
        elif problem is None and (not answer.finished or answer.damaged):
            problem = tried.cut_short(self._provider.profile)
        if not answer.begun:
            raise Refused(problem or tried.cut_short(self._provider.profile))
        return Answered(answer.body(), request_id, problem)


def _seconds(said: str) -> float:
    """``Retry-After`` in seconds, an hour at most; 0 where it says none (RFC 9110, 10.2.3; a date is not read)."""
    return min(float(said), 3_600.0) if said.strip().isdecimal() and len(said) < 10 else 0.0


@asynccontextmanager
async def _arriving(stream: Stream) -> AsyncIterator[AsyncIterator[bytes]]:
    """The pieces of an answer. Whoever leaves early closes the connection, now and not when memory is tidied up."""
    pieces = stream.chunks()
    try:
        yield pieces
    finally:
        if (end := getattr(pieces, "aclose", None)) is not None:
            await end()


async def _refusal(stream: Stream) -> bytes:
    """What a refusal says, as far as it arrives and as much of it as anybody reads: that it was refused is known already."""
    parts: list[bytes] = []
    held = 0
    try:
        async with _arriving(stream) as pieces:
            async for piece in pieces:
                parts.append(piece[: MAX_REFUSAL - held])
                held += len(parts[-1])
                if held >= MAX_REFUSAL:
                    break
    except NetworkError:
        pass
    return b"".join(parts)
