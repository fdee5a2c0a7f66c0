"""A page for contract tests: Python test modules run inside the browser, beside the program's own modules."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.kit.browser import Watch, wait_ready
from tests.kit.furnish import ADDRESS, build, furnish

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TEST_FILES = (
    *("tests/kit/cases.py", "tests/kit/tables.py", "tests/kit/workbooks.py"),
    *("tests/contract/*_cases.py", "tests/**/*_supplies.py", "tests/fakes/*.py"),
)
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

    def compiled(self, source: str, path: str) -> bytes:
        """A module's code, by the page's own Python. ``path`` is what tracebacks name. Raises Playwright's error for what is no Python."""
        return base64.b64decode(self.page.evaluate("([source, path]) => globalThis.compiled(source, path)", [source, path]))


def opened(chromium: Browser, site: str) -> Room:
    """A booted room on a site; its context stays open."""
    context = chromium.new_context(base_url=f"{site}/")
    watch = Watch({urlsplit(site).netloc})
    watch.attach(context)
    furnish(context, "tests/kit/room_main.py", TEST_FILES, program=build())
    page = context.new_page()
    page.goto(ADDRESS)
    wait_ready(page)
    return Room(page, watch)


@pytest.fixture(scope="session")
def rooms(chromium: Browser) -> Iterator[Callable[[str], Room]]:
    """The room of each site: it is booted when it is first asked for, and serves every module of tests after that."""
    found: dict[str, Room] = {}
    with ExitStack() as stack:

        def room(site: str) -> Room:
            if site not in found:
                found[site] = opened(chromium, site)
                stack.callback(found[site].page.context.close)
            return found[site]

        yield room


@pytest.fixture(scope="module")
def room(rooms: Callable[[str], Room], site: str) -> Iterator[Room]:
    """The site's room. The module's supplies see to a fresh state for each case; what its tests expect of the watch ends with it."""
    room = rooms(site)
    yield room
    room.page.evaluate("0")  # what the page has said by now has come
    unexpected = room.watch.unexpected()
    room.watch.forget()
    assert not unexpected, "\n".join(unexpected)
