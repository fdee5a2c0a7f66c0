"""The page's own policy never has to refuse anything of the page's: no view asks for what it forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.journey import AT_ONCE, Journey
from tests.kit.setting import ELSEWHERE

if TYPE_CHECKING:
    from playwright.sync_api import Page

LISTEN = """
  globalThis.refused = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
    globalThis.refused.push(`${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber}`));
"""
PASTED = '[{"role": "user", "content": [{"type": "text", "text": "<b>Look</b>"}, {"type": "image_url", "image_url": {"url": "%s"}}]}]'
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.cold
@pytest.mark.also(*ELSEWHERE)
def test_no_view_breaks_the_policy(page: Page, address: str) -> None:
    """Every view and most dialogs are opened, with images and data: the browser refuses nothing."""
    page.add_init_script(LISTEN)
    tab = Journey(page, address).open()
    tab.practise(AT_ONCE)
    tab.new_thread()
    tab.paste(PASTED % PNG)
    tab.dialog.wait_for(state="detached")
    tab.option("model").fill("gpt-4o-mini")
    tab.saved()
    tab.press("Raw JSON")
    tab.page.locator("#raw").wait_for()
    tab.press("Conversation")
    tab.message(0).get_by_role("button", name="Add an image").click()
    tab.dialog.wait_for()
    tab.page.keyboard.press("Escape")
    tab.dialog.wait_for(state="detached")
    tab.enqueue()
    tab.go("Prompts")
    tab.go("Queue")
    tab.rows.first.get_by_role("button", name="Edit").last.click()
    tab.dialog.locator("#request-text").wait_for()
    tab.page.keyboard.press("Escape")
    tab.dialog.wait_for(state="detached")
    tab.submit_lane()
    tab.wait_for_state("completed")
    tab.open_answer(0)
    tab.page.keyboard.press("Escape")
    tab.dialog.wait_for(state="detached")
    tab.go("Batches")
    tab.go("Settings")
    tab.press("+ Add a provider")
    tab.dialog.wait_for()
    tab.page.keyboard.press("Escape")
    tab.dialog.wait_for(state="detached")
    assert tab.page.evaluate("globalThis.refused") == []
