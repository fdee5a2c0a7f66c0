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


def measure(context: BrowserContext, figures: Figures) -> None:
    """One round in a fresh page with an empty database."""
    room = Room(context)
    browser = Chromium(room.page)
    room.call("open", "bench")
    figures.told("Python's memory in the room, before", "MB", python_memory(room.page))

    with browser.tasks() as watched:
        spent = room.call("store_requests", COUNT)
    figures.told("store 50,000 requests", "ms", spent, goal=1_500, times=3)
    figures.told("store 50,000 requests, longest task", "ms", watched.longest, goal=SMOOTH)
    figures.told("store 50,000 requests, longest task, processor", "ms", watched.busiest)

    room.call("submit")
    with browser.tasks() as watched:
        spent = room.call("blob")
    figures.told("upload Blob of 50,000", "ms", spent, goal=500)
    figures.told("upload Blob of 50,000, longest task", "ms", watched.longest, goal=SMOOTH)
    figures.told("upload Blob of 50,000, longest task, processor", "ms", watched.busiest)
    figures.told("Python's memory in the room, 50,000 stored", "MB", python_memory(room.page))

    room.call("canned_answers")
    with browser.tasks() as watched:
        steps = room.call("answer")
    figures.told("50,000 answers into segments and ledger", "ms", sum(steps.values()), goal=3_000)
    figures.told("… of which fetching and storing", "ms", steps["Download"])
    figures.told("… of which the ledger", "ms", steps["Reconcile"])
    figures.told("50,000 answers, longest task", "ms", watched.longest, goal=SMOOTH)
    figures.told("50,000 answers, longest task, processor", "ms", watched.busiest)
    figures.told("Python's memory in the room, 50,000 answered", "MB", python_memory(room.page))
    room.call("close")

    plain = room.page.evaluate(_BASELINE, ["plain", COUNT])
    figures.compared("store 50,000 requests", plain["store"])
    figures.compared("upload Blob of 50,000", plain["blob"])
    room.page.close()
