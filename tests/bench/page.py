"""The page itself with 50,000 requests in it: what a person waits for, and what the page holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.bulk import COUNT, SMOOTH
from tests.bench.figures import Figures
from tests.bench.rig import Chromium, Room, open_page, python_memory

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

_HELPERS = (Path(__file__).parent / "in_page.js").read_text()
DATABASE = "nightshift"
KEYS = 12


class Visit:
    """One visit of the page, from a fresh start."""

    def __init__(self, context: BrowserContext, route: str) -> None:
        self.page = open_page(context, route)
        self.browser = Chromium(self.page)
        self.page.evaluate(f"() => {{ {_HELPERS} globalThis.bench = bench; }}")

    def ready(self) -> float:
        """When the page was ready, in milliseconds from navigation."""
        return float(self.page.evaluate("performance.getEntriesByName('nightshift:ready')[0].startTime"))

    def timed(self, figures: Figures, name: str, begin: str, done: str, *, goal: float | None = None) -> float:
        """Tell how long it takes from ``begin`` (a statement) to ``done`` (an expression), and the longest task in it; the milliseconds."""
        with self.browser.tasks() as watched:
            spent = float(self.page.evaluate(f"() => bench.timed(() => {{ {begin} }}, () => {done})"))
        figures.told(name, "ms", spent, goal=goal)
        figures.told(f"{name}, longest task", "ms", watched.longest, goal=SMOOTH)
        figures.told(f"{name}, longest task, processor", "ms", watched.busiest)
        return spent

    def holds(self, figures: Figures, when: str, *, goal: float | None = None) -> None:
        """Tell the memory."""
        figures.told(f"JavaScript's heap, {when}", "MB", self.browser.script_heap())
        figures.told(f"Python's memory, {when}", "MB", python_memory(self.page), goal=goal)

    def elements(self) -> int:
        return int(self.page.evaluate("document.querySelectorAll('*').length"))


def _typing(visit: Visit, figures: Figures) -> None:
    visit.page.locator("main textarea").first.focus()
    for _ in range(KEYS):
        visit.page.evaluate("() => { globalThis.benchTyped = bench.typed(); }")
        visit.page.keyboard.press("a")
        figures.told("key to painted «saved»", "ms", visit.page.evaluate("() => globalThis.benchTyped"))


def _queue(visit: Visit, figures: Figures, count: int) -> None:
    visit.timed(
        figures,
        f"open the queue of {count:,}",
        "document.querySelector('nav a[href=\"#/queue\"]').click()",
        "document.querySelector('[aria-rowindex=\"1\"]')",
    )
    figures.told(f"elements in the document, queue of {count:,}", "", visit.elements())
    to_end = "const list = document.querySelector('.window'); list.scrollTop = list.scrollHeight"
    visit.timed(figures, f"scroll to the end of {count:,}", to_end, f"document.querySelector('[aria-rowindex=\"{count}\"]')")
    visit.holds(figures, f"{count:,} queued")
    visit.timed(
        figures,
        f"delete one of {count:,}",
        f'document.querySelector(\'[aria-rowindex="{count}"] [aria-label="Delete request"]\').click()',
        f"document.querySelector('[aria-rowcount=\"{count - 1}\"]')",
    )
    visit.timed(
        figures,
        f"submit {count - 1:,}, until the batch is planned",
        "[...document.querySelectorAll('main button')].find((one) => one.textContent.trim().startsWith('Submit')).click()",
        "location.hash.startsWith('#/batches/')",
    )


def _answers(visit: Visit, figures: Figures, count: int, id: str) -> None:
    begin = f"location.hash = '#/batches/{id}'"
    visit.timed(figures, f"open the batch with {count:,} answers", begin, "document.querySelector('[aria-rowindex=\"1\"]')")
    to_end = "const list = document.querySelector('.window'); list.scrollTop = list.scrollHeight"
    visit.timed(figures, f"scroll to the end of {count:,} answers", to_end, f"document.querySelector('[aria-rowindex=\"{count}\"]')")
    figures.told(f"elements in the document, {count:,} answers", "", visit.elements())
    visit.holds(figures, f"{count:,} answers")


def measure(context: BrowserContext, figures: Figures, count: int = COUNT) -> None:
    """One round: the empty page, then with a queue of ``count`` requests, then with a batch of as many answers."""
    room = Room(context, built=True)
    room.call("open", DATABASE)
    visit = Visit(context, "#/compose")
    visit.holds(figures, "after the start")
    _typing(visit, figures)
    visit.page.close()

    room.call("store_requests", count)
    visit = Visit(context, "#/compose")
    figures.told(f"start with {count:,} queued, to ready", "ms", visit.ready())
    _queue(visit, figures, count)
    visit.page.close()

    room.call("close")
    room.call("open", DATABASE)
    room.call("store_requests", count)
    room.call("submit")
    room.call("canned_answers")
    room.call("answer")
    visit = Visit(context, "#/compose")
    _answers(visit, figures, count, room.call("batch_id"))
    visit.page.close()
    room.call("close")
    room.page.close()
