"""Cold and warm start: from navigation to the page's own marks."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from tests.bench.figures import Figures
from tests.bench.rig import profile
from tests.kit.browser import wait_ready

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Playwright

MARKS = ("shell", "python", "ready")
CODE_CACHE_MILLISECONDS = 3_000
"""So long without newly compiled functions, and Chromium writes the compiled wasm to its cache; people's second visits come later too."""


def _visit(context: BrowserContext, kind: str, figures: Figures, rest: int) -> None:
    page = context.new_page()
    page.goto("./")
    wait_ready(page)
    for mark in MARKS:
        at = page.evaluate("(name) => performance.getEntriesByName(name)[0].startTime", f"nightshift:{mark}")
        figures.told(f"{kind} start, to {mark}", "ms", at)
    page.wait_for_timeout(rest)
    page.close()


def measure(playwright: Playwright, site: str, figures: Figures) -> None:
    """One cold and one warm start, with a profile of their own."""
    with tempfile.TemporaryDirectory(prefix="nightshift-bench-", ignore_cleanup_errors=True) as folder:
        with profile(playwright, site, folder) as context:
            _visit(context, "cold", figures, CODE_CACHE_MILLISECONDS)
        with profile(playwright, site, folder) as context:
            context.new_page().goto("about:blank")
            _visit(context, "warm", figures, 0)
