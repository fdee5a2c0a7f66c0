"""Capacity at the provider: how many prompt tokens may be enqueued for a model, how many are, and which batch is created next.

The provider does not report what is enqueued, so it is counted here, from the stored batches alone:

1. A batch occupies capacity from the moment it is about to be created (``creating``) until the provider has ended it: "Tokens from pending
   batch jobs are counted against your queue limit. Once a batch job is completed, its tokens are no longer counted" (OpenAI, rate limits
   guide). ``finalizing`` and ``cancelling`` are not ended, so they count. Fetching answers comes after the end.
2. The limit holds for a profile and a model. A dated snapshot is counted with its model, to be on the safe side.
3. Oldest first. A batch that does not fit lets younger ones that fit pass, so that capacity is not left unused; but once it has waited
   for :data:`PATIENCE`, none passes any more: else a stream of small batches could hold up a large one forever. Every running batch ends
   within its window (24 h), so then its turn comes.
4. A batch that the provider has just refused lets only smaller ones pass: one as large would be refused as well.
5. Waiting does not help a batch that is larger than the whole limit, or was refused too often: the person decides. Until then it holds up
   no other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from app.core.base import retry
from app.core.base.patterns import pattern
from app.core.bodies import tokens
from app.core.model.batches import Batch
from app.core.model.lanes import Lane
from app.core.model.providers import Limits, Profile
from app.core.queue import lanes

DEFAULT: Final = 250_000
"""Tokens for a model that no table knows (as OpenAI Batch Manager assumes)."""
TABLE: Final[dict[str, int]] = {
    "gpt-4.1": 900_000,
    "gpt-4.1-mini": 2_000_000,
    "gpt-4.1-nano": 2_000_000,
    "gpt-4o": 90_000,
    "gpt-4o-mini": 2_000_000,
    "gpt-5": 1_500_000,
    "gpt-5-mini": 5_000_000,
    "gpt-6-luna": 2_000_000,
    "o3": 90_000,
    "o4-mini": 2_000_000,
    "omni-moderation": 1_000_000,
    "text-embedding": 3_000_000,
    "text-moderation": 1_000_000,
}
"""Enqueued prompt tokens by the beginning of a model's name."""
SOURCE: Final = "OpenAI's limits for accounts of tier 1, as of August 2026"
"""Where :data:`TABLE` is from."""
PATIENCE: Final = 3_600.0
"""Seconds after which a batch that waits for room lets nobody pass."""
MOST: Final = 1_000_000_000_000
"""No limit is larger."""

TAKERS: Final = frozenset({"creating", "validating", "in_progress", "finalizing", "cancelling"})
"""States in which a batch may be enqueued at the provider."""
WANTS: Final = frozenset({"uploaded", "waiting"})
"""States in which a batch waits for capacity."""
_OVER: Final = frozenset({"completed", "failed", "expired", "cancelled"})
_SNAPSHOT: Final = pattern(r"-\d{4}-\d{2}-\d{2}$")
_SAID: Final = pattern(
    r"limit\s*(?:of|is|:|=)?\s*(\d[\d,._ ]*?)\s*"
    r"(?:([kmb])(?![a-z])(?!\s*(?:requests|files|images|inputs|bytes|characters))"
    r"|(?=(?:enqueued\s+)?tokens)|(?=for\s+the\s+(?:deployment|model)))",
    re.I,
)
_UNITS: Final = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_FRACTION: Final = pattern(r"\d{1,3}[.,]\d{1,2}")

Source = Literal["own", "told", "table", "default", "none"]
Why = Literal["goes", "full", "behind", "refused", "too_large", "asks"]


class Limit(msgspec.Struct, frozen=True):
    """How many tokens may be enqueued for a model."""

    tokens: int
    """0: no limit is known."""
    source: Source
    """Who states it: the person, the provider, the table or the default."""
    name: str = ""
    """The name, or beginning of a name, under which it was found."""
    at: float = 0.0
    """When the provider stated it, in unix seconds."""


class CapacityVerdict(msgspec.Struct, frozen=True):
    """What becomes of a batch that waits for capacity."""

    why: Why
    """``goes``: it may be created now. Else it waits, because all capacity is in use (``full``), because an older batch comes first
    (``behind``), because the provider refused it a while ago (``refused``), because it exceeds the whole limit (``too_large``), or until
    the person decides after too many refusals (``asks``)."""
    need: int
    """Its own tokens."""
    limit: Limit
    taken: int = 0
    """Tokens of the ``takers`` batches that occupy capacity."""
    takers: int = 0
    until: float = 0.0
    """When it goes at the latest, in unix seconds; 0: not known."""


# --- figures ---------------------------------------------------------------------------------------------------------------------


def family(model: str) -> str:
    """The name under which a model is counted: without the date of a snapshot."""
    return _SNAPSHOT.sub("", model)


def need(batch: Batch) -> int:
    """The batch's prompt tokens, estimated at its submission; of one that an older program submitted, from its bytes."""
    return batch.tokens or math.ceil(batch.size / tokens.BYTES)


def holds(batch: Batch) -> bool:
    """Whether the batch occupies capacity at the provider."""
    return batch.state in TAKERS and not batch.live and not (batch.remote is not None and batch.remote.status in _OVER)


def asks(batch: Batch) -> bool:
    """Whether the provider refused the batch so often that the person decides what becomes of it."""
    return batch.state == "waiting" and not batch.ignore_capacity and batch.refusals > 0 and retry.no_room(batch.refusals) is None


def longest(names: Mapping[str, int], model: str) -> str:
    """The longest of the names that the model's name begins with; nothing if there is none."""
    return max((name for name in names if model.startswith(name)), key=len, default="")


def limit_of(limits: Limits | None, model: str, *, practice: bool = False) -> Limit:
    """The limit of a model: what the person entered, but not more than the provider said since; what the provider said; the table; the
    default. The practice provider accepts any amount unless one of the first two says otherwise."""
    own = longest(limits.own, model) if limits else ""
    stated = limits.stated.get(family(model)) if limits else None
    if limits and own and not (stated and stated.tokens < limits.own[own]):
        return Limit(limits.own[own], "own", own)
    if stated:
        return Limit(stated.tokens, "told", family(model), stated.at)
    if practice:
        return Limit(0, "none")
    known = longest(TABLE, model)
    return Limit(TABLE[known], "table", known) if known else Limit(DEFAULT, "default")


def batch_limits(lane: Lane, profile: Profile, limits: Mapping[str, Limits]) -> lanes.BatchLimits:
    """What one batch of a lane may hold: more tokens than may be enqueued could never be made. ``limits`` by the profile's id."""
    room = limit_of(limits.get(profile.id), lane.model, practice=profile.practice)
    return lanes.limits_of(lane, profile, room.tokens)


def told_limit(said: str) -> int:
    """The limit that a provider names in its refusal ("Limit: 2,000,000 enqueued tokens"; Azure: "the configured limit of 30K for the
    deployment", "1.5M"); 0 if it names none."""
    match = _SAID.search(said)
    if match is None:
        return 0
    figure, unit = match[1].strip(), (match[2] or "").lower()
    if unit and _FRACTION.fullmatch(figure):
        found = round(float(figure.replace(",", ".")) * _UNITS[unit])
    else:
        digits = "".join(each for each in figure if each.isdecimal())
        found = int(digits) * _UNITS[unit] if digits and len(digits) <= len(str(MOST)) else 0
    return found if 0 < found <= MOST else 0


# --- who goes next ---------------------------------------------------------------------------------------------------------------


def decide(batches: Iterable[Batch], limits: Mapping[str, Limits], now: float) -> dict[str, CapacityVerdict]:
    """The verdict on each batch that waits for capacity, by its id, oldest first. All whose verdict is ``goes`` may be created
    together."""
    groups: dict[tuple[str, str], list[Batch]] = {}
    for batch in batches:
        if batch.state in WANTS or holds(batch):
            groups.setdefault((batch.lane.profile, family(batch.lane.model)), []).append(batch)
    found: dict[str, CapacityVerdict] = {}
    for (profile, _model), group in groups.items():
        found.update(_decide(group, limits.get(profile), now))
    return found


def _decide(group: list[Batch], limits: Limits | None, now: float) -> dict[str, CapacityVerdict]:
    """The verdicts over the batches of one profile and model."""
    takers = [batch for batch in group if holds(batch)]
    wanting = sorted((batch for batch in group if batch.state in WANTS), key=lambda batch: (batch.created, batch.id))
    # Those that are sent whatever is counted come first: they take the room that others would be promised.
    wanting.sort(key=lambda batch: not batch.ignore_capacity)
    taken = sum(map(need, takers))
    found: dict[str, CapacityVerdict] = {}
    closed = False  # whether one lets nobody pass
    barred = math.inf  # nobody as large as this passes whom the provider refused
    for batch in wanting:
        own, limit = need(batch), limit_of(limits, batch.lane.model, practice=batch.practice)
        why: Why = "goes"
        until = 0.0
        if batch.ignore_capacity:
            pass
        elif asks(batch):
            why = "asks"
        elif limit.tokens and own > limit.tokens:
            why = "too_large"
        elif batch.updated <= now < batch.retry_at:  # not where the clock was set back since
            why, until = "refused", batch.retry_at
            if own < barred:
                barred = own
        elif closed or own >= barred:
            why = "behind"
        elif limit.tokens and taken + own > limit.tokens:
            why, until = "full", _room_by(takers, taken + own - limit.tokens)
            if now - _waits_since(batch, now) >= PATIENCE:
                closed = True
        found[batch.id] = CapacityVerdict(why, own, limit, taken, len(takers), until)
        if why == "goes":
            taken += own
            takers.append(batch)
    return found


def _waits_since(batch: Batch, now: float) -> float:
    """When it first found no capacity."""
    return next((moment.at for moment in batch.timeline if moment.state == "waiting"), now)


def _room_by(running: list[Batch], missing: int) -> float:
    """When so many tokens are free at the latest: a batch ends when its window does. 0 where that is not known of a batch yet."""
    ends = sorted((batch.remote.expires_at if batch.remote else 0.0, need(batch)) for batch in running)
    for at, freed in ends:
        if at == 0.0:
            return 0.0
        missing -= freed
        if missing <= 0:
            return at
    return 0.0
