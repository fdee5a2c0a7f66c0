"""The Folder port over static/js/folder.mjs: the File System Access API, where the browser has it."""

from __future__ import annotations

from typing import Any

import msgspec
from pyodide.ffi import JsException, to_js

from app.adapters.blobs import taken
from app.adapters.script import js_nightshift
from app.adapters.store import BrowserStore
from app.core.json import jsonread
from app.core.programs.folder import FolderEntry, FolderState
from app.ports import Chosen, FolderLost


class BrowserFolder:
    """Its module is fetched with the first call."""

    def __init__(self, store: BrowserStore) -> None:
        self._vault = store.vault

    @property
    def offered(self) -> bool:
        return bool(js_nightshift.watches())

    async def choose(self) -> Chosen | None:
        found = await self._ask("choose")
        return None if found is None else Chosen(str(found[0]), bool(found[1]))

    async def ask(self) -> bool:
        return bool(await self._ask("ask"))

    async def state(self) -> FolderState:
        if not self.offered:
            return "none"
        state: FolderState = msgspec.convert(str(await self._ask("state")), FolderState)
        return state

    async def look(self) -> list[FolderEntry]:
        return [FolderEntry(*one) for one in jsonread.typed(await self._ask("look"), list[tuple[str, int, float, str]])]

    async def read(self, name: str, start: int, stop: int) -> bytes:
        return taken(await self._ask("read", name, start, stop))

    async def write(self, name: str, at: int, data: bytes) -> int:
        return int(await self._ask("write", name, at, to_js(data)))

    async def _ask(self, what: str, *arguments: object) -> Any:
        try:
            return await getattr(await js_nightshift.folder(), what)(self._vault, *arguments)
        except JsException as error:
            raise FolderLost(error.message) from None
