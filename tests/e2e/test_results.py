"""The table of answers in a browser: its index is kept in a worker between the questions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Page

from tests.kit.journey import Journey

SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


def test_answers_are_sorted_filtered_searched_and_read(desk: Journey) -> None:
    """From a batch into the table: a search marks what it finds, a value is let through, and a request opens by the keys, at an address."""
    page = desk.page
    desk.practise()
    for word in ("apple", "banana **now** ![far](https://example.org/far.png)", "cherry"):
        desk.write(f"Say {word}")
        desk.enqueue()
    desk.go("Queue")
    batch = desk.submit_lane()
    desk.wait_for_state("completed")
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
    page.get_by_label("Filters").get_by_text("answered").wait_for()
    rows.nth(2).wait_for()  # what the filter lets through, and no longer what is being read
    desk.drawn()
    page.locator("#window-results").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.activeElement.matches('.result-line[id] button')")
    page.keyboard.press("Enter")
    page.locator(".peek").get_by_text("Say apple").first.wait_for()
    assert f"/at/{batch}/0" in page.url
    page.keyboard.press("Alt+ArrowDown")
    page.locator(".peek").get_by_text("Say banana").first.wait_for()
    page.locator(".peek .rendered strong", has_text="now").first.wait_for()
    page.locator(".peek .rendered a", has_text="open it from example.org").first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".peek").wait_for(state="detached")
    page.get_by_role("button", name="Clear all").click()
    page.get_by_text("3 requests =").wait_for()
    page.get_by_role("button", name="Columns", exact=True).click()
    page.get_by_role("button", name="Answer further left").click()
    page.get_by_role("button", name="4 lines").click()
    page.wait_for_url(re.compile("h=4"))
    page.wait_for_function("() => document.querySelector('.result-line[id]').getBoundingClientRect().height === 96")
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_label("Name of the view").fill("Tall")
    page.keyboard.press("Enter")
    page.locator(".value", has_text="Tall").wait_for()
    _drawn_and_reported(page)
    page.get_by_role("button", name="Carry on", exact=True).click()
    page.get_by_role("button", name="Follow up …").click()
    page.get_by_label("Next message").fill("Why?")
    page.get_by_role("button", name="Queue 3 requests").click()
    page.get_by_text("3 requests added to the queue.").wait_for()
    page.get_by_label("Select row 2").check()
    page.get_by_text("1 selected").wait_for()
    page.get_by_role("button", name="Download, make a table …").click()
    page.get_by_role("button", name="Make a table of them").click()
    page.wait_for_url(re.compile("#/data/d-"))
    page.get_by_text("1 row", exact=False).first.wait_for()


def _drawn_and_reported(page: Page) -> None:
    """Charts come above the rows, and go out as a picture; a report opens by itself in both themes, asks for nothing and has its style."""
    page.get_by_role("button", name="Charts", exact=True).click()
    page.locator(".chart p", has_text="100% of 3 requests have a good answer.").wait_for()
    with page.expect_download() as picture:
        page.get_by_role("button", name="Save as PNG: Output tokens").click()
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Report (HTML)").click()
    page.get_by_role("button", name="Close the charts").click()
    report = page.context.new_page()
    asked: list[str] = []
    said: list[str] = []
    report.on("request", lambda one: asked.append(one.url))
    report.on("console", lambda one: said.append(one.text))
    report.on("pageerror", lambda one: said.append(str(one)))
    report.set_content(Path(saved.value.path()).read_text("utf-8"))
    report.get_by_text("3 requests = 3 answered").wait_for()
    colours = set()
    for scheme in SCHEMES:
        report.emulate_media(color_scheme=scheme)
        colours.add(report.evaluate("() => getComputedStyle(document.querySelector('.c-mark')).fill"))
    assert len(colours) == 2
    assert (asked, said) == ([], [])
    report.close()


def reach(page: Page, what: str) -> None:
    """Go there with Tab, as one does who has no mouse; where it is already, stay."""
    for _ in range(120):
        if page.evaluate("(what) => document.activeElement.matches(what)", what):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{what} cannot be reached with Tab")


def press(page: Page, action: str) -> None:
    """Press the button of an action, likewise."""
    page.locator(f'[data-click*="{action}"]').first.wait_for()
    reach(page, f'[data-click*="{action}"]')
    page.keyboard.press("Enter")


def test_answers_are_judged_compared_and_taken_away_by_keys_alone(desk: Journey) -> None:
    """Twenty answers are read and rated, with a mark on a row and a note; two variants of the rows are compared and voted on blind, to the
    verdict; the file has all of it. A reload has, too."""
    page = desk.page
    desk.practise()
    asks = [
        {
            "custom_id": f"row-{n}~{tag}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": f"Say {tag} {n}"}]},
        }
        for n in range(10)
        for tag in ("short", "long")
    ]
    file = {"name": "asks.jsonl", "mimeType": "application/jsonl", "buffer": "\n".join(map(json.dumps, asks)).encode()}
    desk.go("Data")
    page.locator("#table-file").set_input_files(file)  # type: ignore[arg-type]  # as Playwright takes it
    page.get_by_role("button", name="Queue these requests as they are").click()
    page.get_by_text("Added 20 requests").wait_for()
    desk.go("Queue")
    desk.submit_lane()
    desk.wait_for_state("completed")
    page.get_by_role("link", name="Open in Results").focus()
    page.keyboard.press("Enter")
    page.get_by_text("20 rows", exact=True).wait_for()
    page.locator("#result-0").wait_for()
    reach(page, "#window-results")
    page.keyboard.press("ArrowDown")
    page.locator("#result-0 button:focus").wait_for()
    page.keyboard.press("g")
    page.locator("#result-0 .pill", has_text="good").wait_for()
    page.locator("#result-0 button:focus").wait_for()
    page.keyboard.press("Enter")
    peek = page.locator(".peek")
    for n in range(20):
        peek.locator("h2:focus", has_text=re.compile(f"^Request {n + 1}$")).wait_for()
        peek.get_by_role("button", name=str(n % 5 + 1), exact=True, pressed=False).wait_for()
        page.keyboard.press(str(n % 5 + 1))
        peek.get_by_role("button", name=str(n % 5 + 1), exact=True, pressed=True).wait_for()
        if n == 1:
            page.keyboard.press("n")
            page.locator("#annotation-note:focus").wait_for()
            page.keyboard.type("bug 1")  # letters and figures are text here
            page.keyboard.press("Escape")
            peek.locator("h2:focus").wait_for()
            peek.get_by_text("saving …").wait_for(state="detached")
        page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowUp")
    peek.locator("h2:focus", has_text=re.compile("^Request 19$")).wait_for()
    page.keyboard.press("Escape")
    peek.wait_for(state="detached")
    press(page, "CompareRows")
    page.locator(".compare-line").nth(1).wait_for()
    press(page, "OpenItem")
    peek.get_by_text("Row", exact=True).wait_for()
    page.keyboard.press("Escape")
    peek.wait_for(state="detached")
    press(page, "StartBlind")
    for n, key in enumerate("1201210"):
        page.locator(".blind h2:focus").wait_for()
        page.locator(".blind").get_by_text(f"Row {n + 1} of 10", exact=True).wait_for()
        page.keyboard.press(key)
    page.locator(".blind").get_by_text("Row 8 of 10", exact=True).wait_for()
    page.keyboard.press("ArrowLeft")
    page.locator(".blind").get_by_text("Row 7 of 10", exact=True).wait_for()
    press(page, "ShowVerdict")
    page.get_by_text("neither: 2").wait_for()
    page.keyboard.press("Escape")
    page.locator(".blind").wait_for(state="detached")
    press(page, "StopComparing")
    page.locator("#result-19").wait_for()
    press(page, "TakeChosen")
    desk.dialog.locator("#take-format:focus").wait_for()
    page.keyboard.press("J")
    desk.dialog.get_by_text("One JSON object per row, with types.").wait_for()
    with page.expect_download() as download:
        press(page, "WriteTakeAway")
    rows = [json.loads(line) for line in Path(download.value.path()).read_text("utf-8").splitlines()]
    assert [row["Rating"] for row in rows] == [1, 2, 3, 4, 5] * 4
    assert [row["Mark"] or "" for row in rows] == ["good"] + [""] * 19
    page.keyboard.press("Escape")
    desk.reload()
    page.locator("#result-19", has_text="5").wait_for()
    page.get_by_role("button", name="Agreement", exact=True).click()
    page.get_by_label("Reference", exact=True).select_option("mark")
    page.get_by_label("Compared with it").select_option("rating")
    page.get_by_text("They agree in 0.0% of 1 row.").wait_for()
