"""The bodies of requests, read within limits, and of answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from litestar import Request, Response

from app.gateway.http.budget import announced, in_time, share
from app.gateway.http.errors import JSON, too_large

MAX_MESSAGE: Final = 20_000_000
"""Bytes of one message: images as ``data:`` addresses are the largest that people send."""
MAX_BODY: Final = 64_000_000
"""Bytes of a JSON body, an array of messages say. JSONL has no limit: it is kept as it arrives."""
_STEP: Final = 1_000_000
DRAINED: Final = 256_000_000
"""Bytes that are still read of a body that is refused, so that the refusal reaches the sender."""


def content_type(request: Request[Any, Any, Any]) -> str:
    """Without parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def whole(request: Request[Any, Any, Any], limit: int, what: str = "The body") -> bytes:
    """The body. Raises Problem (413) when it is above ``limit`` bytes."""
    held = bytearray()
    read = 0
    await share(request).grow(announced(request, limit))
    async with in_time():
        async for chunk in request.stream():
            read += len(chunk)
            if read <= limit:
                held += chunk
            elif read > DRAINED:
                break
    if read > limit:
        raise too_large(limit, what)
    return bytes(held)


async def lines(request: Request[Any, Any, Any], limit: int) -> AsyncIterator[list[tuple[int, bytes]]]:
    """The lines of a JSONL body as they arrive, each with its number (from 1), without empty ones. Raises Problem (413) when one does
    not end within ``limit`` bytes: what came before it has been yielded."""
    rest = bytearray()
    number = 0
    async for chunk in request.stream():
        *ready, last = chunk.split(b"\n")
        found = []
        for encoded in ready:
            number += 1
            line = bytes(rest + encoded).strip()
            rest.clear()
            if line:
                found.append((number, line))
        rest += last
        if len(rest) > _STEP:
            await share(request).grow(-(-len(rest) // _STEP) * _STEP)
        if found:
            yield found
        if len(rest) > limit:
            raise too_large(limit, f"Line {number + 1}")
    if line := bytes(rest).strip():
        yield [(number + 1, line)]


def as_json(found: object, status: int = 200) -> Response[bytes]:
    """An answer in JSON: structs, dicts, lists."""
    return Response(msgspec.json.encode(found), status_code=status, media_type=JSON)
