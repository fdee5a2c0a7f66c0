"""Chromium, and a watch over everything that a page must not do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.kit import firefox
from tools import browser as tool

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Playwright, Request, WebError

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHORT_LIVED = [*FLAGS, "--js-flags=--wasm-tiering-budget=100000000"]
"""For pages that live for seconds. V8 compiles what was busy in Python's WebAssembly a second time, and better; here it must have been busy
many times as long: what is compiled in a start takes more of the processor than it gives back. Who measures takes FLAGS."""
ATTACKER = """if (self === top) globalThis.attacker = ((rules) => globalThis.trustedTypes?.createPolicy('attacker', rules) ?? rules)({
  createHTML: (text) => text, createScript: (text) => text, createScriptURL: (address) => address,
})"""
"""For ``add_init_script``: a way past the page's Trusted Types, made before its policy counts. What is tried with it meets the rest of the
policy. A frame has its page's policy from the beginning."""
START_MILLISECONDS = 60_000
EVERY_MILLISECONDS = 50
"""How often it is looked whether a start has ended. By itself Playwright looks before each frame, and has one drawn for that: a tenth of
what a start takes of the processor."""
EXPECT_MILLISECONDS = 15_000
"""As journeys wait for the next thing to appear. Playwright's own five seconds hold for ``expect`` alone and whatever a test chose."""
ABOUT_POLICY = re.compile(r"policy|refused to", re.IGNORECASE)


def place(url: str) -> str:
    """What a watch knows an address by: ``host:port``, or all of a file's address but the route."""
    parts = urlsplit(url)
    return parts.netloc or parts._replace(fragment="").geturl()


class Watch:
    """Collects what goes wrong in a browser context: errors, complaints of the policy, dialogs, requests to hosts that nobody named."""

    def __init__(self, hosts: set[str]) -> None:
        self.hosts = hosts
        """``host:port`` that pages may ask, and the addresses of files; a test adds to it what it needs."""
        self.problems: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def expect(self, pattern: str) -> None:
        """Problems that match this regular expression are part of the test."""
        self._expected.append(re.compile(pattern))

    def unexpected(self) -> list[str]:
        """What happened and was not expected."""
        return [problem for problem in self.problems if not any(pattern.search(problem) for pattern in self._expected)]

    def forget(self) -> None:
        """What happened, and what was expected, is over: another module of tests begins in the same context."""
        self.problems.clear()
        self._expected.clear()

    def attach(self, context: BrowserContext) -> None:
        """Listen to every page of the context, also to those that open later."""
        context.on("weberror", self._error)
        context.on("console", self._console)
        context.on("dialog", self._dialog)
        context.on("request", self._request)

    def detach(self, context: BrowserContext) -> None:
        """Listen no longer."""
        context.remove_listener("weberror", self._error)
        context.remove_listener("console", self._console)
        context.remove_listener("dialog", self._dialog)
        context.remove_listener("request", self._request)

    def _error(self, event: WebError) -> None:
        self.problems.append(firefox.note_of_browser(str(event.error)) or f"page error: {event.error}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" or (message.type == "warning" and ABOUT_POLICY.search(message.text)):
            self.problems.append(f"console {message.type}: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")) and place(request.url) not in self.hosts:
            self.problems.append(f"request to a host that the test does not name: {request.url}")


def chromium_launch() -> dict[str, Any]:
    """How Playwright starts Chromium."""
    return {"executable_path": tool.find(), "args": SHORT_LIVED}


def shell_launch() -> dict[str, Any]:
    """How Playwright starts Chromium's headless shell, or Chromium where there is none."""
    return {"executable_path": tool.find_shell(), "args": SHORT_LIVED}


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What starts browsers."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=EXPECT_MILLISECONDS)
    manager = sync_playwright()
    with firefox.patched_driver():
        started = manager.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One headless Chromium for the whole run."""
    browser = playwright.chromium.launch(**shell_launch())
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def whole_chromium(playwright: Playwright) -> Iterator[Browser]:
    """Chromium as people have it, for what is about the browser itself."""
    browser = playwright.chromium.launch(**chromium_launch())
    yield browser
    browser.close()


@pytest.fixture
def allow_hosts(site: str) -> set[str]:
    """The ``host:port`` that pages of this test may ask: the site; the test adds others."""
    return {urlsplit(site).netloc}


@pytest.fixture
def watch(allow_hosts: set[str]) -> Watch:
    """The watch over this test's browser context."""
    return Watch(allow_hosts)


@pytest.fixture
def context(chromium: Browser, site: str, watch: Watch) -> Iterator[BrowserContext]:
    """A fresh profile with ``site`` as base address. The test fails when the watch saw something unexpected."""
    context = chromium.new_context(base_url=f"{site}/")
    watch.attach(context)
    yield context
    context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page of a fresh profile: ``page.goto("/")`` opens the site."""
    return context.new_page()


_STATE = """(before) => {
  const state = document.documentElement?.dataset.nightshift;
  return performance.timeOrigin !== before && ['ready', 'failed'].includes(state) ? state : null;
}"""


def wait_state(page: Page, before: float = 0.0) -> str:
    """Wait until the start has ended; ``ready`` or ``failed``. ``before``: the time origin of the load that is to be gone by then."""
    found = page.wait_for_function(_STATE, arg=before, timeout=START_MILLISECONDS, polling=EVERY_MILLISECONDS)
    return str(found.json_value())


def wait_ready(page: Page, before: float = 0.0) -> None:
    """Wait until the program has drawn its first view. Fails with the page's own words when it did not start."""
    state = wait_state(page, before)
    assert state == "ready", page.locator("#boot-failure").inner_text()


def loads_again(page: Page, press: Callable[[], object]) -> None:
    """Do something after which the page loads itself again, and wait until it is ready. A browser may tell of a navigation while the load
    before it still stands there, so it is the time origin that tells them apart."""
    before = page.evaluate("performance.timeOrigin")
    press()
    wait_ready(page, before)


def choose_files(page: Page, press: Callable[[], object], *files: Path) -> None:
    """Press what opens the system's window for files, and choose there.

    Playwright asks the page to hand that window over and does not wait until the page has heard it. A busy page lets a key in before that,
    and then the window is nobody's. So the page is asked something first: it hears what it is asked in order.
    """
    with page.expect_file_chooser() as chooser:
        page.evaluate("0")
        press()
    chooser.value.set_files(files)
