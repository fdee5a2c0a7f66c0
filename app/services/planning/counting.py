"""Counting the tokens of all requests of a plan, part by part: one is made in its worker while the one before is counted in another.

Nobody waits for it: while there is a job that someone waits for (rows that are imported, checked, added to the queue), no part is begun.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from app.core.openai.encodings import Encoding, encoding_of
from app.core.planning.rowrequests import PlanOrder
from app.ports import Tokenizers
from app.ports.compute import Finished, JobFailed, KeepingCompute
from app.services.planning.pricing import CountedLane
from app.services.planning.texts_job import PLACE, TEXTS, TextsOrder, TextsPart


def uncounted(lanes: Sequence[CountedLane]) -> bool:
    """Whether only a sample was counted, and all can be."""
    return any(one.counted < one.requests for one in lanes) and any(one.by != "bytes" for one in lanes)


async def all_counted(
    order: PlanOrder, lanes: Sequence[CountedLane], compute: KeepingCompute, tokenizers: Tokenizers, moved: Callable[[int, int], None]
) -> tuple[CountedLane, ...]:
    """Each lane with the tokens of all its requests. ``moved`` hears how far it is, in thousandths. Raises what the job raises, JobFailed
    where the table is another one by now, LibraryMissing."""
    found: dict[tuple[str, str], Counter[int]] = {}
    encodings = sorted({encoding_of(one.model).encoding for one in lanes})
    try:
        for n, encoding in enumerate(encodings):

            def told(done: int, total: int, n: int = n) -> None:
                moved((1000 * n + 1000 * done // max(1, total)) // len(encodings), 1000)

            await _encoded(order, encoding, compute, tokenizers, found, told)
    finally:
        compute.leave(PLACE)
    return tuple(_exact(one, found.get((one.tag, one.model), Counter())) for one in lanes)


async def _encoded(
    order: PlanOrder,
    encoding: Encoding,
    compute: KeepingCompute,
    tokenizers: Tokenizers,
    found: dict[tuple[str, str], Counter[int]],
    moved: Callable[[int, int], None],
) -> None:
    """Count what is counted in one encoding."""

    def begun(first: int) -> asyncio.Task[Finished[TextsPart]]:
        return asyncio.ensure_future(compute.run(TEXTS, TextsOrder(order, encoding, first)))

    ahead = begun(0)
    try:
        while True:
            done = await ahead
            part = done.value
            if part.next < part.runs:
                ahead = begun(part.next)
            if part.ends and done.blob is not None:
                _enter(part, await tokenizers.counts_in(encoding, done.blob, part.ends), found)
            moved(part.next, part.runs)
            if part.next >= part.runs:
                return
    finally:
        ahead.cancel()
        await asyncio.wait({ahead})


def _enter(part: TextsPart, counts: list[int], found: dict[tuple[str, str], Counter[int]]) -> None:
    at = 0
    for one in part.of:
        some = counts[at : at + one.texts]
        found.setdefault((one.tag, one.model), Counter()).update(some if not one.extra else [count + one.extra for count in some])
        at += one.texts


def _exact(lane: CountedLane, found: Counter[int]) -> CountedLane:
    if found.total() != lane.requests:
        raise JobFailed("The rows have changed since they were counted. Check them again.")
    by = "exact" if encoding_of(lane.model).exact else "estimated"
    return replace(lane, tokens=(), by=by, why="", spread=tuple(sorted(found.items())))
