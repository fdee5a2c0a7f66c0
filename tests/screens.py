"""Draws the screenshots of docs/screens anew, by using the page as a person does: ``make screens``."""

from __future__ import annotations

import sys
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.kit.apng import animated
from tests.kit.browser import FLAGS, wait_ready
from tests.kit.site import ROOT, serving
from tools import browser as tool
from tools import dist

FOLDER = ROOT / "docs" / "screens"
SYSTEM = "You sort support mail for a bank. Answer with one label and a reason of at most twelve words."
SCHEMA = """{
  "type": "object",
  "properties": {"label": {"type": "string", "enum": ["card", "transfer", "login", "other"]}, "reason": {"type": "string"}},
  "required": ["label", "reason"],
  "additionalProperties": false
}"""
MAILS = [
    "Card blocked abroad, and nobody answers the phone.",
    "The transfer of Tuesday has not arrived in Lisbon yet.",
    "How do I change the address for my statements?",
    "I cannot log in since the last update of the app.",
    "A fee of 12.50 was taken twice this month. Please explain.",
    "Could you raise the daily limit of my card to 2,000?",
    "My new card came without a letter that holds its PIN.",
    "The code by text message never arrives on my new phone.",
    "I would like to close the savings account of my late aunt.",
]


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serving(dist.site()) as site, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=tool.find(), args=FLAGS)
        for scheme in ("light", "dark"):
            for width, height in ((1280, 860), (390, 844)):
                _draw(chromium, site, scheme, width, height)
        _tour()
        chromium.close()
    for path in sorted(FOLDER.glob("*.png")):
        print(f"{path.stat().st_size:>9,}  {path.relative_to(ROOT)}")
    return 0


TOUR = {"compose": 3.0, "table": 3.0, "check": 3.0, "queue": 2.0, "running": 2.0, "answers": 3.0, "answer": 3.0}
"""What the moving picture of the README shows, and for how many seconds."""


def _tour() -> None:
    frames = [((FOLDER / f"{name}-light-1280.png").read_bytes(), seconds) for name, seconds in TOUR.items()]
    (FOLDER / "tour.png").write_bytes(animated(frames))


def _draw(chromium: Browser, site: str, scheme: str, width: int, height: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]  # a literal
    page = context.new_page()
    page.goto(f"{site}/#/compose")
    wait_ready(page)
    run = page.get_by_role("button", name="Hide the practice run")
    if run.count():
        run.click()  # it stands above every view until it is put away

    def shot(name: str) -> None:
        page.evaluate("document.querySelectorAll('.toast [aria-label=Dismiss]').forEach((button) => button.click())")
        expect(page.locator(".toast")).to_have_count(0, timeout=30_000)
        page.screenshot(path=FOLDER / f"{name}-{scheme}-{width}.png")

    _write(page)
    shot("compose")
    _fill_queue(page)
    shot("queue")
    page.locator(".lane button.primary").click()
    page.locator(".steps li.now b", has_text="in progress").wait_for()
    shot("running")
    page.locator(".answer-line .pill.good").first.wait_for(timeout=60_000)
    shot("answers")
    page.locator(".answer-line button.cell").first.click()
    page.locator("dialog .turn.assistant").wait_for()
    shot("answer")
    page.keyboard.press("Escape")
    for view in ("batches", "threads", "settings"):
        page.evaluate("view => { location.hash = '#/' + view }", view)
        page.locator(f".rail a[href='#/{view}'][aria-current]").wait_for()
        shot(view)
    if (scheme, width) == ("light", 1280):
        _tables(page, shot)
    context.close()


def _tables(page: Page, shot: Callable[[str], None]) -> None:
    """What the guide shows of tables, once: the sample from its import to the plan; and Help itself."""
    page.evaluate("location.hash = '#/data'")
    page.get_by_role("button", name="Try a sample table").click()
    page.get_by_role("button", name="Import", exact=True).click()
    steps = page.get_by_role("navigation", name="Steps")
    steps.get_by_role("link", name="Prompt", exact=True).click()
    page.get_by_label("Text of message 1").fill("Is this review positive, negative or neutral? Answer with one word.\n\n{{review}}")
    page.get_by_label("Model", exact=True).fill("gpt-4.1-mini")
    page.get_by_role("group", name="Messages of this row").get_by_text("Boils fast").wait_for()
    shot("table")
    steps.get_by_role("link", name="Check and price").click()
    page.get_by_role("button", name="Check 12 rows").click()
    page.get_by_role("button", name="Add 12 requests to queue").wait_for(timeout=60_000)
    shot("check")
    page.evaluate("location.hash = '#/help/first-batch'")
    page.locator(".help-page").wait_for(timeout=60_000)
    shot("help")


def _write(page: Page) -> None:
    page.locator("#thread-name").fill("Classify support mail")
    page.locator(".msg select").first.select_option("system")
    page.locator(".msg textarea").first.fill(SYSTEM)
    page.locator("#add-message").click()
    page.locator(".msg textarea").nth(1).fill(MAILS[0])
    page.locator("#o-model").fill("gpt-4.1-mini")
    page.locator("#o-max_output_tokens").fill("120")
    page.locator("#o-schema_on").check()
    page.locator("#o-schema_text").fill(SCHEMA)
    page.locator("[data-saved]").wait_for()


def _fill_queue(page: Page) -> None:
    for n, mail in enumerate(MAILS, 1):
        page.locator(".msg textarea").nth(1).fill(mail)
        page.locator("#enqueue").click()
        page.locator(".facts dd", has_text=str(n)).first.wait_for()
    page.evaluate("location.hash = '#/queue'")
    page.locator(".queue-line input").nth(len(MAILS) - 1).wait_for()


if __name__ == "__main__":
    sys.exit(main())
