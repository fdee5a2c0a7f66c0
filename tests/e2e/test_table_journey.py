"""A public table from its file to answers in one go, as three people do it: with a mouse, with keys alone, and on a phone. Each prints its
seconds and has to be done in ninety."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import pytest

from tests.e2e.test_public_tables import SMALL
from tests.kit.browser import choose_files
from tests.kit.journey import Journey
from tests.kit.waiting import alone

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

pytestmark = pytest.mark.cold  # in a tab that is lent, Chromium does not open the window for files at a key
TABLE: Final = SMALL["csv of many scripts"]
MOST_SECONDS: Final = 90
STEPS: Final = 600
"""Presses of Tab after which something counts as out of reach: every control of a page, twice."""


class Hand(Protocol):
    """How a person works the page."""

    def press(self, what: Locator) -> None:
        """A link or a button."""
        ...

    def choose(self, picker: Locator, file: Path) -> None:
        """A file, from the system's own window."""
        ...

    def write(self, field: Locator, text: str) -> None:
        """A text into a field that is empty."""
        ...


class Mouse:
    """A pointer, and keys for texts only."""

    def __init__(self, desk: Journey) -> None:
        self._page = desk.page

    def press(self, what: Locator) -> None:
        what.click()

    def choose(self, picker: Locator, file: Path) -> None:
        choose_files(self._page, self._page.locator("label.btn", has=picker).click, file)

    def write(self, field: Locator, text: str) -> None:
        field.click()
        self._page.keyboard.type(text)


class Keys:
    """Nothing but keys: Tab from one control to the next, Enter, letters."""

    def __init__(self, desk: Journey) -> None:
        self._page = desk.page

    def _reach(self, what: Locator) -> None:
        what.wait_for(state="attached")
        for _ in range(STEPS):
            if what.evaluate("one => one === document.activeElement"):
                return
            self._page.keyboard.press("Tab")
        raise AssertionError(f"{STEPS} presses of Tab did not reach {what}")

    def press(self, what: Locator) -> None:
        self._reach(what)
        self._page.keyboard.press("Enter")

    def choose(self, picker: Locator, file: Path) -> None:
        self._reach(picker)
        choose_files(self._page, lambda: self._page.keyboard.press("Enter"), file)

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        self._page.keyboard.type(text)


WAYS: Final[dict[str, tuple[Callable[[Journey], Hand], int]]] = {"mouse": (Mouse, 1280), "keyboard": (Keys, 1280), "390 px": (Mouse, 390)}


@pytest.mark.parametrize("way", WAYS)
def test_a_table_becomes_answers_in_ninety_seconds(desk: Journey, way: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Table, prompt, check, price, three rows tried, everything submitted, an answer read: by this way alone, and nothing is wider than the
    screen."""
    kind, width = WAYS[way]
    page, hand = desk.page, kind(desk)
    page.set_viewport_size({"width": width, "height": 800})
    desk.drawn()
    began = time.perf_counter()
    steps = page.get_by_role("navigation", name="Steps")

    def room(name: str) -> None:
        hand.press(page.locator("nav.rail > a", has_text=name))
        page.locator(f'nav.rail > a[aria-current="page"]:has-text("{name}")').wait_for()

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    room("Data")
    hand.choose(page.locator("#table-file"), TABLE.path)
    hand.press(page.get_by_role("button", name="Import", exact=True))
    page.locator(".view > header").get_by_text(
        f"{TABLE.rows:,} rows · {TABLE.columns} columns"
    ).wait_for()  # the list says so of earlier ones
    fits()
    hand.press(steps.get_by_role("link", name="Prompt", exact=True))
    hand.write(page.get_by_label("Text of message 1"), "Where is {{name.common}}?")
    hand.write(page.get_by_label("Model", exact=True), "gpt-4o-mini")
    page.get_by_role("group", name="Messages of this row").get_by_text("Where is Aruba?", exact=True).wait_for()
    fits()

    hand.press(steps.get_by_role("link", name="Check and price"))
    hand.press(page.get_by_role("button", name=f"Check {TABLE.rows:,} rows"))
    page.get_by_text(f"{TABLE.rows:,} rows checked · {TABLE.rows:,} requests can be sent").wait_for()
    line = page.get_by_role("region", name="Price").get_by_role("row", name=re.compile("gpt-4o-mini"))
    assert "$" in line.inner_text()
    fits()

    hand.press(steps.get_by_role("link", name="Prompt", exact=True))
    hand.press(page.locator("#try-press:enabled"))
    page.locator(".try[data-try=answered]").nth(2).wait_for()
    fits()

    hand.press(steps.get_by_role("link", name="Check and price"))
    hand.press(page.get_by_role("button", name=f"Add {TABLE.rows:,} requests to queue"))
    page.get_by_text(f"Added {TABLE.rows:,} requests to the queue.").wait_for()
    room("Queue")
    hand.press(page.locator("section.lane > header").get_by_role("button", name=f"Submit {TABLE.rows:,}", exact=True))
    desk.batch_id()
    desk.wait_for_state("completed")
    desk.main.get_by_role("button", name=f"Answered {TABLE.rows:,}").wait_for()
    fits()
    hand.press(page.locator("#answer-0 button.cell").first)
    desk.dialog.locator(".turn.assistant").wait_for()
    took = time.perf_counter() - began
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": 720})
    with capsys.disabled():
        print(f"\nfrom a table of {TABLE.rows} rows to answers, by {way}: {took:.1f} s")
    assert alone(took) < MOST_SECONDS
