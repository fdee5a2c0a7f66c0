"""``python -m tests.million``: 20 batches of 50,000 requests through the page's practice provider, in one run of the page.

``--batches N`` and ``--each M`` make it smaller, ``--keep`` writes the figures into docs/million.md. The page is the program itself, views
and all, with its list of batches open; only its start has a handle (tests/million/inside). All batches are submitted as fast as they can be
made, so the engine has all of them on its hands.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from tests.bench.__main__ import machine
from tests.bench.rig import Chromium, profile, python_memory
from tests.kit.browser import wait_ready
from tests.kit.site import serving
from tools import browser, filelist, vendor

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

ROOT = Path(__file__).resolve().parents[2]
FILES = ("tests/million/inside/feeder.py",)
PAGE = ROOT / "docs" / "million.md"
START, END = "<!-- Written by python -m tests.million --keep. -->\n", "<!-- End of the run. -->\n"
HEAD = ("after", "minutes", "answered", "Python's memory, MB", "JavaScript's heap, MB", "stored, MB", "longest gap, ms", "tasks > 200 ms")
LIMIT = 90 * 60


def _answer(route: Route) -> None:
    path = urlsplit(route.request.url).path
    if path == "/million.html":
        shell = (ROOT / "index.html").read_text()
        shell = shell.replace('src="app/main.py" config="pyscript.toml"', 'src="tests/million/inside/main.py" config="million.toml"')
        route.fulfill(body=shell, content_type="text/html")
    elif path == "/million.toml":
        config = filelist.with_files((ROOT / "pyscript.toml").read_text(), filelist.each([*filelist.page_files(ROOT), *FILES]))
        route.fulfill(body=config, content_type="application/toml")
    else:
        route.fulfill(path=ROOT / path.lstrip("/"), content_type="text/x-python")


class Run:
    """One run of the page."""

    def __init__(self, page: Page) -> None:
        self._page, self._browser, self._began = page, Chromium(page), time.monotonic()
        self.rows: list[tuple[str, ...]] = []
        self.most: dict[str, float] = {"python": 0.0, "heap": 0.0, "gap": 0.0, "longest": 0.0}
        self.over = {"over50": 0, "over100": 0, "over200": 0}

    def call(self, name: str, *given: object) -> Any:
        return json.loads(self._page.evaluate("(given) => globalThis.feeder(...given)", [name, *given]))

    def point(self, after: str) -> dict[str, Any]:
        """Note how the page stands."""
        beat = self._page.evaluate("takeBeat()")
        look = self.call("look")
        python, heap = python_memory(self._page), self._browser.script_heap()
        self._page.evaluate("takeBeat()")  # measuring the heap collects garbage, which is not the page's doing
        for name, value in (("python", python), ("heap", heap), ("gap", beat["gap"]), ("longest", beat["longest"])):
            self.most[name] = max(self.most[name], value)
        for name in self.over:
            self.over[name] += beat[name]
        minutes = (time.monotonic() - self._began) / 60
        stored = self.call("usage") / 1e6
        row = (after, f"{minutes:.1f}", f"{look['answered']:,}", f"{python:.0f}", f"{heap:.0f}", f"{stored:,.0f}", f"{beat['gap']:.0f}")
        self.rows.append((*row, str(beat["over200"])))
        print("  ".join(self.rows[-1]), dict(look["states"]), *look["problems"], flush=True)
        found: dict[str, Any] = look
        return found

    def all_of_it(self, batches: int, each: int) -> dict[str, Any]:
        """Feed, and wait until all have ended."""
        self._page.evaluate("takeBeat()")  # the start is another measure's (make bench)
        self.point("the start")
        made = 0
        while made < batches:
            made += self.call("feed", each)
            if made % 5 == 0 or made == batches:
                self.point(f"{made} submitted")
        told = 0
        while True:
            look = self.call("look")
            done = look["states"].get("done", 0)
            if look["ended"]:
                return self.point("the end")
            if done >= told + max(1, batches // 5):
                told = done
                self.point(f"{done} done")
            assert time.monotonic() - self._began < LIMIT, f"not within {LIMIT / 60} minutes: {look}"
            self._page.wait_for_timeout(2_000)

    def table(self) -> str:
        """The points as Markdown."""
        lines = [HEAD, tuple("---" for _ in HEAD), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def summary(self) -> str:
        """The worst of all points, in a sentence."""
        return (
            f"At most {self.most['python']:.0f} MB of WebAssembly memory and {self.most['heap']:.0f} MB of JavaScript's heap. The page's "
            f"longest gap between two beats was {self.most['gap']:.0f} ms, its longest task {self.most['longest']:.0f} ms; "
            f"{self.over['over50']} tasks above 50 ms, {self.over['over100']} above 100 ms, {self.over['over200']} above 200 ms."
        )


def main() -> None:
    """Run, print, keep."""
    parser = argparse.ArgumentParser(prog="python -m tests.million")
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--each", type=int, default=50_000)
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    assert vendor.main() == 0
    where = machine()
    with (
        tempfile.TemporaryDirectory(prefix="nightshift-million-", ignore_cleanup_errors=True) as folder,
        serving(ROOT) as site,
        sync_playwright() as playwright,
        profile(playwright, site, folder) as context,
    ):
        page = context.new_page()
        page.add_init_script((ROOT / "tests/bench/memory.js").read_text())
        page.add_init_script((ROOT / "tests/million/beat.js").read_text())
        for pattern in ("**/million.html", "**/million.toml", "**/tests/**"):
            page.route(pattern, _answer)
        page.goto("million.html#/batches")
        wait_ready(page)
        run = Run(page)
        look = run.all_of_it(given.batches, given.each)
    wanted = given.batches * given.each
    print(f"\n{where}\n\n{run.table()}\n\n{run.summary()}")
    assert look["answered"] == look["requests"] == wanted, look
    assert look["states"] == {"done": given.batches}, look
    if given.keep:
        before, _, rest = PAGE.read_text().partition(START)
        text = f"\n{where}: {given.batches} batches of {given.each:,} requests, all answered. {run.summary()}\n\n{run.table()}\n\n"
        PAGE.write_text(f"{before}{START}{text}{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    browser.find()
    main()
