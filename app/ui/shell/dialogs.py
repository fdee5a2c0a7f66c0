"""The palette of commands, and the sheet of shortcuts."""

from __future__ import annotations

import msgspec

from app.ui.base.actions_base import Action
from app.ui.base.commands import Scope


class PaletteDialog(msgspec.Struct):
    """Commands that can be run from anywhere."""

    actions: tuple[Action, ...]
    """All of them, also those that may not be run now; each is known by its place in this list."""
    opened: float = 0.0
    """When, unix seconds. Closed and opened again before anything was drawn it is another one, and the page shows it anew."""
    typed: str = ""
    """What they are looked for by: words, of which a command's name has all."""
    marked: int = -1
    """The place of the one that Enter runs; -1: none. It changes by typing and by the arrows only: what else happens meanwhile must not
    put another command under the person's finger."""


class ShortcutsDialog(msgspec.Struct):
    """Every shortcut that there is."""

    rows: tuple[tuple[Scope, str, str], ...]
    """Where it counts, its keys as people read them, and what it does."""
