"""A million requests that wait: what a person waits for in their list, and what the page holds of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.figures import Figures
from tests.bench.page import DATABASE, Visit
from tests.bench.rig import Room

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

COUNT = 1_000_000
CHANGE, MEMORY = 50.0, 60.0
"""Goals: milliseconds until a change is painted, MB of Python's memory."""


def measure(context: BrowserContext, figures: Figures, count: int = COUNT) -> None:
    """One round: queued, opened, scrolled to the end, searched, one deleted and brought back."""
    room = Room(context, built=True)
    room.call("open", DATABASE)
    room.call("store_short", count)
    room.call("close", False)
    room.page.close()
    visit = Visit(context, "#/compose")
    figures.told(f"start with {count:,} queued, to ready", "ms", visit.ready())
    visit.timed(
        figures,
        f"open the queue of {count:,}",
        "document.querySelector('nav a[href=\"#/queue\"]').click()",
        "document.querySelector('[aria-rowindex=\"1\"]')",
    )
    last = f"document.querySelector('[aria-rowindex=\"{count}\"]')"
    to_end = "const list = document.querySelector('.window'); list.scrollTop = list.scrollHeight"
    visit.timed(figures, f"scroll to the end of {count:,}", to_end, last)
    visit.holds(figures, f"{count:,} queued", goal=MEMORY)
    one = f'document.querySelector(\'[aria-rowindex="{count}"] [aria-label="Delete request"]\').click()'
    visit.timed(figures, f"delete one of {count:,}", one, f"document.querySelector('[aria-rowcount=\"{count - 1}\"]')", goal=CHANGE)
    undo = "[...document.querySelectorAll('button')].find((one) => one.textContent.trim() === 'Undo').click()"
    visit.timed(figures, f"undo it, of {count:,}", undo, f"document.querySelector('[aria-rowcount=\"{count}\"]')", goal=CHANGE)
    search = (
        'const field = document.querySelector(\'input[type="search"][aria-label^="Search requests"]\');'
        f"field.focus(); field.value = 'Letter {count - 1}:'; field.dispatchEvent(new Event('input', {{ bubbles: true }}))"
    )
    visit.timed(figures, f"search {count:,}", search, "document.querySelector('[aria-rowcount=\"1\"]')")
    visit.holds(figures, f"{count:,} searched")
    visit.page.close()
