"""What the queue reads when it is opened."""

from __future__ import annotations

from app.core.model.stored_names import QUEUE_EDIT
from app.ports import Table
from app.ui.base.context import Context
from app.ui.base.state import Route


def on_route(context: Context, _before: Route) -> None:
    """The queue is opened."""
    if context.state.route.view == "queue":
        context.tasks.start("edits", refresh_edits(context))


async def refresh_edits(context: Context) -> None:
    """Changes of many requests that can be undone: a handful. Most queues have none, and load nothing for it."""
    here = context.state.queue
    if not here.edits and not await context.services.store.scan(Table.SETTINGS, owner=QUEUE_EDIT.name):
        return
    from app.core.model.queue_edits import QueueEdit

    found = [one.value for one in await context.services.records.all(QueueEdit)]
    here.edits = sorted((one for one in found if one.segments), key=lambda one: (-one.at, one.id))
    context.changed()
