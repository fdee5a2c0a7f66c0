"""From a table to requests in the queue: the words and figures that stand on the way, by mouse, by keyboard and on a phone."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from tests.e2e.test_narrow import OUTSIDE, WIDTHS
from tests.kit.journey import Journey

CSV = b"sku,review,heat\nA1,Red shoes that fit,0\nA2,write to ann@example.org,hot\nA3,Too long,1\nA4,\xc3\x9cberraschend gut,0.5\n"


def shot(desk: Journey, name: str) -> None:
    """A picture for whoever looks at them; where NIGHTSHIFT_SHOTS names a folder."""
    if folder := os.environ.get("NIGHTSHIFT_SHOTS"):
        desk.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_a_table_becomes_queued_requests(desk: Journey) -> None:
    """A CSV, a prompt with three placeholders, what stands against rows and its price, one press that mends, the file of a batch, the
    queue. Tokens are counted by the page's own tokenizer."""
    page = desk.page
    desk.go("Settings")
    desk.provider("OpenAI").get_by_role("button", name="Set as default").click()
    desk.go("Data")
    page.locator("#table-file").set_input_files({"name": "shop.csv", "mimeType": "text/csv", "buffer": CSV})
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="shop").wait_for()
    page.get_by_role("link", name="Prompt", exact=True).click()
    page.get_by_label("Text of message 1").fill("Rate {{review}}")
    page.get_by_label("Model", exact=True).fill("gpt-4o-mini")
    page.get_by_label("Temperature").fill("{{heat}}")
    page.get_by_label("custom_id").fill("{{sku}}")
    page.get_by_role("link", name="Check and price").click()

    page.get_by_role("button", name="Check 4 rows").click()
    page.get_by_text("4 rows checked · 3 requests can be sent").wait_for()
    page.get_by_text("1 row left out").wait_for()
    page.get_by_text("Temperature takes a number, not “hot”.").wait_for()
    page.get_by_text("review seems to hold an e-mail address in 1 row.").wait_for()
    # «Rate Red shoes that fit»: 5 tokens, «Rate Too long»: 3, «Rate Überraschend gut»: 5 (tiktoken); 7 around each message
    page.get_by_text("gpt-4o-mini: tokens counted in every request.").wait_for()
    line = page.get_by_role("region", name="Price").get_by_role("row", name=re.compile("gpt-4o-mini"))
    tokens = int(line.get_by_role("cell").nth(2).inner_text())
    assert 3 * 7 + 9 <= tokens <= 3 * 7 + 18
    page.get_by_label("Tokens per answer").fill("1000000")
    line.get_by_role("cell", name="$0.9000", exact=True).first.wait_for()  # 3 million tokens at 0.30 dollars in a batch
    line.get_by_role("cell", name="$1.80", exact=True).wait_for()  # and at 0.60 at once
    page.get_by_label("Tokens per answer").fill("")
    page.get_by_role("button", name="Show rows").first.press("Enter")
    page.get_by_text("Row 3", exact=True).wait_for()
    shot(desk, "plan-wide")

    batches = page.get_by_role("region", name="Batches")
    page.get_by_label("Requests per batch").fill("2")
    page.keyboard.press("Tab")
    batches.get_by_text("All can be sent at once: together they fit into the capacity.").wait_for()
    assert batches.get_by_role("row").count() == 1 + 2
    shot(desk, "plan-limits")
    page.get_by_label("Requests per batch").fill("")
    page.keyboard.press("Tab")
    batches.get_by_text("All can be sent at once").wait_for(state="detached")
    assert batches.get_by_role("row").count() == 1 + 1

    with page.expect_download() as download:
        desk.press("Download the file of batch 1 of gpt-4o-mini")
    lines = [json.loads(one) for one in Path(download.value.path()).read_bytes().splitlines()]
    assert download.value.suggested_filename == "gpt-4o-mini-1.jsonl"
    assert [one["custom_id"] for one in lines] == ["A1", "A3", "A4"]
    assert [one["body"]["temperature"] for one in lines] == [0, 1, 0.5]

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 780})
        desk.drawn()
        assert desk.measure("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert desk.measure(OUTSIDE) == []
    shot(desk, "plan-narrow")
    page.set_viewport_size({"width": 1280, "height": 720})

    page.get_by_role("button", name="Add 3 requests to queue").press("Enter")
    page.get_by_text("Added 3 requests to the queue.").wait_for()
    page.get_by_text("1 row at fault was left out.").wait_for()
    page.get_by_role("button", name="Add 3 requests again").wait_for()
    shot(desk, "plan-added")
    page.get_by_role("link", name="Open the queue").first.click()
    page.get_by_text("Rate Red shoes that fit").wait_for()
    page.get_by_text("Rate Überraschend gut").wait_for()
    shot(desk, "plan-queue")
    desk.empty_queue()
    desk.go("Settings")
    desk.main.get_by_role("region", name="Practice provider", exact=True).get_by_role("button", name="Set as default").click()


def test_rows_are_asked_in_two_ways_and_answers_are_not_paid_again(desk: Journey) -> None:
    """Two models, each twice: one plan, a line of the price for each and their sum, the file with its tags; once answered, what is there is
    found and left out by a press. What is asked of the answers, planned before they are there, goes out by itself once they are."""
    page = desk.page
    desk.go("Data")
    page.locator("#table-file").set_input_files({"name": "ways.csv", "mimeType": "text/csv", "buffer": b"sku,review\nA1,Red\nA2,Blue\n"})
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("heading", name="ways").wait_for()
    page.get_by_role("link", name="Prompt", exact=True).click()
    page.get_by_label("Text of message 1").fill("Rate {{review}}")
    page.get_by_label("Model", exact=True).fill("gpt-4o-mini")
    page.get_by_role("link", name="Check and price").click()
    page.get_by_text("Compare models, parameters or versions").click()
    page.get_by_label("Also by these models").fill("gpt-4.1")
    page.get_by_label("Times each row is asked").fill("2")
    page.get_by_text("Each of 2 rows is asked in 2 ways, 2 times each: 8 requests at most.").wait_for()
    page.get_by_role("button", name="Check 2 rows").click()
    page.get_by_text("2 rows checked · 8 requests can be sent").wait_for()
    price = page.get_by_role("region", name="Price")
    for words in ("gpt-4o-mini gpt-4o-mini 4", "gpt-4.1 gpt-4.1 4", "All 8"):
        price.get_by_role("row", name=re.compile(words)).wait_for()
    with page.expect_download() as download:
        desk.press("Download the file of batch 1 of gpt-4.1")
    ids = [json.loads(one)["custom_id"] for one in Path(download.value.path()).read_bytes().splitlines()]
    assert [one.partition("~")[2] for one in ids] == ["gpt-4.1~1", "gpt-4.1~1", "gpt-4.1~2", "gpt-4.1~2"]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 780})
        desk.drawn()
        assert desk.measure("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert desk.measure(OUTSIDE) == []
    shot(desk, "plan-ways-narrow")
    page.set_viewport_size({"width": 1280, "height": 720})
    shot(desk, "plan-ways-wide")
    page.get_by_label("Also by these models").fill("")
    page.get_by_label("Times each row is asked").fill("1")
    page.get_by_role("button", name="Check 2 rows again").click()
    page.get_by_role("button", name="Add 2 requests to queue").click()
    page.get_by_text("Added 2 requests to the queue.").wait_for()
    _step_is_planned(desk, "ways")
    desk.go("Queue")
    desk.submit_lane()
    desk.wait_for_state("completed")
    _step_went_out(desk, "ways")
    desk.go("Data")
    page.get_by_role("link", name="ways").first.click()
    page.get_by_role("link", name="Check and price").click()
    page.get_by_role("button", name=re.compile("Check 2 rows")).click()
    page.get_by_text("2 requests were answered already.").wait_for()
    page.get_by_role("button", name="Leave them out").click()
    page.get_by_text("2 requests were answered already, and are left out.").wait_for()
    page.get_by_text("2 rows checked · no requests can be sent").wait_for()
    shot(desk, "plan-answered")


def _answers_of(desk: Journey, table: str) -> None:
    """Open the answers to a table's rows."""
    desk.go("Data")
    desk.page.get_by_role("link", name=table).first.click()
    desk.main.get_by_role("link", name="Results", exact=True).click()


def _step_is_planned(desk: Journey, table: str) -> None:
    """A second batch, of what the first will answer."""
    _answers_of(desk, table)
    desk.press("Carry on")
    desk.press("Next step …")
    desk.dialog.get_by_label("Next message").fill("Translate {{Answer}}")
    desk.press("Plan this step", within=desk.dialog)
    desk.main.get_by_role("region", name="Next steps").get_by_text("then about 2 requests").wait_for()


def _step_went_out(desk: Journey, table: str) -> None:
    """Nobody pressed anything: its batch is there, and has its answers."""
    _answers_of(desk, table)
    desk.main.get_by_role("region", name="Next steps").get_by_text("2 requests submitted.").wait_for()
    desk.page.get_by_text("4 requests = 4 answered").wait_for()
