"""Answers as a table: opened, searched, sorted, counted and written as files, beside what plain JavaScript takes for the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.bulk import COUNT
from tests.bench.figures import Figures
from tests.bench.inside.data import RARE
from tests.bench.page import DATABASE, Visit
from tests.bench.rig import Room, renderers_memory

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

MANY = 20
"""How many times as many short answers."""
OPENED, OPENED_MANY, FOUND, ARRANGED = 200.0, 500.0, 500.0, 500.0
"""Goals in milliseconds: the first rows of 50,000 and of 1,000,000; the first hits; an order or the values of 1,000,000."""
FILES = {"csv": 2_000.0, "xlsx": 4_000.0, "parquet": 3_000.0}
"""Goals in milliseconds for a file of 50,000."""
COMMON = "harbour"
_BASELINE = (Path(__file__).parent / "results.js").read_text()
_ROWS = "document.querySelector('.result-line[id]')"
_SETTLED = """() => {
  const said = [...document.querySelectorAll('.line-head.result-line small')].map((one) => one.textContent.trim());
  return said.length > 1 && said.filter((one) => one === '').length <= 1 && !document.querySelector('.results .spin');
}"""
"""Whether all headers say what is in their columns (that of the prompt never does), and nothing is being read."""
_READ = 900_000.0
"""Milliseconds that a million answers may take to be read."""
_LARGE, _SECONDS = 1_000_000, 60


def _settle(visit: Visit) -> None:
    visit.page.wait_for_function(_SETTLED, timeout=_READ)


def _leave(visit: Visit) -> None:
    visit.page.evaluate("() => { location.hash = '#/compose'; }")
    visit.page.locator(".result-line").first.wait_for(state="detached")


def _open(visit: Visit, figures: Figures, name: str, route: str, goal: float | None = None) -> None:
    visit.timed(figures, name, f"location.hash = '{route}'", _ROWS, goal=goal)


def _search(visit: Visit, figures: Figures, name: str, word: str) -> None:
    """From Enter to the first row in which the word is marked."""
    begin = (
        f"const field = document.querySelector('#results-words'); field.focus(); field.value = '{word}';"
        "field.dispatchEvent(new Event('input', { bubbles: true }));"
        "field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))"
    )
    visit.timed(figures, name, begin, f"document.querySelector('.result-line mark')?.textContent === '{word}'", goal=FOUND)
    visit.page.get_by_role("button", name="Clear all").click()
    visit.page.locator(".result-line mark").first.wait_for(state="detached")
    _settle(visit)


def _sort(visit: Visit, figures: Figures, name: str, title: str) -> None:
    """From a press on a column's name until another row is the first one, which is painted."""
    first = "document.querySelector('.result-line[aria-rowindex=\"1\"]')"
    begin = f"globalThis.benchFirst = {first}.id + {first}.textContent; document.querySelector('[title=\"Sort by {title}\"]').click()"
    done = f"{first} && document.querySelector('[aria-sort]') && {first}.id + {first}.textContent !== globalThis.benchFirst"
    visit.timed(figures, name, begin, done, goal=ARRANGED)
    _settle(visit)


def _values(visit: Visit, figures: Figures, name: str, title: str) -> None:
    """From a press on ▾ until the column's values stand there with their counts."""
    press = f"document.querySelector('[aria-label=\"Values of {title}\"]').click()"
    visit.timed(figures, name, press, "document.querySelector('.facet .values .num')", goal=ARRANGED)
    visit.page.evaluate(f"() => {{ {press} }}")
    visit.page.locator(".facet").wait_for(state="detached")


def _files(visit: Visit, figures: Figures, count: int) -> None:
    """All rows as each kind of file, from the press until it is handed to the browser."""
    page = visit.page
    page.get_by_role("button", name="Download …").click()
    for kind, goal in FILES.items():
        page.locator("#take-format").select_option(kind)
        page.locator("dialog button.primary:enabled").wait_for()
        with page.expect_download() as saved:
            visit.timed(
                figures,
                f"{kind.upper()} of {count:,}",
                "document.querySelector('dialog .note.good')?.remove(); document.querySelector('dialog button.primary').click()",
                "document.querySelector('dialog .note.good')",
                goal=goal,
            )
        assert saved.value.path().stat().st_size > 30 * count, f"the {kind} is too small"
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")


def _long(visit: Visit, figures: Figures, count: int, batch: str) -> None:
    words = f"{count:,} answers of 1.5 kB"
    _open(visit, figures, f"open {words}, first rows", f"#/results/batch/{batch}", OPENED)
    _settle(visit)
    _search(visit, figures, f"search {words}: first hits", COMMON)
    _search(visit, figures, f"search {words}: the only hit, in the last one", RARE)
    _files(visit, figures, count)


def _short(visit: Visit, figures: Figures, count: int, batches: list[str]) -> None:
    words = f"{count:,} short answers"
    _open(visit, figures, f"open {words}, first rows", f"#/results/batches/{'.'.join(batches)}", OPENED_MANY)
    began = visit.page.evaluate("performance.now()")
    _settle(visit)
    figures.told(f"… until all headers of {count:,} are said", "ms", visit.page.evaluate("performance.now()") - began)
    for title in ("Output tokens", "Answer"):
        _sort(visit, figures, f"sort {count:,} by {title.lower()}", title)
        _values(visit, figures, f"values of {count:,}: {title.lower()}", title)


def measure(context: BrowserContext, figures: Figures, count: int = COUNT) -> None:
    """One round: ``count`` answers of 1.5 kB, and twenty times as many short ones."""
    room = Room(context, built=True)
    room.call("open", DATABASE)
    room.call("store_requests", count)
    room.call("submit")
    room.call("canned_answers")
    room.call("answer")
    long = room.call("batch_id")
    many = MANY * count
    room.call("store_short", many)
    short = room.call("answer_short")
    room.call("close", False)
    room.page.close()

    visit = Visit(context, "#/compose")
    before = renderers_memory()
    _open(visit, figures, "open the first table of a visit, whose worker is begun", f"#/results/batch/{short[0]}")
    _settle(visit)
    _leave(visit)
    _long(visit, figures, count, long)
    _leave(visit)
    _short(visit, figures, many, short)
    figures.told(f"memory that {many:,} answers take of the machine", "MB", renderers_memory() - before)
    visit.holds(figures, f"{many:,} answers open")
    _leave(visit)
    if many >= _LARGE:  # an idle worker takes 30 seconds to end
        for _ in range(_SECONDS):
            if visit.page.workers:
                visit.page.wait_for_timeout(1_000)
        figures.told("… when the table was left, and its worker ended", "MB", renderers_memory() - before)
    alone = visit.page.evaluate(_BASELINE, [long, RARE, many])
    figures.compared(f"open {count:,} answers of 1.5 kB, first rows", alone["read"])
    figures.compared(f"search {count:,} answers of 1.5 kB: the only hit, in the last one", alone["search"])
    figures.compared(f"CSV of {count:,}", alone["csv"])
    figures.compared(f"sort {many:,} by output tokens", alone["sort"])
    figures.compared(f"values of {many:,}: answer", alone["facet"])
    visit.page.close()
