"""Work that a person started and may stop, its progress shown meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from app.ui.base.context import Context

T = TypeVar("T")
Moved = Callable[[int, int], None]
"""Is told how much is done, and of how much."""


class Stopped(Exception):
    """The person stopped it."""


class Working(Protocol):
    """What shows the work: what is done (empty: nothing), the percentage, and what stops it (None: nothing can)."""

    doing: Any  # each has words of its own
    share: int
    stop: Callable[[], None] | None


async def stoppable(context: Context, shown: Working, doing: str, work: Callable[[Moved], Awaitable[T]]) -> T:
    """Have it done. Raises Stopped, and what the work raises; by then nothing is shown as under way."""

    def moved(done: int, total: int) -> None:
        share = min(100, 100 * done // total) if total else 0
        if share != shown.share:
            shown.share = share
            context.progressed()

    def stop() -> None:
        task.cancel()

    task: asyncio.Future[T] = asyncio.ensure_future(work(moved))
    shown.doing, shown.share, shown.stop = doing, 0, stop
    context.changed()
    try:
        await asyncio.wait({task})
        return task.result()
    except asyncio.CancelledError:
        if not task.cancelled():
            raise  # not stopped by the person: the page goes
        raise Stopped from None
    finally:
        task.cancel()
        shown.doing, shown.stop = "", None
        context.changed()
