"""Telling the other tabs that requests are open in this one's editor, so that the tab that closes lanes does not send it as it was."""

from __future__ import annotations

from app.core.queue.auto_submit import EDITED_FOR
from app.ui.base.services import Services
from app.ui.base.state import State
from app.ui.queue.dialogs import BulkDialog, RequestDialog

_AGAIN = EDITED_FOR / 3
"""Seconds after which it is said again."""


def _lane(state: State) -> str:
    if isinstance(state.dialog, RequestDialog | BulkDialog):
        return state.dialog.lane
    return state.queue.work.lane if state.queue.work.doing else ""


def is_due(state: State, now: float) -> bool:
    """Whether something is to be said: the editor was opened, closed, or is open for a while. ``now`` is unix seconds."""
    lane, at = state.queue.editing
    return lane != _lane(state) or (bool(lane) and not 0 <= now - at < _AGAIN)


async def tell(state: State, services: Services) -> None:
    """Say it. Raises the store's errors."""
    before, lane = state.queue.editing[0], _lane(state)
    state.queue.editing = (lane, services.clock.now())
    if before and before != lane:
        await services.rules.edits_no_more(before)
    if lane:
        await services.rules.edits(lane)
