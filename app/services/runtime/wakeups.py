"""Waiting for what comes first: a time, or someone who rings."""

from __future__ import annotations

import asyncio

from app.ports import Clock


async def until(clock: Clock, seconds: float, bell: asyncio.Event) -> None:
    """Return after so many seconds by ``clock`` (at once, if none are left), or when ``bell`` rings. Raises what the clock raises."""
    waits = [asyncio.ensure_future(clock.sleep(max(0.0, seconds))), asyncio.ensure_future(bell.wait())]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
    finally:
        for one in waits:
            one.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
