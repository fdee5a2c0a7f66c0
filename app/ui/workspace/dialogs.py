"""The dialog with a workspace that was read from a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from app.core.workspace.renaming import Address


class ImportDialog(msgspec.Struct):
    """A workspace that was read from a file: what it holds, and what becomes of it. ``counts`` are words and figures."""

    name: str
    counts: tuple[tuple[str, str], ...]
    on_their_way: int
    findings: tuple[str, ...]
    sealed: bool
    begin: Callable[[str], Awaitable[None]]
    """Import it: ``merge`` or ``replace``."""
    undoable: bool = False
    """Whether an earlier import could still be undone, and no longer after this one."""
    fault: str = ""
    merged: tuple[Address, ...] = ()
    """The addresses that would be others after merging; ``replaced``: after replacing."""
    replaced: tuple[Address, ...] = ()
