"""Work on a workspace as a whole, while no tab's engine works on its batches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from app.core.workspace.imports import Hold
from app.ports import Clock, Locks
from app.services.batches.engine import HELD, LOCK
from app.services.runtime.records import Records, remove

TURN = "nightshift:workspace"
"""The lock of whoever imports, undoes or tidies: one at a time among all tabs."""
PATIENCE = 30.0
"""Seconds that another tab may take to release the engine's lock."""
_HOLD = 60.0
"""Seconds after which a hold ends by itself, should the tab that asked for it be gone."""


class ImportInProgress(Exception):
    """Another tab did not let go. Nothing was changed. The text is sentences for people."""


async def while_held(records: Records, locks: Locks, clock: Clock, nudge: Callable[[], None], work: Callable[[], Awaitable[None]]) -> None:
    """Do the work while every tab's engine stands still. ``nudge`` makes this tab's engine look. Raises ImportInProgress, and what the
    work raises.

    The stored hold makes the tab that leads release the engine's lock, which is taken here: so it is certain that nobody works, and the
    browser gives it back should this tab die.
    """
    await records.save(Hold(id=HELD, until=clock.now() + _HOLD))
    nudge()  # the other tabs hear of the commit
    begun = asyncio.Event()

    async def begin() -> None:
        begun.set()
        await work()

    task = asyncio.ensure_future(locks.hold(LOCK, begin))
    late = asyncio.ensure_future(clock.sleep(PATIENCE))
    starts = asyncio.ensure_future(begun.wait())
    try:
        await asyncio.wait({task, late, starts}, return_when=asyncio.FIRST_COMPLETED)
        if not begun.is_set() and not task.done():
            raise ImportInProgress(
                "Another tab of Nightshift still works with these data. Close the other tabs, then try again. Nothing was changed."
            )
        await task
    finally:
        for one in (task, late, starts):
            one.cancel()
        await asyncio.gather(task, late, starts, return_exceptions=True)
        await records.commit([remove(Hold, HELD)])
