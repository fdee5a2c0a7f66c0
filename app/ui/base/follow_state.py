"""What is known of the turns before and behind the open request, and of the steps of the open table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from app.core.model.steps import NextStep
    from app.services.results.following import FollowLink


class FollowState(msgspec.Struct):
    """Of the request ``of``, by its batch and row: the answer that it follows, and the requests that follow it."""

    of: tuple[str, int] | None = None
    before: FollowLink | None = None
    behind: tuple[FollowLink, ...] = ()
    table: str = ""
    """Id of the table whose ``steps`` these are."""
    steps: tuple[NextStep, ...] = ()
    """Oldest first."""
    choosing: bool = False
    """Whether the ways of going on are listed."""
