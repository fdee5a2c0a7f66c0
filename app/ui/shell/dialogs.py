"""The palette of commands, and the sheet of shortcuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.ui.base.actions_base import Action
from app.ui.base.commands import Scope

if TYPE_CHECKING:
    from app.core.model.datasets import Dataset
    from app.core.model.views import SavedView
    from app.ui.shell.palette_search import Named


class PaletteDialog(msgspec.Struct):
    """Commands that can be run from anywhere, and what has the words that are typed in its name."""

    actions: tuple[Action, ...]
    """All of them, also those that may not be run now; each is known by its place in this list."""
    opened: float = 0.0
    """When, unix seconds. Closed and opened again before anything was drawn it is another one, and the page shows it again."""
    typed: str = ""
    """What they are looked for by: words, of which a command's name has all."""
    marked: int = -1
    """The place of the one that Enter runs; -1: none. It changes by typing and by the arrows only: what else happens meanwhile must not
    put another command under the person's finger."""
    found: tuple[Named, ...] = ()
    """What was found for the words, buttons of the view first. Its places come after those of the commands."""
    here: tuple[Named, ...] = ()
    """The buttons of the view over which it opened."""
    tables: tuple[Dataset, ...] = ()
    """Those that there are, as far as they were read."""
    views: tuple[SavedView, ...] = ()
    """Views of answers that are kept, likewise."""


class ShortcutsDialog(msgspec.Struct):
    """Every shortcut that there is."""

    rows: tuple[tuple[Scope, str, str], ...]
    """Where it counts, its keys as people read them, and what it does."""
