"""What is too large to be laid out is kept, sent and saved whole, and the page goes on answering."""

from __future__ import annotations

from tests.kit.journey import Journey

EMOJI = 7_000_000
"""Four bytes each: 28 MB, which stopped Chromium for good when they were laid out."""
MARKUP = 5_000_000
"""Characters; drawn whole, the text alone would be more."""


def test_megabytes_of_emoji_stop_nothing(desk: Journey) -> None:
    """Pasted as a prompt, queued, sent, answered and opened: the first part is seen, all of it is saved, other fields still take typing."""
    page = desk.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.write("begins ")
    desk.text(0).press("End")
    page.evaluate("(count) => navigator.clipboard.writeText('😀'.repeat(count))", EMOJI)
    desk.text(0).press("Control+v")
    page.get_by_text("too large to be edited here (28 MB)").wait_for()
    desk.name().fill("A large one")
    desk.saved()
    assert len(page.locator("#app").inner_html()) < MARKUP
    desk.enqueue()
    desk.waiting(1)
    desk.submit_lane()
    desk.wait_for_state("completed")
    desk.main.get_by_text("(a request of 28 MB: open it to see its beginning)").wait_for()
    desk.open_answer(0)
    desk.dialog.get_by_text("200,000 of 7,000,007 characters are shown here", exact=False).first.wait_for()
    assert len(page.locator("#app").inner_html()) < MARKUP
    with page.expect_download() as download:
        desk.dialog.get_by_role("button", name="Save all of it as a file").first.click()
    assert download.value.path().stat().st_size == 7 + 4 * EMOJI
    page.keyboard.press("Escape")
    desk.dialog.wait_for(state="detached")
    desk.go("Compose")
    desk.press("Remove it from this field")
    desk.text(0).fill("short again")
    desk.saved()
    page.evaluate("() => navigator.clipboard.writeText('x'.repeat(50_000))")
    desk.option("model").press("Control+v")
    desk.toasts.get_by_text("takes one line, not 50,000 characters", exact=False).wait_for()
    assert "xxx" not in desk.option("model").input_value()
