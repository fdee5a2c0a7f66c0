"""A WebSocket of the framework as what ``pages`` and ``amqp`` speak through, and the route of the page's."""

from __future__ import annotations

from typing import Any

from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketException
from litestar.handlers import WebsocketRouteHandler

from app.core.programs.protocol import PATH
from app.gateway.http.connections import Connections
from app.gateway.http.routing import Access, rule
from app.gateway.mailbox.pages import Pages


class Frames:
    """A WebSocket that has been accepted."""

    def __init__(self, socket: WebSocket[Any, Any, Any]) -> None:
        self._socket = socket
        self._closed = False

    async def receive(self) -> str | bytes | None:
        """The next frame; None when the other side has closed."""
        if self._closed:
            return None
        event = await self._socket.receive()
        if event["type"] != "websocket.receive":
            self._closed = True
            return None
        text = event.get("text")
        return text if text is not None else event.get("bytes") or b""

    async def send(self, frame: str | bytes) -> None:
        """Send a frame; waits while the other side does not read. ConnectionError when it is gone."""
        if self._closed:
            raise ConnectionResetError("the WebSocket is closed")
        try:
            if isinstance(frame, str):
                await self._socket.send_text(frame)
            else:
                await self._socket.send_bytes(frame)
        except (WebSocketException, RuntimeError, OSError) as error:  # uvicorn's ClientDisconnected is an OSError
            raise ConnectionResetError("the WebSocket is closed") from error

    async def close(self, code: int, reason: str) -> None:
        """Close it, once; gone already is fine."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._socket.close(code, reason)
        except (WebSocketException, RuntimeError, OSError):
            return


def client_of(socket: WebSocket[Any, Any, Any]) -> tuple[str, int] | None:
    """The address of the other side."""
    client = socket.scope["client"]
    return (client[0], client[1]) if client else None


def page_route(pages: Pages, connections: Connections) -> WebsocketRouteHandler:
    """The page's WebSocket."""

    @websocket(PATH, opt=rule(Access.TOKEN))
    async def page(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        frames = Frames(socket)
        try:
            await pages.serve(frames)
        except OSError:
            pass  # it went while something was sent to it
        finally:
            await frames.close(1000, "")
            connections.end(client_of(socket))

    return page
