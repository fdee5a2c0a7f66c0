"""The table of answers in a browser: its index is kept in a worker between the questions."""

from __future__ import annotations

import re

from tests.kit.journey import Journey


def test_answers_are_sorted_filtered_searched_and_read(desk: Journey) -> None:
    """From a batch into the table: a search marks what it finds, a value is let through, and a request opens by the keys, at an address."""
    page = desk.page
    desk.practise()
    for word in ("apple", "banana", "cherry"):
        desk.write(f"Say {word}")
        desk.enqueue()
    desk.go("Queue")
    batch = desk.submit_lane()
    desk.wait_for_state("done")
    page.get_by_role("link", name="Open in Results").click()
    rows = page.locator(".result-line[id]")
    page.get_by_text("3 rows", exact=True).wait_for()
    rows.nth(2).get_by_text("Say cherry").first.wait_for()
    page.get_by_label("Search prompts and answers").fill("BANANA")
    page.locator("mark", has_text="banana").first.wait_for()
    page.get_by_text("1 of 3 rows").wait_for()
    page.get_by_role("button", name="Clear all").click()
    page.get_by_text("3 rows", exact=True).wait_for()
    page.get_by_role("button", name="Values of Outcome").click()
    page.locator(".value", has_text="answered").click()
    page.wait_for_url(re.compile(r"f=outcome\.in\.%3Danswered|f=outcome\.in\.=answered"))
    page.locator("#window-results").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.activeElement.matches('.result-line[id] button')")
    page.keyboard.press("Enter")
    page.locator(".peek").get_by_text("Say apple").first.wait_for()
    assert f"/at/{batch}/0" in page.url
    page.keyboard.press("Alt+ArrowDown")
    page.locator(".peek").get_by_text("Say banana").first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".peek").wait_for(state="detached")
