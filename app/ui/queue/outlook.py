"""What becomes of a lane's queue by itself, as this tab sees it: for the view, and for the closer where this tab leads."""

from __future__ import annotations

from app.core.base import text
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.model.settings import Automatic
from app.core.queue.auto_submit import Origin, Outlook, Why, waits
from app.core.queue.lanes import BatchPlan
from app.services.queue.auto_submit import Around
from app.services.queue.queue import LaneQueue
from app.ui.shell.dialogs import RequestDialog
from app.ui.shell.state import State

NOTHING_PLANNED = BatchPlan(())


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


def outlook(state: State, queued: LaneQueue, kind: Origin) -> Outlook:
    """What becomes of this lane's requests of one origin, which ``queued`` holds alone (``LaneQueue.parts``)."""
    around = Around(
        profiles=state.profiles,
        limits=state.limits,
        chosen=state.automatic,
        told=state.told,
        batches=state.batches,
        keys=frozenset(id for id, key in state.keys.items() if key.present),
        hinders=lambda lane: hinders(state, lane),
    )
    return around.outlook(queued, kind, state.plans.get((queued.lane.key, kind), NOTHING_PLANNED), state.now)


def own_wait(state: State, profile: Profile) -> float:
    """Seconds that a request which is added by hand waits at most for this provider; 0: until it is submitted."""
    return waits(state.automatic.get(profile.id, Automatic(id=profile.id)), "own")


def programs_wait(state: State, profile: Profile) -> str:
    """When requests of programs for this provider go out, as a sentence."""
    if (after := waits(state.automatic.get(profile.id, Automatic(id=profile.id)), "programs")) == 0:
        return "Their requests wait in the queue until you submit them."
    return f"Their requests go out by themselves after {text.span(after)} at the latest, while this page is open."


def when_added(state: State, profile: Profile) -> str:
    """When what is added to the queue by hand goes out, as a sentence for where it is added."""
    if (after := own_wait(state, profile)) == 0:
        return "In the queue it waits until you submit it."
    bills = "" if profile.practice else f", and {profile.name} bills it"
    return f"From the queue it goes out by itself after {text.span(after)} at the latest, while this page is open{bills}."
