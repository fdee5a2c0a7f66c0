"""What Home shows that no other view has in hand."""

from __future__ import annotations

import msgspec


class RecentTable(msgspec.Struct, frozen=True):
    """A table that was opened a while ago."""

    id: str
    name: str
    rows: int
    updated: float
    """Unix seconds."""


class HomeState(msgspec.Struct):
    """Read when Home is opened; the same little however much is stored."""

    tables: tuple[RecentTable, ...] | None = None
    """Those that were opened last, the last one first; None before they were read."""
    starred: dict[str, RecentTable] = {}
    """The tables among the favourites, by their ids."""
    deleted: dict[str, dict[str, int]] = {}
    """What batches cost that were deleted here since: by the provider's profile, then by day (core.model.providers.Spent)."""
