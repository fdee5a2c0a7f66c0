"""The selected requests of a list: some, or all except some, so that selecting a million costs nothing."""

from __future__ import annotations

import msgspec


class Selection(msgspec.Struct):
    """``everything``: all that the list shows, but not ``ids``; else these ids."""

    everything: bool = False
    ids: set[str] = msgspec.field(default_factory=set)

    def has(self, id: str) -> bool:
        """Whether a request is selected."""
        return (id in self.ids) != self.everything

    def mark(self, id: str, selected: bool) -> None:
        """Select a request, or remove it."""
        if selected != self.everything:
            self.ids.add(id)
        else:
            self.ids.discard(id)

    def count(self, total: int) -> int:
        """How many of a list of ``total`` are selected."""
        return max(0, total - len(self.ids)) if self.everything else len(self.ids)
