"""What can be done in every view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.actions_base import Action
from app.ui.base.commands import PLAIN, Command, Shortcut

if TYPE_CHECKING:
    from app.ui.base.state import State


class Undo(Action, frozen=True):
    toast: int


class Dismiss(Action, frozen=True):
    toast: int


class DismissNotice(Action, frozen=True):
    code: str


class CloseDialog(Action, frozen=True):
    command = Command("Close", "Close the dialog", shortcuts=(Shortcut("Escape", "dialog"),))
    """The browser itself closes a dialog by this key, and tells of it (static/js/events.mjs)."""


class AskEnd(Action, frozen=True):
    """Ask before something goes permanently (ui.base.dialogs.EndDialog)."""

    kind: str
    id: str = ""


class ReloadPage(Action, frozen=True):
    command = Command("Reload now", "Reload the page", ready=PLAIN)


class ReadAgain(Action, frozen=True):
    """Read again what stopped Python before, and reload."""


class ForgetStops(Action, frozen=True):
    """Hide the note about what stopped Python; what is skipped stays so."""


def _no_update(state: State, _action: TakeUpdate) -> str | None:
    return None if state.browser.update else "There is no newer version."


class TakeUpdate(Action, frozen=True):
    """Switch to the newer version of the program."""

    command = Command("Reload now", "Reload into the newer version", _no_update, ready=PLAIN)


def _is_online(state: State, _action: GoOnline) -> str | None:
    return "The browser says so too." if state.engine.online else None


class GoOnline(Action, frozen=True):
    """The browser is wrong: there is a network."""

    command = Command("I am online", "", _is_online, ready=PLAIN)


class SkipToView(Action, frozen=True):
    """Move the focus past the navigation."""


class CopyLink(Action, frozen=True):
    """Copy a link to an address, as ``#/batches/b-1``; "": to what is open."""

    address: str = ""
    command = Command("Copy link", "Copy a link to what is open", ready=PLAIN)


class SaveText(Action, frozen=True):
    """Save a text as a file of which the page shows the first part only. ``key``: which (ui.base.drawing)."""

    key: str
