"""What of the stored tables is in sight: the list, and the rows of the one that is open."""

from __future__ import annotations

from app.core.model.datasets import RowSelection
from app.core.model.sendings import QueuedRows
from app.services.datasets.rows import DatasetRows, RowsMissing
from app.ui.base.context import Context
from app.ui.base.data_state import OpenTable

COLUMNS = 30
"""Columns that are drawn at a time."""


async def read(context: Context) -> None:
    """The list of tables, and the one that is open with its rows in sight."""
    here, datasets = context.state.data, context.services.datasets()
    newest = context.reading("data")
    found = await datasets.all()
    queued = [one.value for one in await context.services.records.all(QueuedRows) if one.value.file]
    if not newest():
        return
    here.all = tuple(found)
    here.files = tuple(sorted(queued, key=lambda one: (one.at, one.id), reverse=True))
    id = context.state.route.id
    dataset = next((one for one in found if one.id == id and not one.deleted), None)
    here.missing = id if dataset is None else ""
    context.changed()
    if dataset is None:
        here.open = None
        return
    if here.open is None or here.open.dataset.id != id:
        here.open = OpenTable(dataset)
    here.open.dataset = dataset
    opened, current = here.open, dataset.current
    if opened.reader is None or (current is not None and opened.reader.of != (id, current.number)):
        opened.reader = DatasetRows(context.services.store, dataset)
        opened.chosen, opened.selection = None, RowSelection()  # the rows that were found are those of the version before
        opened.faults = tuple(await datasets.faults(dataset))
    opened.queued = bool(await context.services.planning().queued(id))
    await read_rows(context, opened)


async def read_rows(context: Context, opened: OpenTable) -> None:
    """The rows in sight."""
    if opened.reader is None or opened.dataset.current is None:
        return
    chosen = opened.chosen.positions if opened.chosen is not None else None
    first, last = context.state.scrolled("table").window(len(chosen) if chosen is not None else opened.dataset.current.rows)
    newest = context.reading("table")
    try:
        if chosen is not None:
            rows = await opened.reader.at(chosen[first:last], opened.column, COLUMNS)
        else:
            rows = await opened.reader.window(first, last, opened.column, COLUMNS)
    except RowsMissing as error:
        opened.lost = str(error)
        context.changed()
        return
    if newest() and context.state.data.open is opened:
        opened.rows, opened.first, opened.lost = tuple(rows), first, ""
    context.changed()
