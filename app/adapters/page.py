"""The Page port and what the loop of the views needs: drawing, events, and the rest of static/js/page.mjs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Literal

import msgspec
from pyodide.ffi import JsException, create_proxy, to_js

from app.adapters.blobs import BrowserBlob, PlaceToWrite, js_blob, sendable, taken
from app.adapters.script import js_life, js_page, js_updates
from app.core.base.locale import PLAIN, FiguresChoice, Locale
from app.core.json import jsonread
from app.core.openai.wire import Blob
from app.ports import FileDamaged, FileStrange, FileUnreadable, FileUnwritten, Notices, Setting, TabMark, Undrawable

_NOTICES: dict[str, Notices] = {"granted": "granted", "denied": "denied", "default": "default"}
_FAILURES: dict[str, type[Exception]] = {"FileUnreadable": FileUnreadable, "FileStrange": FileStrange}


class BrowserPacking:
    """A file being made; what is written stays with the browser."""

    def __init__(self, js_packing: Any) -> None:
        self._js = js_packing

    async def write(self, data: bytes) -> None:
        """Raises FileUnwritten."""
        try:
            await self._js.write(to_js(data))
        except JsException as error:
            raise _unwritten(error) from None

    async def finish(self) -> BrowserBlob:
        """Raises FileUnwritten."""
        try:
            return BrowserBlob(await self._js.finish())
        except JsException as error:
            raise _unwritten(error) from None

    def abort(self) -> None:
        self._js.abort()


def _unwritten(error: JsException) -> Exception:
    return FileUnwritten(error.message) if error.name == "FileUnwritten" else error


class BrowserPlace(PlaceToWrite):
    """The SavePlace port over a JS ``FileSystemFileHandle``."""

    def begin(self) -> BrowserPacking:
        return BrowserPacking(js_page.stream(self.js_handle))

    async def leave(self) -> None:
        await js_page.leavePlace(self.js_handle)


class BrowserPage:
    """The one page that the program runs in."""

    # --- what services need ---

    @property
    def setting(self) -> Setting:
        return "file" if js_page.setting() == "file" else "served"

    @property
    def online(self) -> bool:
        return bool(js_page.online())

    @property
    def visible(self) -> bool:
        return bool(js_page.visible())

    def allow_hosts(self, origins: Sequence[str]) -> bool:
        return bool(js_page.allowHosts(msgspec.json.encode(list(origins)).decode()))

    def save_file(self, name: str, content: Blob, type: str) -> None:
        js_page.saveFile(name, sendable(content), type)

    @property
    def asks_where(self) -> bool:
        return bool(js_page.asksWhere())

    async def choose_place(self, name: str, type: str) -> BrowserPlace | None:
        try:
            js_handle = await js_page.choosePlace(name, type)
        except JsException as error:
            raise FileUnreadable(error.message) from None
        return None if js_handle is None else BrowserPlace(js_handle)

    def copy_text(self, text: str) -> None:
        js_page.copyText(text)

    async def picture(self, drawing: str, width: int, height: int) -> BrowserBlob:
        try:
            return BrowserBlob(await js_page.picture(drawing, width, height))
        except JsException as error:
            raise Undrawable(error.message) from None

    def show_picture(self, data: bytes, type: str) -> str:
        return str(js_page.showPicture(to_js(data), type))

    def drop_picture(self, address: str) -> None:
        js_page.dropPicture(address)

    @property
    def address(self) -> str:
        """This page's address, without its part from ``#`` on."""
        return str(js_page.address())

    def copy_link(self, fragment: str) -> None:
        js_page.copyLink(fragment)

    # --- files ---

    def picked(self, token: str) -> Blob | None:
        """The file that an event named by this token (``data-read="blob"``); None when it was released."""
        found = js_page.picked(token)
        return None if found is None else BrowserBlob(found)

    def gather(self) -> BrowserPacking:
        """Begin a file that is what is written."""
        return BrowserPacking(js_page.gather())

    def pack(self) -> BrowserPacking:
        """Begin a gzip file."""
        return BrowserPacking(js_page.pack())

    async def unpack(self, blob: Blob, moved: Callable[[int, int], None]) -> AsyncIterator[bytes]:
        """A gzip file's content in pieces of 256 kB. Raises FileDamaged, FileStrange, FileUnreadable."""
        js_unpacking = js_page.unpack(js_blob(blob))
        try:
            while (piece := await js_unpacking.next()) is not None:
                moved(int(js_unpacking.done), blob.size)
                yield taken(piece)
        except JsException as error:
            raise _FAILURES.get(error.name, FileDamaged)(error.message) from None
        finally:
            js_unpacking.abort()  # means nothing at the end

    # --- what the loop needs ---

    def listen(self, handler: Callable[[str], None], failed: Callable[[BaseException], None]) -> None:
        """Hand every event to ``handler`` from now on, as JSON: ``{"action", "value", "extra"}`` or ``{"notice", "value"}``
        (static/js/events.mjs). What it raises goes to ``failed``. Call it once."""

        def handle(text: str) -> None:
            try:
                handler(text)
            except Exception as error:
                failed(error)

        js_page.listen(create_proxy(handle))  # for the page's life

    def patch(self, html: str, title: str | None = None) -> None:
        """Turn the content of ``#app`` into this markup, keeping focus, typing, scroll positions (static/js/patching.mjs)."""
        js_page.patch(html, title)

    def mark_tab(self, mark: TabMark) -> None:
        js_page.markTab(mark)

    def early(self) -> str:
        return str(js_page.early())

    @property
    def scrolled(self) -> tuple[tuple[str, float, float], ...]:
        return jsonread.typed(str(js_page.scrolled()), tuple[tuple[str, float, float], ...])

    def heir(self, id: str) -> None:
        js_page.heir(id)

    def early_kept(self) -> None:
        js_page.earlyKept()

    def theme(self, name: Literal["system", "light", "dark"]) -> None:
        js_page.theme("" if name == "system" else name)

    @property
    def locale(self) -> Locale:
        try:
            return jsonread.typed(str(js_page.locale()), Locale)
        except jsonread.Unreadable:  # what was kept of an earlier start was changed by someone
            return PLAIN

    def figures(self, choice: FiguresChoice) -> None:
        js_page.figures(choice)

    @property
    def route(self) -> str:
        """The part of the address after and with ``#``, or nothing."""
        return str(js_page.route())

    def go_to(self, route: str) -> None:
        """Change the route; the notice ``route`` follows."""
        js_page.goTo(route)

    def reload(self) -> None:
        js_page.reload()

    def forgive(self) -> None:
        js_life.forgive()

    def hold(self, text: str) -> bool:
        return bool(js_page.hold(text))

    @property
    def held(self) -> str:
        return str(js_page.held())

    @property
    def notices(self) -> Notices:
        return _NOTICES.get(str(js_page.noticesAllowed()), "missing")

    def ask_for_notices(self) -> None:
        js_page.askForNotices()

    def notify(self, title: str, body: str, tag: str, route: str) -> None:
        js_page.notify(title, body, tag, route)

    @property
    def version(self) -> str:
        return str(js_updates.version())

    def take_over(self) -> None:
        js_updates.takeOver()

    def keep(self) -> None:
        """Have the browser keep this version for use without a network; the notices ``kept`` and ``update`` tell of it
        (static/js/updates.mjs). Call it once."""
        js_updates.begin()

    def timings(self) -> tuple[tuple[str, float], ...]:
        return jsonread.typed(str(js_page.timings()), tuple[tuple[str, float], ...])

    def mark(self, name: str) -> None:
        """A performance mark, for measurements."""
        js_page.mark(name)
