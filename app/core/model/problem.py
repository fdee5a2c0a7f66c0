"""Failures in words, as they are stored with what failed."""

from __future__ import annotations

from typing import Literal

import msgspec

Blame = Literal["person", "provider", "platform", "ours"]


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A failure in words, for the person. Never holds a key."""

    code: str
    """Stable, for programs and tests."""
    what: str
    """What happened."""
    means: str = ""
    """What it means for money and data."""
    do: str = ""
    """What to do about it."""
    blame: Blame = "provider"
    """Who can fix it."""
    retry: bool = False
    """Trying again without the person can help."""
    doubtful: bool = False
    """The call may have taken effect anyway."""
    status: int = 0
    """The HTTP status, 0 where there is none."""
    detail: str = ""
    """The technical words, as they arrived."""
