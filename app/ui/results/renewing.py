"""A table of answers that is open is another one by now: batches ended, were sent again, deleted or hidden, here or in another tab, or the
table whose rows were asked was imported again."""

from __future__ import annotations

from app.core.model.batches import Batch
from app.ui.base.context import Context
from app.ui.base.results_state import ResultsState
from app.ui.results import addresses, compare_showing, table_showing
from app.ui.results.ordering import order_of
from app.ui.results.selecting import recount


def look_at_batches(context: Context) -> None:
    """The list of batches is another one: where these answers changed, they are read again."""
    here = context.state.results
    before, here.looked = here.looked, context.state.batches.all
    now = order_of(context, here)
    if (now.stamp, now.elsewhere) == (here.stamp, here.elsewhere):
        return
    _let_go(context, here, before)
    refresh(context)
    if here.at is not None and _of(before, here.at[0]) is not _of(context.state.batches.all, here.at[0]):
        here.comparing.item_at = None
        if here.layout.compare is None:
            context.catch_up("result", lambda: table_showing.show(context, context.state.results))


def refresh(context: Context) -> None:
    """What is in sight is read again, as a table or a comparison."""
    here = context.state.results
    if here.layout.compare is not None:
        compare_showing.refresh(context)
        return
    table_showing.refresh(context)
    if here.facet is not None:
        context.catch_up("facet", lambda: table_showing.count(context, context.state.results))
    if here.agreement is not None:
        context.catch_up("agreement", lambda: table_showing.count_agreement(context, context.state.results))


async def look_at_table(context: Context) -> None:
    """Another tab wrote settings: perhaps it imported the table again, or chose what its answers are compared with."""
    here = context.state.results
    kind, ids = addresses.named(here.scope)
    if kind != "table" or not here.version:
        return
    expectation, version = await table_showing.kept_with(context, ids[0])
    if context.state.results is not here or (expectation, version) == (here.expectation, here.version):
        return
    here.expectation, here.version, here.summaries = expectation, version, {}
    here.ordered = None
    refresh(context)


def _of(batches: list[Batch], id: str) -> Batch | None:
    return next((one for one in batches if one.id == id), None)


def _let_go(context: Context, here: ResultsState, before: list[Batch]) -> None:
    """Rows of batches that were deleted are not chosen any more; what the others are is counted again."""
    rows = here.picking.rows
    gone = {one.id for one in before} - {one.id for one in context.state.batches.all}
    if gone and rows:
        rows.difference_update([one for one in rows if one[0] in gone])
    recount(context, here)
