"""The log and the notice at a batch's end, in the browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.kit.journey import AT_ONCE, Journey

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

ASKED = "What is told of this?"
NOTICES = """(() => {
  globalThis.shown = [];
  globalThis.asked = 0;
  globalThis.Notification = class {
    static permission = 'default';
    static async requestPermission() {
      asked += 1;
      return (this.permission = 'granted');
    }
    constructor(title, { body, tag }) {
      shown.push([title, body, tag]);
      globalThis.latest = this;
    }
    close() {}
  };
})()"""
"""A browser that asks and a person who agrees: no test can click what the browser itself shows."""


def test_what_happened_is_told_and_its_end_is_announced(context: BrowserContext, address: str) -> None:
    """A notice that was asked for by a click tells of the end, once, and leads to the batch; the log tells all of it, still after a reload,
    and as a file without a word of the request."""
    page = context.new_page()
    page.add_init_script(NOTICES)
    journey = Journey(page, address).open()
    journey.practise(AT_ONCE)
    journey.press("Turn notifications on")
    page.get_by_role("button", name="Turn notifications off").wait_for()
    journey.new_thread()
    journey.write(ASKED)
    journey.submit_at_once()
    journey.wait_for_state("completed")
    batch = page.url.rpartition("/")[2]
    page.wait_for_function("() => shown.length > 0")  # a moment after the page says it
    assert page.evaluate("asked") == 1
    assert page.evaluate("shown") == [["Batch is done", f"{ASKED}\n1 of 1 request answered.", f"nightshift:{batch}"]]

    page.evaluate("location.hash = '#/log'")
    journey.main.get_by_text("Checked the answers: 1 answered.").wait_for()
    page.evaluate("latest.onclick()")
    journey.main.get_by_role("heading", name=ASKED).wait_for()
    journey.reload()
    page.evaluate("location.hash = '#/log'")
    journey.main.get_by_text("Checked the answers: 1 answered.").wait_for()
    with page.expect_download() as download:
        journey.press("Export ↓")
    content = Path(download.value.path()).read_text("utf-8")
    assert ASKED not in content
    lines = [json.loads(one) for one in content.splitlines()]
    told = [one["what"] for one in lines if one.get("batch") == batch and one["kind"] == "state"]
    assert told[:3] == ["uploading", "uploaded", "creating"]
    assert told[-1] == "done"
