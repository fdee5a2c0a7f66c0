"""Making something a favourite."""

from __future__ import annotations

from msgspec.structs import replace

from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.stars import Star
from app.ui.home.arriving import on_table


async def star(context: Context, action: Star, _event: Event) -> None:
    """Shown at once; what another tab chose meanwhile is shown when it is stored."""
    state, name = context.state, f"{action.kind}:{action.id}"
    others = tuple(one for one in state.preferences.starred if one != name)
    state.preferences = replace(state.preferences, starred=(name, *others) if action.on else others)
    stored = await context.services.profiles.star(name, on=action.on)
    state.preferences = replace(state.preferences, starred=stored)
    on_table(context)


HANDLERS: dict[type[Action], Handler] = {Star: star}
