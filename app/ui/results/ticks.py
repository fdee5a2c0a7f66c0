"""Rows that a person ticked are ticked still when they come back to the table; as long as the page is open."""

from __future__ import annotations

from array import array
from itertools import repeat
from typing import Final

from app.services.runtime.slices import Slicer
from app.ui.base.context import Context
from app.ui.base.results_state import ResultsState
from app.ui.base.ticks_state import Ticks

MOST_TABLES: Final = 20
FEW: Final = 20_000
"""Ticks up to which they are kept as they are."""
_AT_ONCE: Final = 2_000


def keep(context: Context, here: ResultsState) -> None:
    """The table is left."""
    kept, rows = context.state.ticks.kept, here.picking.rows
    kept.pop(here.scope, None)
    if not rows:
        return
    kept[here.scope] = rows
    while len(kept) > MOST_TABLES:
        kept.pop(next(iter(kept)))
    if len(rows) > FEW:
        context.tasks.start(f"ticks {here.scope}", _pack(context, here.scope, rows))


async def _pack(context: Context, scope: str, rows: set[tuple[str, int]]) -> None:
    """Have many of them take little room."""
    packed: dict[str, array[int]] = {}
    slicer = Slicer(context.services.clock)
    for batch, row in rows:
        packed.setdefault(batch, array("I")).append(row)
        if slicer.over():
            await slicer.rest()
    if context.state.ticks.kept.get(scope) is rows:
        context.state.ticks.kept[scope] = packed


async def bring_back(context: Context, here: ResultsState) -> bool:
    """The table is opened again: what was ticked is, but for rows of batches that were deleted since. What these are is counted by
    ui.results.table_arriving. False where another table was opened meanwhile."""
    kept = context.state.ticks.kept.pop(here.scope, None)
    if not kept:
        return True
    there = {one.id for one in context.state.batches.all}
    rows = await _unpacked(context, kept, there)
    if context.state.results is not here:
        context.state.ticks.kept.setdefault(here.scope, rows)
        return False
    here.picking.rows |= rows
    return True


async def _unpacked(context: Context, kept: Ticks, there: set[str]) -> set[tuple[str, int]]:
    if isinstance(kept, set):
        return {one for one in kept if one[0] in there}
    found: set[tuple[str, int]] = set()
    slicer = Slicer(context.services.clock)
    for batch, rows in kept.items():
        for n in range(0, len(rows) if batch in there else 0, _AT_ONCE):
            found.update(zip(repeat(batch), rows[n : n + _AT_ONCE], strict=False))
            if slicer.over(_AT_ONCE):
                await slicer.rest()
    return found
