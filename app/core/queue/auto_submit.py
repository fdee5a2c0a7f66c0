"""When the requests of a lane go out by themselves.

A lane's queue is its one open batch. It is closed, which means that its requests move into batches of their own, when a batch is full
(requests, bytes, estimated tokens, inputs of embeddings), or when the oldest request has waited for as long as the person set. Nothing is
done here: :func:`outlook` says from what is stored what is to be done now, or until when it waits and why.

The rules:

1. Only what a person can know beforehand happens: the queue's view shows this outlook. Of a provider that bills, nothing goes before the
   view has said so (``noticed_at``), and not within :data:`SAID` seconds of it.
2. What a batch returned to the queue stays there until the person acts, unless what was in the way passes by itself: then it waits its
   time again.
3. Whatever stands in the way is named, and the requests stay as they are. Submitting by hand is always possible.
4. A request made by hand waits until its person submits it, unless that person chose a time for such requests. Those that programs handed
   in, and those that a person submitted and that came back for a reason that passes, go by themselves (:func:`origin`). In a lane that
   holds both, each kind is judged and sent apart from the other.
5. The requests of a batch that a program created (``POST /v1/batches``) go as soon as they are here, whatever was chosen about others:
   who creates a batch has said when. What came back from a batch goes by the rule of programs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from app.core.model import stored_names
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.providers import Profile
from app.core.model.records import Record
from app.core.model.segments import Segment
from app.core.model.settings import Automatic

SAID: Final = 300.0
"""Seconds between the first time that the page says that requests of a provider will go out by themselves, and the first time that they
do. Shorter where the person set less."""
MOST: Final = 30 * 86_400.0
"""Seconds that requests may be set to wait at most."""

EDITED_FOR: Final = 60.0
"""Seconds for which a tab says at a time that a request is open in its editor; a tab that is gone holds nothing up for longer."""


class Editing(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A request of a lane (id: the lane's key) is open in the editor of some tab, until then unless that says it again. The tab that closes
    lanes may be another one: what is being written over does not go out as it was. Not part of the workspace."""

    stored = stored_names.EDITING
    until: float


def is_edited(one: Editing, now: float) -> bool:
    """Whether it holds; one that lasts longer than it may is of a time that has not come, for the clock was set back."""
    return now < one.until <= now + EDITED_FOR


Why = Literal[
    "age",
    "full",
    "empty",
    "off",
    "held",
    "no_provider",
    "given_back",
    "no_key",
    "locked",
    "bad_key",
    "reload",
    "offline",
    "edited",
    "untold",
]
"""What an outlook comes from: of the first two it goes out, or will; the others stand in the way."""


Origin = Literal["own", "programs", "created"]
"""Who had a request queued: a person, by hand; or a program (with what is sent again of those that a person submitted); or a program that
created a batch of them (the official SDK in front)."""
ORIGINS: Final[tuple[Origin, ...]] = ("own", "programs", "created")
SETTLED: Final = 2.0
"""Seconds after the last of the requests of a created batch came until they go: a large batch comes in portions."""
CHOSEN_BEFORE: Final = Automatic(id="").after
"""What an older version, which had one time for all requests, took where nothing was chosen."""


def origin(segment: Segment) -> Origin:
    """By whose rule the lines of a segment leave the queue."""
    if segment.submit_immediately:
        return "created"
    return "programs" if segment.from_program or segment.submitted_by_person else "own"


def waits(chosen: Automatic, kind: Origin) -> float:
    """Seconds that a request of this origin waits at most before it goes by itself; 0: until it is submitted by hand.

    For requests made by hand that is 0, unless the person chose a time for them, or chose one for all requests in an older version, which
    shows by its being another than that version's default."""
    if kind == "created":
        return SETTLED
    if kind == "programs":
        return chosen.after
    if chosen.own is not None:
        return chosen.own
    return 0.0 if chosen.after == CHOSEN_BEFORE else chosen.after


class Outlook(msgspec.Struct, frozen=True):
    """What becomes of a lane's queue: all of it goes now, or the batches that are full, or it waits. ``at`` is when it will go, unix
    seconds; 0: not before something changes."""

    step: Literal["all", "full", "wait"]
    why: Why
    at: float = 0.0


class LaneFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a lane's requests of one origin. Times are unix seconds."""

    requests: int
    oldest: float
    """When the first that waits came; with ``created`` when the last of them came."""
    full: bool
    """There are enough for a full batch."""
    after: float
    """Seconds that a request waits at most; 0: submitted by hand only."""
    profile: Profile | None
    held: bool = False
    created: bool = False
    """A program created a batch of these, which says that it is to be submitted: ``noticed_at`` is not needed."""
    key: bool = True
    locked: bool = False
    """The key waits for its passphrase."""
    key_fits: bool = True
    reachable: bool = True
    online: bool = True
    edited: bool = False
    """A request is open in an editor."""
    noticed_at: float = 0.0
    """When the view first said that this provider's requests are submitted automatically."""
    given_back: Batch | None = None
    """The batch that gave requests back, if nothing was done about them since."""


def outlook(facts: LaneFacts, now: float) -> Outlook:
    """What is to be done with the lane now."""
    if why := _in_the_way(facts):
        return Outlook("wait", why)
    bills = facts.profile is not None and not facts.profile.practice and not facts.created
    due, earliest = facts.oldest + facts.after, 0.0
    if bills:
        earliest = (facts.noticed_at or now) + min(facts.after, SAID)
    if facts.given_back is not None:
        earliest = max(earliest, facts.given_back.updated + facts.after)
    at = max(earliest, 0.0 if facts.full else due)
    if bills and not facts.noticed_at:
        return Outlook("wait", "untold", at)
    if now < at:
        return Outlook("wait", "full" if facts.full else "age", at)
    return Outlook("all", "age", now) if now >= due else Outlook("full", "full", now)


def _in_the_way(facts: LaneFacts) -> Why | None:
    back = facts.given_back
    stays = back is not None and (back.problem is None or not back.problem.retry or back.unproven)
    obstacles: tuple[tuple[bool, Why], ...] = (
        (not facts.requests, "empty"),
        (facts.profile is None, "no_provider"),
        (facts.after <= 0, "off"),
        (facts.held, "held"),
        (stays, "given_back"),
        (not facts.key, "no_key"),
        (facts.locked, "locked"),
        (not facts.key_fits, "bad_key"),
        (not facts.reachable, "reload"),
        (not facts.online, "offline"),
        (facts.edited, "edited"),
    )
    return next((why for stands, why in obstacles if stands), None)


def given_back(batches: Iterable[Batch], lane: Lane, chosen: Automatic) -> Batch | None:
    """The lane's newest batch, if that gave its requests back and the person did not let them go again since."""
    newest = max((one for one in batches if one.lane == lane), key=lambda one: (one.created, one.id), default=None)
    if newest is None or newest.state != "withdrawn" or newest.updated <= chosen.opened.get(lane.key, 0.0):
        return None
    return newest
