"""A page for contract tests: Python test modules run inside the browser, beside the program's own modules.

The room's files are answered by Playwright on the site's origin; the server and the program know nothing of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.kit.browser import Watch, wait_ready
from tools import filelist

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).resolve().parents[2]
TEST_FILES = ("tests/kit/cases.py", "tests/contract/*_cases.py", "tests/**/*_supplies.py", "tests/fakes/*.py")
"""What of the tests the room can import; pytest is not there."""


class Room:
    """A page that runs cases."""

    def __init__(self, page: Page, watch: Watch) -> None:
        self.page = page
        self.watch = watch

    def run(self, cases: str, supplies: str, name: str) -> None:
        """Run the case ``name`` of ``cases`` with ``supplies`` (dotted module names). Raises AssertionError with the page's traceback."""
        text = self.page.evaluate("(names) => globalThis.runCase(...names)", [cases, supplies, name])
        error = json.loads(text)["error"]
        assert not error, error
        assert not self.watch.unexpected(), "\n".join(self.watch.unexpected())


def _answer(site: str, route: Route) -> None:
    path = urlsplit(route.request.url).path
    if path == "/room.html":
        route.fulfill(path=ROOT / "tests/kit/room.html", content_type="text/html")
    elif path == "/room.toml":
        files = [found.relative_to(ROOT).as_posix() for pattern in TEST_FILES for found in sorted(ROOT.glob(pattern))]
        config = filelist.with_files((ROOT / "pyscript.toml").read_text(), filelist.each([*filelist.page_files(ROOT), *files]))
        route.fulfill(body=config, content_type="application/toml")
    else:
        route.fulfill(path=ROOT / path.lstrip("/"), content_type="text/x-python")


@pytest.fixture(scope="module")
def room(chromium: Browser, site: str) -> Iterator[Room]:
    """One booted room for a module of tests; the module's supplies see to a fresh state for each case."""
    context = chromium.new_context(base_url=f"{site}/")
    watch = Watch({urlsplit(site).netloc})
    watch.attach(context)
    for pattern in ("room.html", "room.toml", "tests/**"):
        context.route(f"{site}/{pattern}", lambda route: _answer(site, route))
    page = context.new_page()
    page.goto("room.html")
    wait_ready(page)
    yield Room(page, watch)
    context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())
