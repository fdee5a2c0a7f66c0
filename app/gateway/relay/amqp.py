"""The AMQP relay: a WebSocket of the page on one side, the one broker of RABBITMQ_URL on the other, bytes both ways.

It never reaches another address, whatever the page sends. It logs in by itself: in the first frame of the page (``Connection.Start-Ok``,
AMQP 0-9-1 section 1.4.2.2) the credentials are put in place of whatever is there, so that the page never learns them.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from typing import Any, Final, Literal

from litestar import WebSocket, websocket
from litestar.handlers import WebsocketRouteHandler

from app.core.programs.protocol import AMQP_PATH
from app.gateway.http.connections import Connections
from app.gateway.http.routing import Access, rule
from app.gateway.http.settings import Broker
from app.gateway.mailbox.sockets import Frames, client_of

CONNECT_WITHIN: Final = 10.0
"""Seconds."""
LOGIN_WITHIN: Final = 10.0
"""Seconds that a page has for each frame until its Start-Ok has come."""
LAST_WORDS_WITHIN: Final = 10.0
"""Seconds in which the broker is to take what a page sent before it went."""
CHUNK: Final = 64 * 1024
HEADER: Final = b"AMQP\x00\x00\x09\x01"
MAX_LOGIN: Final = 64 * 1024
"""Bytes of the page's first frame at most: it holds names and capabilities of a client."""
FRAME_END: Final = b"\xce"
_FRAME: Final = struct.Struct(">BHI")
_METHOD: Final = struct.Struct(">HH")
START_OK: Final = (10, 11)
GOODBYE: Final = _FRAME.pack(1, 0, 11) + _METHOD.pack(10, 50) + struct.pack(">HBHH", 200, 0, 0, 0) + FRAME_END
"""``Connection.Close`` without a reason (AMQP 0-9-1 section 1.4.2.9)."""
GOODBYE_OK: Final = _FRAME.pack(1, 0, 4) + _METHOD.pack(10, 51) + FRAME_END
"""``Connection.Close-Ok``: the broker has done all that came before. RabbitMQ then waits for the other side to close."""
Side = Literal["broker gone", "page gone"]
NO_BROKER: Final = 1011
NOT_AMQP: Final = 1008


class NotAmqp(Exception):
    """The page does not speak AMQP 0-9-1; the message is a sentence."""


class Login:
    """Takes what the page sends until its ``Start-Ok`` is whole, and gives it on with the broker's credentials."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._held = bytearray()
        self.done = False

    def feed(self, data: bytes) -> bytes:
        """What may be sent to the broker now. Raises NotAmqp."""
        if self.done:
            return data
        self._held += data
        if len(self._held) > len(HEADER) + MAX_LOGIN:
            raise NotAmqp("The first frame is too large.")
        if not HEADER.startswith(self._held[: len(HEADER)]):
            raise NotAmqp("This is not AMQP 0-9-1.")
        return self._header() + self._frame()

    def _header(self) -> bytes:
        """The protocol header goes at once: the broker speaks only after it."""
        if len(self._held) < len(HEADER) or self._sent_header:
            return b""
        self._sent_header = True
        return HEADER

    _sent_header = False

    def _frame(self) -> bytes:
        start = len(HEADER)
        if len(self._held) < start + _FRAME.size:
            return b""
        kind, channel, size = _FRAME.unpack_from(self._held, start)
        end = start + _FRAME.size + size + 1
        if size > MAX_LOGIN:
            raise NotAmqp("The first frame is too large.")
        if len(self._held) < end:
            return b""
        payload, rest = bytes(self._held[start + _FRAME.size : end - 1]), bytes(self._held[end:])
        if kind != 1 or channel != 0 or self._held[end - 1 : end] != FRAME_END:
            raise NotAmqp("The first frame is no Connection.Start-Ok.")
        payload = with_credentials(payload, self._broker)
        self.done = True
        self._held.clear()
        return _FRAME.pack(1, 0, len(payload)) + payload + FRAME_END + rest


def with_credentials(payload: bytes, broker: Broker) -> bytes:
    """A ``Start-Ok`` whose mechanism is PLAIN and whose response is the broker's user and password. Raises NotAmqp."""
    try:
        if _METHOD.unpack_from(payload) != START_OK:
            raise NotAmqp("The first frame is no Connection.Start-Ok.")
        position = _METHOD.size
        table = 4 + struct.unpack_from(">I", payload, position)[0]
        properties = payload[position : position + table]
        position += table
        position += 1 + payload[position]  # mechanism
        position += 4 + struct.unpack_from(">I", payload, position)[0]  # response
        locale = payload[position : position + 1 + payload[position]]
    except (struct.error, IndexError) as error:
        raise NotAmqp("The first frame is cut off.") from error
    response = b"\0" + broker.user.encode() + b"\0" + broker.password.encode()
    return _METHOD.pack(*START_OK) + properties + b"\x05PLAIN" + struct.pack(">I", len(response)) + response + locale


async def relay(frames: Frames, broker: Broker) -> None:
    """Carry bytes until one side ends. What is slow on one side is not read on the other."""
    shown = broker.shown
    try:
        async with asyncio.timeout(CONNECT_WITHIN):
            context = ssl.create_default_context() if shown.tls else None
            reader, writer = await asyncio.open_connection(shown.host, shown.port, ssl=context)
    except (OSError, TimeoutError) as error:
        why = getattr(error, "strerror", None) or "no answer"
        await frames.close(NO_BROKER, f"The broker at {shown.host[:60]}:{shown.port} cannot be reached: {why}"[:120])
        return
    up = asyncio.create_task(_up(frames, writer, Login(broker)))
    down = asyncio.create_task(_down(frames, reader))
    try:
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        if _gone(down) == "page gone":
            # it may have acknowledged something just before it went: without that the broker gives the same to another page
            await asyncio.wait((up,), timeout=LAST_WORDS_WITHIN)
        if up.done() and up.exception() is None and _gone(down) != "broker gone":
            await _stop(down)
            await _part(reader, writer)
        if up.done() and isinstance(up.exception(), NotAmqp):
            await frames.close(NOT_AMQP, str(up.exception()))
        elif down.done():
            await frames.close(1000, "The broker has closed the connection.")
    finally:
        for task in (up, down):
            await _stop(task)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _gone(down: asyncio.Task[Side]) -> Side | None:
    """Which side has gone, as far as what carries bytes down has found out."""
    return down.result() if down.done() and down.exception() is None else None


async def _stop(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, OSError, NotAmqp):
        await task


async def _part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Leave the broker in a way that it hears: a connection that is closed while deliveries lie unread in it is reset, and a reset may
    overtake the page's last acknowledgement (RFC 9293 section 3.10.4, RFC 2525 section 2.17)."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(LAST_WORDS_WITHIN):
            writer.write(GOODBYE)
            await writer.drain()
            last = b""
            while GOODBYE_OK not in last and (data := await reader.read(CHUNK)):
                last = last[1 - len(GOODBYE_OK) :] + data


async def _next(frames: Frames, login: Login) -> str | bytes | None:
    """The next frame; until the page has logged in, only for a while."""
    if login.done:
        return await frames.receive()
    try:
        async with asyncio.timeout(LOGIN_WITHIN):
            return await frames.receive()
    except TimeoutError:
        raise NotAmqp("The page did not log in within the time limit.") from None


async def _up(frames: Frames, writer: asyncio.StreamWriter, login: Login) -> None:
    while (frame := await _next(frames, login)) is not None:
        if isinstance(frame, str):
            raise NotAmqp("AMQP is sent in binary frames.")
        writer.write(login.feed(frame))
        await writer.drain()


async def _down(frames: Frames, reader: asyncio.StreamReader) -> Side:
    """Until one side has gone: which."""
    while data := await reader.read(CHUNK):
        try:
            await frames.send(data)
        except ConnectionError:
            return "page gone"
    return "broker gone"


def amqp_route(broker: Broker | None, connections: Connections) -> WebsocketRouteHandler:
    """The relay's WebSocket. Without a broker it closes at once, with a sentence."""

    @websocket(AMQP_PATH, opt=rule(Access.TOKEN))
    async def amqp(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept(subprotocols="binary" if "binary" in socket.scope["subprotocols"] else None)
        frames = Frames(socket)
        if broker is None:
            await frames.close(NO_BROKER, "This server has no broker: set RABBITMQ_URL and restart it.")
            connections.end(client_of(socket))
            return
        try:
            await relay(frames, broker)
        finally:
            await frames.close(1000, "")
            connections.end(client_of(socket))

    return amqp
