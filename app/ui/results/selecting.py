"""What of a table of answers was chosen is counted beside the page: by what became of them, and what sending them again would cost."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.results.retrying import RetryChange
from app.services.results.selection_jobs import SELECTION, SelectionAsked, SelectionFacts
from app.services.results.table_jobs import CHOSEN
from app.services.runtime.slices import Slicer
from app.ui.base.context import Context
from app.ui.base.results_state import ResultsState
from app.ui.results.table_showing import ask_for, asked, between

Rows = dict[str, tuple[int, ...]]
"""Rows by the ids of their batches."""


async def by_batch(context: Context, picked: Iterable[tuple[str, int]]) -> Rows:
    """Chosen rows as jobs take them."""
    found: dict[str, list[int]] = {}
    slicer = Slicer(context.services.clock)
    for batch, row in tuple(picked):
        found.setdefault(batch, []).append(row)
        if slicer.over():
            await slicer.rest()
    return {batch: tuple(rows) for batch, rows in found.items()}


async def chosen_rows(context: Context, here: ResultsState) -> Rows | None:
    """The rows that were ticked; where none is, all that the query lets through. None where that cannot be found."""
    if here.picking.rows:
        return await by_batch(context, here.picking.rows)
    found: list[Rows] = []

    async def ask() -> None:
        rows = await ask_for(context, here, CHOSEN, asked(context, here))
        if rows is not None:
            found.append(rows)

    await between(context, here, ask)
    return found[0] if found else None


def recount(context: Context, here: ResultsState) -> None:
    """Other rows are chosen now."""
    here.picking.facts = None
    if here.picking.rows:
        context.catch_up("chosen", lambda: _count(context))


async def _count(context: Context) -> None:
    here = context.state.results
    rows = await by_batch(context, here.picking.rows)
    found = await facts_of(context, here, rows, RetryChange())
    if here.picking.rows:
        here.picking.facts = found
    context.changed()


async def facts_of(context: Context, here: ResultsState, rows: Rows, change: RetryChange) -> SelectionFacts | None:
    """What these rows are, and what sending them again so would cost."""
    found: list[SelectionFacts] = []

    async def ask() -> None:
        facts = await ask_for(context, here, SELECTION, SelectionAsked(asked(context, here), rows, change))
        if facts is not None:
            found.append(facts)

    await between(context, here, ask)
    return found[0] if found else None
