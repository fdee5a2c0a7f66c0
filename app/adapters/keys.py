"""The Keys port: sealed by WebCrypto in the browser's database, under a passphrase there, or in this tab's memory only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from pyodide.ffi import JsException, create_proxy

from app.adapters.script import js_store
from app.adapters.store import BrowserStore
from app.core.json import jsonread
from app.ports import Guard, KeysLocked, StorageLost

_js_keys: Any = js_store.keys


class BrowserKeys:
    """API keys by profile id. Where keys cannot be sealed (a page that is not a secure context) ``remember`` changes nothing: the key lives
    in memory until the tab closes, and :meth:`remembered` says False. On ``file://`` every local page shares one database and could have a
    key unsealed: there the page offers memory, and remembers only for a person who chose it.

    Raises StorageLost when the browser refuses; its message never holds a key.
    """

    def __init__(self, store: BrowserStore) -> None:
        self._vault = store.vault
        self._guard = js_store.guard.guardOf(store.vault)
        self._unsealed: dict[str, str] = {}

    async def get(self, profile: str) -> str | None:
        if profile in self._unsealed:
            return self._unsealed[profile]
        if not _js_keys.available():
            return None
        found: str | None = await self._ask("get", profile)
        if found is None:
            found = await self._asked(self._guard.get, profile)
        return found

    async def mark(self, profile: str) -> str:
        return str(await self._ask("mark", profile)) if _js_keys.available() else ""

    async def put(self, profile: str, key: str, *, remember: bool, over: str | None = None) -> bool:
        """Keep the key instead of any earlier one, in either place."""
        if remember and _js_keys.available():
            guard = await self.guard()
            if guard == "locked":
                raise KeysLocked
            put = self._asked(self._guard.put, profile, key, over) if guard == "open" else self._ask("put", profile, key, over)
            if not await put:
                return False
            self._unsealed.pop(profile, None)
        else:
            if not await self._forget_sealed(profile, over):
                return False
            self._unsealed[profile] = key
        return True

    async def remove(self, profile: str, over: str | None = None) -> bool:
        if not await self._forget_sealed(profile, over):
            return False
        self._unsealed.pop(profile, None)
        return True

    async def remembered(self, profile: str) -> bool:
        """Whether the key outlives this tab."""
        return profile not in self._unsealed and _js_keys.available() and await self._ask("has", profile)

    async def unopened(self) -> list[str]:
        found = jsonread.typed(str(await self._ask("unopened")), list[str]) if _js_keys.available() else []
        return [one for one in found if one not in self._unsealed]

    async def guard(self) -> Guard:
        return cast("Guard", str(await self._asked(self._guard.state))) if _js_keys.available() else "none"

    async def locked(self) -> list[str]:
        found = jsonread.typed(str(await self._asked(self._guard.locked)), list[str]) if _js_keys.available() else []
        return [one for one in found if one not in self._unsealed]

    async def set_guard(self, passphrase: str) -> bool:
        if not _js_keys.available():
            raise StorageLost("The browser encrypts on pages served over https only. No passphrase was set.")
        return bool(await self._asked(self._guard.set, passphrase))

    async def drop_guard(self) -> bool:
        return bool(await self._asked(self._guard.drop))

    async def forget_guard(self) -> None:
        await self._asked(self._guard.forget)

    async def unlock(self, passphrase: str) -> bool:
        return _js_keys.available() and bool(await self._asked(self._guard.unlock, passphrase))

    def lock(self) -> None:
        self._guard.lock()

    def watch(self, heard: Callable[[Literal["guard", "stir"]], None]) -> None:
        if _js_keys.available():
            self._guard.share(create_proxy(heard))  # for the page's life

    def stir(self) -> None:
        self._guard.stir()

    async def seal(self, passphrase: str, text: str) -> str:
        """The text under a passphrase (static/js/keys.mjs), as JSON text."""
        if not _js_keys.available():
            raise StorageLost("The browser encrypts on pages served over https only. The keys were not exported.")
        try:
            return str(await _js_keys.seal(passphrase, text))
        except JsException as error:
            raise StorageLost(error.message) from None

    async def unseal(self, passphrase: str, sealed: str) -> str | None:
        """The text that was sealed; None when the passphrase is another one or the seal is damaged."""
        if not _js_keys.available():
            raise StorageLost("The browser decrypts on pages served over https only. The keys were not imported.")
        try:
            found = await _js_keys.unseal(passphrase, sealed)
        except JsException as error:
            raise StorageLost(error.message) from None
        return None if found is None else str(found)

    async def _forget_sealed(self, profile: str, over: str | None) -> bool:
        return not _js_keys.available() or bool(await self._ask("remove", profile, over))

    async def _ask(self, what: str, *arguments: str | None) -> Any:
        return await self._asked(getattr(_js_keys, what), self._vault, *arguments)

    async def _asked(self, function: Any, *arguments: Any) -> Any:
        try:
            return await function(*arguments)
        except JsException as error:
            raise StorageLost(error.message) from None
