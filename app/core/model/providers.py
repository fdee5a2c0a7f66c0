"""Providers: their profiles, their limits and the models they list."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record


class Profile(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A provider: where it is and what it takes. Never holds the key."""

    stored = stored_names.PROFILE
    name: str
    base_url: str = "https://api.openai.com/v1"
    purpose: str = "batch"
    """Form field ``purpose`` of an upload."""
    window: str = "24h"
    """``completion_window`` of a batch."""
    max_requests: int = 50_000
    """Requests of one batch at most."""
    max_bytes: int = 100_000_000
    """Bytes of one input file at most."""
    practice: bool = False
    """The practice provider that runs in the page."""
    resend: int = 3
    """How often one request is sent again by rule (core.batches.resend); 0: never."""
    clear: float = 0.0
    """Files of batches that end from this moment on (unix seconds; 0: none) are deleted at the provider once their answers are stored
    here (core.batches.remote_files)."""
    kind: Literal["", "openai", "azure"] = ""
    """What differs between providers (core.openai.kinds); empty: as the address tells."""
    expires_after: int = 0
    """Seconds after which the provider is told to delete uploaded files; 0: it is told nothing."""
    also: tuple[str, ...] = ()
    """Other origins that its redirects may lead to, without the key."""


class NamedLimit(msgspec.Struct, frozen=True):
    """A limit that a provider stated when it refused a batch."""

    tokens: int
    at: float
    """Unix seconds."""


OPENAI = Profile(id="openai", name="OpenAI", base_url="https://api.openai.com/v1")
"""What holds of OpenAI as long as nobody changed it: until then no record of it is stored."""


class Budget(msgspec.Struct, frozen=True, omit_defaults=True):
    """What may be spent, in 10^-12 dollars; None: not limited."""

    batch: int | None = None
    day: int | None = None
    """From midnight to midnight, UTC."""
    month: int | None = None
    """Of the calendar, UTC."""

    @property
    def limited(self) -> bool:
        """Whether anything is."""
        return (self.batch, self.day, self.month) != (None, None, None)


MOST_PRICE: Final = 1_000_000.0
"""Dollars for a million tokens: no price is higher."""
PricePart = Literal["input", "cached", "output"]


class OwnPrice(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person says that a model's tokens cost, in dollars for a million; None: what is published."""

    model: str
    """The beginning of its name."""
    tier: Literal["standard", "batch"]
    input: float | None = None
    cached: float | None = None
    output: float | None = None


class Limits(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How many prompt tokens may be enqueued at a provider, whose profile the id names. Apart from the profile, since the engine
    writes here as well."""

    stored = stored_names.LIMITS
    own: dict[str, int] = msgspec.field(default_factory=dict)
    """By the beginning of a model's name, as the person entered them."""
    stated: dict[str, NamedLimit] = msgspec.field(default_factory=dict, name="told")
    """By the model's name, as the provider stated them in a refusal."""
    budget: Budget = Budget()
    """What the person lets batches of this provider cost."""
    prices: tuple[OwnPrice, ...] = ()
    """What the person knows of prices."""


class Spent(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What batches of a provider, whose profile the id names, have cost that were deleted here since. They are billed anyway, so
    budgets count them. Not part of the workspace."""

    stored = stored_names.SPENT
    days: dict[str, int] = msgspec.field(default_factory=dict)
    """In 10^-12 dollars, by the day (UTC, YYYY-MM-DD) on which the batches were made."""
    last: str = ""
    """The batch that was made last under a budget. It is written with it, so two tabs cannot decide by the same figures."""


class ModelList(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The last answer of ``GET /models`` for one profile (id: the profile's), for use offline."""

    stored = stored_names.MODEL_LIST
    models: tuple[str, ...] = ()
    fetched: float = 0.0
