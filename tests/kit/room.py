"""A page for contract tests: Python test modules run inside the browser, beside the program's own modules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.kit.browser import Watch, wait_ready
from tests.kit.furnish import ADDRESS, furnish

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


@pytest.fixture(scope="module")
def room(chromium: Browser, site: str) -> Iterator[Room]:
    """One booted room for a module of tests; the module's supplies see to a fresh state for each case."""
    context = chromium.new_context(base_url=f"{site}/")
    watch = Watch({urlsplit(site).netloc})
    watch.attach(context)
    furnish(context, "tests/kit/room_main.py", TEST_FILES)
    page = context.new_page()
    page.goto(ADDRESS)
    wait_ready(page)
    yield Room(page, watch)
    context.close()
    assert not watch.unexpected(), "\n".join(watch.unexpected())
