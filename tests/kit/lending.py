"""A browser profile that many tests use one after the other, without any data each time that it is lent.

A start in a profile of its own costs five seconds of a processor, of which the program has one: the rest compiles Python's WebAssembly, and
fetches and keeps the build. A tab that has run the page before has all that already. So tests that are about data, and not about the first
visit, are lent such a tab: emptied of everything that a page can store, and proved to be empty, with the page's files still in the browser.
Those that need a cold browser, or change what cannot be undone (scripts that run before the page's), say so: ``@pytest.mark.cold``.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import urljoin, urlsplit

import pytest

from app.gateway.http.site import MARK

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

    from tests.kit.setting import Setting

DATA: Final = "cookies,file_systems,indexeddb,local_storage,websql"
"""What a page stores, in the words of Chromium's protocol; not the page's own files, which its service worker keeps."""
EVERYTHING: Final = f"{DATA},service_workers,cache_storage"
_FOUND: Final = """async () => {
  sessionStorage.clear();  // the tab's own, which Chromium's protocol does not clear
  const folders = [];
  try {
    for await (const name of (await navigator.storage.getDirectory()).keys()) folders.push(name);
  } catch (error) {
    if (error.name !== 'SecurityError') throw error;  // a file has no such folder
  }
  let cookies = '';
  try {
    cookies = document.cookie;
  } catch (error) {
    if (error.name !== 'SecurityError') throw error;
  }
  const databases = (await indexedDB.databases()).map((one) => one.name);
  return [...databases, ...Object.keys(localStorage), ...folders, cookies].filter(Boolean);
}"""
LASTING: Final = ("add_init_script", "expose_binding", "expose_function")
"""What cannot be taken back from a tab or a context."""


def _refuse(*given: object, **named: object) -> NoReturn:
    raise AssertionError("This tab is lent to other tests later, and this can't be taken back: mark the test cold.")


class Profile:
    """A profile of a setting's browser, and its first tab."""

    def __init__(self, setting: Setting, step_milliseconds: float) -> None:
        self._setting = setting
        self._step = step_milliseconds
        self._context: BrowserContext | None = None
        self._lent = False
        self._guard = pytest.MonkeyPatch()

    def lend(self) -> Page:
        """The first tab of the profile, which holds no data, with no other tab beside it. Where the browser can't be told to forget
        (Firefox), it is a new profile each time.

        Raises:
            AssertionError: Something of an earlier test is left, or it is lent already.
        """
        assert not self._lent, "two at once would have the same data"
        self._lent = True
        if self._context is None:
            self._context = self._setting.context()
            self._context.set_default_timeout(self._step)
            page = self._context.new_page()
            if self._setting.name != "firefox":
                for owner in (page, self._context):
                    for name in LASTING:
                        self._guard.setattr(owner, name, _refuse)
            return page
        (page,) = self._context.pages
        blank = urljoin(self._setting.address, "." if self._setting.name == "file" else "worker.js")
        page.goto(blank)  # of the page's origin, without the program; from here a start stays in the same process
        mark = {MARK.partition(";")[0]} if self._setting.name == "served" else set()  # the server sets it with this very answer
        left = set(page.evaluate(_FOUND)) - mark
        if left:
            self.drop()
        assert not left, f"an earlier test has left {sorted(left)}"
        return page

    def take_back(self, hosts: set[str]) -> None:
        """Make the profile what it was before it was lent: data, other tabs, permissions, routes and the window's size.

        Args:
            hosts: What the test's pages could reach (:attr:`tests.kit.browser.Watch.hosts`). Of those that are not the setting's own,
                everything is forgotten: another server may have the same port later.
        """
        if self._context is None or self._setting.name == "firefox":
            return self.drop()
        try:
            self._clear(self._context, hosts)
        except BaseException:
            self.drop()
            raise
        self._lent = False

    def _clear(self, context: BrowserContext, hosts: set[str]) -> None:
        from playwright.sync_api import Error

        first, *others = context.pages or [context.new_page()]
        for page in (first, *others):
            with suppress(Error):  # it is gone, or was closed by the test
                page.evaluate("() => { document.documentElement.dataset.nightshift = 'left'; }")  # it keeps no view when it goes
        for page in others:
            page.close()
        first.goto("about:blank")
        first.unroute_all()
        context.unroute_all()
        context.clear_permissions()
        context.set_offline(False)
        context.set_extra_http_headers({})
        first.emulate_media(color_scheme="light")
        first.set_viewport_size({"width": 1280, "height": 720})  # as Playwright makes it
        protocol = context.new_cdp_session(first)
        for origin, what in self._origins(hosts):
            protocol.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": what})
        protocol.detach()

    def _origins(self, hosts: set[str]) -> list[tuple[str, str]]:
        own = urlsplit(self._setting.address)
        others = [f"http://{host}" for host in hosts if host != own.netloc and "://" not in host]
        return [("file://" if own.scheme == "file" else f"http://{own.netloc}", DATA), *((one, EVERYTHING) for one in others)]

    def drop(self) -> None:
        """Give the profile up: the next one that is lent is new and cold."""
        self._lent = False
        self._guard.undo()
        if self._context is not None:
            self._context.close()
            self._context = None
