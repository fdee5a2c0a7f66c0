"""What is known of an action beside what it does: its words, its keys, and whether it may be run now.

A capability says it where its actions are (``ui.<capability>.actions``), as the attribute ``command`` of an action's class. From there it
reaches the buttons (ui.base.parts.command), the keys (ui.base.parts.keys_of), the sheet of shortcuts and the palette
(ui.shell.palette_view).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

Scope = Literal[
    "page",
    "compose",
    "queue",
    "dialog",
    "palette",
    "message",
    "prompt",
    "completion",
    "answer",
    "image",
    "key",
    "passphrase",
    "limit",
    "unexpected",
    "results",
    "words",
    "annotation",
    "compare",
    "blind",
    "view",
    "python",
    "download",
    "labels",
    "tags",
]
SCOPES: dict[Scope, str] = {
    "page": "Everywhere, but in an open dialog",
    "compose": "While a prompt is open",
    "queue": "In the queue",
    "message": "In the text of a message",
    "prompt": "In a message of a table's prompt",
    "completion": "In a prompt, while columns are offered",
    "answer": "In an open answer",
    "key": "In the field of an API key",
    "passphrase": "In the field of the passphrase of your keys",
    "limit": "In the fields of a limit",
    "image": "In the address of an image",
    "unexpected": "In the id that an unexpected answer is meant for",
    "results": "In a table of answers, and beside it",
    "words": "In the search of a table of answers",
    "annotation": "In the tags, the note or the correction of an answer",
    "compare": "In compared answers",
    "blind": "While voting blind",
    "view": "In the name of a view of answers",
    "python": "In Python for answers",
    "download": "In the download of answers",
    "labels": "In the name or the tags of a batch",
    "tags": "In the tags of several batches",
    "palette": "In the list of commands",
    "dialog": "In every dialog",
}
"""Where a shortcut counts, in words; in the order of the sheet of shortcuts."""
VIEWS: dict[str, Scope] = {"compose": "compose", "queue": "queue"}
"""The places that are whole views (``Route.view``): their keys count wherever the focus is."""
UNDER_WAY = "It is already running."
_NAMES = {"ArrowUp": "↑", "ArrowDown": "↓", "Escape": "Esc", "Ctrl": "Ctrl/⌘"}


class Shortcut(msgspec.Struct, frozen=True):
    """A combination of keys that runs an action."""

    keys: str
    """As the page names it (static/js/events.mjs): ``Alt+ArrowUp``; ``Ctrl`` is Cmd as well."""
    scope: Scope
    words: str = ""
    """What it does, for the sheet of shortcuts; empty: as the command says."""
    given: dict[str, Any] = {}
    """The fields of the action that it runs; those that are not named may have any value."""

    @property
    def letter(self) -> bool:
        """Whether it is a single character, with or without Shift: a person can turn those off that count everywhere (WCAG 2.2, 2.1.4)."""
        return len(self.keys.removeprefix("Shift+")) == 1

    @property
    def everywhere(self) -> bool:
        """Whether it counts wherever the focus is, in every view or in its own."""
        return self.scope == "page" or self.scope in VIEWS.values()

    @property
    def spoken(self) -> str:
        """As assistive technology is told of it (WAI-ARIA, aria-keyshortcuts): ``Control+Enter``."""
        return "+".join("Control" if one == "Ctrl" else one.upper() if len(one) == 1 else one for one in self.keys.split("+"))

    @property
    def spelled(self) -> str:
        """As people read it: ``Alt+↑``."""
        return "+".join(_NAMES.get(one, one.upper() if len(one) == 1 else one) for one in self.keys.split("+"))


def _free(_state: Any, _action: Any) -> str | None:
    return None


def _idle(_state: Any, _action: Any) -> bool:
    return False


class Command(msgspec.Struct, frozen=True):
    """What is known of one action. Its functions are given the ``State`` (which this module cannot name: it is made of actions) and the
    action, and change nothing."""

    label: str | Callable[[Any, Any], str]
    """The words of its button."""
    title: str = ""
    """The same where no view stands around it, as in the palette; empty: as ``label``."""
    hinders: Callable[[Any, Any], str | None] = _free
    """Why it may not be run now, in a few words; None: it may."""
    busy: Callable[[Any, Any], bool] = _idle
    """Whether it was run and has not ended: its button says so, and it may not be run again."""
    shortcuts: tuple[Shortcut, ...] = ()
    ready: tuple[dict[str, Any], ...] = ()
    """With which fields the palette offers it; none: it needs what only a view knows, or must not be run in passing."""

    def words(self, state: Any, action: Any) -> str:
        """The words of its button now."""
        return self.label if isinstance(self.label, str) else self.label(state, action)

    def name(self, state: Any, action: Any) -> str:
        """What it is called outside of its view."""
        return self.title or self.words(state, action)

    def refusal(self, state: Any, action: Any) -> str | None:
        """Why it may not be run now; None: it may."""
        return UNDER_WAY if self.busy(state, action) else self.hinders(state, action)

    def shortcut(self, action: Any) -> Shortcut | None:
        """The keys that run this very action, if any do."""
        return next((one for one in self.shortcuts if all(getattr(action, name) == value for name, value in one.given.items())), None)


PLAIN: tuple[dict[str, Any], ...] = ({},)
"""``ready`` of a command that the palette offers without any field."""


def while_busy(name: str) -> Callable[[Any, Any], bool]:
    """Whether something of this name is under way (``State.busy``)."""
    return lambda state, _action: name in state.busy
