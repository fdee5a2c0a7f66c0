"""The browser, the local server and the room for measuring; and what only Chromium itself can tell: the length of tasks, memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.kit.browser import FLAGS, wait_ready
from tests.kit.furnish import ADDRESS, build, furnish
from tools import browser as tool

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

INSIDE = ("tests/bench/inside/*.py", "tests/fakes/folder.py", "tests/fakes/platform.py")
"""What the room imports beside the program's own files."""
_MEMORY = (Path(__file__).parent / "memory.js").read_text()


@contextmanager
def profile(playwright: Playwright, site: str, folder: str) -> Iterator[BrowserContext]:
    """A Chromium of its own with its profile in ``folder``, as a person has one: caches and databases lie on the disk."""
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=tool.find(), args=FLAGS, base_url=f"{site}/", headless=True, viewport={"width": 1280, "height": 800}
    )
    try:
        yield context
    finally:
        context.close()


class Room:
    """A page in which the program's pieces are called one by one (tests/bench/inside)."""

    def __init__(self, context: BrowserContext, *, built: bool = False) -> None:
        """``built``: on the built site, so that it shares its database with the page as people have it."""
        self.page = context.new_page()
        self.page.add_init_script(_MEMORY)
        # Of this page only: where requests are looked at, Chromium uses no cache. Its program is compiled, as people have it.
        furnish(self.page, "tests/bench/inside/main.py", INSIDE, built=built, program=build())
        self.page.goto(ADDRESS)
        wait_ready(self.page)

    def call(self, name: str, *given: object) -> Any:
        """Call a method of :class:`tests.bench.inside.bulk.Bulk`."""
        return json.loads(self.page.evaluate("(given) => globalThis.bench(...given)", [name, *given]))


def open_page(context: BrowserContext, route: str) -> Page:
    """The program itself in a new page, ready."""
    page = context.new_page()
    page.add_init_script(_MEMORY)
    page.goto(f"./{route}")
    wait_ready(page)
    return page


def python_memory(page: Page) -> float:
    """MB that Python has taken of the browser."""
    return float(page.evaluate("benchMemory.buffer.byteLength")) / 1e6


def renderers_memory() -> float:
    """MB of their own that the pages' processes of this process's browsers take of the machine, their workers included."""
    parents: dict[int, int] = {}
    own: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = dict(line.partition(":")[::2] for line in (folder / "status").read_text().splitlines())
            parents[int(folder.name)] = int(said["PPid"])
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                own[int(folder.name)] = float(said["RssAnon"].split()[0]) * 1024 / 1e6
        except (OSError, KeyError):  # it ended meanwhile
            continue
    return sum(size for pid, size in own.items() if _descends(pid, os.getpid(), parents))


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid > 1 and pid != ancestor:
        pid = parents.get(pid, 0)
    return pid == ancestor


class Watched:
    """What a trace told of a page's main thread."""

    longest = 0.0
    """The longest task in milliseconds, however long the processor did something else meanwhile."""
    busiest = 0.0
    """The longest task in milliseconds of the processor."""


class Chromium:
    """What only the browser itself can tell about a page."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")

    @contextmanager
    def tasks(self) -> Iterator[Watched]:
        """Trace the tasks of the main thread meanwhile; the answer is right when the block has ended."""
        events: list[dict[str, Any]] = []
        ended: list[object] = []

        def collect(told: dict[str, Any]) -> None:
            events.extend(told["value"])

        def end(told: object) -> None:
            ended.append(told)

        self._session.on("Tracing.dataCollected", collect)
        self._session.on("Tracing.tracingComplete", end)
        categories = {"includedCategories": ["disabled-by-default-devtools.timeline"], "excludedCategories": ["*"]}
        self._session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": categories})
        found = Watched()
        yield found
        self._session.send("Tracing.end")
        while not ended:
            self._session.send("Performance.getMetrics")  # any call hands over the events that have come
        self._session.remove_listener("Tracing.dataCollected", collect)
        self._session.remove_listener("Tracing.tracingComplete", end)
        main = {
            (event["pid"], event["tid"]) for event in events if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
        }
        tasks = [event for event in events if event["name"] == "RunTask" and (event["pid"], event["tid"]) in main]
        found.longest = max((event.get("dur", 0) for event in tasks), default=0) / 1000
        found.busiest = max((event.get("tdur", 0) for event in tasks), default=0) / 1000

    def script_heap(self) -> float:
        """MB that JavaScript's objects take, after the garbage is gone."""
        self._session.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in self._session.send("Performance.getMetrics")["metrics"]}
        return float(found["JSHeapUsedSize"]) / 1e6
