"""When requests go out by themselves, as sentences for where they are made."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.base import text
from app.core.model.providers import Profile
from app.core.model.settings import Automatic
from app.core.queue.auto_submit import Origin, waits


def _wait(chosen: Mapping[str, Automatic], profile: Profile, kind: Origin) -> float:
    return waits(chosen.get(profile.id, Automatic(id=profile.id)), kind)


def own_wait(chosen: Mapping[str, Automatic], profile: Profile) -> float:
    """Seconds that a request which is added by hand waits at most for this provider; 0: until it is submitted. ``chosen``: by profile."""
    return _wait(chosen, profile, "own")


def programs_wait(chosen: Mapping[str, Automatic], profile: Profile) -> str:
    """When requests of programs for this provider go out, as a sentence."""
    if (after := _wait(chosen, profile, "programs")) == 0:
        return "Their requests wait in the queue until you submit them."
    return f"Their requests are submitted automatically after {text.span(after)} at the latest, while this page is open."


def when_added(chosen: Mapping[str, Automatic], profile: Profile) -> str:
    """When what is added to the queue by hand goes out, as a sentence for where it is added."""
    if (after := own_wait(chosen, profile)) == 0:
        return "In the queue it waits until you submit it."
    bills = "" if profile.practice else f", and {profile.name} bills it"
    return f"From the queue it submits automatically after {text.span(after)} at the latest, while this page is open{bills}."
