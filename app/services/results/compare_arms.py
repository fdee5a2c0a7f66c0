"""Which rows of a table of answers are of which item and of which arm (core.results.comparing), found once for each index."""

from __future__ import annotations

from array import array
from collections.abc import AsyncGenerator, Iterator, Sequence
from itertools import compress
from typing import Any, Final

import msgspec

from app.core.results import comparing
from app.core.results.layout import MOST_ARMS, Comparison
from app.core.templates.variants import told_apart
from app.ports.compute import Job
from app.services.results.table_index import KeptIndex

PART: Final = 4_096
"""Rows, or items, in one stretch of work."""
MOST_KNOWN: Final = 100
"""Arms that can be chosen from: ids that only look as if they named variants may name thousands."""
_ARMS: Final = "arms"


class Arms(msgspec.Struct):
    """Which row of the table is of which item and of which arm (-1: of none of those that are known). ``order`` has the rows by their
    items, of which ``starts`` says where each begins; ``repeats`` how many answers of an arm an item has at most."""

    names: list[str]
    titles: list[str]
    items: array[int]
    arms: array[int]
    order: array[int]
    starts: array[int]
    repeats: list[int]


async def arms_of(job: Job, kept: KeptIndex) -> Arms:
    found: Arms | None = kept.memory.get(_ARMS)
    if found is None:
        found = kept.memory[_ARMS] = await _made(job, kept)
    return found


async def _made(job: Job, kept: KeptIndex) -> Arms:
    names: dict[str, int] = {}
    items, arms = array("I", bytes(4 * len(kept))), array("h", bytes(2 * len(kept)))
    titles: dict[str, str] = {}
    keyed = _of_table(kept) if kept.position is not None else _of_ids(kept)
    places: dict[Any, int] = {}
    for row, (key, name, title) in enumerate(keyed):
        items[row] = places.setdefault(key, len(places))
        if name not in names and len(names) < MOST_KNOWN:
            names[name] = len(names)
            titles[name] = title
        arms[row] = names.get(name, -1)
        if job.over():
            job.moved(row, len(kept))
            await job.rest()
    order, starts = await _ordered(job, items, len(places))
    repeats = [0] * len(names)
    for n in range(len(starts) - 1):
        here: dict[int, int] = {}
        for row in order[starts[n] : starts[n + 1]]:
            if arms[row] >= 0:
                here[arms[row]] = here.get(arms[row], 0) + 1
        for arm, count in here.items():
            repeats[arm] = max(repeats[arm], count)
        if job.over():
            await job.rest()
    told = comparing.titles(titles)
    return Arms(list(names), [told[one] for one in names], items, arms, order, starts, repeats)


async def _ordered(job: Job, items: array[int], count: int) -> tuple[array[int], array[int]]:
    """The rows by their items, as they are within each; and where each item begins."""
    starts = array("I", bytes(4 * (count + 1)))
    async for first, last in parts(job, len(items)):
        for one in items[first:last]:
            starts[one + 1] += 1
    async for first, last in parts(job, count):
        for n in range(first + 1, last + 1):
            starts[n] += starts[n - 1]
    order, free = array("I", bytes(4 * len(items))), starts[:]
    async for first, last in parts(job, len(items)):
        for row in range(first, last):
            item = items[row]
            order[free[item]] = row
            free[item] += 1
    return order, starts


async def parts(job: Job, count: int) -> AsyncGenerator[tuple[int, int], None]:
    """From 0 to ``count`` in stretches of what takes some milliseconds, with a rest where it is time for one."""
    for first in range(0, count, PART):
        last = min(first + PART, count)
        yield first, last
        if job.over(last - first):
            await job.rest()


def _of_table(kept: KeptIndex) -> Iterator[tuple[int, str, str]]:
    """The row of the table, and the way in which it was asked: samples are repeats, unless there is nothing else to compare."""
    assert kept.position is not None  # noqa: S101  # for the type checker
    joined = kept.joined
    several = len({(one.run, one.tag) for one in joined.ways}) > 1
    models = [_model(kept, n) for n in range(len(joined.ways))]
    ways = []
    for n, way in enumerate(joined.ways):
        run = joined.runs[way.run]
        title = way.tag or models[n] or "Answers"
        if not several and way.sample:
            ways.append((comparing.arm_name(run.id, way.tag, way.sample), f"{title}, sample {way.sample}"))
        else:
            ways.append((comparing.arm_name(run.id, way.tag), title))
    for one, position in zip(*kept.position, strict=True):
        yield position, *ways[one]


def _model(kept: KeptIndex, way: int) -> str:
    """The model of the first batch that an answer of this way is in."""
    batch = next((one for one in kept.joined.sendings[way].batch if one >= 0), -1)
    return kept.joined.parts[batch].batch.lane.model if batch >= 0 else ""


def _of_ids(kept: KeptIndex) -> Iterator[tuple[str, str, str]]:
    """Requests of batches: those whose ids are alike but for what comes after the first mark."""
    for id in kept.ids():
        base, behind = told_apart(id)
        yield base, behind, behind or "Answers"


def shown_arms(arms: Arms, compare: Comparison) -> list[int]:
    """The arms that are compared, the baseline first."""
    known = {name: n for n, name in enumerate(arms.names)}
    wanted = [known[one] for one in compare.arms if one in known] or list(range(len(arms.names)))
    return wanted[:MOST_ARMS]


async def items_of(job: Job, arms: Arms, mask: bytes | None, shown: Sequence[int]) -> bytes:
    """By item 1 where one of its rows is let through and is of an arm that is shown."""
    wanted = bytearray(len(arms.starts) - 1)
    of = frozenset(shown)
    async for first, last in parts(job, len(arms.items)):
        for row in range(first, last) if mask is None else compress(range(first, last), mask[first:last]):
            if arms.arms[row] in of:
                wanted[arms.items[row]] = 1
    return bytes(wanted)
