"""Who is connected: so that a handler can close a connection in the middle of an answer (the practice provider's traps need it), and so
that none is held open by who sends nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import h11
from litestar import Request
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

Address = tuple[str, int]

MOST: Final = 500
"""Connections at a time, WebSockets included."""
HEAD_WITHIN: Final = 10.0
"""Seconds that a request's line and headers may take."""
BODY_WITHIN: Final = 60.0
"""Seconds without a byte after which a body is given up."""
CLOSE_WITHIN: Final = 1.0
"""Seconds that the other side of a WebSocket has to answer its close."""
_FULL: Final = b"Too many connections are open. Try again later.\n"


def _answer(status: bytes, text: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % (status, len(text))
    return head + text


def _peer(transport: Any) -> Address | None:
    peer = transport.get_extra_info("peername")
    return (str(peer[0]), int(peer[1])) if peer else None


class Connections:
    """The open connections by the peer's address, which ASGI gives as ``scope["client"]``. ``head_within``, ``body_within``: seconds."""

    def __init__(self, most: int = MOST, head_within: float = HEAD_WITHIN, body_within: float = BODY_WITHIN) -> None:
        self._open: dict[Address, asyncio.Transport] = {}
        self.most, self.head_within, self.body_within = most, head_within, body_within
        self.on_stop: list[Callable[[], None]] = []
        """Called when the server begins to stop: whoever waits for something answers now."""

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def close(self, client: Address | None) -> None:
        """Close a connection after what is already written. Not open is fine."""
        transport = self._open.get(client) if client else None
        if transport is not None:
            transport.close()

    def end(self, client: Address | None) -> None:
        """Let go of a WebSocket that was closed, whether or not the other side answers."""
        transport = self._open.get(client) if client else None
        if transport is not None:
            asyncio.get_running_loop().call_later(CLOSE_WITHIN, transport.abort)

    async def hang_up(self, request: Request[Any, Any, Any]) -> None:
        """Close a request's connection, and return only when it is gone: what is sent afterwards reaches nobody."""
        client = request.scope["client"]
        self.close((client[0], client[1]) if client else None)
        await gone(request, 5.0)

    def protocol(self) -> type[asyncio.Protocol]:
        """A uvicorn HTTP protocol that keeps this record and these limits."""
        opened, limits = self._open, self

        class Recorded(H11Protocol):
            address: Address | None = None
            timer: asyncio.TimerHandle | None = None
            heads = False

            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                if len(opened) >= limits.most:
                    transport.write(_answer(b"503 Service Unavailable", _FULL))
                    transport.close()
                    return
                self.address = _peer(transport)
                if self.address:
                    opened[self.address] = transport
                self._wait(head=True)

            def connection_lost(self, exc: Exception | None) -> None:
                self._calm()
                if self.address:
                    opened.pop(self.address, None)
                super().connection_lost(exc)

            def data_received(self, data: bytes) -> None:
                if self.transport.is_closing():
                    return
                super().data_received(data)
                self._look()

            def on_response_complete(self) -> None:
                super().on_response_complete()
                self._look()

            def _look(self) -> None:
                """Begin to wait for what has not come whole yet, or stop waiting."""
                state = self.conn.their_state
                if self.transport.is_closing():
                    self._calm()
                elif state is h11.SEND_BODY:
                    self._wait(head=False)
                elif state is not h11.IDLE:
                    self._calm()
                elif not self.heads:
                    self._calm()
                    if self.conn.trailing_data[0]:  # half of a next request; between two of them uvicorn's own timer runs
                        self._wait(head=True)

            def _wait(self, *, head: bool) -> None:
                self._calm()
                self.heads = head
                self.timer = self.loop.call_later(limits.head_within if head else limits.body_within, self._over)

            def _calm(self) -> None:
                self.heads = False
                if self.timer is not None:
                    self.timer.cancel()
                    self.timer = None

            def _over(self) -> None:
                self.timer = None
                if not self.heads and self.flow.read_paused:
                    self._wait(head=False)  # it is we who do not read
                elif not self.transport.is_closing():
                    if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                        self.transport.write(_answer(b"408 Request Timeout", b"The request did not come in time.\n"))
                    self.transport.close()

        return Recorded

    def sockets(self) -> type[asyncio.Protocol]:
        """A uvicorn WebSocket protocol that keeps this record: the connection was made as one of HTTP."""
        opened = self._open

        class RecordedSocket(WebSocketsSansIOProtocol):
            def connection_lost(self, exc: Exception | None) -> None:
                if address := _peer(self.transport):
                    opened.pop(address, None)
                super().connection_lost(exc)

        return RecordedSocket


async def gone(request: Request[Any, Any, Any], seconds: float) -> None:
    """Return when the caller has gone, or after so many seconds."""

    async def disconnected() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(disconnected(), seconds)
    except TimeoutError:
        return
