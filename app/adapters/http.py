"""The Http port over fetch and XMLHttpRequest (static/js/http.mjs)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, get_args

import msgspec
from pyodide.ffi import JsException, create_proxy, to_js

from app.adapters.blobs import sendable, taken
from app.adapters.script import js_http
from app.core.json import jsonread
from app.core.openai.wire import NetworkError, NetworkKind, Request, Response

_KINDS: tuple[NetworkKind, ...] = get_args(NetworkKind)


class _File(msgspec.Struct, frozen=True):
    name: str
    filename: str
    type: str


class _Head(msgspec.Struct, frozen=True):
    """A request without its bytes."""

    method: str
    url: str
    headers: dict[str, str]
    timeout: float
    follows: tuple[str, ...] | None
    fields: tuple[tuple[str, str], ...] = ()
    file: _File | None = None


def _head(request: Request) -> str:
    part = request.file
    file = None if part is None else _File(part.name, part.filename, part.type)
    head = _Head(request.method, request.url, request.headers, request.timeout, request.follows, request.fields, file)
    return msgspec.json.encode(head).decode()


def _network_error(error: JsException) -> NetworkError:
    """The error by its name. The message is the platform's own and never holds a header."""
    for kind in _KINDS:
        if error.name == f"NetworkError:{kind}":
            return NetworkError(kind, error.message)
    return NetworkError("broken", error.message)


async def _finished(call: Any) -> Any:
    """What the call resolves to. Cancelling the task aborts the call."""
    try:
        return await call.done
    except asyncio.CancelledError:
        call.abort()
        raise
    except JsException as error:
        raise _network_error(error) from None


class BrowserStream:
    """An answer that arrives in pieces. Leaving the loop over :meth:`chunks` early aborts the download."""

    def __init__(self, js_download: Any) -> None:
        self._js = js_download
        self.status = int(js_download.status)
        self.headers: dict[str, str] = jsonread.typed(js_download.headers, dict[str, str])

    async def chunks(self) -> AsyncIterator[bytes]:
        """Pieces of about 1 MB; the next one is fetched when it is asked for."""
        try:
            while (piece := await self._js.next()) is not None:
                yield taken(piece)
        except JsException as error:
            raise _network_error(error) from None
        finally:
            self._js.abort()  # means nothing once all has come


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

    def _start(self, request: Request, js_progress: Any) -> Any:
        if request.file is None and not request.fields:
            return js_http.send(_head(request), _body(request))
        content = None if request.file is None else sendable(request.file.content)
        return js_http.sendForm(_head(request), content, js_progress)


def _body(request: Request) -> Any:
    return None if request.body is None else to_js(request.body)
