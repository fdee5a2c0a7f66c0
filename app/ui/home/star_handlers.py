"""Making something a favourite."""

from __future__ import annotations

from msgspec.structs import replace

from app.ui.base.actions_base import Action, Event
from app.ui.base.context import Context, Handler
from app.ui.base.stars import Star
from app.ui.home.arriving import on_table


async def star(context: Context, action: Star, _event: Event) -> None:
    """Stored before it is seen, with what another tab chose meanwhile."""
    stored = await context.services.profiles.star(f"{action.kind}:{action.id}", on=action.on)
    context.state.preferences = replace(context.state.preferences, starred=stored)
    on_table(context)


HANDLERS: dict[type[Action], Handler] = {Star: star}
