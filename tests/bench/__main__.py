"""``python -m tests.bench``: measure, print a table, write build/bench.json.

``--runs N`` (5 without), ``--only start|instant|bulk|page|queued|tables|results``, ``--keep`` (write the table into docs/bench.md).
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import tempfile
import time
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import msgspec
from playwright.sync_api import Error, Playwright, sync_playwright

from tests.bench import bulk, instant, page, queued, results, start, tables
from tests.bench.figures import Figures
from tests.bench.rig import profile
from tests.kit import firefox
from tests.kit.site import ROOT, serving
from tools import browser, dist

OUT = ROOT / "build" / "bench.json"
PAGE = ROOT / "docs" / "bench.md"
START, END = "<!-- Written by python -m tests.bench --keep. -->\n", "<!-- End of the run. -->\n"
PARTS = ("start", "instant", "bulk", "page", "queued", "tables", "results")
MOST_LOST = 3


def machine() -> str:
    """Where and when, in one line: figures mean nothing without it."""
    cpu = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")] if cpu.exists() else []
    )
    version = subprocess.run([browser.find(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{date.today()}, {names[0] if names else platform.machine()}, {os.cpu_count()} cores{load}, {version}"


def _keep(text: str) -> None:
    """Put the run into the page about it."""
    before, _, rest = PAGE.read_text().partition(START)
    PAGE.write_text(f"{before}{START}{text}{END}{rest.partition(END)[2]}")


def _run(part: str, playwright: Playwright, site: str, places: list[start.Place]) -> Figures:
    """One run of a part, with a browser profile of its own."""
    figures = Figures()
    if part == "start":
        for place in places:
            start.measure(playwright, place, figures)
        return figures
    if part == "instant":
        instant.measure(playwright, site, figures)
        return figures
    with (
        tempfile.TemporaryDirectory(prefix="nightshift-bench-", ignore_cleanup_errors=True) as folder,
        profile(playwright, site, folder) as context,
    ):
        {"bulk": bulk, "page": page, "queued": queued, "tables": tables, "results": results}[part].measure(context, figures)
    return figures


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    parts = (given.only,) if given.only else PARTS
    figures = Figures()
    where = machine()
    began = time.monotonic()
    with ExitStack() as stack:
        made = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        places: list[start.Place] = []
        if "start" in parts:
            start.packed_site(made / "nightshift")
            start.stock_site(made / "stock")
            start.wire(made / "nightshift", figures)
            places = stack.enter_context(start.places(made))
        built, sources = stack.enter_context(serving(dist.site())), stack.enter_context(serving(ROOT))
        stack.enter_context(firefox.patched_driver())
        playwright = stack.enter_context(sync_playwright())
        for part in parts:
            site = sources if part == "bulk" else built  # the room asks for modules one by one
            done = lost = 0
            while done < given.runs:
                print(f"{part}: run {done + 1} of {given.runs}", flush=True)
                try:
                    figures.add(_run(part, playwright, site, places))
                    done += 1
                except Error as error:
                    lost += 1
                    if "crashed" not in error.message or lost == MOST_LOST:
                        raise
                    print(f"{part}: the tab crashed, the run is repeated", flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(msgspec.json.format(msgspec.json.encode(figures.rows()), indent=1) + b"\n")
    print(f"\n{where}\n\n{figures.table()}\n")
    missed = figures.missed()
    verdict = f"{len(missed)} goals missed: {'; '.join(missed)}." if missed else "Every goal is kept."
    print(verdict)
    if given.keep:
        _keep(f"\n{where}. Medians of {given.runs}. {verdict}\n\n```\n{figures.table()}\n```\n\n")
    print(f"{time.monotonic() - began:.0f} s. Written to {OUT.relative_to(OUT.parents[1])}.")


if __name__ == "__main__":
    main()
