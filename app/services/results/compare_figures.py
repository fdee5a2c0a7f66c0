"""What arms come to over all rows (core.results.comparing), in parts: between two of them a page draws, and a stop is heard."""

from __future__ import annotations

from array import array
from collections.abc import AsyncGenerator, Sequence
from itertools import compress
from typing import Final

import msgspec

from app.core.results import comparing
from app.core.results.answerindex import AnswerState
from app.core.results.columns import Column, NumberColumn
from app.core.results.comparing import ArmFacts, ArmSums, Means
from app.core.results.layout import Comparison
from app.core.results.ordering import Ranked
from app.core.results.query import TableQuery
from app.ports.compute import Job
from app.services.results.compare_arms import Arms, items_of, parts
from app.services.results.table_index import KeptIndex
from app.services.results.table_jobs import COUNTED, rows_let_through

_FIGURES: Final = "figures"


class CountedItems(msgspec.Struct):
    """What is found of a comparison over all items, kept for the next scroll. ``column``: of these very figures. ``chosen``: the items that
    are wanted, in their order; ``total``: of so many."""

    key: tuple[Comparison, TableQuery]
    column: Column
    facts: tuple[ArmFacts, ...]
    chosen: array[int]
    total: int


class _Figures(msgspec.Struct):
    """By arm that is shown the figure of each item. ``placed``: which of the arms shown a row is of (-1: none)."""

    column: Column
    shown: tuple[int, ...]
    found: list[array[float]]
    placed: array[int]


async def figures_of(job: Job, kept: KeptIndex, arms: Arms, shown: Sequence[int], metric: str) -> list[array[float]]:
    """By arm that is shown; of the others nobody asks, and there may be many."""
    return (await _figures(job, kept, arms, shown, metric)).found


async def counted(job: Job, kept: KeptIndex, arms: Arms, shown: Sequence[int], compare: Comparison, query: TableQuery) -> CountedItems:
    """Of the items that the query lets through."""
    column, before = kept.index.column(compare.metric), kept.memory.get(COUNTED)
    if isinstance(before, CountedItems) and before.key == (compare, query) and before.column is column:
        return before
    words = not isinstance(column, NumberColumn)
    figures = await _figures(job, kept, arms, shown, compare.metric)
    found = [await _deltas(job, figures.found[0], each, words=words, down=compare.down) for each in figures.found]
    against = next((n for n, one in enumerate(shown) if n and arms.names[one] == compare.against), min(1, len(shown) - 1))
    asked = await items_of(job, arms, await rows_let_through(job, kept, query), shown)
    sums = [ArmSums() for _ in shown]
    await _add_answers(job, kept, arms, figures.placed, asked, sums)
    for one, values, delta in zip(sums, figures.found, found, strict=True):
        async for first, last in parts(job, len(delta)):
            may = asked[first:last]
            one.add_items(list(compress(values[first:last], may)), array("d", compress(delta[first:last], may)))
    facts = tuple(each.facts(arms.names[one], arms.titles[one], numbers=not words) for one, each in zip(shown, sums, strict=True))
    chosen = await _chosen(job, found[against], compare, asked) if shown else array("I")
    made = kept.memory[COUNTED] = CountedItems((compare, query), column, facts, chosen, asked.count(1))
    return made


async def _figures(job: Job, kept: KeptIndex, arms: Arms, shown: Sequence[int], metric: str) -> _Figures:
    column, before = kept.index.column(metric), kept.memory.get(_FIGURES)
    if isinstance(before, _Figures) and before.column is column and before.shown == tuple(shown):
        return before
    places = [-1] * (len(arms.names) + 1)  # the last one is that of no arm
    for n, one in enumerate(shown):
        places[one] = n
    placed, usual, items = array("h"), kept.index.usual(metric), len(arms.starts) - 1
    means = Means(column, items, len(shown))
    async for first, last in _told(job, len(arms.arms)):
        placed.extend(map(places.__getitem__, arms.arms[first:last]))
        means.add(compress(range(first, last), usual[first:last]), arms.items, placed)
    found = [array("d") for _ in shown]
    for n, each in enumerate(found):
        async for first, last in parts(job, items):
            each.extend(means.of(n, first, last))
    made = kept.memory[_FIGURES] = _Figures(column, tuple(shown), found, placed)
    return made


async def _told(job: Job, count: int) -> AsyncGenerator[tuple[int, int], None]:
    """As :func:`parts`, and it is told how far it is."""
    async for first, last in parts(job, count):
        yield first, last
        job.moved(last, count)


async def _deltas(job: Job, base: array[float], other: array[float], *, words: bool, down: bool) -> array[float]:
    made = array("d")
    async for first, last in parts(job, len(base)):
        made.extend(comparing.deltas(base[first:last], other[first:last], words=words, down=down))
    return made


async def _add_answers(job: Job, kept: KeptIndex, arms: Arms, placed: array[int], asked: bytes, sums: list[ArmSums]) -> None:
    """What the answers of each arm cost, and how long they are."""
    costs, lengths, states = kept.index.column("cost"), kept.index.column("length"), kept.index.states
    paid: Sequence[float] = costs.values if isinstance(costs, NumberColumn) else [comparing.NAN] * len(placed)
    said: Sequence[float] = lengths.values if isinstance(lengths, NumberColumn) else [comparing.NAN] * len(placed)
    async for first, last in parts(job, len(placed)):
        rows: list[list[int]] = [[] for _ in sums]
        for row in range(first, last):
            if placed[row] >= 0 and asked[arms.items[row]]:
                rows[placed[row]].append(row)
        for one, found in zip(sums, rows, strict=True):
            good = [row for row in found if states[row] == AnswerState.GOOD]
            one.add_answers([paid[row] for row in found], [said[row] for row in good], len(good))


async def _chosen(job: Job, found: array[float], compare: Comparison, asked: bytes) -> array[int]:
    """The items in their order: those that are wanted, worst or best first, items without a difference last."""
    wanted, filled = bytearray(), bytearray()
    async for first, last in parts(job, len(found)):
        wanted += comparing.wanted(found[first:last], compare.only, asked[first:last])
        filled += comparing.filled(found[first:last])
    if compare.order == "rows":
        return array("I", compress(range(len(found)), wanted))
    both = bytes(map(int.__and__, wanted, filled))
    chosen = job.order(Ranked(found), both, compare.order == "better")
    chosen.extend(n for n, one in enumerate(wanted) if one and not filled[n])
    return chosen
