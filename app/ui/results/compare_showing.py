"""What of a comparison is in sight: items with the answers of every arm, and one of them in full."""

from __future__ import annotations

import asyncio

from app.core.results.layout import Comparison
from app.services.results.compare_jobs import COMPARED, ITEM, ComparedAsked, ComparedWindow, ItemAsked
from app.ui.base.context import Context
from app.ui.base.readings import MANY
from app.ui.base.results_state import ResultsState
from app.ui.results.table_showing import ask_for, asked, begin

LIST = "compared"
"""The key of the list of items (State.scroll)."""


def comparison(here: ResultsState) -> Comparison:
    """What is compared."""
    return here.layout.compare or Comparison()


def lines_of(window: ComparedWindow | None) -> int:
    """Lines of one item: its own, and those of all arms."""
    return 1 + sum(window.lines) if window is not None else 1


async def follow(context: Context) -> None:
    """Show what the address names."""
    before = context.state.results
    was = (before.scope, before.query, before.layout)
    if not await begin(context):
        return
    here = context.state.results
    if here.comparing.stop is not None and was != (here.scope, here.query, here.layout):
        here.comparing.stop()  # of many rows it takes seconds, and nobody waits for it any more
    if was[:2] != (here.scope, here.query) or before is not here:
        context.state.scroll.pop(LIST, None)
    if here.comparing.item is not None and here.comparing.item_at != here.at:
        here.comparing.item = None
    refresh(context)


def refresh(context: Context) -> None:
    """The items in sight."""
    context.catch_up("compared", lambda: _items(context))


async def _items(context: Context) -> None:
    here = context.state.results
    if context.state.route.view != "results" or here.layout.compare is None:
        return
    height = lines_of(here.comparing.window)
    first, last = context.state.scrolled(LIST).window(MANY, margin=height)
    here.doing, here.share = here.doing or "rows", 0
    layout, table = here.layout, asked(context, here)
    arguments = ComparedAsked(table, comparison(here), first // height, -(-last // height) + 1, layout.diff)
    asking = ask_for(context, here, COMPARED, arguments)
    work = asyncio.ensure_future(asking)

    def stop() -> None:
        work.cancel()

    here.comparing.stop = stop
    try:
        await asyncio.wait({work})
    finally:
        work.cancel()  # where it is this that is stopped
        here.comparing.stop = None
    if context.state.results is not here:
        return
    here.doing = ""
    if work.cancelled():
        return
    found = work.result()
    if found is not None and here.layout == layout:
        higher = lines_of(found) != height
        here.comparing.window, here.fault = found, ""
        if higher:  # how high an item is was not known before
            refresh(context)
    context.changed()
    if here.at is not None and here.comparing.item_at != here.at and found is not None:
        await open_item(context, here)


async def open_item(context: Context, here: ResultsState) -> None:
    """The item that the address names, in full."""
    at = here.at
    if at is None:
        return
    here.comparing.item_at = at
    found = await ask_for(context, here, ITEM, ItemAsked(asked(context, here), comparison(here), *at))
    if context.state.results is here and here.at == at:
        here.comparing.item = found
        context.changed()
