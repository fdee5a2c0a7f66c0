"""Which tables were opened last, and what Home reads when it is opened: a few records by their ids, however much is stored."""

from __future__ import annotations

from msgspec.structs import replace

from app.core.model.providers import Spent
from app.ports import Conflict, StorageFull
from app.ui.base.context import Context
from app.ui.base.home_state import RecentTable
from app.ui.base.picking_state import PickingState
from app.ui.base.state import Route

STARRED = 12
"""Favourites that Home lists."""
KEPT = 5
"""Tables that are remembered as opened last."""


def on_route(context: Context, before: Route) -> None:
    """A table was opened, or Home."""
    route = context.state.route
    if route.view == "data" and route.id and route.id != before.id:
        _remember(context, route.id)
    if route.view != before.view:
        context.state.picking = PickingState()
    if route.view == "home":
        on_table(context)


def on_table(context: Context) -> None:
    """Home was opened, or another tab wrote settings, among which the tables are."""
    if context.state.route.view != "home":
        return

    async def read() -> None:
        await _read(context)

    context.catch_up("home", read)


def _remember(context: Context, id: str) -> None:
    """Where the person was; it is no choice of theirs, so nothing waits until it is stored."""
    state = context.state
    opened = (id, *(one for one in state.preferences.recent_tables if one != id))[:KEPT]
    if opened != state.preferences.recent_tables:
        state.preferences = replace(state.preferences, recent_tables=opened)
        context.tasks.start("recent", _keep(context, opened))


async def _keep(context: Context, opened: tuple[str, ...]) -> None:
    try:
        await context.services.profiles.prefer(recent_tables=opened)
    except (StorageFull, Conflict):
        return  # it is a convenience: what else cannot be stored is told where it is stored


async def _read(context: Context) -> None:
    from app.core.model.datasets import Dataset  # with all that is known of columns, which most pages never need

    state, records = context.state, context.services.records
    favourites = [one.removeprefix("table:") for one in state.preferences.starred if one.startswith("table:")][:STARRED]
    known: dict[str, RecentTable] = {}
    for id in dict.fromkeys((*state.preferences.recent_tables, *favourites)):
        stored = await records.get(Dataset, id)
        if stored is not None and not stored.value.deleted and (current := stored.value.current) is not None:
            known[id] = RecentTable(id, stored.value.name, current.rows, stored.value.updated)
    tables = [known[id] for id in state.preferences.recent_tables if id in known]
    deleted = {}
    for id, profile in state.provider.profiles.items():
        if not profile.practice and (spent := await records.get(Spent, id)) is not None:
            deleted[id] = spent.value.days
    state.home.tables, state.home.deleted = tuple(tables), deleted
    state.home.starred = {id: known[id] for id in favourites if id in known}
    context.changed()
