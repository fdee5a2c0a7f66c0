"""Requests that left a batch for the queue, put into batches of their own from there: in a rescue, or because a person who sends them again
wants them to go at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

from app.core.model.lanes import Lane
from app.core.model.rescues import RescueWay
from app.core.queue.scope import Pick
from app.services.queue.queue import Queue

LIVE: Final[dict[RescueWay, Literal["", "standard", "flex"]]] = {"batch": "", "flex": "flex", "standard": "standard"}
"""By the way in which they go: at which price they are asked one by one (``Batch.live``); "": as a batch. What waits in the queue is not
submitted."""


async def left(queue: Queue, lane: Lane, batch: str) -> frozenset[str]:
    """The segments of a lane's queue whose requests were in this batch last, by their ids."""
    return frozenset(one.id for one in (await queue.lane(lane)).segments if one.previous_batches[-1:] == (batch,))


async def scope_of(queue: Queue, lane: Lane, batch: str, ids: Collection[str], but: Collection[str] = ()) -> dict[str, Pick]:
    """Those of these requests that wait in the queue since they left the batch, but for those in the segments ``but``."""
    wanted, found = frozenset(ids), dict[str, Pick]()
    for summary in (await queue.lane(lane)).segments:
        if summary.previous_batches[-1:] == (batch,) and summary.id not in but:
            segment = await queue.segment(summary)
            if segment is not None and (mine := wanted.intersection(segment.ids)):
                found[segment.id] = Pick(ids=mine)
    return found
