"""The palette of commands, the sheet of shortcuts, and the way to every view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ui.base.actions_base import Action
from app.ui.base.commands import PLAIN, Command, Shortcut
from app.ui.base.state import TITLES

if TYPE_CHECKING:
    from app.ui.base.state import State

ADDRESSES: dict[str, str] = {view: f"#/{view}" for view in TITLES if view not in ("batch", "account", "nowhere")} | {
    "account": "#/batches/account"
}
"""Of every view that can be gone to from anywhere."""


_KEYS = {
    "home": "Shift+h",
    "compose": "Shift+c",
    "threads": "Shift+p",
    "data": "Shift+d",
    "queue": "Shift+q",
    "batches": "Shift+b",
    "results": "Shift+r",
    "log": "Shift+a",
    "programs": "Shift+i",
    "settings": "Shift+s",
}
"""What each view is gone to by. With Shift, since plain letters mark answers where a table of them has the focus."""


def _go(_state: State, action: GoTo) -> str:
    return "Go to files and batches at the provider" if action.view == "account" else f"Go to {TITLES.get(action.view, action.view)}"


def _is_there(state: State, action: GoTo) -> str | None:
    return "It is open." if state.route.view == action.view else None


class GoTo(Action, frozen=True):
    """Open a view."""

    view: str
    command = Command(
        _go,
        "",
        _is_there,
        shortcuts=tuple(Shortcut(keys, "page", f"Go to {TITLES[one]}", {"view": one}) for one, keys in _KEYS.items() if one in ADDRESSES),
        ready=tuple({"view": one} for one in ADDRESSES),
    )


class OpenPalette(Action, frozen=True):
    """Open the list of commands."""

    command = Command("Commands", "List of commands", shortcuts=(Shortcut("Ctrl+k", "page"),))


class TypePalette(Action, frozen=True):
    """The words that a command is looked for by."""


class StepPalette(Action, frozen=True):
    """Mark the command before (-1) or after (1) the one that is marked."""

    by: int
    command = Command(
        "Step",
        shortcuts=(
            Shortcut("ArrowUp", "palette", "Previous command", {"by": -1}),
            Shortcut("ArrowDown", "palette", "The next command", {"by": 1}),
        ),
    )


class RunCommand(Action, frozen=True):
    """Run one of the palette's commands: the one in this place, or (-1) the one that is marked."""

    place: int = -1
    command = Command("Run", "Run the selected command", shortcuts=(Shortcut("Enter", "palette"),))


class ClosePalette(Action, frozen=True):
    """Close the palette by the keys that opened it."""

    command = Command("Close", "Close the list of commands", shortcuts=(Shortcut("Ctrl+k", "palette"),))


class OpenShortcuts(Action, frozen=True):
    """Show every shortcut that there is."""

    command = Command("Keyboard shortcuts", shortcuts=(Shortcut("?", "page"),), ready=PLAIN)


def _letters(_state: State, action: SetLetterKeys) -> str:
    return f"Turn single-key shortcuts {'on' if action.on else 'off'}"


def _letters_are_so(state: State, action: SetLetterKeys) -> str | None:
    return "Already set." if state.preferences.letter_keys == action.on else None


class SetLetterKeys(Action, frozen=True):
    """Have shortcuts of a single character count everywhere, or not."""

    on: bool
    command = Command(_letters, "", _letters_are_so, ready=({"on": False}, {"on": True}))


def _is_shown(state: State, _action: ShowPracticeRun) -> str | None:
    return "It is shown." if state.preferences.practice_run.shown == "on" else None


class ShowPracticeRun(Action, frozen=True):
    """Show the steps from an example to answers of the practice provider above every view."""

    command = Command("Show the practice run", "", _is_shown, ready=PLAIN)


def _is_hidden(state: State, _action: HidePracticeRun) -> str | None:
    return None if state.preferences.practice_run.shown == "on" else "It is not shown."


class HidePracticeRun(Action, frozen=True):
    """Put them away for good."""

    command = Command("Hide the practice run", "", _is_hidden, ready=PLAIN)


PRACTICE_RUN = (ShowPracticeRun, HidePracticeRun)
"""What practice_run_handlers does."""
PALETTE = (GoTo, OpenPalette, TypePalette, StepPalette, RunCommand, ClosePalette, OpenShortcuts, SetLetterKeys)
"""What palette_handlers does."""
