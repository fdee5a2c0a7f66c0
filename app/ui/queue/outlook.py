"""What becomes of a lane's queue by itself, as this tab sees it: for the view, and for the closer where this tab leads."""

from __future__ import annotations

from app.core.model.lanes import Lane
from app.core.queue.auto_submit import Origin, Outlook, Why
from app.core.queue.summaries import NO_FORECAST
from app.services.queue.auto_submit import LaneContext
from app.services.queue.lane import LaneQueue
from app.ui.base.state import State
from app.ui.queue.dialogs import RequestDialog


def blocker(state: State, lane: Lane) -> Why | None:
    """What in this tab is in a lane's way."""
    if isinstance(state.dialog, RequestDialog) and state.dialog.lane == lane.key:
        return "edited"
    profile = state.provider.profiles.get(lane.profile)
    if profile is None or profile.practice:
        return None
    if state.provider.reload_needed and profile.id != "openai":
        return "reload"
    if not state.engine.online:
        return "offline"
    if (key := state.provider.keys.get(profile.id)) is not None and key.locked:
        return "locked"
    test = state.provider.key_test
    return "bad_key" if test is not None and test.profile == profile.id and not test.good else None


def outlook(state: State, queued: LaneQueue, kind: Origin) -> Outlook:
    """What becomes of this lane's requests of one origin, which ``queued`` holds alone (``LaneQueue.parts``)."""
    context = LaneContext(
        profiles=state.provider.profiles,
        limits=state.provider.limits,
        chosen=state.queue.automatic,
        notices=state.queue.notices,
        batches=state.batches.all,
        keys=frozenset(id for id, key in state.provider.keys.items() if key.present or key.locked),
        blocker=lambda lane: blocker(state, lane),
    )
    return context.outlook(queued, kind, state.queue.plans.get((queued.lane.key, kind), NO_FORECAST), state.now)
