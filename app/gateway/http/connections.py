"""The open connections: a handler can close one in the middle of an answer (the practice provider's traps need it), and none is held
open by a peer that sends or reads nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

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
"""Seconds after which a body is given up that did not bring BODY_RATE meanwhile."""
BODY_RATE: Final = 1_000
"""Bytes a second that a body must bring on the average of that time."""
TAKE_WITHIN: Final = 60.0
"""Seconds within which the peer must read something of an answer."""
TAKEN: Final = 16_384
"""Bytes of what waits to be taken that must be gone after that time, where they do not all go."""
GATHERED: Final = 65_536
"""Bytes that are written in one turn of the loop and sent together at most."""
CLOSE_WITHIN: Final = 1.0
"""Seconds that the other side of a WebSocket has to answer its close."""
_FULL: Final = b"Too many connections are open. Try again later.\n"


def _answer(status: bytes, text: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % (status, len(text))
    return head + text


def _peer(transport: Any) -> Address | None:
    peer = transport.get_extra_info("peername")
    return (str(peer[0]), int(peer[1])) if peer else None


class _Watched:
    """A connection whose peer must read what it is sent: one that requests much and reads nothing is aborted after a while."""

    def __init__(self, transport: asyncio.Transport, within: float) -> None:
        self.transport, self._within = transport, within
        self._left = 0
        self.moved = False
        """Whether the write buffer has drained since it was last looked at (``resume_writing``)."""
        self._timer = asyncio.get_running_loop().call_later(within, self._look)

    def _look(self) -> None:
        left = self.transport.get_write_buffer_size()
        if left and self._left and not self.moved and left > self._left - TAKEN:
            self.transport.abort()  # a close would wait until all is taken
            return
        self._left, self.moved = left, False
        self._timer = asyncio.get_running_loop().call_later(self._within, self._look)

    def end(self) -> None:
        """The connection has ended."""
        self._timer.cancel()


class Gathering:
    """A transport that sends what is written in one turn of the loop at once: a small answer's head and body are one packet, and the peer
    wakes up once."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.inner = transport
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Send it with what else is written now."""
        if not data:
            return
        if not self._held:
            asyncio.get_running_loop().call_soon(self.flush)
        self._held.append(data)
        self._size += len(data)
        if self._size >= GATHERED:  # a writer that never lets go hears that it must wait
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        if self._held and not self.inner.is_closing():
            held, self._held, self._size = b"".join(self._held), [], 0
            self.inner.write(held)

    def close(self) -> None:
        """Close when all is sent."""
        self.flush()
        self.inner.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class Connections:
    """The open connections by the peer's address, which ASGI gives as ``scope["client"]``. ``head_within``, ``body_within``,
    ``take_within``: seconds."""

    def __init__(
        self, most: int = MOST, head_within: float = HEAD_WITHIN, body_within: float = BODY_WITHIN, take_within: float = TAKE_WITHIN
    ) -> None:
        self._open: dict[Address, _Watched] = {}
        self.most, self.head_within, self.body_within, self.take_within = most, head_within, body_within, take_within
        self.on_stop: list[Callable[[], None]] = []
        """Called when the server begins to stop: handlers that wait answer now."""

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    def close(self, client: Address | None) -> None:
        """Close a connection after what is already written. Not open is fine."""
        watched = self._open.get(client) if client else None
        if watched is not None:
            watched.transport.close()

    def end(self, client: Address | None) -> None:
        """Drop a WebSocket that was closed, whether or not the peer answers."""
        watched = self._open.get(client) if client else None
        if watched is not None:
            asyncio.get_running_loop().call_later(CLOSE_WITHIN, watched.transport.abort)

    def moved(self, client: Address | None) -> None:
        """The peer has read some of what was buffered for it."""
        if client in self._open:
            self._open[client].moved = True

    def lost(self, client: Address | None) -> None:
        """A connection has ended."""
        if (watched := self._open.pop(client, None) if client else None) is not None:
            watched.end()

    async def hang_up(self, request: Request[Any, Any, Any]) -> None:
        """Close a request's connection, and return only when it is closed: what is sent afterwards is dropped."""
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
            came = 0
            upgraded = False

            def connection_made(self, transport: Any) -> None:
                super().connection_made(cast("Any", Gathering(transport)))
                if len(opened) >= limits.most:
                    transport.write(_answer(b"503 Service Unavailable", _FULL))
                    transport.close()
                    return
                self.address = _peer(transport)
                if self.address:
                    opened[self.address] = _Watched(self.transport, limits.take_within)
                self._wait(head=True)

            def connection_lost(self, exc: Exception | None) -> None:
                self._calm()
                limits.lost(self.address)
                super().connection_lost(exc)

            def resume_writing(self) -> None:
                limits.moved(self.address)
                super().resume_writing()

            def data_received(self, data: bytes) -> None:
                if self.transport.is_closing():
                    return
                self.came += len(data)
                super().data_received(data)
                self._look()

            def handle_websocket_upgrade(self, event: h11.Request) -> None:
                self.upgraded = True
                gathering = cast("Gathering", self.transport)
                gathering.flush()
                self.transport = gathering.inner  # a WebSocket's frames go one by one
                super().handle_websocket_upgrade(event)

            def on_response_complete(self) -> None:
                super().on_response_complete()
                self._look()

            def _look(self) -> None:
                """Begin to wait for what has not come whole yet, or stop waiting."""
                state = self.conn.their_state
                if self.transport.is_closing() or self.upgraded:  # a WebSocket's protocol has the connection; here it still awaits a body
                    self._calm()
                elif state is h11.SEND_BODY:
                    if self.timer is None or self.heads:  # else it is asked about at its end how much came
                        self._wait(head=False)
                elif state is not h11.IDLE:
                    self._calm()
                elif not self.heads:
                    self._calm()
                    if self.conn.trailing_data[0]:  # half of a next request; between two of them uvicorn's own timer runs
                        self._wait(head=True)

            def _wait(self, *, head: bool) -> None:
                self._calm()
                self.heads, self.came = head, 0
                self.timer = self.loop.call_later(limits.head_within if head else limits.body_within, self._over)

            def _calm(self) -> None:
                self.heads = False
                if self.timer is not None:
                    self.timer.cancel()
                    self.timer = None

            def _over(self) -> None:
                self.timer = None
                if not self.heads and (self.flow.read_paused or self.came >= BODY_RATE * limits.body_within):
                    self._wait(head=False)  # it is we who do not read, or it comes
                elif not self.transport.is_closing():
                    if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                        self.transport.write(_answer(b"408 Request Timeout", b"The request did not come in time.\n"))
                    self.transport.close()

        return Recorded

    def sockets(self) -> type[asyncio.Protocol]:
        """A uvicorn WebSocket protocol that keeps this record: the connection was made as one of HTTP."""
        limits = self

        class RecordedSocket(WebSocketsSansIOProtocol):
            def connection_lost(self, exc: Exception | None) -> None:
                limits.lost(_peer(self.transport))
                super().connection_lost(exc)

            def resume_writing(self) -> None:
                limits.moved(_peer(self.transport))
                super().resume_writing()

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
