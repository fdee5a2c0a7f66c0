"""``python -m tests.bench``: measure, print a table, write build/bench.json.

``--runs N`` (at least 5, which is what it is without), ``--only start|bulk|page``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import msgspec
from playwright.sync_api import sync_playwright

from tests.bench import bulk, page, start
from tests.bench.figures import Figures
from tests.bench.rig import profile, served

OUT = Path(__file__).resolve().parents[2] / "build" / "bench.json"
PARTS = ("start", "bulk", "page")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=PARTS)
    given = parser.parse_args()
    parts = (given.only,) if given.only else PARTS
    figures = Figures()
    began = time.monotonic()
    with served() as site, sync_playwright() as playwright:
        for part in parts:
            for run in range(given.runs):
                print(f"{part}: run {run + 1} of {given.runs}", flush=True)
                if part == "start":
                    start.measure(playwright, site, figures)
                else:
                    with tempfile.TemporaryDirectory(prefix="nightshift-bench-") as folder, profile(playwright, site, folder) as context:
                        (bulk if part == "bulk" else page).measure(context, figures)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(msgspec.json.format(msgspec.json.encode(figures.rows()), indent=1) + b"\n")
    print(f"\n{figures.table()}\n")
    missed = figures.missed()
    print(f"{len(missed)} goals missed: {'; '.join(missed)}" if missed else "Every goal is kept.")
    print(f"{time.monotonic() - began:.0f} s. Written to {OUT.relative_to(OUT.parents[1])}.")


main()
