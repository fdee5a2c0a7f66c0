"""Providers: their profiles, their limits and the models they list."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record


class Profile(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A provider: where it is and what it takes. ``practice`` marks the one that lives in the page. The key is never here.
    ``resend`` is how often one request is sent again by rule (core.batches.resend); 0: never. ``clear``: the files of batches that end
    from this moment on (unix seconds; 0: none) are deleted at the provider once their answers are stored here (core.batches.remote_files).
    ``kind`` is what differs between providers (core.openai.kinds; empty: as the address tells). ``expires_after``: the provider deletes
    uploaded files so many seconds after they were made (0: when it likes). ``also``: other origins that its redirects may lead to,
    without the key."""

    stored = stored_names.PROFILE
    name: str
    base_url: str = "https://api.openai.com/v1"
    purpose: str = "batch"
    window: str = "24h"
    max_requests: int = 50_000
    max_bytes: int = 100_000_000
    practice: bool = False
    resend: int = 3
    clear: float = 0.0
    kind: Literal["", "openai", "azure"] = ""
    expires_after: int = 0
    also: tuple[str, ...] = ()


class NamedLimit(msgspec.Struct, frozen=True):
    """A limit that a provider named when it refused a batch, and when."""

    tokens: int
    at: float


class Limits(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How many prompt tokens may be enqueued at a provider, which the id names: ``own`` by the beginning of a model's name, as the person
    entered them; ``told`` by the model's name, as the provider said. Apart from the profile, since the engine writes here as well."""

    stored = stored_names.LIMITS
    own: dict[str, int] = msgspec.field(default_factory=dict)
    told: dict[str, NamedLimit] = msgspec.field(default_factory=dict)


class ModelList(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The last answer of ``GET /models`` for one profile (id: the profile's), for use offline."""

    stored = stored_names.MODEL_LIST
    models: tuple[str, ...] = ()
    fetched: float = 0.0
