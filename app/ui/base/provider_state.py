"""What is shown of providers, and of what is at one of them."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.batches.remote_files import Listed
from app.core.model.problem import Problem
from app.core.model.providers import Limits, Profile
from app.services.provider.account import Seen
from app.ui.base.actions_base import Action


class KeyState(msgspec.Struct, frozen=True):
    """What is known about a profile's key; never the key."""

    present: bool = False
    """Whether this tab has one."""
    remembered: bool = False
    """Whether it is kept, sealed, in this browser."""
    masked: str = ""
    """Its first and last characters."""
    locked: bool = False
    """Whether there is one under the passphrase, which was not entered."""
    print: int = 0
    """Tells whether it is still the same (core.model.edits.fingerprint)."""


class KeyTest(msgspec.Struct, frozen=True):
    """How «test the key» ended."""

    profile: str
    good: bool
    problem: Problem | None = None
    models: int = 0
    """How many the provider named."""


class KeyWanted(msgspec.Struct, frozen=True):
    """What a person wanted to do for which a provider's key is not there. It is done when the key was entered and works."""

    profile: str
    action: Action
    words: str
    """Its button's."""
    n: int
    """Counts what was wanted so: each time the field takes the focus."""


class ProviderState(msgspec.Struct):
    """The providers, their keys, models and limits. Dictionaries are by the profile's id."""

    profiles: dict[str, Profile] = msgspec.field(default_factory=dict)
    """As they are stored; ``practice`` and ``openai`` are always there."""
    keys: dict[str, KeyState] = msgspec.field(default_factory=dict)
    typed_keys: dict[str, str] = msgspec.field(default_factory=dict)
    """Keys in their fields, not saved yet; passphrases of a workspace under ``passphrase:<field>``."""
    typed_over: dict[str, int] = msgspec.field(default_factory=dict)
    """Which key was there when another one began to be typed (core.model.edits.fingerprint)."""
    key_faults: dict[str, str] = msgspec.field(default_factory=dict)
    """What is wrong with what was typed."""
    replacing: set[str] = msgspec.field(default_factory=set)
    """Profiles whose key is about to be replaced: its field is there beside the key that is in use."""
    entered: str = ""
    """The profile whose key was saved since this view was opened."""
    wanted: KeyWanted | None = None
    remember: dict[str, bool] = msgspec.field(default_factory=dict)
    """Whether a key that is being typed shall be kept; where nothing was chosen, it is where the page was served."""
    key_test: KeyTest | None = None
    """How the last test ended, of whichever provider."""
    models: tuple[str, ...] = ()
    """Of the provider in use."""
    models_at: float = 0.0
    """When they were asked for, unix seconds; 0: never."""
    models_problem: Problem | None = None
    """Why they could not be asked for."""
    limits: dict[str, Limits] = msgspec.field(default_factory=dict)
    """How much may be enqueued."""
    typed_limits: dict[str, tuple[str, str]] = msgspec.field(default_factory=dict)
    """The beginning of a model's name, and tokens, as typed."""
    limits_seen: dict[str, dict[str, int]] = msgspec.field(default_factory=dict)
    """The person's own limits when one began to be typed."""
    limit_faults: dict[str, str] = msgspec.field(default_factory=dict)
    """What is wrong with what was typed."""
    budget_faults: dict[tuple[str, str], tuple[str, str]] = msgspec.field(default_factory=dict)
    """By profile and part of a budget: what was typed, and what is wrong with it."""
    price_faults: dict[tuple[str, str, str, str], tuple[str, str]] = msgspec.field(default_factory=dict)
    """By profile, model, tier and part: what was typed as a price, and what is wrong with it."""
    price_models: dict[str, str] = msgspec.field(default_factory=dict)
    """By profile the model for which prices are entered."""
    reload_needed: bool = False
    """Whether a host was added that the page's policy does not name: it may be called after a reload."""


class AccountState(msgspec.Struct):
    """What is at the provider under one key, as it was listed last."""

    profile: str = ""
    """Whose account; empty before one was looked at."""
    tab: Literal["batches", "files"] = "files"
    seen: Seen | None = None
    """What was listed."""
    files: list[Listed] = msgspec.field(default_factory=list)
    """Its files, judged."""
    chosen: set[str] = msgspec.field(default_factory=set)
    """Ids of the files to be deleted."""
    reading: tuple[int, int] | None = None
    """Files and batches read so far, while it is being listed."""
    deleting: tuple[int, int] | None = None
    """Files deleted and to be deleted, while that is under way."""
    stop: bool = False
    """Whether the deleting shall stop."""
    problem: Problem | None = None
    """What went wrong last."""
