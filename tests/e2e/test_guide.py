"""The guide is followed word by word: each numbered step of its first page is done by the labels that it names in bold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.kit.journey import AT_ONCE, Journey

if TYPE_CHECKING:
    from playwright.sync_api import Locator

PAGES: Final = Path(__file__).resolve().parents[2] / "docs" / "guide"
TYPED: Final = {"Model": "gpt-4o-mini", "message": "Is this review positive?"}
"""What is typed where a page says only what for."""
BOLD: Final = re.compile(r"\*\*([^*]+)\*\*")


def steps(page: str, heading: str) -> list[str]:
    """The numbered steps under a heading of a page."""
    text = (PAGES / f"{page}.md").read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^\d+\. (.+)$", text, re.MULTILINE)
    assert found, f"{page}.md has no steps under “{heading}”"
    return found


class Reader:
    """Does what a step says. Its verbs: Open, choose, Type, Look at, Wait."""

    def __init__(self, desk: Journey) -> None:
        self._desk, self._page = desk, desk.page

    def follow(self, page: str, heading: str) -> None:
        for step in steps(page, heading):
            self._do(step)

    def _do(self, step: str) -> None:
        for sentence in re.split(r"(?<=[.:;])\s+", step):
            names = BOLD.findall(sentence)
            if sentence.startswith("Open"):
                self._desk.go(names[0])
                names = names[1:]
            elif re.match(r"Type a message|Write the message", sentence):
                self._page.get_by_label("Text of message 1").or_(self._desk.text(0)).first.fill(TYPED["message"])
                continue
            elif sentence.startswith(("Type a model", "Type a **Model")):
                self._page.get_by_label("Model", exact=True).first.fill(TYPED["Model"])
                continue
            if "hoose " in sentence:
                for name in names[:1]:
                    self._button(name).click()
            else:
                for name in names:
                    self._shown(name).wait_for(state="attached")

    def _button(self, name: str) -> Locator:
        """A button of this name; a number in it is that of what is there."""
        words = re.compile("^" + re.sub(r"[\d,]+", r"[\\d,]+", re.escape(name)) + "$")
        return self._page.locator("main").get_by_role("button", name=words).first

    def _shown(self, name: str) -> Locator:
        """Something of this name: a control, a heading, a word."""
        found = self._page.get_by_label(name).or_(self._page.get_by_text(name, exact=True))
        return found.or_(self._page.get_by_role("option", name=name)).first


def test_the_first_batch_is_made_by_the_guide(desk: Journey) -> None:
    """From an empty page to an answer, then the queue, as “Your first batch” says; and Help itself says the same."""
    desk.practise(AT_ONCE)
    Reader(desk).follow("first-batch", "In practice mode")
    desk.wait_for_state("completed")
    desk.open_answer(0)
    desk.page.keyboard.press("Escape")
    desk.page.evaluate("location.hash = '#/help/first-batch/in-practice-mode'")
    heading = desk.main.get_by_role("heading", name="In practice mode")
    heading.wait_for(timeout=60_000)
    desk.page.wait_for_function("() => document.activeElement?.id === 'help-in-practice-mode'")
    desk.page.get_by_label("Search help").fill("does not accept the key")
    desk.main.get_by_role("link", name=re.compile(r"does not accept the key \(401\)")).first.click()
    desk.page.wait_for_function("() => document.activeElement?.id.startsWith('help-the-provider-does-not-accept')")
