"""What can be done in every view."""

from __future__ import annotations

from app.ui.base.actions_base import Action


class Undo(Action, frozen=True):
    toast: int


class Dismiss(Action, frozen=True):
    toast: int


class DismissNotice(Action, frozen=True):
    code: str


class CloseDialog(Action, frozen=True):
    pass


class ReloadPage(Action, frozen=True):
    pass


class ReadAgain(Action, frozen=True):
    """Read again what stopped Python before, and reload."""


class ForgetStops(Action, frozen=True):
    """Hide the note about what stopped Python; what is passed over stays so."""


class TakeUpdate(Action, frozen=True):
    """Switch to the newer version of the program."""


class GoOnline(Action, frozen=True):
    """The browser is wrong: there is a network."""


class SkipToView(Action, frozen=True):
    """Move the focus past the navigation."""


class SaveText(Action, frozen=True):
    """Save a text as a file of which the page shows the first part only. ``key``: which (ui.base.drawing)."""

    key: str
