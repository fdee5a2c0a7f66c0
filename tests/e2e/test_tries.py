"""Rows of a table are tried beside its prompt: answered at once, in the page and over a network, and there after a reload."""

from __future__ import annotations

import pytest

from tests.e2e.provider import Provider
from tests.kit.browser import Watch
from tests.kit.journey import Journey
from tests.kit.setting import ELSEWHERE

REVIEWS = b"id,review\na,Fine\nb,Much too long\nc,Again please\nd,No\n"


def prompt(desk: Journey) -> None:
    """A table that was just imported, and a prompt that can be tried."""
    page = desk.page
    desk.go("Data")
    page.locator("#table-file").set_input_files({"name": "reviews.csv", "mimeType": "text/csv", "buffer": REVIEWS})
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("link", name="Prompt", exact=True).click()
    page.get_by_label("Text of message 1").fill("Rate this: {{review}}")
    page.get_by_label("Model", exact=True).fill("gpt-4o-mini")


@pytest.mark.also(*ELSEWHERE)
def test_three_rows_are_tried(desk: Journey) -> None:
    """Without a key by the practice provider, which is said; answers stand with their rows, stay over a reload, fit a phone.
    The handle below them is dragged, and moved by keys, over the next row."""
    page = desk.page
    prompt(desk)
    page.get_by_role("button", name="Try 3 rows · free, practice").click()
    tries = page.locator(".try[data-try=answered]")
    tries.nth(2).wait_for()
    first = tries.nth(0).inner_text()
    assert all(words in first for words in ("Rate this: Fine", "simulated", "tokens in"))
    handle = page.locator("#try-further")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    further = page.get_by_role("button", name="Try 1 row · free, practice")
    page.mouse.move(box["x"] + 12, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    further.wait_for()
    page.keyboard.press("ArrowLeft")
    further.wait_for(state="detached")
    page.keyboard.press("ArrowRight")
    further.click()
    tries.nth(3).wait_for()
    assert "Rate this: No" in tries.nth(0).inner_text()
    desk.reload()
    tries.nth(2).wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    desk.drawn()
    assert page.evaluate("document.documentElement.scrollWidth <= 390")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Clear all").click()
    tries.first.wait_for(state="detached")
    page.get_by_role("button", name="Restore cleared").click()
    tries.nth(2).wait_for()


@pytest.mark.also(*ELSEWHERE)
def test_a_provider_streams_over_the_network(customer: Journey, customer_watch: Watch, provider: Provider) -> None:
    """Over HTTP with a key, through the page's policy; the price is said before, as far as it is known. A failure has its remedy, and
    only a press sends the row again."""
    page = customer.page
    prompt(customer)
    page.locator("#tries").get_by_role("button", name="1 row", exact=True).click()
    page.get_by_role("button", name="Try 1 row · price not known").click()
    page.locator(".try[data-try=answered]").first.wait_for()
    assert "[simulated]" in page.locator(".try").first.inner_text()
    provider.behave("stream_breaks_halfway")
    customer_watch.expect("ERR_")
    page.locator("#try-press").click()
    page.get_by_text("The connection to E2E was lost").wait_for()
    assert provider.report()["calls"]["answer"] == 2
    page.get_by_role("button", name="Try again").click()
    page.locator(".try[data-try=answered]").nth(1).wait_for()
    assert provider.report()["calls"]["answer"] == 3
