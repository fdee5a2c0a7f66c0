"""What becomes of a lane's queue by itself, as this tab sees it: for the view, and for the closer where this tab leads."""

from __future__ import annotations

from app.core.closing import Outlook, Why
from app.core.lanes import Plan
from app.core.records import Lane
from app.services.closing import Around
from app.services.queue import LaneQueue
from app.ui.state import RequestDialog, State

NOTHING_PLANNED = Plan(())


def hinders(state: State, lane: Lane) -> Why | None:
    """What in this tab stands in a lane's way."""
    if isinstance(state.dialog, RequestDialog) and state.dialog.lane == lane.key:
        return "edited"
    profile = state.profiles.get(lane.profile)
    if profile is None or profile.practice:
        return None
    if state.reload_needed and profile.id != "openai":
        return "reload"
    if not state.online:
        return "offline"
    test = state.key_test
    return "bad_key" if test is not None and test.profile == profile.id and not test.good else None


def outlook(state: State, queued: LaneQueue) -> Outlook:
    """What becomes of this lane's requests."""
    around = Around(
        profiles=state.profiles,
        limits=state.limits,
        chosen=state.automatic,
        told=state.told,
        batches=state.batches,
        keys=frozenset(id for id, key in state.keys.items() if key.present),
        hinders=lambda lane: hinders(state, lane),
    )
    return around.outlook(queued, state.plans.get(queued.lane.key, NOTHING_PLANNED), state.now)
