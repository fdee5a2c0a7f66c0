"""What the page said in short: toasts go after a while, and are found again in Activity."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

MOST_SAID: Final = 50


class Toast(msgspec.Struct, frozen=True):
    """A short word about what was done, with a way back where there is one."""

    id: int
    text: str
    undo: Callable[[], Awaitable[None]] | None = None
    at: float = 0.0
    """When, unix seconds."""


class SaidState(msgspec.Struct):
    """Of this visit; nothing of it is stored."""

    all: tuple[Toast, ...] = ()
    """Oldest first, at most MOST_SAID. One that was undone has no way back any more."""

    def add(self, one: Toast) -> None:
        self.all = (*self.all, one)[-MOST_SAID:]

    def take(self, id: int) -> None:
        """One was undone: it is still told, without a way back."""
        self.all = tuple(Toast(one.id, f"{one.text} Undone.", None, one.at) if one.id == id else one for one in self.all)
