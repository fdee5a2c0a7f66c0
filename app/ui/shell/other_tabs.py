"""Settings that another tab wrote: read again where they are shown, in the order in which one needs the other."""

from __future__ import annotations

from app.core.model.keys import WATCHED
from app.ports import Table
from app.ui.base.context import Context
from app.ui.programs import rabbit_handlers
from app.ui.provider.handlers import refresh_profiles
from app.ui.queue.auto_submit_handlers import refresh_rules
from app.ui.settings.handlers import hear_of_practice
from app.ui.workspace.handlers import refresh_last


def on_table(context: Context) -> None:
    """Another tab wrote settings; the engine may be held by one."""

    async def read() -> None:
        await _read(context)

    context.catch_up("settings", read)
    context.services.engine.nudge()


async def _read(context: Context) -> None:
    """Providers, keys and the practice provider are everybody's; what a tab uses and its theme are its own until it is opened again."""
    await hear_of_practice(context)
    await context.refresh_histories()
    await refresh_profiles(context)
    await refresh_rules(context)
    await context.refresh_limits()
    await refresh_last(context)
    if context.state.route.view == "settings":
        await rabbit_handlers.arrive(context)
    context.services.consumer.nudge()
    if context.services.engine.leads and await context.services.store.get(Table.SETTINGS, WATCHED) is not None:
        context.services.post().nudge()
    context.changed()
