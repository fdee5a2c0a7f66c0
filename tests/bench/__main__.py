"""``python -m tests.bench``: measure, print a table for each part, write build/bench.json.

``--runs N`` (without: as many as :data:`RUNS` has for each part), ``--only`` some of ``start instant bulk page queued tables results``,
``--keep`` (write the figures into docs/bench.md: each part's as soon as it is measured, those of parts that are not measured stay). A part
that fails, or of which a run takes longer than ten minutes, is told at the end; the others are measured all the same.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import msgspec
from playwright.sync_api import Error, Playwright, sync_playwright

from tests.bench import bulk, instant, page, queued, results, start, tables
from tests.bench.figures import Figures
from tests.bench.kept import kept
from tests.bench.rig import profile
from tests.kit import firefox
from tests.kit.site import ROOT, serving
from tools import browser, dist

OUT = ROOT / "build" / "bench.json"
PAGE = ROOT / "docs" / "bench.md"
RUNS = {"start": 5, "instant": 3, "bulk": 3, "page": 3, "queued": 3, "tables": 3, "results": 1}
"""How often each part is measured."""
PARTS = tuple(RUNS)
MOST_LOST = 3
PATIENCE = 600
"""Seconds of one run at most: what the page evaluates has no limit of its own."""


def machine() -> str:
    """Where and when, in one line: figures mean nothing without it."""
    cpu = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")] if cpu.exists() else []
    )
    version = subprocess.run([browser.find(), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{date.today()}, {names[0] if names else platform.machine()}, {os.cpu_count()} cores{load}, {version}"


def _run(part: str, playwright: Playwright, site: str, places: list[start.Place], n: int) -> Figures:
    """The ``n``-th run of a part (from 0), with a browser profile of its own."""
    figures = Figures()
    if part == "start":
        for place in places:
            start.measure(playwright, place, figures, whole=n < start.WHOLE_RUNS)
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


@contextmanager
def _patience() -> Iterator[None]:
    """TimeoutError where what stands inside takes too long."""

    def over(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"a run took more than {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _measured(part: str, runs: int) -> Figures:
    """So many runs of a part."""
    figures = Figures()
    with ExitStack() as stack:
        places: list[start.Place] = []
        site = ""
        if part == "start":
            made = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            start.packed_site(made / "nightshift")
            start.stock_site(made / "stock")
            start.wire(made / "nightshift", figures)
            places = stack.enter_context(start.places(made))
            stack.enter_context(firefox.patched_driver())
        else:  # the room of bulk asks for modules one by one
            site = stack.enter_context(serving(ROOT if part == "bulk" else dist.site()))
        playwright = stack.enter_context(sync_playwright())
        done = lost = 0
        while done < runs:
            print(f"{part}: run {done + 1} of {runs}", flush=True)
            try:
                with _patience():
                    figures.add(_run(part, playwright, site, places, done))
                done += 1
            except Error as error:
                lost += 1
                if "crashed" not in error.message or lost == MOST_LOST:
                    raise
                print(f"{part}: the tab crashed, the run is repeated", flush=True)
    return figures


def _told(part: str, runs: int, where: str, figures: Figures, seconds: float) -> str:
    """A part's figures, as they are printed and kept."""
    missed = figures.missed()
    verdict = f"{len(missed)} goals missed: {'; '.join(missed)}." if missed else "Every goal is kept."
    of = f"Medians of {runs}" if runs > 1 else "One run"
    if part == "start" and runs > start.WHOLE_RUNS:
        of += f" (of starts that are slowed down and of baselines: {start.WHOLE_RUNS})"
    return f"\n{where}. `--only {part}`, {seconds:.0f} s. {of}. {verdict}\n\n```\n{figures.table()}\n```\n\n"


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--runs", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    whole, failed = Figures(), dict[str, str]()
    OUT.parent.mkdir(exist_ok=True)
    for part in given.only:
        where, began, runs = machine(), time.monotonic(), given.runs or RUNS[part]
        try:
            figures = _measured(part, runs)
        except Exception as error:  # the boundary of one part: told at the end
            failed[part] = f"{type(error).__name__}: {error}"
            print(f"{part}: not measured ({failed[part]})", flush=True)
            continue
        said = _told(part, runs, where, figures, time.monotonic() - began)
        print(f"\n{part}{said}", flush=True)
        if given.keep:
            PAGE.write_text(kept(PAGE.read_text(), part, said))
        whole.add(figures)
        OUT.write_bytes(msgspec.json.format(msgspec.json.encode(whole.rows()), indent=1) + b"\n")
    if failed:
        sys.exit("Not measured: " + "; ".join(f"{part} ({why})" for part, why in failed.items()))


if __name__ == "__main__":
    main()
