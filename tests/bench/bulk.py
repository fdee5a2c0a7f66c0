"""50,000 requests and their answers through the program's own pieces, in the room."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.figures import Figures
from tests.bench.rig import Chromium, Room, python_memory

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

COUNT = 50_000
SMOOTH = 50.0
"""Milliseconds: the longest task that the main thread may have."""
_BASELINE = (Path(__file__).parent / "baseline.js").read_text()


def measure(context: BrowserContext, figures: Figures, count: int = COUNT) -> None:
    """One round in a fresh page with an empty database."""
    room = Room(context)
    browser = Chromium(room.page)
    room.call("open", "bench")
    figures.told("Python's memory in the room, before", "MB", python_memory(room.page))

    with browser.tasks() as watched:
        spent = room.call("store_requests", count)
    figures.told(f"store {count:,} requests", "ms", spent, goal=1_500, times=3)
    figures.told(f"store {count:,} requests, longest task", "ms", watched.longest, goal=SMOOTH)
    figures.told(f"store {count:,} requests, longest task, processor", "ms", watched.busiest)

    room.call("submit")
    with browser.tasks() as watched:
        spent = room.call("blob")
    figures.told(f"upload Blob of {count:,}", "ms", spent, goal=500)
    figures.told(f"upload Blob of {count:,}, longest task", "ms", watched.longest, goal=SMOOTH)
    figures.told(f"upload Blob of {count:,}, longest task, processor", "ms", watched.busiest)
    figures.told(f"Python's memory in the room, {count:,} stored", "MB", python_memory(room.page))

    room.call("canned_answers")
    with browser.tasks() as watched:
        steps = room.call("answer")
    figures.told(f"{count:,} answers into segments and ledger", "ms", sum(steps.values()), goal=3_000)
    figures.told("… of which fetching and storing", "ms", steps["Download"])
    figures.told("… of which the ledger", "ms", steps["Reconcile"])
    figures.told(f"{count:,} answers, longest task", "ms", watched.longest, goal=SMOOTH)
    figures.told(f"{count:,} answers, longest task, processor", "ms", watched.busiest)
    figures.told(f"Python's memory in the room, {count:,} answered", "MB", python_memory(room.page))
    room.call("close")

    room.call("open", "bench-folder")
    with browser.tasks() as watched:
        spent = room.call("watched_file", count)
    figures.told(f"{count:,} lines of a watched folder", "ms", spent, goal=5_000)
    figures.told(f"{count:,} lines of a watched folder, longest task", "ms", watched.longest, goal=SMOOTH)
    figures.told(f"{count:,} lines of a watched folder, longest task, processor", "ms", watched.busiest)
    room.call("close")

    plain = room.page.evaluate(_BASELINE, ["plain", count])
    figures.compared(f"store {count:,} requests", plain["store"])
    figures.compared(f"upload Blob of {count:,}", plain["blob"])
    room.page.close()
