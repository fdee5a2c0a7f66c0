"""Votes for the better of two answers, cast without seeing which is which (core.results.preference counts them)."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.core.model import stored_names
from app.core.model.records import Record

Vote = Literal["first", "second", "tie"]


class BlindVotes(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Votes on two arms of a comparison; the id is both their names. ``votes``: by the custom_id of the first arm's request."""

    stored = stored_names.BLIND_VOTES
    first: str
    second: str
    votes: dict[str, Vote] = msgspec.field(default_factory=dict)
