"""The Mailbox port over static/js/mailbox.mjs: the WebSocket to the server that the page came from."""

from __future__ import annotations

from typing import Any

from pyodide.ffi import JsException, to_js

from app.adapters.script import js_nightshift
from app.core.programs.protocol import PATH


class BrowserLine:
    """One connection."""

    def __init__(self, js_line: Any) -> None:
        self._js = js_line

    async def receive(self) -> str | None:
        while (frame := await self._js.receive()) is not None:
            if isinstance(frame, str):
                return frame
        return None

    def send(self, frame: str | bytes) -> None:
        if not self._js.give(frame if isinstance(frame, str) else to_js(frame)):
            raise ConnectionResetError("the line to the server is closed")

    def close(self) -> None:
        self._js.close()


class BrowserMailbox:
    """There is one where the local server sent the page. Its module is fetched with the first connection."""

    @property
    def offered(self) -> bool:
        return bool(js_nightshift.served())

    async def connect(self) -> BrowserLine:
        try:
            js_line = (await js_nightshift.mailbox()).connect(PATH)
            await js_line.opened
        except JsException as error:
            raise ConnectionRefusedError(error.message) from None
        return BrowserLine(js_line)
