"""When other texts are in sight: those that may be Markdown are read beside the page, and drawn again when they are."""

from __future__ import annotations

from app.ui.base.context import Context
from app.ui.results.reading_sight import in_sight, parts_in_sight


def look(context: Context) -> None:
    """After each drawing."""
    state = context.state
    here = state.reading
    unread = state.preferences.reading == "rendered" and not all(one in here.documents for one in in_sight(state))
    if unread or here.pictures.keys() != {one.data for one in parts_in_sight(state) if one.data}:

        async def read_now() -> None:
            from app.ui.results.reading_showing import follow

            await follow(context)

        context.catch_up("reading", read_now)
