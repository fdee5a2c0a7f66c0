"""The page's own policy never has to refuse anything of the page's: no view asks for what it forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.journey import AT_ONCE, Journey
from tests.kit.setting import ELSEWHERE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.kit.browser import Watch

LISTEN = """
  globalThis.refused = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
    globalThis.refused.push(`${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber}`));
"""
UNTRUSTED = """() => [
  () => { document.createElement('div').innerHTML = '<img src=x onerror=alert(1)>' },
  () => { document.createElement('script').src = 'https://evil.example/' },
  () => trustedTypes.createPolicy('another', {}),
].map((attempt) => { try { attempt(); return 'taken' } catch (error) { return error.name } })"""
PASTED = '[{"role": "user", "content": [{"type": "text", "text": "<b>Look</b>"}, {"type": "image_url", "image_url": {"url": "%s"}}]}]'
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.cold
@pytest.mark.also(*ELSEWHERE)
def test_no_view_breaks_the_policy(page: Page, address: str, watch: Watch) -> None:
    """Every view and most dialogs are opened, with images and data: the browser refuses nothing. Afterwards it does
    refuse markup that is a plain string, and scripts from addresses that nobody trusts."""
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
    if tab.page.evaluate("'trustedTypes' in globalThis"):
        watch.expect("Trusted")
        assert tab.page.evaluate(UNTRUSTED) == ["TypeError", "TypeError", "TypeError"]
