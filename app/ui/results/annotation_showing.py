"""What is said of answers, shown: the open one's at once, then the table's columns as far as they changed."""

from __future__ import annotations

from collections.abc import Collection

from app.core.model.annotations import AnnotatedRows
from app.core.model.stored_names import row_id
from app.core.results.annotating import batch_of, record_id
from app.ports import Table
from app.services.results.annotating import AnnotationChange
from app.services.results.annotation_columns import NAMES
from app.services.results.table_jobs import ANNOTATED, AnnotatedAsked
from app.ui.base.context import Context
from app.ui.base.results_state import ResultsState
from app.ui.results import renewing
from app.ui.results.ordering import order_of
from app.ui.results.table_showing import ask_for, asked, locate

_PREFIX = row_id(AnnotatedRows.stored, "")


def told(context: Context, here: ResultsState, made: AnnotationChange, *, typed: bool = False) -> None:
    """This was stored. ``typed``: letter by letter, and shown already."""
    if here.at is not None and not typed:
        now = made.rows.get(record_id(*here.at), {}).get(here.at[1])
        if now is not None:
            here.annotating.said = here.annotating.with_typed(here.at, now[1])
    if context.state.results is here:
        renew(context, here, made.rows)
    context.changed()


def renew(context: Context, here: ResultsState, records: Collection[str]) -> None:
    """Have the table say what these records say now."""
    here.annotating.stale.update(records)
    context.catch_up("annotations", lambda: _renew(context))


async def _renew(context: Context) -> None:
    here = context.state.results
    records, here.annotating.stale = tuple(sorted(here.annotating.stale)), set()
    if context.state.route.view != "results" or not here.stamp or (not order_of(context, here).order.batches and here.window is None):
        return
    if here.stop is not None:
        here.stop()
    found = await ask_for(context, here, ANNOTATED, AnnotatedAsked(asked(context, here), records))
    if found is None or context.state.results is not here:
        return
    context.state.charts.asked = None
    told_by = {one.column for one in here.query.filters} | {here.query.sorted_by[0]}
    here.summaries = {} if told_by & set(NAMES) else {name: one for name, one in here.summaries.items() if name not in NAMES}
    if here.at is None and here.active >= 0:
        here.focus += 1  # the row may have gone from under the keys: the one in its place has them
    renewing.refresh(context)
    if here.at is not None and told_by & set(NAMES):
        await locate(context, here)


async def look(context: Context) -> None:
    """Another tab wrote settings, perhaps what is said of answers."""
    here = context.state.results
    revisions = {
        id.removeprefix(_PREFIX): rev for id, rev in await context.services.store.revisions(Table.SETTINGS, AnnotatedRows.stored.name)
    }
    before, here.annotating.revisions = here.annotating.revisions, revisions
    shown = set(order_of(context, here).order.batches) or None
    changed = {id for id in before.keys() | revisions.keys() if before.get(id) != revisions.get(id)}
    changed = {id for id in changed if shown is None or batch_of(id) in shown}
    if not changed or context.state.results is not here or context.state.route.view != "results":
        return
    if here.at is not None and record_id(*here.at) in changed:
        found = here.annotating.with_typed(here.at, await context.services.annotations().of(*here.at))
        if here.annotating.said is not None and found != here.annotating.said:
            if (found.note, found.correction) != (here.annotating.said.note, here.annotating.said.correction):
                here.annotating.rev += 1
            here.annotating.said = found
    renew(context, here, changed)
