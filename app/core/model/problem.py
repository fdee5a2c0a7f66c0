"""Failures in words, as they are stored with what failed."""

from __future__ import annotations

from typing import Literal

import msgspec

Blame = Literal["person", "provider", "platform", "ours"]


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A failure in words: what happened, what it means for money and data, what to do. Never holds a key.

    ``code`` is stable and for programs and tests. ``blame`` says who can mend it; ``retry`` if trying again by itself can help;
    ``doubtful`` if the call may have taken effect all the same.
    """

    code: str
    what: str
    means: str = ""
    do: str = ""
    blame: Blame = "provider"
    retry: bool = False
    doubtful: bool = False
    status: int = 0
    detail: str = ""
