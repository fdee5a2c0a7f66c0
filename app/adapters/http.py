"""The Http port over fetch and XMLHttpRequest (static/js/http.mjs)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, get_args

import msgspec
from pyodide.ffi import JsException, create_proxy, to_js

from app.adapters.blobs import sendable, taken
from app.adapters.script import js_calls, js_http
from app.core.json import jsonread
from app.core.openai.wire import NetworkError, NetworkKind, Request, Response
from app.ports import EndedCall

_KINDS: tuple[NetworkKind, ...] = get_args(NetworkKind)


class _File(msgspec.Struct, frozen=True):
    name: str
    filename: str
    type: str


_EndedCall = tuple[str, float, int, str, str, str, int]
"""Name, seconds, status, headers as JSON, name and message of the error, size of the body: static/js/types/protocol.ts, EndedCalls."""


class _Head(msgspec.Struct, frozen=True):
    """A request without its bytes."""

    method: str
    url: str
    headers: dict[str, str]
    timeout: float
    follows: tuple[str, ...] | None
    live: bool
    fields: tuple[tuple[str, str], ...] = ()
    file: _File | None = None


def _head(request: Request) -> str:
    part = request.file
    file = None if part is None else _File(part.name, part.filename, part.type)
    head = _Head(request.method, request.url, request.headers, request.timeout, request.follows, request.live, request.fields, file)
    return msgspec.json.encode(head).decode()


def _network_error(name: str, message: str) -> NetworkError:
    """The error by its name. The message is the platform's own and never holds a header."""
    for kind in _KINDS:
        if name == f"NetworkError:{kind}":
            return NetworkError(kind, message)
    return NetworkError("broken", message)


async def _finished(call: Any) -> Any:
    """What the call resolves to. Cancelling the task aborts the call."""
    try:
        return await call.done
    except asyncio.CancelledError:
        call.abort()
        raise
    except JsException as error:
        raise _network_error(error.name, error.message) from None


class BrowserStream:
    """An answer that arrives in pieces. Leaving the loop over :meth:`chunks` early aborts the download."""

    def __init__(self, js_download: Any) -> None:
        self._js = js_download
        self.status = int(js_download.status)
        self.headers: dict[str, str] = jsonread.typed(js_download.headers, dict[str, str])

    async def chunks(self) -> AsyncIterator[bytes]:
        """Pieces of about 1 MB, or as they arrive; the next one is fetched when it is asked for."""
        try:
            while (piece := await self._js.next()) is not None:
                yield taken(piece)
        except JsException as error:
            raise _network_error(error.name, error.message) from None
        finally:
            self._js.abort()  # means nothing once all has come


class BrowserCalls:
    """The Calls port (static/js/http-calls.mjs): one crossing for each group, whatever number of calls is in it."""

    def __init__(self) -> None:
        self._js = js_calls.calls()
        self._refused: list[EndedCall] = []

    def put(self, calls: Sequence[tuple[str, Request]], parallel: int) -> None:
        heads: list[str] = []
        bodies: list[bytes] = []
        for name, request in calls:
            body = request.body or b""
            try:
                heads.append(f"[{msgspec.json.encode(name).decode()},{len(body)},{_head(request)}]")
            except Exception as error:  # the boundary of one call: what it says is not text
                self._refused.append(EndedCall(name, 0.0, error))
            else:
                bodies.append(body)
        self._js.put(f"[{','.join(heads)}]", to_js(b"".join(bodies)), parallel)

    async def ended(self) -> list[EndedCall]:
        if self._refused:
            refused, self._refused = self._refused, []
            return refused
        if (found := await self._js.next()) is None:
            return []
        data, ended, start = taken(found.bytes), list[EndedCall](), 0
        for name, seconds, status, headers, kind, detail, size in jsonread.typed(found.index, list[_EndedCall]):
            body, start = data[start : start + size], start + size
            result = _network_error(kind, detail) if kind else Response(status, jsonread.typed(headers, dict[str, str]), body)
            ended.append(EndedCall(name, seconds, result))
        return ended

    def close(self) -> None:
        self._js.abort()


class BrowserHttp:
    """The Http port. No cookies, no referrer, no cache; redirects only as ``Request.follows`` says."""

    async def send(self, request: Request, *, progress: Callable[[int, int], None] | None = None) -> Response:
        js_progress = create_proxy(lambda sent, total: progress(int(sent), int(total))) if progress else None
        try:
            answer = await _finished(self._start(request, js_progress))
        finally:
            if js_progress is not None:
                js_progress.destroy()
        return Response(int(answer.status), jsonread.typed(answer.headers, dict[str, str]), taken(answer.body))

    async def stream(self, request: Request) -> BrowserStream:
        return BrowserStream(await _finished(js_http.stream(_head(request), _body(request))))

    def calls(self) -> BrowserCalls:
        return BrowserCalls()

    def _start(self, request: Request, js_progress: Any) -> Any:
        if request.file is None and not request.fields:
            return js_http.send(_head(request), _body(request))
        content = None if request.file is None else sendable(request.file.content)
        return js_http.sendForm(_head(request), content, js_progress)


def _body(request: Request) -> Any:
    return None if request.body is None else to_js(request.body)
