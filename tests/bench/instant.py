"""A warm start with nothing, 50,000 and 1,000,000 requests in the queue: when the view of the last visit stands there with its data, and
when the program is ready. Beside each, the same start without what the last visit kept: the shell, and every segment read."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from tests.bench.figures import Figures
from tests.bench.page import DATABASE
from tests.bench.rig import Room, open_page, profile, python_memory
from tests.bench.start import CODE_CACHE_MILLISECONDS, PAINTED

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

COUNTS = (0, 50_000, 1_000_000)
ROUTE = "#/queue"
VIEW, MORE, MEMORY = 200.0, 100.0, 10.0
"""Goals: milliseconds until the view is painted; milliseconds and MB that a start with requests takes above one without."""
_FORGET = """() => new Promise((resolve, reject) => {
  localStorage.removeItem('nightshift:lastview');
  const opening = indexedDB.open('nightshift');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const db = opening.result;
    const tx = db.transaction('settings', 'readwrite');
    tx.objectStore('settings').delete('queuesummaries:queue');
    tx.oncomplete = () => { db.close(); resolve(); };
  };
})"""


def measure(playwright: Playwright, site: str, figures: Figures) -> None:
    """One round over all counts, each with a profile of its own and a browser that was closed and opened again before each visit."""
    empty = Started(0.0, 0.0, 0.0)
    for count in COUNTS:
        with tempfile.TemporaryDirectory(prefix="nightshift-bench-", ignore_cleanup_errors=True) as folder:
            if count:
                _store(playwright, site, folder, count)
            for _ in range(2):  # Chromium stores a script's compiled code when it has seen it twice
                _visit(playwright, site, folder)
            before, now = _visit(playwright, site, folder, forgetful=True), _visit(playwright, site, folder)
        empty = empty if count else now
        name = f"{count:,} queued"
        figures.told(f"{name}: view painted", "ms", now.painted, goal=VIEW)
        figures.compared(f"{name}: view painted", before.ready)  # without it the view comes with the program
        figures.told(f"{name}: ready", "ms", now.ready)
        figures.compared(f"{name}: ready", before.ready)
        figures.told(f"{name}: Python's memory", "MB", now.memory)
        figures.compared(f"{name}: Python's memory", before.memory)
        if count:
            figures.told(f"{name}: ready, above an empty one", "ms", now.ready - empty.ready, goal=MORE)
            figures.told(f"{name}: Python's memory, above an empty one", "MB", now.memory - empty.memory, goal=MEMORY)


class Started:
    """A start, in milliseconds from navigation and MB."""

    def __init__(self, painted: float, ready: float, memory: float) -> None:
        self.painted, self.ready, self.memory = painted, ready, memory


def _store(playwright: Playwright, site: str, folder: str, count: int) -> None:
    with profile(playwright, site, folder) as context:
        room = Room(context, built=True)
        room.call("open", DATABASE)
        room.call("store_short", count)
        room.call("close", False)


def _visit(playwright: Playwright, site: str, folder: str, *, forgetful: bool = False) -> Started:
    """A visit of a browser that was just opened; ``forgetful``: it has nothing that the visit before has kept of data and views."""
    with profile(playwright, site, folder) as context:
        if forgetful:
            blank = context.new_page()
            blank.goto("./worker.js")  # of the same origin, without the program
            blank.evaluate(_FORGET)
        page = open_page(context, ROUTE)
        painted = _since(page, PAINTED)
        kept = bool(page.evaluate("performance.getEntriesByName('nightshift:picture').length"))
        found = Started(painted if kept else _since(page, "nightshift:ready"), _since(page, "nightshift:ready"), python_memory(page))
        page.evaluate("() => location.protocol === 'file:' || navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_timeout(CODE_CACHE_MILLISECONDS)
        page.goto("about:blank")  # it keeps its view as it goes
        return found


def _since(page: Page, entry: str) -> float:
    found: float = page.evaluate("(name) => performance.getEntriesByName(name)[0].startTime", entry)
    return found
