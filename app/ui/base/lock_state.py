"""What is shown of the passphrase that keys are under."""

from __future__ import annotations

import msgspec

from app.ports import Guard


class LockState(msgspec.Struct):
    """Whether there is one, and whether it was entered. What is typed of it stands in ``ProviderState.typed_keys``."""

    guard: Guard = "none"
    others: frozenset[str] = frozenset()
    """The names of secrets that are locked and no provider's key: of webhooks, and a broker's password."""
    acted: float = 0.0
    """When the person did something last, in whichever tab; unix seconds."""
    fault: str = ""
    """What is wrong with what was typed."""
    changing: bool = False
    """The fields for another passphrase are there."""
