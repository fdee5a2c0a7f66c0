"""Who is connected, so that a handler can close a connection in the middle of an answer: the practice provider's traps need it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from litestar import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

Address = tuple[str, int]


class Connections:
    """The open connections by the peer's address, which ASGI gives as ``scope["client"]``."""

    def __init__(self) -> None:
        self._open: dict[Address, asyncio.Transport] = {}
        self.on_stop: list[Callable[[], None]] = []
        """Called when the server begins to stop: whoever waits for something answers now."""

    def close(self, client: Address | None) -> None:
        """Close a connection after what is already written. Not open is fine."""
        transport = self._open.get(client) if client else None
        if transport is not None:
            transport.close()

    async def hang_up(self, request: Request[Any, Any, Any]) -> None:
        """Close a request's connection, and return only when it is gone: what is sent afterwards reaches nobody."""
        client = request.scope["client"]
        self.close((client[0], client[1]) if client else None)
        await gone(request, 5.0)

    def protocol(self) -> type[asyncio.Protocol]:
        """A uvicorn HTTP protocol that keeps this record."""
        opened = self._open

        class Recorded(H11Protocol):
            address: Address | None = None

            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                peer = transport.get_extra_info("peername")
                if peer:
                    self.address = (str(peer[0]), int(peer[1]))
                    opened[self.address] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                if self.address:
                    opened.pop(self.address, None)
                super().connection_lost(exc)

        return Recorded


async def gone(request: Request[Any, Any, Any], seconds: float) -> None:
    """Return when the caller has gone, or after so many seconds."""

    async def disconnected() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(disconnected(), seconds)
    except TimeoutError:
        return
